"""Many pairs of blocks tested and combined: one row a pair, one p-value in all."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from itertools import zip_longest
from typing import Any

import pandas as pd

from lineage.exact.blocks import Block, BlockPair, refuse_not_finite, why_not_comparable
from lineage.exact.combination import combine
from lineage.exact.guards import why_not_exchangeable
from lineage.exact.permutation import (
    PARAMETERS,
    Parameters,
    UnitMatch,
    directions,
    match_units,
    unit_halves,
    unit_sample,
)

NUMBERS = ("delta", "z", "p", "p_holm", "floor", "power_delta")
NAMES = ("layer_a", "layer_b", "expert", "family", "units", "matrices")
COLUMNS = (*NAMES, *NUMBERS, "guard_a", "guard_b", "not_testable")


@dataclass(frozen=True)
class Combined:
    """Tests of many blocks together, or the reason why there is no p-value and every number is None."""

    blocks: pd.DataFrame  # one row a pair: COLUMNS; numbers are missing where not_testable has a reason
    not_testable: str = ""
    log10_p: float | None = None
    log10_floor: float | None = None  # the smallest that could have come
    combined: int = 0  # p-values that Fisher's method combines
    at_floor: int = 0  # of these, as small as they can be
    delta_quartiles: tuple[float, float, float] | None = None  # 25, 50 and 75 % of the blocks
    power_delta: float | None = None  # the smallest delta, the same in all blocks, that would have been found

    @property
    def median_delta(self) -> float | None:
        """The middle of the blocks' mean cosines, in [-1, 1]."""
        return self.delta_quartiles[1] if self.delta_quartiles else None


def untested(reason: str) -> Combined:
    """No test of any block, with the reason."""
    return Combined(pd.DataFrame(columns=list(COLUMNS)), reason)


def combined_test(
    pairs: Sequence[BlockPair],
    blocks: tuple[int, int],
    known_sorted: tuple[bool, bool],
    parameters: Parameters = PARAMETERS,
) -> Combined:
    """Every pair tested and all combined; blocks is how many each model has, for the correction of its guards.

    ValueError where a number of a comparable block is not finite.
    """
    return combined_tests([pairs], blocks, known_sorted, parameters)[0]


def combined_tests(
    views: Sequence[Sequence[BlockPair]],
    blocks: tuple[int, int],
    known_sorted: tuple[bool, bool],
    parameters: Parameters = PARAMETERS,
) -> list[Combined]:
    """The combined test of each of several views of the same blocks, in step, so that each block is read once."""

    @cache
    def guard_of(block: Block, side: int) -> str:
        seen_before = guard_of(block.source, side) if block.source else ""
        return seen_before or guard(block, blocks[side], known_sorted[side], parameters)

    rows: list[list[dict[str, Any]]] = [[] for _ in views]
    for in_step in zip_longest(*views):
        for view_rows, pair in zip(rows, in_step, strict=True):
            if pair is not None:
                view_rows.append(_row(pair, guard_of, parameters))
    return [
        _together(pd.DataFrame(view_rows, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, float)))
        for view_rows in rows
    ]


def _row(pair: BlockPair, guard_of: Callable[[Block, int], str], parameters: Parameters) -> dict[str, Any]:
    reason = why_not_comparable(pair.a, pair.b)
    if reason:
        match = UnitMatch(0, not_testable=reason)
    else:
        match = pair_test(pair, (guard_of(pair.a, 0), guard_of(pair.b, 1)), parameters)
    return {
        "layer_a": pair.a.layer,
        "layer_b": pair.b.layer,
        "expert": pair.a.expert or pair.b.expert,
        # A shape is known beforehand, so it may shrink a family; what the numbers show may not.
        "family": "" if reason else pair.family,
        "matrices": " ".join(sorted(pair.a.matrices)),
        "p_holm": None,
        **asdict(match),
    }


def guard(block: Block, blocks: int, known_sorted: bool, parameters: Parameters = PARAMETERS) -> str:
    """Why the units of a block are not taken as exchangeable, or ""; ValueError where a number is not finite."""
    refuse_not_finite(block)
    return why_not_exchangeable(block.matrices, blocks, known_sorted, parameters)


def pair_test(pair: BlockPair, guards: tuple[str, str], parameters: Parameters = PARAMETERS) -> UnitMatch:
    """The test of two comparable blocks on the sample of their units, or on its second half."""
    names = sorted(pair.a.matrices)
    units = len(pair.a.matrices[names[0]])
    sample = unit_halves(units, parameters)[1] if pair.half else unit_sample(units, parameters)
    rows_a, rows_b = ([directions(block.matrices[name][sample]) for name in names] for block in (pair.a, pair.b))
    title = f"{pair.a.layer}|{pair.a.expert}|{pair.b.layer}|{pair.b.expert}"
    return match_units(rows_a, rows_b, guards, title, parameters)


def _together(table: pd.DataFrame) -> Combined:
    columns = [table[name].to_numpy() for name in ("p", "floor", "delta", "power_delta")]
    combination = combine(table["family"].tolist(), *columns)
    if combination is None:
        # The figures of each block stand in the table.
        return Combined(table, "; ".join(dict.fromkeys(reason.split(" (")[0] for reason in table["not_testable"])))
    together = {field.name: getattr(combination, field.name) for field in fields(combination) if field.name != "p_holm"}
    return Combined(table.assign(p_holm=combination.p_holm), **together)

"""Many pairs of blocks tested and combined: one row a pair, one p-value in all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pandas as pd

from lineage.block_pairs import Block, BlockPair, refuse_not_finite, why_not_comparable
from lineage.exchangeability import why_not_exchangeable
from lineage.permutation import (
    PARAMETERS,
    Parameters,
    UnitMatch,
    directions,
    fisher_log10_p,
    holm,
    match_units,
    unit_halves,
    unit_sample,
)

NUMBERS = ("delta", "z", "p", "p_holm", "floor", "power_delta")
COLUMNS = ("layer_a", "layer_b", "expert", "units", "matrices", *NUMBERS, "guard_a", "guard_b", "not_testable")


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
    guard_of = cache(guard)
    rows, families = [], []
    for pair in pairs:
        reason = why_not_comparable(pair.a.matrices, pair.b.matrices)
        if reason:
            match = UnitMatch(min(map(len, pair.a.matrices.values()), default=0), not_testable=reason)
        else:
            guard_a = guard_of(pair.a, blocks[0], known_sorted[0], parameters)
            guard_b = guard_of(pair.b, blocks[1], known_sorted[1], parameters)
            match = pair_test(pair, (guard_a, guard_b), parameters)
        names = {"layer_a": pair.a.layer, "layer_b": pair.b.layer, "expert": pair.a.expert or pair.b.expert}
        rows.append({**names, "matrices": " ".join(sorted(pair.a.matrices)), "p_holm": None, **asdict(match)})
        # A shape is known beforehand, so it may shrink a family; what the numbers show may not.
        families.append("" if reason else pair.family)
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(NUMBERS, float))
    return _fisher(table, np.array(families))


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


def _fisher(table: pd.DataFrame, families: np.ndarray) -> Combined:
    """Families corrected by Holm within, then combined by Fisher's method; rows whose family is "" are left out."""
    smallest, floors = [], []
    for family in dict.fromkeys(families[families != ""]):
        rows = np.flatnonzero(families == family)
        p_values = table["p"].to_numpy()[rows]
        tested = ~np.isnan(p_values)
        if tested.any():
            corrected = holm(np.where(tested, p_values, 1.0))
            table.loc[rows[tested], "p_holm"] = corrected[tested]
            smallest.append(corrected.min())
            floors.append(min(1.0, len(rows) * np.nanmin(table["floor"].to_numpy()[rows])))
    if not smallest:
        # The figures of each block stand in the table.
        return Combined(table, "; ".join(dict.fromkeys(reason.split(" (")[0] for reason in table["not_testable"])))
    low, middle, high = np.nanquantile(table["delta"].to_numpy(), [0.25, 0.5, 0.75])
    return Combined(
        blocks=table,
        log10_p=fisher_log10_p(np.array(smallest)),
        log10_floor=fisher_log10_p(np.array(floors)),
        combined=len(smallest),
        at_floor=int(np.count_nonzero(np.array(smallest) <= np.array(floors))),
        delta_quartiles=(float(low), float(middle), float(high)),
        power_delta=float(table["power_delta"].median() / np.sqrt(len(smallest))),
    )

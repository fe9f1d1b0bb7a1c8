"""How exact tests of many blocks become one: Holm within a family, Fisher over families. Needs no SciPy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lineage.records import CombinedTest, MatchedBlock


@dataclass(frozen=True)
class Combination:
    """Tests of many blocks together."""

    p_holm: np.ndarray  # of each block within its family; NaN where there is none
    log10_p: float
    log10_floor: float  # the smallest that could have come
    combined: int  # p-values that Fisher's method combines
    at_floor: int  # of these, as small as they can be
    delta_quartiles: tuple[float, float, float]  # 25, 50 and 75 % of the blocks
    power_delta: float  # the smallest delta, the same in all blocks, that would have been found


def combine(
    families: Sequence[str], p: np.ndarray, floor: np.ndarray, delta: np.ndarray, power_delta: np.ndarray
) -> Combination | None:
    """Families corrected by Holm within, then combined by Fisher's method; None where nothing was tested.

    One number a block, NaN where it was not tested; blocks whose family is "" are left out.
    """
    names = np.array(families, dtype=object)
    p_holm = np.full(len(p), np.nan)
    smallest, floors = [], []
    for family in dict.fromkeys(name for name in families if name):
        rows = np.flatnonzero(names == family)
        tested = ~np.isnan(p[rows])
        if tested.any():
            corrected = holm(np.where(tested, p[rows], 1.0))
            p_holm[rows[tested]] = corrected[tested]
            smallest.append(corrected.min())
            floors.append(min(1.0, len(rows) * np.nanmin(floor[rows])))
    if not smallest:
        return None
    low, middle, high = np.nanquantile(delta, [0.25, 0.5, 0.75])
    return Combination(
        p_holm=p_holm,
        log10_p=fisher_log10_p(np.array(smallest)),
        log10_floor=fisher_log10_p(np.array(floors)),
        combined=len(smallest),
        at_floor=int(np.count_nonzero(np.array(smallest) <= np.array(floors))),
        delta_quartiles=(float(low), float(middle), float(high)),
        power_delta=float(np.nanmedian(power_delta) / np.sqrt(len(smallest))),
    )


def combined_record(blocks: Sequence[MatchedBlock]) -> CombinedTest | None:
    """The record whose summary follows from its blocks; None where nothing was tested."""
    names = ("p", "floor", "delta", "power_delta")
    columns = {name: np.array([getattr(block, name) for block in blocks], dtype=float) for name in names}
    combination = combine([block.family for block in blocks], **columns)
    if combination is None:
        return None
    corrected = [None if np.isnan(p) else rounded(p) for p in combination.p_holm]
    low, middle, high = map(rounded, combination.delta_quartiles)
    return CombinedTest(
        log10_p=rounded(combination.log10_p),
        log10_floor=rounded(combination.log10_floor),
        combined=combination.combined,
        at_floor=combination.at_floor,
        delta_quartiles=(low, middle, high),
        power_delta=rounded(combination.power_delta),
        blocks=tuple(block.model_copy(update={"p_holm": p}) for block, p in zip(blocks, corrected, strict=True)),
    )


def rounded(value: float) -> float:
    """A number with seven significant digits."""
    return float(f"{value:.7g}")


def fisher_log10_p(p_values: np.ndarray) -> float:
    """Log10 of the p-value of independent tests together (Fisher, 1932), of any size.

    A chi-square of 2 n degrees of freedom exceeds 2 x as often as a Poisson count of mean x stays below n;
    SciPy's logsf of either is minus infinity below 1e-308.
    """
    half = -float(np.log(p_values).sum())
    if half <= 0:
        return 0.0
    terms = [k * math.log(half) - math.lgamma(k + 1) for k in range(len(p_values))]
    log_p = float(np.logaddexp.reduce(terms)) - half
    return min(log_p / math.log(10), 0.0)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Each p-value corrected for the number of them (Holm, 1979), in (0, 1], in the order given."""
    order = np.argsort(p_values, kind="stable")
    stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected

"""Log-likelihood ratios of trials with a known relation -> what they cost, the best that rise, and their bounds.

ratios are base-ten logarithms, is_derived says of which kind each trial is, and weights how much it counts: (trials,).
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_STEP = 0.01  # of the thresholds among which a bound is sought, in powers of ten
_MOST = 9.0  # powers of ten that stand for a ratio of 0 or without end


def cllr(ratios: Numbers, is_derived: NDArray[np.bool_], weights: Numbers) -> float:
    """The cost of log-likelihood ratios (Brümmer and du Preez 2006), from 0; 1 for ratios of 1 throughout.

    ratios are base-ten logarithms.
    """
    natural = ratios * np.log(10)
    costs = np.logaddexp(0, np.where(is_derived, -natural, natural)) / np.log(2)
    return (mean_of_kind(costs, is_derived, weights) + mean_of_kind(costs, ~is_derived, weights)) / 2


def mean_of_kind(values: Numbers | NDArray[np.bool_], is_of_kind: NDArray[np.bool_], weights: Numbers) -> float:
    """The weighted mean of the values of one kind."""
    return float(np.average(values[is_of_kind], weights=weights[is_of_kind]))


def monotone_ratios(scores: Numbers, is_derived: NDArray[np.bool_], weights: Numbers) -> Numbers:
    """The logarithms of the ratios that fit best among all that rise with the score: pool adjacent violators.

    The chance of a derivation by score, each kind weighing one half, fitted by least squares (Ayer and others 1955).
    """
    halves = np.where(is_derived, weights / weights[is_derived].sum(), weights / weights[~is_derived].sum())
    _, rank = np.unique(scores, return_inverse=True)
    size = np.bincount(rank, halves)
    chance = isotonic(np.bincount(rank, halves * is_derived) / size, np.asarray(size, np.float64))[rank]
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log10(chance) - np.log10(1 - chance), -_MOST, _MOST), dtype=np.float64)


def isotonic(values: Numbers, weights: Numbers) -> Numbers:
    """The rising values that are nearest by weighted squares."""
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (low, light, few), (high, heavy, many) = blocks[-2:]
            blocks[-2:] = [((low * light + high * heavy) / (light + heavy), light + heavy, few + many)]
    return np.concatenate([np.full(count, mean) for mean, _, count in blocks])


def bounds(ratios: Numbers, is_derived: NDArray[np.bool_], weights: Numbers) -> tuple[float, float]:
    """The empirical lower and upper bound of base-ten log-ratios (ELUB: Vergeer and others, Science & Justice, 2016).

    Beyond a bound, deciding by the ratios with one more misleading trial of each kind costs more than deciding without
    them. A trial counts by its weight, so that many pairs of one root are one.
    """
    clipped = np.clip(ratios, -_MOST, _MOST)
    number = {kind: float(weights[is_derived == kind].sum()) for kind in (True, False)}
    lowest = min(0, int(np.floor(max(clipped.min(), -np.log10(number[True] + 1)) / _STEP)))
    highest = max(0, int(np.floor(min(clipped.max(), np.log10(number[False] + 1)) / _STEP)) + 1)
    thresholds = np.asarray(np.arange(lowest, highest + 1) * _STEP, dtype=np.float64)
    with_ratios = _utility_lost(clipped, is_derived, weights, thresholds, number, 1.0)
    without = _utility_lost(np.zeros_like(clipped), is_derived, weights, thresholds, number, 0.0)
    dear = without < with_ratios
    low = thresholds[dear & (thresholds <= 0)] + _STEP
    high = thresholds[dear & (thresholds >= 0)] - _STEP
    return (
        float(min(np.max(low, initial=thresholds[0]), 0)),
        float(max(np.min(high, initial=thresholds[-1]), 0)),
    )


def _utility_lost(
    ratios: Numbers,
    is_derived: NDArray[np.bool_],
    weights: Numbers,
    thresholds: Numbers,
    number: dict[bool, float],
    misleading: float,
) -> Numbers:
    """What deciding by ratios above a threshold costs, with some more misleading trials of each kind."""
    above = weights[:, None] * (ratios[:, None] > thresholds)
    misses = 1 - above[is_derived].sum(axis=0) / (number[True] + misleading)
    false = (above[~is_derived].sum(axis=0) + misleading) / (number[False] + misleading)
    return np.asarray(misses + 10**thresholds * false)

"""Means over pairs of runs, and intervals for which the run is the unit that was drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
FEWEST_RUNS = 3  # of a group, for an interval: with one left out there is still a pair

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Estimates:
    """Several numbers at once with their intervals; low and high are NaN where there are too few runs."""

    values: Numbers
    low: Numbers
    high: Numbers


def recipe_means(scores: Numbers, recipes: NDArray[np.intp], count: int) -> Numbers:
    """The mean score of the pairs of every two recipes, (..., recipes, recipes); of one, without a run with itself.

    scores is (..., runs, runs), symmetric; recipes the number of the recipe of each run. NaN where there is no pair.
    """
    belongs = np.eye(count)[recipes]
    runs = belongs.sum(axis=0)
    inner = scores * (1 - np.eye(len(recipes)))
    pairs = np.outer(runs, runs) - np.diag(runs)
    with np.errstate(invalid="ignore"):
        return np.asarray((belongs.T @ inner @ belongs) / pairs)


def jackknifed(statistic: Callable[[NDArray[np.intp]], Numbers], groups: NDArray[np.intp]) -> Estimates:
    """A statistic of runs, with the interval of the delete-one-run jackknife within groups (strata).

    statistic is given the places of the runs that it may use, and gives an array of any one shape. The variance is
    the sum over groups of (n - 1)/n times the squared distances of the values with one run left out from their mean
    (Efron and Stein 1981; strata as in Wolter, Introduction to Variance Estimation, ch. 4); Student's t has one
    degree of freedom a run less one a group. For means over pairs it errs to the wide side.
    """
    everyone = np.arange(len(groups))
    values = np.asarray(statistic(everyone), dtype=np.float64)
    sizes = np.bincount(groups) if len(groups) else np.zeros(1, int)
    if sizes[sizes > 0].min(initial=FEWEST_RUNS) < FEWEST_RUNS or not len(groups):
        unknown = np.full_like(values, np.nan)
        return Estimates(values, unknown, unknown)
    variance = np.zeros_like(values)
    for group in np.flatnonzero(sizes):
        left_out = np.array([statistic(np.delete(everyone, run)) for run in np.flatnonzero(groups == group)])
        variance += (1 - 1 / sizes[group]) * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
    reach = student_quantile(0.5 + LEVEL / 2, int((sizes[sizes > 0] - 1).sum())) * np.sqrt(variance)
    return Estimates(values, values - reach, values + reach)


def student_quantile(share: float, freedom: int) -> float:
    """A quantile of Student's t, by Cornish and Fisher's expansion: right to .002 at .975 from 8 degrees of freedom.

    SciPy has it exactly, and what derives tables does without SciPy.
    """
    z = NormalDist().inv_cdf(share)
    terms: tuple[float, ...] = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(freedom**power) for power, term in enumerate(terms, 1))

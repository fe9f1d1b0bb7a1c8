"""Scores of pairs whose relation is documented -> how much a score weighs: likelihood ratios, with bounds and errors.

A likelihood ratio says how many times as often a score like this one is met among derived pairs of a population as
among independent ones. It holds for pairs of that population alone, and is no chance that a pair is derived.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lineage.statistics.error_rates import checked_pairs, pair_weights
from lineage.statistics.jackknife import Estimates, jackknifed
from lineage.statistics.log_ratios import bounds, cllr, mean_of_kind, monotone_ratios
from lineage.statistics.penalised_logistic import penalised_logistic

Numbers = NDArray[np.float64]
FEWEST_ROOTS = 10  # on either side, for a likelihood ratio
FOLDS = 15  # of roots, left out by turns
CURVE_POINTS = 41  # of the curve over scores, from the lowest to the highest of a population
JUDGED = ("cost", "bounded_cost", "misleading_independent", "misleading_derived")  # what is said of ratios, with errors
_POPULATIONS = 64  # that one process weighs once, though it may derive the same tables again


@dataclass(frozen=True, eq=False)
class Trials:
    """Pairs of roots with their scores; a derivation has one root twice. Equal where all numbers and names are."""

    first: NDArray[np.intp]  # the place of a root among names
    second: NDArray[np.intp]
    scores: Numbers
    weights: Numbers  # of a pair of models: one by how many its pair of roots, or its root, has
    names: tuple[str, ...]

    def __eq__(self, candidate: object) -> bool:
        return isinstance(candidate, Trials) and self._numbers == candidate._numbers

    def __hash__(self) -> int:
        return hash(self._numbers)

    @cached_property
    def _numbers(self) -> tuple[bytes | tuple[str, ...], ...]:
        numbers = (self.first, self.second, self.scores, self.weights)
        return (*(np.ascontiguousarray(column).tobytes() for column in numbers), self.names)

    @property
    def derived(self) -> NDArray[np.bool_]:
        """For each trial, whether it is a derivation."""
        return np.equal(self.first, self.second)

    def among(self, roots: NDArray[np.intp]) -> "Trials":
        """The trials whose two roots are both among the given ones."""
        among_roots = np.isin(self.first, roots) & np.isin(self.second, roots)
        return Trials(
            self.first[among_roots],
            self.second[among_roots],
            self.scores[among_roots],
            self.weights[among_roots],
            self.names,
        )


@dataclass(frozen=True)
class Line:
    """The base-ten logarithm of the likelihood ratio of a score: intercept + slope x score."""

    intercept: float
    slope: float

    def __call__(self, scores: Numbers) -> Numbers:
        """The logarithm of the likelihood ratio at each score."""
        return self.intercept + self.slope * scores


@dataclass(frozen=True)
class Weight:
    """What scores of a method weigh in one population."""

    line: Line
    lower: float  # bounds of the logarithm: beyond these there are too few pairs to say more
    upper: float
    cost: float  # Cllr of the cross-validated ratios: 0 is perfect, 1 is as good as no method
    bounded_cost: float  # the same of ratios that are kept within the bounds
    least_cost: float  # the same with the best monotone calibration: what the scores could give
    misleading_independent: float  # share of independent pairs of roots with a ratio above 1, within the bounds
    misleading_derived: float  # share of roots with derivations with a ratio below 1, within the bounds
    ends: Mapping[str, tuple[float, float]]  # the 95 % interval of each of JUDGED
    cross_validated: Numbers  # logarithm of each trial's ratio, by the line without its roots


def trials_of(labelled: pd.DataFrame) -> Trials:
    """Columns root_a, root_b, similarity (higher is closer), one root twice for a derivation, as trials.

    ValueError where a score is not finite.
    """
    labelled = checked_pairs(labelled)
    names = sorted({*labelled["root_a"], *labelled["root_b"]})
    number_of = {name: number for number, name in enumerate(names)}
    return Trials(
        labelled["root_a"].map(number_of).to_numpy(dtype=np.intp),
        labelled["root_b"].map(number_of).to_numpy(dtype=np.intp),
        labelled["similarity"].to_numpy(dtype=float),
        pair_weights(labelled),
        tuple(map(str, names)),
    )


def root_counts(trials: Trials) -> tuple[int, int]:
    """How many roots have pairs with independent ones, and how many have derivations."""
    independent = ~trials.derived
    return len({*trials.first[independent], *trials.second[independent]}), len({*trials.first[trials.derived]})


def why_no_weight(trials: Trials) -> str:
    """Why a population gives no likelihood ratio; "" where it gives one."""
    independent, derivations = root_counts(trials)
    if min(independent, derivations) < FEWEST_ROOTS:
        return (
            f"{independent} independent roots and {derivations} with a documented derivation; "
            f"a likelihood ratio wants {FEWEST_ROOTS} of each"
        )
    return ""


@lru_cache(maxsize=_POPULATIONS)
def weigh(trials: Trials) -> Weight:
    """What the scores of a population weigh. ValueError where it has too few roots."""
    if reason := why_no_weight(trials):
        raise ValueError(reason)
    ratios = cross_validated(trials)
    derived, weights = trials.derived, trials.weights
    lower, upper = bounds(ratios, derived, weights)
    estimates = _judged(trials, ratios, (lower, upper))
    ends = zip(estimates.low.tolist(), estimates.high.tolist(), strict=True)
    return Weight(
        line=fitted(trials),
        lower=lower,
        upper=upper,
        least_cost=cllr(monotone_ratios(trials.scores, derived, weights), derived, weights),
        **dict(zip(JUDGED, estimates.values.tolist(), strict=True)),
        ends=dict(zip(JUDGED, ends, strict=True)),
        cross_validated=ratios,
    )


def _judged(trials: Trials, ratios: Numbers, between: tuple[float, float]) -> Estimates:
    """JUDGED with the intervals of the jackknife over roots, kept to what each can be; ratios and bounds stay.

    So an interval says how much the pairs at hand are chance, and not how much a line through other pairs would differ.
    """
    bounded = np.clip(ratios, *between)

    def judged(roots: NDArray[np.intp]) -> Numbers:
        among = np.isin(trials.first, roots) & np.isin(trials.second, roots)
        derived, weights = trials.derived[among], trials.weights[among]
        own, own_bounded = ratios[among], bounded[among]
        return np.array(
            [
                cllr(own, derived, weights),
                cllr(own_bounded, derived, weights),
                mean_of_kind(own_bounded > 0, ~derived, weights),
                mean_of_kind(own_bounded < 0, derived, weights),
            ]
        )

    estimates = jackknifed(judged, np.zeros(len(trials.names), dtype=np.intp))
    most = np.array([np.inf, np.inf, 1.0, 1.0])
    return Estimates(estimates.values, np.clip(estimates.low, 0, most), np.clip(estimates.high, 0, most))


def fitted(trials: Trials) -> Line:
    """Logistic regression of the relation on the score with Jeffreys' prior (Firth 1993), less the prior odds.

    The prior keeps the slope finite where the scores of both kinds do not overlap (Heinze and Schemper 2002).
    ValueError where one kind is missing. A slope of 0 where all scores are equal.
    """
    is_derived, weights = trials.derived.astype(float), trials.weights
    if not 0 < is_derived.sum() < len(is_derived):
        raise ValueError("a likelihood ratio needs both derived and independent pairs")
    centre, spread = trials.scores.mean(), trials.scores.std()
    if not spread:
        return Line(0.0, 0.0)
    design = np.column_stack([np.ones(len(is_derived)), (trials.scores - centre) / spread])
    odds = np.log((weights @ is_derived) / (weights @ (1 - is_derived)))
    intercept, slope = penalised_logistic(design, is_derived, weights) - np.array([odds, 0.0])
    return Line(float((intercept - slope * centre / spread) / np.log(10)), float(slope / spread / np.log(10)))


def cross_validated(trials: Trials) -> Numbers:
    """The logarithm of each trial's ratio by the line of trials that share no root with it, nor a fold of roots.

    Up to FOLDS roots, each is a fold of its own.
    """
    ratios = np.empty(len(trials.scores))
    fold = np.arange(len(trials.names)) % FOLDS
    first, second = fold[trials.first], fold[trials.second]
    pairs = {(min(pair), max(pair)) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    for low, high in sorted(pairs):
        line = fitted(trials.among(np.flatnonzero((fold != low) & (fold != high))))
        is_of_fold = (np.minimum(first, second) == low) & (np.maximum(first, second) == high)
        ratios[is_of_fold] = line(trials.scores[is_of_fold])
    return ratios


def curve(trials: Trials, scores: Numbers) -> Iterator[tuple[float, float, float, float]]:
    """Each score with the logarithm of its ratio and its 95 % interval: the jackknife over roots."""
    yield from _curve(trials, tuple(scores.tolist()))


@lru_cache(maxsize=_POPULATIONS)
def _curve(trials: Trials, at: tuple[float, ...]) -> tuple[tuple[float, float, float, float], ...]:
    scores = np.array(at)
    groups = np.zeros(len(trials.names), dtype=np.intp)
    estimates = jackknifed(lambda roots: fitted(trials.among(roots))(scores), groups)
    columns = (estimates.values.tolist(), estimates.low.tolist(), estimates.high.tolist())
    return tuple(zip(at, *columns, strict=True))

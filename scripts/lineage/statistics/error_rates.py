"""How often a score is wrong: ROC, AUC and false-positive rates, with intervals that resample roots."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from lineage.records.origins import Lineage
from lineage.statistics.binomial import LEVEL, binomial_interval

RESAMPLES = 2_000  # of roots: the error of a standard deviation from so many is under 2 %
MIN_ROOTS = 5  # with fewer, a resample of roots repeats so few that its spread says nothing
CHUNK = 200  # resamples at once, so that memory does not grow with them


@dataclass(frozen=True)
class Estimate:
    """A rate in [0, 1] with its interval, or the reason why there is none."""

    value: float | None
    low: float | None
    high: float | None
    roots: int  # independent training runs that it rests on
    interval: str  # how the interval was made
    abstained: str = ""  # why there is no value, or no interval


def labelled_pairs(pairs: pd.DataFrame, lineage: Lineage) -> pd.DataFrame:
    """Testable pairs whose truth is documented: columns root_a, root_b, similarity; one root twice is a derivation.

    Left out: models whose root or maker is unknown, merges of several roots, and pairs of two roots that
    share an organisation or an ancestor.
    ValueError where a pair has neither a score nor a reason.
    """
    rows = []
    for pair in pairs[pairs["not_testable"].fillna("") == ""].itertuples():
        models = str(pair.model_a), str(pair.model_b)
        root_a, root_b = sorted(lineage.known_root(model) or "" for model in models)
        if root_a and (root_a == root_b or not lineage.related(*models)):
            rows.append((root_a, root_b, pair.similarity))
    return checked_pairs(pd.DataFrame(rows, columns=["root_a", "root_b", "similarity"]))


def roc_points(labelled: pd.DataFrame) -> pd.DataFrame:
    """Columns threshold, false_positive_rate, true_positive_rate, from (0, 0) to (1, 1); the highest threshold first.

    A pair counts as found where its score is at least the threshold. Every pair of roots has the same weight among the
    independent, and every lineage among the derived, however many models it has. ValueError where either is empty.
    """
    cells = checked_pairs(labelled)
    derived = (cells["root_a"] == cells["root_b"]).to_numpy()
    if derived.all() or not derived.any():
        raise ValueError("a ROC needs both derived and independent pairs")
    scores = cells["similarity"].to_numpy(dtype=float)
    weights = pair_weights(cells)
    thresholds = np.r_[np.inf, np.unique(scores)[::-1]]
    rates = {
        name: _share_at_least(scores[chosen], weights[chosen], thresholds)
        for name, chosen in (("false_positive_rate", ~derived), ("true_positive_rate", derived))
    }
    return pd.DataFrame({"threshold": thresholds, **rates})


def false_positive_rate(labelled: pd.DataFrame, threshold: float, rng: np.random.Generator) -> Estimate:
    """The share of independent pairs of roots that score at least the threshold, in [0, 1], with a 95 % interval.

    A pair of roots counts once, as the share of its pairs of models. Pairs share roots, so an interval for a count of
    pairs would be too narrow: roots are resampled, and the exact interval is taken at the number of independent trials
    with that variance (Korn & Graubard, 1998), but at no more than there are pairs that share no root. At 0 or 1 a
    resample never varies, and it is taken at that many. So a higher threshold never has a higher upper end for want of
    a false positive.
    """
    independent = checked_pairs(labelled).query("root_a != root_b")
    shares = independent["similarity"].ge(threshold).groupby([independent["root_a"], independent["root_b"]]).mean()
    edges = [(str(a), str(b)) for a, b in shares.index]
    roots = sorted({root for edge in edges for root in edge})
    if len(roots) < MIN_ROOTS:
        return _too_few(len(roots), "independent roots")
    rate = float(shares.mean())
    separate = disjoint_pairs(edges)
    if rate in (0, 1):
        return _exact(rate, separate, len(roots), separate)
    number_of = {root: index for index, root in enumerate(roots)}
    first, second = np.array([(number_of[a], number_of[b]) for a, b in edges]).T
    resampled = []
    for weights in _resampled_roots(len(roots), rng):
        twice = weights[:, first] * weights[:, second]
        resampled.append(_ratio(twice @ shares.to_numpy(), twice.sum(axis=1)))
    variance = _variance(np.concatenate(resampled), len(roots))
    if variance == 0:
        return _unvarying(rate, len(roots))
    return _exact(rate, min(rate * (1 - rate) / variance, separate), len(roots), separate)


def area_under_roc(labelled: pd.DataFrame, rng: np.random.Generator) -> Estimate:
    """The chance that a derived pair scores above an independent one, ties half, in [0, 1], with a 95 % interval.

    The Mann-Whitney statistic over lineages and pairs of roots, each of the same weight; the interval resamples roots,
    each with its derived pairs and its pairs with other roots. Where one kind lies wholly above the other, resampling
    cannot give an interval, and there is none.
    """
    checked = checked_pairs(labelled)
    derived = {str(root): part for root, part in _groups(checked[checked["root_a"] == checked["root_b"]], "root_a")}
    independent = checked[checked["root_a"] != checked["root_b"]]
    edges = dict(_groups(independent, ["root_a", "root_b"]))
    roots = sorted({root for edge in edges for root in edge})
    if min(len(roots), len(derived)) < MIN_ROOTS:
        few = min((len(roots), "independent roots"), (len(derived), "roots with a documented derivation"))
        return _too_few(*few)
    wins = np.array([[_wins(high, low) for low in edges.values()] for high in derived.values()])
    area = float(wins.mean())
    if area in (0, 1):
        return Estimate(area, None, None, len(roots), "none", "the two kinds do not overlap: no interval can be given")
    every = sorted({*roots, *derived})
    number_of = {root: index for index, root in enumerate(every)}
    first, second = np.array([(number_of[a], number_of[b]) for a, b in edges]).T
    own = np.array([number_of[root] for root in derived])
    resampled = []
    for weights in _resampled_roots(len(every), rng):
        once, twice = weights[:, own], weights[:, first] * weights[:, second]
        total = once.sum(axis=1) * twice.sum(axis=1)
        resampled.append(_ratio(np.sum((once @ wins) * twice, axis=1), total))
    return _with_interval(area, np.concatenate(resampled), len(every))


def enough_roots(labelled: pd.DataFrame) -> bool:
    """Whether an area under the ROC, and so a curve, can be given: MIN_ROOTS roots of each kind."""
    derived = labelled["root_a"] == labelled["root_b"]
    independent = labelled[~derived]
    roots = {*independent["root_a"], *independent["root_b"]}
    return min(len(roots), labelled.loc[derived, "root_a"].nunique()) >= MIN_ROOTS


def figure_rng(*parts: object) -> np.random.Generator:
    """Random numbers that are the same on every run, and others for every figure."""
    digest = sha256("|".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def pair_weights(labelled: pd.DataFrame) -> np.ndarray:
    """The weight of each pair of models: one divided by the number of pairs of models of its two roots."""
    return 1 / labelled.groupby(["root_a", "root_b"])["similarity"].transform("size").to_numpy(dtype=float)


def checked_pairs(labelled: pd.DataFrame) -> pd.DataFrame:
    """The same pairs, the two roots in order of name; ValueError where a score is not finite."""
    if not np.isfinite(labelled["similarity"].to_numpy(dtype=float)).all():
        raise ValueError("a score is not finite: no error rate can be given")
    ordered = np.sort(labelled[["root_a", "root_b"]].to_numpy(dtype=str), axis=1)
    return labelled.assign(root_a=ordered[:, 0], root_b=ordered[:, 1])


def _groups(labelled: pd.DataFrame, by: str | list[str]) -> Iterator[tuple[Any, np.ndarray]]:
    for key, group in labelled.groupby(by):
        yield key, group["similarity"].to_numpy(dtype=float)


def _wins(high: np.ndarray, low: np.ndarray) -> float:
    """The share of pairs of scores in which the first is higher, ties half."""
    gaps = high[:, None] - low
    return float(np.mean((gaps > 0) + (gaps == 0) / 2))


def _share_at_least(scores: np.ndarray, weights: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    order = np.argsort(scores)
    below = np.r_[0, np.cumsum(weights[order])][np.searchsorted(scores[order], thresholds)]
    return np.asarray(np.clip(1 - below / weights.sum(), 0, 1))


def _resampled_roots(roots: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each root was drawn, (CHUNK, roots) a time; two draws of one root are no pair of roots."""
    for _ in range(RESAMPLES // CHUNK):
        yield rng.multinomial(roots, np.full(roots, 1 / roots), size=CHUNK).astype(float)


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """The rates of those resamples that hold any pair."""
    return np.asarray(top[bottom > 0] / bottom[bottom > 0])


def _with_interval(value: float, resampled: np.ndarray, roots: int) -> Estimate:
    variance = _variance(resampled, roots)
    if variance == 0:
        return _unvarying(value, roots)
    trials = value * (1 - value) / variance
    z2 = NormalDist().inv_cdf((1 + LEVEL) / 2) ** 2
    middle = (value + z2 / (2 * trials)) / (1 + z2 / trials)
    half = np.sqrt(z2 * (variance + z2 / (4 * trials**2))) / (1 + z2 / trials)
    low, high = max(0.0, float(middle - half)), min(1.0, float(middle + half))
    return Estimate(value, low, high, roots, f"{LEVEL:.0%}, roots resampled")


def _variance(resampled: np.ndarray, roots: int) -> float:
    """The variance of a rate over resamples of roots, corrected: resamples of n vary by (n - 1) / n too little."""
    return float(resampled.var(ddof=1) * roots / (roots - 1))


def _unvarying(value: float, roots: int) -> Estimate:
    return Estimate(value, None, None, roots, "none", "no resample of roots varies: no interval can be given")


def _exact(rate: float, trials: float, roots: int, separate: int) -> Estimate:
    low, high = binomial_interval(rate * trials, trials)
    how = f"{LEVEL:.0%}, exact, at {trials:.3g} trials; {separate} pairs share no root"
    return Estimate(rate, low, high, roots, how)


def disjoint_pairs(edges: Sequence[tuple[str, str]]) -> int:
    """How many pairs can be taken one after another so that none shares a root, in order of name."""
    taken: set[str] = set()
    count = 0
    for pair in sorted(edges):
        if taken.isdisjoint(pair):
            taken.update(pair)
            count += 1
    return count


def _too_few(roots: int, what: str) -> Estimate:
    named = what.replace("roots", "root", 1) if roots == 1 else what
    return Estimate(None, None, None, roots, "none", f"{roots} {named}, fewer than {MIN_ROOTS}")

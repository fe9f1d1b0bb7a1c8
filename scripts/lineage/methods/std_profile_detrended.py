"""The standard-deviation profile with the depth trend that models have in common removed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from lineage.methods.depth_trend import Curves, common_trend, residual_curves, why_nothing_left
from lineage.methods.method import MeasuredTables, Screening, blank_pairs
from lineage.methods.std_profile import (
    ROLES,
    ProfileComparison,
    role_correlations,
    std_curves,
    stretched,
    why_not_testable,
)
from lineage.records.origins import Lineage, representatives

MIN_LAYERS = 8  # an intercept and 4 components leave 3 degrees of freedom; with 2 any two curves agree by chance
CLIP = 0.999  # of a correlation before atanh, so that one perfect role cannot outweigh three


def log_curves(matrices: pd.DataFrame) -> dict[str, np.ndarray]:
    """The logarithm of each standard-deviation curve, for each of q, k, v, o."""
    return {role: np.log(curve) for role, curve in std_curves(matrices).items()}


def why_not_detrendable(matrices: pd.DataFrame) -> str:
    """Why a fingerprint cannot be compared by this method, or ""."""
    if reason := why_not_testable(matrices):
        return reason
    curves = std_curves(matrices)
    if any((curve <= 0).any() for curve in curves.values()):
        return "a standard deviation is zero"
    layers = len(curves["q"])
    return f"{layers} layers, fewer than {MIN_LAYERS}: too few to remove a trend" if layers < MIN_LAYERS else ""


def absolute_fit(curves_a: Curves, curves_b: Curves) -> float:
    """How far apart two models' log curves are once each role's median offset is taken off; 0 for a scaled copy.

    The median over roles and layers of |c_a - c_b - median over layers|, the shorter curve stretched.
    """
    gaps = []
    for role in ROLES:
        length = max(len(curves_a[role]), len(curves_b[role]))
        gap = stretched(curves_a[role], length) - stretched(curves_b[role], length)
        gaps.append(np.abs(gap - np.median(gap)))
    return float(np.median(np.concatenate(gaps)))


def similarity_matrix(residuals: Sequence[Curves]) -> np.ndarray:
    """The score of every two models from residuals under one trend, (models, models), in [-CLIP, CLIP].

    tanh of the mean over roles of atanh of each clipped Pearson correlation (Fisher's z).
    """
    total = np.zeros((len(residuals), len(residuals)))
    for correlations in role_correlations(residuals):
        total += np.arctanh(np.clip(correlations, -CLIP, CLIP))
    return np.asarray(np.tanh(total / len(ROLES)))


def compare_detrended(a: MeasuredTables, b: MeasuredTables, library: Mapping[str, MeasuredTables]) -> ProfileComparison:
    """Two fingerprints once the trend of the library is removed: a similarity in [-CLIP, CLIP], or a reason.

    The library holds one model a root by its id, and nothing of either model's lineage: what two relatives have in
    common would be taken off as if all models had it. Its models that this method cannot use are passed over.
    """
    layers = (len(std_curves(a.matrices).get("q", [])), len(std_curves(b.matrices).get("q", [])))
    if reason := why_not_detrendable(a.matrices) or why_not_detrendable(b.matrices):
        return ProfileComparison(None, reason, layers=layers)
    usable = [tables.matrices for tables in library.values() if not why_not_detrendable(tables.matrices)]
    trend = common_trend([log_curves(matrices) for matrices in usable])
    curves = [log_curves(tables.matrices) for tables in (a, b)]
    residuals = [residual_curves(one, trend) for one in curves]
    if reason := why_nothing_left(residuals[0]) or why_nothing_left(residuals[1]):
        return ProfileComparison(None, reason, layers=layers, note=trend.note)
    correlations = dict(zip(ROLES, (float(table[0, 1]) for table in role_correlations(residuals)), strict=True))
    similarity = float(similarity_matrix(residuals)[0, 1])
    fit = absolute_fit(*curves)
    return ProfileComparison(similarity, "", correlations, effect=fit, note=trend.note, layers=layers)


def _compare_all(fingerprints: Mapping[str, MeasuredTables], lineage: Lineage) -> pd.DataFrame:
    """All pairs, those with the same library at once."""
    models = sorted(fingerprints)
    reasons = [why_not_detrendable(fingerprints[model].matrices) for model in models]
    curves = {
        model: log_curves(fingerprints[model].matrices) for model, why in zip(models, reasons, strict=True) if not why
    }
    rows = [row for library, pairs in _by_library(curves, lineage) for row in _rows(curves, library, pairs)]
    blank = blank_pairs(models, reasons).set_index(["model_a", "model_b"])
    if rows:
        columns = ["model_a", "model_b", "similarity", "effect", "not_testable", "note"]
        filled = pd.DataFrame(rows, columns=columns).set_index(["model_a", "model_b"])
        blank.loc[filled.index, filled.columns] = filled
    return blank.reset_index()


def _by_library(models: Iterable[str], lineage: Lineage) -> Iterator[tuple[tuple[str, ...], list[tuple[str, str]]]]:
    candidates = sorted(models)
    marks = {model: lineage.marks(model) for model in candidates}
    libraries: dict[frozenset[tuple[str, str]], tuple[str, ...]] = {}
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for pair in combinations(candidates, 2):
        apart = marks[pair[0]] | marks[pair[1]]
        if apart not in libraries:
            libraries[apart] = representatives(lineage, candidates, apart)
        groups[libraries[apart]].append(pair)
    yield from groups.items()


def _rows(
    curves: Mapping[str, Curves], library: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str, float, float, str, str]]:
    trend = common_trend([curves[model] for model in library])
    models = sorted({model for pair in pairs for model in pair})
    residuals = {model: residual_curves(curves[model], trend) for model in models}
    reasons = {model: why_nothing_left(residuals[model]) for model in models}
    usable = [model for model in models if not reasons[model]]
    number_of = {model: index for index, model in enumerate(usable)}
    scores = similarity_matrix([residuals[model] for model in usable])
    for a, b in pairs:
        if reason := reasons[a] or reasons[b]:
            yield a, b, np.nan, np.nan, reason, trend.note
        else:
            yield a, b, float(scores[number_of[a], number_of[b]]), absolute_fit(curves[a], curves[b]), "", trend.note


STD_PROFILE_DETRENDED = Screening(
    id="std_profile_detrended",
    name="Standard-deviation profile without the common depth trend",
    description="The same curves without the trend that all models share.",
    version="1",
    reference="of this project; after arXiv:2507.03014 (withdrawn)",
    score_range="mean of four Pearson correlations of residuals by Fisher's z, in [-0.999, 0.999]",
    invariances=(
        "permutation of units or of the residual stream",
        "rotation of a whole matrix",
        "one factor on all layers of a role",
    ),
    needs=("the weights of every attention matrix", "one stack of layers", f"at least {MIN_LAYERS} layers"),
    compare_all=_compare_all,
    question="What is left of the likeness when the course over depth that all models share is taken away?",
    menu="The same without the common trend",
    order=2,
    effect="median distance of the log curves, each role's offset taken off; 0 for a scaled copy",
)

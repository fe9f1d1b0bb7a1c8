"""The standard-deviation profile: whether the spreads of the attention weights rise and fall alike over depth."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from lineage.methods.method import Comparison, MeasuredTables, Screening, blank_pairs
from lineage.records import Profile
from lineage.records.origins import Lineage

ROLES = ("q", "k", "v", "o")


@dataclass(frozen=True)
class ProfileComparison(Comparison):
    """Two models by their curves over depth: correlations by role, and how many layers each has."""

    layers: tuple[int, int] = (0, 0)


def std_curves(matrices: pd.DataFrame) -> dict[str, np.ndarray]:
    """The standard deviation of each layer's matrix, first layer first, for each of q, k, v, o that is there.

    matrices is a fingerprint: columns stack, layer, role, expert, std and others.
    """
    roles, layers, std = (matrices[name].to_numpy() for name in ("role", "layer", "std"))
    rows_by_role = {role: np.flatnonzero(roles == role) for role in ROLES}
    return {
        role: std[rows[np.argsort(layers[rows], kind="stable")]].astype(float)
        for role, rows in rows_by_role.items()
        if rows.size
    }


def why_not_testable(matrices: pd.DataFrame) -> str:
    """Why a fingerprint cannot be compared by this method, or ""."""
    roles, layers, stacks = (matrices[name].to_numpy() for name in ("role", "layer", "stack"))
    rows = {role: np.flatnonzero(roles == role) for role in ROLES}
    if missing := [role.upper() for role in ROLES if not rows[role].size]:
        return f"no {', '.join(missing)} matrices"
    if len({*np.concatenate([stacks[own] for own in rows.values()]).tolist()}) > 1:
        return "more than one stack of layers"
    layers_by_role = {role: layers[own].tolist() for role, own in rows.items()}
    if any(len(set(own)) < len(own) for own in layers_by_role.values()):
        return "more than one matrix of a role in a layer"
    if len({tuple(sorted(own)) for own in layers_by_role.values()}) > 1:
        return "the roles do not stand in the same layers"
    if len(layers_by_role["q"]) < 2:
        return "one layer only"
    curves = std_curves(matrices)
    if not all(np.isfinite(curve).all() for curve in curves.values()):
        return "a standard deviation is not finite"
    flat = [role.upper() for role, curve in curves.items() if np.ptp(curve) == 0]
    return f"the curve of {', '.join(flat)} is constant" if flat else ""


def std_profile(matrices: pd.DataFrame) -> Profile:
    """The curves of a fingerprint, and why they cannot be compared by this method or ""."""
    return Profile(std_curves(matrices), why_not_testable(matrices))


def stretched(curve: np.ndarray, length: int) -> np.ndarray:
    """A curve interpolated linearly to so many points over the same relative depth."""
    return np.asarray(np.interp(_depths(length), _depths(len(curve)), curve))


@cache
def _depths(length: int) -> np.ndarray:
    return np.linspace(0, 1, length)


def compare_std_profiles(matrices_a: pd.DataFrame, matrices_b: pd.DataFrame) -> ProfileComparison:
    """Two fingerprints under the method as published: Pearson for each role, the shorter curve stretched.

    The published method standardises each curve first; Pearson correlation does not change by that.
    """
    return _compare_profiles(std_profile(matrices_a), std_profile(matrices_b))


def std_profile_pairs(profiles: Mapping[str, Profile], pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Pairs of models: columns model_a, model_b, layers_a, layers_b, q, k, v, o, similarity, not_testable."""
    rows = []
    for model_a, model_b in pairs:
        comparison = _compare_profiles(profiles[model_a], profiles[model_b])
        correlations = [comparison.correlations.get(role) for role in ROLES]
        rows.append(
            (model_a, model_b, *comparison.layers, *correlations, comparison.similarity, comparison.not_testable)
        )
    columns = ["model_a", "model_b", "layers_a", "layers_b", *ROLES, "similarity", "not_testable"]
    return pd.DataFrame(rows, columns=columns)


def role_correlations(curves: Sequence[Mapping[str, np.ndarray]]) -> Iterator[np.ndarray]:
    """For each of q, k, v, o the Pearson correlation of every two models, (models, models), in [-1, 1].

    One product of matrices for each length among the curves, so that the shorter are stretched just as for two
    models; one role at a time, so that memory stays at a few (models, models) arrays. Curves must not be constant.
    """
    lengths = np.array([len(model["q"]) for model in curves])
    classes = {int(length): np.flatnonzero(lengths == length) for length in np.unique(lengths)}
    for role in ROLES:
        correlations = np.empty((len(curves), len(curves)))
        tables = {length: np.array([curves[model][role] for model in own.tolist()]) for length, own in classes.items()}
        for length, own in classes.items():
            shorter = [other for other in classes if other <= length]
            up_to = np.concatenate([classes[other] for other in shorter])
            table = np.concatenate([stretched_rows(tables[other], length) for other in shorter])
            table -= table.mean(axis=1, keepdims=True)
            table /= np.linalg.norm(table, axis=1, keepdims=True)
            block = table @ table[-len(own) :].T
            correlations[np.ix_(up_to, own)] = block
            correlations[np.ix_(own, up_to)] = block.T
        yield np.clip(correlations, -1, 1, out=correlations)


def similarity_matrix(curves: Sequence[Mapping[str, np.ndarray]]) -> np.ndarray:
    """The score of every two models at once, (models, models), in [-1, 1]; each must be testable."""
    total = np.zeros((len(curves), len(curves)))
    for correlations in role_correlations(curves):
        total += correlations
    return total / len(ROLES)


def stretched_rows(table: np.ndarray, length: int) -> np.ndarray:
    """What stretched gives for each row, all rows at once; at least two points a row."""
    places = np.linspace(0, 1, length) * (table.shape[1] - 1)
    left = np.minimum(places.astype(int), table.shape[1] - 2)
    share = places - left
    return np.asarray(table[:, left] * (1 - share) + table[:, left + 1] * share)


def _compare_profiles(a: Profile, b: Profile) -> ProfileComparison:
    layers = (max(map(len, a.curves.values()), default=0), max(map(len, b.curves.values()), default=0))
    if reason := a.not_testable or b.not_testable:
        return ProfileComparison(None, reason, layers=layers)
    length = max(layers)
    correlations = {
        role: float(np.corrcoef(stretched(a.curves[role], length), stretched(b.curves[role], length))[0, 1])
        for role in ROLES
    }
    return ProfileComparison(float(np.mean(list(correlations.values()))), correlations=correlations, layers=layers)


def _compare_all(fingerprints: Mapping[str, MeasuredTables], _lineage: Lineage) -> pd.DataFrame:
    models = sorted(fingerprints)
    profiles = [std_profile(fingerprints[model].matrices) for model in models]
    pairs = blank_pairs(models, [profile.not_testable for profile in profiles])
    testable = [profile.curves for profile in profiles if not profile.not_testable]
    scores = similarity_matrix(testable)
    pairs.loc[pairs["not_testable"] == "", "similarity"] = scores[np.triu_indices(len(testable), k=1)]
    return pairs


STD_PROFILE = Screening(
    id="std_profile",
    name="Standard-deviation profile",
    description="What the method behind the 0.927 computes, and where it is known to fail.",
    version="1",
    reference="arXiv:2507.03014 (withdrawn); steps as in its README and in LeaFBench",
    score_range="mean of four Pearson correlations, in [-1, 1]",
    question="Do the spreads of the attention matrices rise and fall alike from layer to layer?",
    order=1,
    thresholds=(0.8, 0.9, 0.927),  # a common one, that of press reports, and the score in dispute
    invariances=(
        "permutation of units or of the residual stream",
        "rotation of a whole matrix",
        "one factor on all layers of a role",
    ),
    needs=("the weights of every attention matrix", "one stack of layers", "at least two layers"),
    compare_all=_compare_all,
)

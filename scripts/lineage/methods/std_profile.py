"""The standard-deviation profile: whether the spreads of the attention weights rise and fall alike over depth."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from lineage.methods import Method

ROLES = ("q", "k", "v", "o")

STD_PROFILE = Method(
    id="std_profile",
    name="Standard-deviation profile",
    version="1",
    reference="arXiv:2507.03014 (withdrawn); steps as in its README and in LeaFBench",
    score_range="mean of four Pearson correlations, in [-1, 1]",
    invariances=(
        "permutation of units or of the residual stream",
        "rotation of a whole matrix",
        "one factor on all layers of a role",
    ),
    needs=("the weights of every attention matrix", "one stack of layers", "at least two layers"),
)


@dataclass(frozen=True)
class Comparison:
    """Two models under this method: the correlations and their mean, or the reason why there is none."""

    layers: tuple[int, int]
    correlations: Mapping[str, float]  # by role, each in [-1, 1]; empty where not testable
    similarity: float | None  # their mean
    not_testable: str  # "" where there is a similarity


def std_curves(matrices: pd.DataFrame) -> dict[str, np.ndarray]:
    """The standard deviation of each layer's matrix, first layer first, for each of q, k, v, o that is there.

    matrices is a fingerprint: columns stack, layer, role, expert, std and others.
    """
    attention = matrices[matrices["role"].isin(ROLES)].sort_values("layer")
    return {
        role: attention.loc[attention["role"] == role, "std"].to_numpy(dtype=float)
        for role in ROLES
        if (attention["role"] == role).any()
    }


def why_not_testable(matrices: pd.DataFrame) -> str:
    """Why a fingerprint cannot be compared by this method, or ""."""
    attention = matrices[matrices["role"].isin(ROLES)]
    missing = [role.upper() for role in ROLES if not (attention["role"] == role).any()]
    if missing:
        return f"no {', '.join(missing)} matrices"
    if attention["stack"].nunique() > 1:
        return "more than one stack of layers"
    if attention.duplicated(["role", "layer"]).any():
        return "more than one matrix of a role in a layer"
    layers = {role: tuple(sorted(found)) for role, found in attention.groupby("role")["layer"]}
    if len(set(layers.values())) > 1:
        return "the roles do not stand in the same layers"
    if len(layers["q"]) < 2:
        return "one layer only"
    if not np.isfinite(attention["std"].to_numpy(dtype=float)).all():
        return "a standard deviation is not finite"
    flat = [role.upper() for role, curve in std_curves(matrices).items() if np.ptp(curve) == 0]
    return f"the curve of {', '.join(flat)} is constant" if flat else ""


def stretched(curve: np.ndarray, length: int) -> np.ndarray:
    """A curve interpolated linearly to so many points over the same relative depth."""
    depths = np.linspace(0, 1, len(curve))
    return np.asarray(np.interp(np.linspace(0, 1, length), depths, curve))


def compare_std_profiles(matrices_a: pd.DataFrame, matrices_b: pd.DataFrame) -> Comparison:
    """Two fingerprints under the method as published: Pearson for each role, the shorter curve stretched.

    The published method standardises each curve first; Pearson correlation does not change by that.
    """
    curves_a, curves_b = std_curves(matrices_a), std_curves(matrices_b)
    layers = (max(map(len, curves_a.values()), default=0), max(map(len, curves_b.values()), default=0))
    if reason := why_not_testable(matrices_a) or why_not_testable(matrices_b):
        return Comparison(layers, {}, None, reason)
    length = max(layers)
    correlations = {
        role: float(np.corrcoef(stretched(curves_a[role], length), stretched(curves_b[role], length))[0, 1])
        for role in ROLES
    }
    return Comparison(layers, correlations, float(np.mean(list(correlations.values()))), "")


def std_profile_pairs(fingerprints: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every two models: columns model_a, model_b, layers_a, layers_b, q, k, v, o, similarity, not_testable."""
    rows = []
    for model_a, model_b in combinations(sorted(fingerprints), 2):
        found = compare_std_profiles(fingerprints[model_a], fingerprints[model_b])
        correlations = [found.correlations.get(role) for role in ROLES]
        rows.append((model_a, model_b, *found.layers, *correlations, found.similarity, found.not_testable))
    columns = ["model_a", "model_b", "layers_a", "layers_b", *ROLES, "similarity", "not_testable"]
    return pd.DataFrame(rows, columns=columns)

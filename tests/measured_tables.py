"""Small fingerprints made of chosen curves and profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

ROLES = ("q", "k", "v", "o")
NO_VECTORS = pd.DataFrame(columns=["rank", "dimension", "read", "write"])


@dataclass(frozen=True)
class Tables:
    matrices: pd.DataFrame
    vectors: pd.DataFrame = field(default_factory=lambda: NO_VECTORS)


def curve_table(curves: Mapping[str, Sequence[float] | np.ndarray], width: int = 16) -> pd.DataFrame:
    rows = [
        {"stack": "decoder", "layer": layer, "role": role, "expert": "", "cols": width, "n": 64, "std": float(value)}
        for role, curve in curves.items()
        for layer, value in enumerate(curve)
    ]
    return pd.DataFrame(rows)


def from_log_curves(curves: Mapping[str, np.ndarray]) -> Tables:
    return Tables(curve_table({role: np.exp(curve) for role, curve in curves.items()}))


def from_profiles(read: np.ndarray, write: np.ndarray, width: int | None = None) -> Tables:
    dimensions = np.random.default_rng(len(read)).permutation(len(read))
    vectors = pd.DataFrame({"rank": range(len(read)), "dimension": dimensions, "read": read, "write": write})
    return Tables(curve_table({"q": [1.0, 2.0]}, width or len(read)), vectors)

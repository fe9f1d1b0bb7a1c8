"""The tables of a measurement -> what most of the code wants to know of them: their shape, and curves over depth."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from lineage.kept import kept
from lineage.methods.std_profile import std_profile
from lineage.records import Outline, Profile, Shape
from lineage.shapes import hidden_units, shape_of


def kept_outline(digest: str, read: Callable[[], tuple[pd.DataFrame, pd.DataFrame]]) -> Outline:
    """The outline of the tables of that digest, which are read where it is not kept yet.

    Raises DataError where they are not sound.
    """
    found = kept("outline of sound tables", [digest], lambda: outline_json(outline_of(read()[0])))
    curves = {role: np.array(curve) for role, curve in found["curves"].items()}
    profile = Profile(curves, found["not_testable"])
    return Outline(found["rows"], Shape(*found["shape"]), found["units"], profile)


def outline_of(matrices: pd.DataFrame) -> Outline:
    """The outline of a fingerprint's table."""
    return Outline(len(matrices), shape_of(matrices), hidden_units(matrices), std_profile(matrices))


def outline_json(outline: Outline) -> dict[str, Any]:
    """An outline as JSON, with every number to its last bit."""
    shape, profile = outline.shape, outline.profile
    return {
        "rows": outline.rows,
        "shape": [shape.stack, shape.layers, shape.width],
        "units": outline.units,
        "curves": {role: curve.tolist() for role, curve in profile.curves.items()},
        "not_testable": profile.not_testable,
    }

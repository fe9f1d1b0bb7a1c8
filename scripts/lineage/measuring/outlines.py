"""The tables of a measurement -> their outline: the shape of the model, and its curves over depth."""

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pandas as pd

from lineage.checks.table_faults import table_faults
from lineage.measuring.shapes import hidden_units, numbers_read, shape_of, vocabulary_rows
from lineage.methods.std_profile import std_profile
from lineage.records import Outline, Profile, Shape, TableFault
from lineage.store.cache import kept

SKETCH = 16  # checksums of matrices by which two measurements are seen to hold the same tensors


def kept_outline(digest: str, read_tables: Callable[[], tuple[pd.DataFrame, pd.DataFrame]]) -> Outline:
    """The outline of the tables of that digest, which are read where it is not kept yet.

    Raises DataError where they are not sound.
    """
    content = kept("outline of sound tables", [digest], lambda: outline_json(checked_outline(*read_tables())))
    curves = {role: np.array(curve) for role, curve in content["curves"].items()}
    return Outline(
        content["rows"],
        Shape(*content["shape"]),
        content["units"],
        content["numbers"],
        content["vocabulary"],
        Profile(curves, content["not_testable"]),
        content["depth"],
        {role: frozenset((rows, cols) for rows, cols in sizes) for role, sizes in content["sizes"].items()},
        frozenset(content["sketch"]),
        tuple(TableFault(*fault) for fault in content["faults"]),
    )


def checked_outline(matrices: pd.DataFrame, vectors: pd.DataFrame) -> Outline:
    """The outline of both tables of a fingerprint, with their sizes and checksums and what no weights can have."""
    layers = matrices["layer"].to_numpy(dtype=float)
    sizes: dict[str, set[tuple[int, int]]] = {}
    for role, rows, cols in zip(matrices["role"], matrices["rows"], matrices["cols"], strict=True):
        sizes.setdefault(role, set()).add((int(rows), int(cols)))
    return replace(
        outline_of(matrices),
        depth=0 if np.isnan(layers).all() else int(np.nanmax(layers)) + 1,
        sizes={role: frozenset(role_sizes) for role, role_sizes in sizes.items()},
        sketch=_sketch(matrices),
        faults=tuple(table_faults(matrices, vectors)),
    )


def outline_of(matrices: pd.DataFrame) -> Outline:
    """The shape of a fingerprint, and its curves over depth, from its table of matrices."""
    counts = (hidden_units(matrices), numbers_read(matrices), vocabulary_rows(matrices))
    return Outline(len(matrices), shape_of(matrices), *counts, std_profile(matrices))


def _sketch(matrices: pd.DataFrame) -> frozenset[str]:
    """The smallest checksums of the matrices whose numbers differ; of two models that share tensors, many are equal.

    Bottom-k sketch (Broder 1997): the share of equal checksums estimates that of equal tensors.
    """
    is_spread = (matrices["cols"].to_numpy() > 1) & (matrices["std"].to_numpy() > 0)
    return frozenset(sorted(set(matrices["sha256"].to_numpy()[is_spread].tolist()))[:SKETCH])


def outline_json(outline: Outline) -> dict[str, Any]:
    """An outline as JSON, with every number to its last bit."""
    shape, profile = outline.shape, outline.profile
    return {
        "rows": outline.rows,
        "shape": [shape.stack, shape.layers, shape.width],
        "units": outline.units,
        "numbers": outline.numbers,
        "vocabulary": outline.vocabulary,
        "curves": {role: curve.tolist() for role, curve in profile.curves.items()},
        "not_testable": profile.not_testable,
        "depth": outline.depth,
        "sizes": {role: sorted(sizes) for role, sizes in outline.sizes.items()},
        "sketch": sorted(outline.sketch),
        "faults": [astuple(fault) for fault in outline.faults],
    }

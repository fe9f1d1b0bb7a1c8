"""The shape of a measured model, as its table shows it."""

import numpy as np
import pandas as pd

from lineage.records import Shape


def hidden_width(matrices: pd.DataFrame) -> int | None:
    """The width of the residual stream: the columns of the Q matrices; None where there are none, or they differ."""
    widths = np.unique(matrices["cols"].to_numpy()[matrices["role"].to_numpy() == "q"])
    return int(widths[0]) if len(widths) == 1 else None


def hidden_units(matrices: pd.DataFrame) -> int | None:
    """How many hidden units the widest layer has: the most rows of an up matrix; None where there are none."""
    rows = matrices["rows"].to_numpy()[matrices["role"].to_numpy() == "up"]
    return int(rows.max()) if rows.size else None


def shape_of(matrices: pd.DataFrame) -> Shape:
    """The shape of a fingerprint's table: the stacks that have Q matrices, how many layers, how wide."""
    queries = matrices["role"].to_numpy() == "q"
    stacks, numbers = (matrices[name].to_numpy()[queries].tolist() for name in ("stack", "layer"))
    layers = {(stack, None if number != number else number) for stack, number in zip(stacks, numbers, strict=True)}
    if not layers:
        return Shape(None, None, None)
    return Shape("+".join(sorted({stack for stack, _ in layers})), len(layers), hidden_width(matrices))

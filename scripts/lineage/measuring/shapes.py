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


_SUMMARIES = ("mean", "q10", "q90")  # what stands for numbered experts (lineage.measuring.tables)


def numbers_read(matrices: pd.DataFrame) -> int | None:
    """How many numbers the matrices and vectors of a table hold; None where numbered experts are summarised in it."""
    if matrices["expert"].isin(_SUMMARIES).any():
        return None
    return int(matrices["n"].sum())


def vocabulary_rows(matrices: pd.DataFrame) -> int | None:
    """The rows of the matrix of token embeddings; None where there is none, or several that differ."""
    rows = np.unique(matrices["rows"].to_numpy()[matrices["role"].to_numpy() == "embedding"])
    return int(rows[0]) if len(rows) == 1 else None

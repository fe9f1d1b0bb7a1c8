"""The shape of a measured model, as its table shows it."""

from dataclasses import asdict, dataclass

import pandas as pd

from lineage.kept import kept
from lineage.records import Fingerprint


@dataclass(frozen=True)
class Shape:
    """What controls are matched on. What is None is unknown, and matches nothing."""

    stack: str | None  # "encoder", "decoder", or both joined with "+"
    layers: int | None
    width: int | None  # of the residual stream


def hidden_width(matrices: pd.DataFrame) -> int | None:
    """The width of the residual stream: the columns of the Q matrices; None where there are none, or they differ."""
    widths = matrices.loc[matrices["role"] == "q", "cols"].unique()
    return int(widths[0]) if len(widths) == 1 else None


def measured_shape(fingerprint: Fingerprint) -> Shape:
    """The shape that a fingerprint shows."""
    return Shape(**kept("shape", [fingerprint.digest], lambda: asdict(shape_of(fingerprint.matrices))))


def shape_of(matrices: pd.DataFrame) -> Shape:
    """The shape of a fingerprint's table: the stacks that have Q matrices, how many layers, how wide."""
    queries = matrices[matrices["role"] == "q"]
    if queries.empty:
        return Shape(None, None, None)
    stacks = "+".join(sorted(queries["stack"].unique()))
    return Shape(stacks, len(queries[["stack", "layer"]].drop_duplicates()), hidden_width(matrices))

"""What the header of a checkpoint's file says, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineage.checkpoints.files import Span
from lineage.records import TokenizerFacts


@dataclass(frozen=True, eq=False)
class Scaling:
    """What the stored numbers of a matrix mean: (stored - zero) * factor, one factor for each block of the matrix.

    The factor of row i and column j stands at (i // rows, j // columns), rows and columns being those of a block: one
    block for the whole matrix, a row or a column each, or squares as in DeepSeek-V3.
    """

    rows: int
    columns: int
    factor: np.ndarray  # float32, (blocks down, blocks across)
    zero: np.ndarray | None = None  # of the same shape


@dataclass(frozen=True)
class Tensor:
    """One named array in a file; its numbers lie in one span, last dimension fastest."""

    file: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    span: Span
    scaling: Scaling | None = None
    transposed: bool = False  # stored as (in, out) whatever its family does


@dataclass(frozen=True)
class Header:
    """The tensors of a file in order of their bytes, and what else it says of the model."""

    tensors: tuple[Tensor, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # by the names of config.json
    tokenizer: TokenizerFacts | None = None

"""What the header of a checkpoint's file says, whatever its format."""

import math
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, eq=False)
class ScaledPart:
    """Some rows and columns of a scaled matrix, by their numbers in the whole; of a vector each number is a row."""

    scaling: Scaling
    rows: np.ndarray
    columns: np.ndarray

    def scaled(self, values: np.ndarray, first: int) -> np.ndarray:
        """What the stored numbers of whole rows mean; first counts the rows of the part that came before."""
        count = values.size // self.columns.size
        rows = self.rows[first : first + count]
        blocks = np.ix_(rows // self.scaling.rows, self.columns // self.scaling.columns)
        stored = values.reshape(count, -1)
        with np.errstate(all="ignore"):  # what is not finite is found by whoever measures it
            centred = stored if self.scaling.zero is None else stored - self.scaling.zero[blocks]
            return np.ravel(centred * self.scaling.factor[blocks])


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


def scaled_part(tensor: Tensor, rows: Sequence[tuple[int, int]], columns: tuple[int, int] | None) -> ScaledPart | None:
    """Ranges of the rows and of the columns of a tensor (all where there is none); None where it is not scaled."""
    if tensor.scaling is None:
        return None
    height, width = (math.prod(tensor.shape[:-1]), tensor.shape[-1]) if len(tensor.shape) > 1 else (tensor.shape[0], 1)
    chosen = np.concatenate([np.arange(*span) for span in rows or ((0, height),)])
    return ScaledPart(tensor.scaling, chosen, np.arange(*(columns or (0, width))))


@dataclass(frozen=True)
class Header:
    """The tensors of a file in order of their bytes, and what else it says of the model."""

    tensors: tuple[Tensor, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # by the names of config.json
    tokenizer: TokenizerFacts | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)  # each with its number

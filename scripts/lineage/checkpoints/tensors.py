"""What the header of a checkpoint's file says, whatever its format."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lineage.checkpoints.files import Span
from lineage.checkpoints.storage.dtypes import DTYPES, INTEGERS, DType
from lineage.records import TokenizerFacts


@dataclass(frozen=True, eq=False)
class Scaling:
    """What the stored numbers of a matrix mean: (stored - zero) * factor + offset, one of each for a block of it.

    Those of row i and column j stand at (i // rows, j // columns), rows and columns being those of a block: one block
    for the whole matrix, a row or a column each, or squares as in DeepSeek-V3. row_blocks says the block of each row
    where neighbours are of several.
    """

    rows: int
    columns: int
    factor: np.ndarray  # float32, (blocks down, blocks across)
    zero: np.ndarray | None = None  # of the same shape, as offset
    offset: np.ndarray | None = None
    row_blocks: np.ndarray | None = None  # (rows of the matrix,)


@dataclass(frozen=True, eq=False)
class Thin:
    """Two thin matrices whose product is added to a matrix as it is stored."""

    left: np.ndarray  # float64, (rows, rank)
    right: np.ndarray  # float64, (rank, columns)
    identity: bytes  # what they were read from: another product has another


@dataclass(frozen=True, eq=False)
class Addition:
    """What an adapter adds to a matrix. It is read when its matrix is, so that one at a time is held."""

    read: Callable[[], Thin]
    transposed: bool  # the matrix is stored as (in, out)


@dataclass(frozen=True, eq=False)
class ScaledPart:
    """Some rows and columns of a matrix that is scaled or added to, by their numbers in the whole.

    Of a vector each number is a row.
    """

    scaling: Scaling | None
    rows: np.ndarray
    columns: np.ndarray
    added: Thin | None = None

    def scaled(self, values: np.ndarray, first: int) -> np.ndarray:
        """The true numbers of whole stored rows, scaled and added to; first counts the rows of the part before them."""
        count = values.size // self.columns.size
        rows = self.rows[first : first + count]
        numbers = values.reshape(count, -1)
        with np.errstate(all="ignore"):  # what is not finite is found by whoever measures it
            sums = numbers if self.scaling is None else self._scaled(self.scaling, numbers, rows)
            if self.added is not None:
                addend = self.added.left[rows] @ self.added.right[:, self.columns]
                sums = (sums + addend).astype(sums.dtype)  # summed in float64, rounded once
            return np.ravel(sums)

    def _scaled(self, scaling: Scaling, numbers: np.ndarray, rows: np.ndarray) -> np.ndarray:
        down = rows // scaling.rows if scaling.row_blocks is None else scaling.row_blocks[rows]
        blocks = np.ix_(down, self.columns // scaling.columns)
        offsets = numbers if scaling.zero is None else numbers - scaling.zero[blocks]
        products = offsets * scaling.factor[blocks]
        return np.asarray(products if scaling.offset is None else products + scaling.offset[blocks])


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
    by_columns: bool = False  # its first dimension lies fastest, so that shape is that of the stored transpose
    packing: DType | None = None  # how its numbers are written, where dtype alone does not say it
    not_read: str = ""  # why its numbers are not read here; "" where they are
    addition: Addition | None = None  # what an adapter adds to it


def number_type(tensor: Tensor) -> DType | None:
    """How the numbers of a tensor are written; None where that is not read here."""
    dtype = tensor.packing or DTYPES.get(tensor.dtype)
    return dtype or (INTEGERS.get(tensor.dtype) if tensor.scaling is not None else None)


def read_type(tensor: Tensor) -> DType:
    """How the numbers of a tensor that is read are written. KeyError where it is of another type."""
    return tensor.packing or (DTYPES | INTEGERS)[tensor.dtype]


def scaled_part(
    tensor: Tensor,
    rows: Sequence[tuple[int, int]],
    columns: Sequence[tuple[int, int, int]],
    step: int = 1,
    addition: Thin | None = None,
) -> ScaledPart | None:
    """How the numbers of some rows and columns of a tensor are scaled; None where it is neither scaled nor added to.

    rows and columns are ranges, all where there is none; step is that between rows.
    """
    if tensor.scaling is None and addition is None:
        return None
    height, width = (math.prod(tensor.shape[:-1]), tensor.shape[-1]) if len(tensor.shape) > 1 else (tensor.shape[0], 1)
    row_numbers = np.concatenate([np.arange(*span, step) for span in rows or ((0, height),)])
    return ScaledPart(tensor.scaling, row_numbers, indices(columns or ((0, width, 1),)), addition)


def indices(spans: Iterable[tuple[int, int, int]]) -> np.ndarray:
    """The numbers in spans of first, end and step, one after another."""
    return np.concatenate([np.arange(*span) for span in spans])


def in_own_order(rows: np.ndarray, pairs: int) -> np.ndarray:
    """Rows that are stored in the order of pairs, in that of Hugging Face's files: first and second halves of heads.

    pairs is the number of rows of a head. Row 2 i + s of a head as stored is row s * pairs / 2 + i of it: the inverse
    of what llama.cpp does to Llama, and what transformers does to the makers' own files.
    """
    return rows.reshape(-1, pairs // 2, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape) if pairs else rows


@dataclass(frozen=True)
class Shard:
    """What one file of a split checkpoint says of the whole."""

    number: int  # from 0
    count: int  # files
    tensors: int | None  # in all files together


@dataclass(frozen=True)
class Header:
    """The tensors of a file in order of their bytes, and what else it says of the model."""

    tensors: tuple[Tensor, ...]
    config: Mapping[str, Any] = field(default_factory=dict)  # by the names of config.json
    tokenizer: TokenizerFacts | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)  # each with its number
    shard: Shard | None = None  # None where the file says of itself that it is the whole, or says nothing

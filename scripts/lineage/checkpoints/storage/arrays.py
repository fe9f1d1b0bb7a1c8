"""Rows and columns of stored matrices as numbers, without reading more of a file than they need."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.names import Part
from lineage.checkpoints.tensors import ScaledPart, Tensor, in_own_order, indices, read_type

_NEAR = 4096  # bytes; rows closer than this are fetched as one
_PIECE = 4 << 20  # bytes read at once, unless one row has more


@dataclass(frozen=True, eq=False)
class StoredMatrix:
    """A matrix of a checkpoint, which is (out, in), and where it lies."""

    file: CheckpointFile
    tensor: Tensor
    part: Part

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, as (out, in)."""
        height, width = len(self._stored_rows()), len(self._stored_columns())
        return (width, height) if self.part.transposed else (height, width)

    def bytes_for(self, rows: np.ndarray | None = None) -> int:
        """Bytes that reading some of its rows takes, or all."""
        stored_rows = self._stored_rows()
        count = len(stored_rows) if rows is None or self.part.transposed else len(rows)
        return count * self._row_bytes() // self._rows_together()

    def read(self, rows: np.ndarray | None = None, columns: np.ndarray | None = None) -> np.ndarray:
        """Some rows and columns (all where None), in the ascending order given: float32, (rows, columns).

        Rows are read alone where the file keeps them together. CheckpointError that names the tensor where a number
        is not finite.
        """
        down, across = (columns, rows) if self.part.transposed else (rows, columns)
        stored_rows, stored_columns = self._stored_rows(), self._stored_columns()
        chosen_rows = stored_rows if down is None else stored_rows[down]
        chosen_columns = stored_columns if across is None else stored_columns[across]
        order = np.argsort(chosen_rows, kind="stable")
        numbers = np.empty((len(chosen_rows), len(chosen_columns)), np.float32)
        position = 0
        for piece in self._pieces(chosen_rows[order]):
            numbers[order[position : position + len(piece)]] = piece[:, chosen_columns]
            position += len(piece)
        if not np.isfinite(numbers).all():
            raise CheckpointError(f"{self.file.name}: {self.tensor.name} holds NaN or infinite values")
        return numbers.T if self.part.transposed else numbers

    def _pieces(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Stored rows in order, whole, some at a time."""
        size, row_count = self._row_bytes(), self._rows_together()
        most = max(1, _PIECE // max(size, 1))
        dtype = read_type(self.tensor)
        across = np.arange(self.tensor.shape[-1])
        groups = list(_groups(rows, 1 + _NEAR // max(size, 1), most))
        ends = [
            (int(group[0]) // row_count * row_count, -(-(int(group[-1]) + 1) // row_count) * row_count)
            for group in groups
        ]
        start = self.tensor.span.start
        spans = [Span(start + first * size // row_count, start + last * size // row_count) for first, last in ends]
        for group, (first, last), data in zip(groups, ends, self.file.read_each(spans), strict=True):
            if len(data) != (last - first) * size // row_count:
                raise CheckpointError(f"{self.file.name}: {self.tensor.name} is cut off; download the file again")
            with np.errstate(all="ignore"):  # what is not finite is found above
                values = dtype.read(data).reshape(last - first, -1)[group - first].astype(np.float32, copy=False)
                if self.tensor.scaling is not None:
                    scaled_values = ScaledPart(self.tensor.scaling, group, across).scaled(values.ravel(), 0)
                    values = scaled_values.reshape(values.shape)
            yield values

    def _row_bytes(self) -> int:
        """How many bytes the rows take that are written together."""
        return read_type(self.tensor).bytes_of(self._rows_together() * self.tensor.shape[-1])

    def _rows_together(self) -> int:
        """How many rows one block of words holds numbers of."""
        return max(1, read_type(self.tensor).block_numbers // max(1, self.tensor.shape[-1]))

    def _stored_rows(self) -> np.ndarray:
        ranges = self.part.rows or ((0, math.prod(self.tensor.shape[:-1])),)
        return in_own_order(np.concatenate([np.arange(*span, self.part.every) for span in ranges]), self.part.pairs)

    def _stored_columns(self) -> np.ndarray:
        return indices(self.part.columns or ((0, self.tensor.shape[-1], 1),))


def _groups(rows: np.ndarray, near: int, most: int) -> Iterator[np.ndarray]:
    """Ascending rows in groups that are read as one: neighbours no farther apart than near, most from end to end."""
    first = 0
    for row_number in range(1, len(rows) + 1):
        if (
            row_number == len(rows)
            or rows[row_number] - rows[row_number - 1] > near
            or rows[row_number] - rows[first] >= most
        ):
            yield rows[first:row_number]
            first = row_number

"""The bytes of a file -> what is recorded of each tensor; every byte is read once, one tensor is held at a time."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from lineage.checkpoints.files import Bytes, CheckpointError, CheckpointFile, Digest, Span
from lineage.checkpoints.names import Part, Place
from lineage.checkpoints.tensors import in_own_order, indices, read_type, scaled_part
from lineage.measuring.moments import NotFiniteError
from lineage.measuring.plan import Wanted
from lineage.measuring.recorded import READS, WRITES, sampled_dimensions
from lineage.measuring.statistics import Measured, Statistics, TensorStatistics

_LARGE_BLOCK = 16 << 20  # bytes


@dataclass(frozen=True)
class Row:
    """What was measured of one part, as (out, in)."""

    place: Place
    rows: int
    cols: int
    statistics: Statistics
    sha256: str
    width: int = 0  # of the residual stream, for what reads it or writes to it
    profile: tuple[float, ...] = ()  # centred log norms of sampled dimensions; empty where a norm is zero or too large
    numbers: tuple[float, ...] = ()  # all numbers of a vector


Finished = Callable[[str, Sequence[Row]], None]  # takes the name of a tensor and what was measured of it


def measure_file(file: CheckpointFile, entries: Sequence[Wanted], finish: Finished) -> str:
    """Hands on what is recorded of each wanted tensor of a file as soon as it is read; the file's sha256."""
    by_span: dict[Span, list[Wanted]] = defaultdict(list)  # tied tensors lie on the same bytes
    for wanted_tensor in entries:
        by_span[wanted_tensor.tensor.span].append(wanted_tensor)
    for earlier, later in pairwise(sorted(by_span)):
        if later.start < earlier.end:
            names = [by_span[span][0].tensor.name for span in (earlier, later)]
            raise CheckpointError(f"{file.name}: {names[0]!r} and {names[1]!r} overlap; it cannot be read in one pass")
    if empty := [wanted_tensor.tensor.name for wanted_tensor in entries if not wanted_tensor.tensor.span.length]:
        raise CheckpointError(f"{file.name}: {empty[0]} holds no numbers; it cannot be measured")
    keep_freed_memory()
    return file.feed(sorted(by_span), _Reading(by_span, finish).take)


def keep_freed_memory() -> None:
    """Lets the C library keep what is freed and use it again, from now on; without glibc it does nothing.

    glibc gives freed blocks back to the system and fetches them anew, which costs as much as the arithmetic, until a
    larger block than those has come and gone (mallopt(3), M_MMAP_THRESHOLD).
    """
    np.empty(_LARGE_BLOCK, np.uint8)


class _Reading:
    """Opens a tensor at its first byte and closes it at its last."""

    def __init__(self, by_span: Mapping[Span, Sequence[Wanted]], finish: Finished) -> None:
        self._by_span = by_span
        self._finished = finish
        self._span = Span(0, 0)
        self._left = 0
        self._open: list[_Cutter] = []

    def take(self, span: Span, data: Bytes) -> None:
        """Takes the next bytes of a span."""
        if span != self._span:
            self._span, self._left = span, span.length
            self._open = [_Cutter(wanted_tensor) for wanted_tensor in self._by_span[span]]
        for cutter in self._open:
            cutter.add(data)
        self._left -= len(data)
        if not self._left:
            for cutter, wanted_tensor in zip(self._open, self._by_span[span], strict=True):
                self._finished(wanted_tensor.tensor.name, list(cutter.finish()))
            self._open = []


class _Cutter:
    """Takes the bytes of one tensor in order, and gives those of each part to its statistics."""

    def __init__(self, entry: Wanted) -> None:
        self._wanted = entry
        tensor, shape = entry.tensor, entry.tensor.shape
        self._dtype = read_type(tensor)
        self._row = self._dtype.bytes_of(shape[-1]) if len(shape) > 1 else self._dtype.block_bytes
        addition = tensor.addition.read() if tensor.addition else None
        self._added = addition.identity if addition else b""
        self._statistics = [
            TensorStatistics(
                _part_shape(tensor_part, shape),
                self._dtype,
                norms=tensor_part.place.role in (*READS, *WRITES),
                scaling=scaled_part(tensor, tensor_part.rows, tensor_part.columns, tensor_part.every, addition),
            )
            for tensor_part in entry.parts
        ]
        self._digests = [Digest() for _ in entry.parts]
        self._heads = [bytearray() for _ in entry.parts]  # of a part in the order of pairs: the head that is not whole
        self._ranges = sorted(
            (Span(start * self._row, end * self._row), index)
            for index, tensor_part in enumerate(entry.parts)
            for start, end in tensor_part.rows
        )
        self._position = 0
        self._line = 0  # of a matrix that is cut by columns
        self._rest = b""

    def add(self, data: Bytes) -> None:
        """Takes the next bytes of the tensor."""
        if any(matrix.columns or matrix.every > 1 for matrix in self._wanted.parts):
            self._add_lines(data)
        elif self._ranges:
            self._add_rows(data)
        else:
            self._hand_on(0, data)

    def finish(self) -> Iterator[Row]:
        """A row for each part."""
        tensor = self._wanted.tensor
        for tensor_part, statistics, digest in zip(self._wanted.parts, self._statistics, self._digests, strict=True):
            try:
                numbers = statistics.finish()
            except NotFiniteError as error:
                raise CheckpointError(f"{tensor.file}: {tensor.name} {error}; it cannot be measured") from None
            rows, cols = (*_part_shape(tensor_part, tensor.shape), 1)[:2]
            digest.update(self._added)  # so that no row of an adapted matrix has the checksum of the base's
            if tensor_part.transposed:
                rows, cols = cols, rows
                numbers = replace(numbers, row_norms=numbers.column_norms, column_norms=numbers.row_norms)
            yield Row(
                tensor_part.place,
                rows,
                cols,
                numbers.statistics,
                digest.hexdigest(),
                *_kept(tensor_part.place.role, numbers),
            )

    def _add_rows(self, data: Bytes) -> None:
        end = self._position + len(data)
        for span, index in self._ranges:
            first, last = max(span.start, self._position), min(span.end, end)
            if first < last:
                self._hand_on(index, data[first - self._position : last - self._position])
        self._position = end

    def _add_lines(self, data: Bytes) -> None:
        """Cuts whole rows by their columns, or takes every second one."""
        content = self._rest + bytes(data)
        lines = len(content) // self._row
        width = self._wanted.tensor.shape[-1] if any(tensor_part.columns for tensor_part in self._wanted.parts) else 1
        table = np.frombuffer(content[: lines * self._row], dtype=np.uint8).reshape(lines, width, -1)
        for at, tensor_part in enumerate(self._wanted.parts):
            for start, end in tensor_part.rows or ((0, self._line + lines),):
                first = start + -(-max(self._line - start, 0) // tensor_part.every) * tensor_part.every
                piece = table[first - self._line : max(end - self._line, 0) : tensor_part.every]
                if piece.size:
                    self._hand_on(at, _chosen(piece, tensor_part.columns).tobytes())
        self._line += lines
        self._rest = content[lines * self._row :]

    def _hand_on(self, index: int, data: Bytes) -> None:
        """Hands the next bytes of one part on to its checksum and its statistics."""
        if size := self._wanted.parts[index].pairs * self._row:
            waiting = self._heads[index]
            waiting += data
            complete_bytes = len(waiting) // size * size
            rows = np.frombuffer(bytes(waiting[:complete_bytes]), np.uint8).reshape(-1, self._row)
            data = in_own_order(rows, self._wanted.parts[index].pairs).tobytes()
            del waiting[:complete_bytes]
        self._digests[index].update(data)
        self._statistics[index].add(data)


def _chosen(table: np.ndarray, columns: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """Some columns of a table, in order; all where none are named."""
    if len(columns) > 1:
        return table[:, indices(columns)]
    return table[:, slice(*columns[0])] if columns else table


def _part_shape(tensor_part: Part, shape: tuple[int, ...]) -> tuple[int, ...]:
    rows = sum(len(range(*span, tensor_part.every)) for span in tensor_part.rows) or math.prod(shape[:-1] or shape)
    columns = sum(len(range(*span)) for span in tensor_part.columns) or shape[-1]
    return (rows, columns) if len(shape) > 1 else (rows,)


def _kept(role: str, statistics: Measured) -> tuple[int, tuple[float, ...], tuple[float, ...]]:
    """The width of the residual stream, the sampled profile and the numbers, each where it is kept."""
    if statistics.numbers is not None:
        return 0, (), tuple(statistics.numbers.tolist())
    norms = statistics.column_norms if role in READS else statistics.row_norms if role in WRITES else None
    if norms is None:
        return 0, (), ()
    if not ((norms > 0) & np.isfinite(norms)).all():
        return norms.size, (), ()
    logs = np.log(norms)
    deviations = logs - logs.mean()
    return norms.size, tuple(deviations[sampled_dimensions("residual", norms.size)].tolist()), ()

"""What the quantised matrices of an ONNX file mean: their scales and zero points, read from it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.storage.dtypes import DTYPES, INTEGERS
from lineage.checkpoints.storage.onnx_graph import Quantisation
from lineage.checkpoints.storage.protobuf import MessageReader, signed
from lineage.checkpoints.tensors import Scaling

_LARGEST_TOGETHER = 256 << 20  # bytes of all scales of a file
_TYPES = INTEGERS | {name: DTYPES[name] for name in ("F32", "F16", "BF16")}


@dataclass(frozen=True)
class Initialiser:
    """An initialiser as it is written."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    span: Span
    varints: bool = False  # its numbers are words of several lengths, so none is found but by reading all before it


class Scales:
    """Reads the scales of a file, each once."""

    def __init__(self, file: CheckpointFile, reader: MessageReader, initialisers: Mapping[str, Initialiser]) -> None:
        self._file = file
        self._reader = reader
        self._stored = initialisers
        self._bytes = 0
        self._read: dict[str, np.ndarray | None] = {}
        self.used: set[str] = set()  # initialisers that scale others

    def scaling(self, matrix: Initialiser, quantisation: Quantisation) -> Scaling | None:
        """How a matrix is scaled; None where its scales cannot be read or do not fit it."""
        factor = self._values(quantisation.scale)
        zero = self._values(quantisation.zero) if quantisation.zero else np.zeros(1, np.float32)
        if factor is None or zero is None or max(factor.ndim, zero.ndim) > 2:
            return None
        factor, zero = _as_matrix(factor, quantisation.axis), _as_matrix(zero, quantisation.axis)
        try:
            shape = np.broadcast_shapes(factor.shape, zero.shape)
        except ValueError:
            return None
        blocks = [quantisation.block, 1] if quantisation.axis % 2 == 0 else [1, quantisation.block]
        sizes = (
            blocks
            if quantisation.block
            else [length if n == 1 else 1 for n, length in zip(shape, matrix.shape, strict=True)]
        )
        if min(sizes) < 1 or shape != tuple(-(-n // size) for n, size in zip(matrix.shape, sizes, strict=True)):
            return None
        self.used |= {quantisation.scale, quantisation.zero}
        taken_off = np.broadcast_to(zero, shape) if quantisation.zero else None
        return Scaling(sizes[0], sizes[1], np.broadcast_to(factor, shape), taken_off)

    def _values(self, name: str) -> np.ndarray | None:
        if name not in self._read:
            self._read[name] = self._numbers(self._stored[name])
        return self._read[name]

    def _numbers(self, initialiser: Initialiser) -> np.ndarray | None:
        """The numbers of an initialiser; None for a type that scales do not have."""
        if initialiser.dtype not in (INTEGERS if initialiser.varints else _TYPES):
            return None
        self._bytes += initialiser.span.length
        if self._bytes > _LARGEST_TOGETHER:
            raise CheckpointError(
                f"{self._file.name}: its scales have more than {_LARGEST_TOGETHER:,} bytes, which are not held here; "
                f"measure the checkpoint before it was quantised"
            )
        if not initialiser.varints:
            return _TYPES[initialiser.dtype].read(self._file.read(initialiser.span)).reshape(initialiser.shape)
        numbers = [signed(number) for number in self._reader.numbers(initialiser.span)]
        if len(numbers) != math.prod(initialiser.shape):
            raise self._reader.fault(
                f"{initialiser.name[:100]!r} has {len(numbers)} numbers, not as its shape says", initialiser.span.start
            )
        return np.array(numbers, np.float32).reshape(initialiser.shape)


def _as_matrix(values: np.ndarray, axis: int) -> np.ndarray:
    """One number, a list along an axis (1 or -1: the columns), or a matrix, as a matrix."""
    if values.ndim == 2:
        return values
    return values.reshape((-1, 1) if axis % 2 == 0 else (1, -1))

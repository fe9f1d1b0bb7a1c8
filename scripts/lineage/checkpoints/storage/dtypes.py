"""How the numbers of a tensor are written: by words, or by blocks of several numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import ml_dtypes
import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

from lineage.checkpoints.files import Bytes
from lineage.checkpoints.spellings import OTHER_BITS


@dataclass(frozen=True)
class DType:
    """One way to write numbers: how many bytes a block of how many numbers takes, and what the bytes mean."""

    name: str
    block_bytes: int
    read: Callable[[Bytes], np.ndarray]  # bytes of whole blocks -> float32, or float64 where they are written so
    block_numbers: int = 1

    @property
    def countable(self) -> bool:
        """Whether there are few enough words to count each one."""
        return self.block_numbers == 1 and self.block_bytes <= 2

    @cached_property
    def values(self) -> np.ndarray:
        """The meaning of every word of a countable type in order; not finite where it means no number."""
        return self.read(np.arange(1 << (8 * self.block_bytes), dtype=f"<u{self.block_bytes}").tobytes())

    def bytes_of(self, numbers: int) -> int:
        """Bytes of so many numbers, which fill whole blocks."""
        return numbers // self.block_numbers * self.block_bytes


def _bfloat16(data: Bytes) -> np.ndarray:
    """The numbers of bfloat16 bytes as float32: a bfloat16 is a float32 without its lower half."""
    return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)


def _float16(data: Bytes) -> np.ndarray:
    return np.frombuffer(data, "<f2").astype(np.float32)


def _plain(word: str) -> Callable[[Bytes], np.ndarray]:
    return lambda data: np.frombuffer(data, word)


def _cast(kind: type) -> Callable[[Bytes], np.ndarray]:
    return lambda data: np.frombuffer(data, kind).astype(np.float32)


def _blocks(kind: GGMLQuantizationType) -> Callable[[Bytes], np.ndarray]:
    def read(data: Bytes) -> np.ndarray:
        rows = np.frombuffer(data, np.uint8).reshape(-1, GGML_QUANT_SIZES[kind][1])
        with np.errstate(all="ignore"):  # what is not finite is found by whoever measures it
            return np.asarray(dequantize(rows, kind)).reshape(-1).astype(np.float32, copy=False)

    return read


def _readable(kind: GGMLQuantizationType) -> bool:
    """Whether the library reads a kind of block; it names some that it does not."""
    numbers, size = GGML_QUANT_SIZES[kind]
    try:
        return numbers > 1 and dequantize(np.zeros((1, size), np.uint8), kind).size == numbers
    except NotImplementedError:
        return False


# By the names that safetensors uses.
DTYPES = {
    dtype.name: dtype
    for dtype in (
        DType("F64", 8, _plain("<f8")),
        DType("F32", 4, _plain("<f4")),
        DType("F16", 2, _float16),
        DType("BF16", 2, _bfloat16),
        DType("F8_E4M3", 1, _cast(ml_dtypes.float8_e4m3fn)),
        DType("F8_E5M2", 1, _cast(ml_dtypes.float8_e5m2)),
        DType("F8_E4M3FNUZ", 1, _cast(ml_dtypes.float8_e4m3fnuz)),
        DType("F8_E5M2FNUZ", 1, _cast(ml_dtypes.float8_e5m2fnuz)),
    )
}
# Whole numbers that mean weights where a scale lies beside them.
INTEGERS = {dtype.name: dtype for dtype in (DType("I8", 1, _cast(np.int8)), DType("U8", 1, _cast(np.uint8)))}
# Types of GGUF files by their number there; those of whole numbers are left out.
GGML_DTYPES = {
    GGMLQuantizationType.F64.value: DTYPES["F64"],
    GGMLQuantizationType.F32.value: DTYPES["F32"],
    GGMLQuantizationType.F16.value: DTYPES["F16"],
    GGMLQuantizationType.BF16.value: DTYPES["BF16"],
} | {
    kind.value: DType(kind.name, size, _blocks(kind), numbers)
    for kind, (numbers, size) in GGML_QUANT_SIZES.items()
    if _readable(kind)
}
DTYPES |= {dtype.name: dtype for dtype in GGML_DTYPES.values()}


def item_bits(name: str) -> int | None:
    """Bits a number of a type of safetensors, or None where the type is not known."""
    dtype = DTYPES.get(name)
    return dtype.block_bytes * 8 if dtype and dtype.block_numbers == 1 else OTHER_BITS.get(name)

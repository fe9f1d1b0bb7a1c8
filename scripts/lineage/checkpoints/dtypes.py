"""How the numbers of a tensor are written, by the names that safetensors uses."""

from dataclasses import dataclass

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class DType:
    """One way to write numbers: its word, and what each word means."""

    name: str
    word: np.dtype  # the unsigned word, or the float itself where it is 32 or 64 bits wide
    value: np.dtype  # what the word is read as

    @property
    def size(self) -> int:
        """Bytes a number."""
        return self.word.itemsize

    @property
    def countable(self) -> bool:
        """Whether there are few enough words to count each one."""
        return self.size <= 2

    def values(self) -> np.ndarray:
        """The meaning of every word in order, float32; not finite where the word means no number."""
        words = np.arange(1 << (8 * self.size), dtype=self.word)
        return np.asarray(words.view(self.value).astype(np.float32))

    def decode(self, data: bytes) -> np.ndarray:
        """The numbers that bytes hold, float32, or float64 where they are written so."""
        raw = np.frombuffer(data, dtype=self.word)
        if self.name == "BF16":  # a float32 without its lower half
            return (raw.astype(np.uint32) << 16).view(np.float32)
        if self.name == "F16":
            return raw.view(np.float16).astype(np.float32)
        return self.values()[raw] if self.countable else raw.view(self.value)


def _dtype(name: str, word: str, value: object) -> DType:
    return DType(name, np.dtype(word), np.dtype(value))  # type: ignore[call-overload]


DTYPES = {
    dtype.name: dtype
    for dtype in (
        _dtype("F64", "<f8", "<f8"),
        _dtype("F32", "<f4", "<f4"),
        _dtype("F16", "<u2", "<f2"),
        _dtype("BF16", "<u2", ml_dtypes.bfloat16),
        _dtype("F8_E4M3", "u1", ml_dtypes.float8_e4m3fn),
        _dtype("F8_E5M2", "u1", ml_dtypes.float8_e5m2),
    )
}
# Types that hold packed or integer words, with their size; not numbers that can be measured by themselves.
OTHER_SIZES = {"I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def item_size(name: str) -> int | None:
    """Bytes a number of a type, or None where the type is not known."""
    return DTYPES[name].size if name in DTYPES else OTHER_SIZES.get(name)

"""Moments of a stream of numbers, in one pass and bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 16  # numbers a block; fixed, so that the result does not depend on how a file is read


class NotFiniteError(ValueError):
    """A stream holds a NaN or an infinity, or nothing at all."""


@dataclass(frozen=True)
class Moments:
    """Central sums of n numbers: sums of (x - mean) to the power 2, 3 and 4, and the largest |x|."""

    n: int
    mean: float
    m2: float
    m3: float
    m4: float
    abs_max: float

    @property
    def std(self) -> float:
        """The standard deviation of the n numbers (divided by n, not n - 1)."""
        return float(np.sqrt(self.m2 / self.n))

    @property
    def skewness(self) -> float | None:
        """Third standardised moment; None where all numbers are equal."""
        return self.m3 / self.n / self.std**3 if self.m2 > 0 else None

    @property
    def excess_kurtosis(self) -> float | None:
        """Fourth standardised moment minus 3; None where all numbers are equal."""
        return self.n * self.m4 / self.m2**2 - 3 if self.m2 > 0 else None

    @property
    def frobenius(self) -> float:
        """The square root of the sum of squares."""
        return float(np.sqrt(self.m2 + self.n * self.mean**2))


def stream_moments(parts: Iterable[np.ndarray]) -> Moments:
    """The moments of all numbers of a stream of arrays; NotFiniteError where one is not finite or none came."""
    total: Moments | None = None
    for block in _in_blocks(parts):
        found = block_moments(block)
        total = found if total is None else merged(total, found)
    if total is None:
        raise NotFiniteError("holds no numbers")
    return total


def block_moments(block: np.ndarray) -> Moments:
    """The moments of one array, accumulated in float64."""
    values = block.astype(np.float64).ravel()
    if not np.isfinite(values).all():
        raise NotFiniteError("holds NaN or infinite values")
    mean = float(values.mean())
    centred = values - mean
    squares = centred * centred
    sums = (squares.sum(), (squares * centred).sum(), (squares * squares).sum())
    m2, m3, m4 = map(float, sums)
    return Moments(values.size, mean, m2, m3, m4, float(np.abs(values).max()))


def merged(a: Moments, b: Moments) -> Moments:
    """The moments of two sets of numbers together (Pebay, 2008, SAND2008-6212, equations 3.1)."""
    n = a.n + b.n
    delta = b.mean - a.mean
    share = delta / n
    cross = delta * share * a.n * b.n
    m3 = a.m3 + b.m3 + cross * share * (a.n - b.n) + 3 * share * (a.n * b.m2 - b.n * a.m2)
    m4 = (
        a.m4
        + b.m4
        + cross * share**2 * (a.n**2 - a.n * b.n + b.n**2)
        + 6 * share**2 * (a.n**2 * b.m2 + b.n**2 * a.m2)
        + 4 * share * (a.n * b.m3 - b.n * a.m3)
    )
    return Moments(n, a.mean + share * b.n, a.m2 + b.m2 + cross, m3, m4, max(a.abs_max, b.abs_max))


def _in_blocks(parts: Iterable[np.ndarray]) -> Iterable[np.ndarray]:
    """The same numbers in arrays of BLOCK, the last one shorter."""
    rest = np.empty(0)
    for part in parts:
        flat = part.ravel()
        joined = np.concatenate([rest, flat]) if rest.size else flat
        whole = joined.size // BLOCK * BLOCK
        for start in range(0, whole, BLOCK):
            yield joined[start : start + BLOCK]
        rest = joined[whole:]
    if rest.size:
        yield rest

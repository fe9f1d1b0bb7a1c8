"""Moments of blocks of numbers, and of blocks together: one pass, bounded memory, the same sums everywhere."""

from dataclasses import dataclass

import numpy as np

LANES = 2048
LARGEST = 1e30  # a weight beyond it is damage, and its powers overflow
_SMALLEST, _LARGEST = 1e-12, 1e12  # mean squares whose square float32 holds with all its digits
_OFF_CENTRE = 1e-2  # share of the mean square that the mean may make before sums about zero lose digits


class NotFiniteError(ValueError):
    """Numbers that cannot be measured: there are none, or one is NaN, infinite, or too large to be a weight."""


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


def block_moments(block: np.ndarray) -> Moments:
    """The moments of one array; NotFiniteError where a number is NaN, infinite or too large, or none is there.

    Long float32 arrays of an ordinary scale are summed in float32, 64 numbers a lane and the lanes in float64: within
    1e-7 of float64 for the standard deviation and 5e-6 for the kurtosis. Everything else is computed in float64.
    """
    values = block.ravel()
    if not values.size:
        raise NotFiniteError("holds no numbers")
    fast = _fast_moments(values) if values.dtype == np.float32 and values.size % LANES == 0 else None
    if fast is not None:
        return fast
    with np.errstate(invalid="ignore"):  # found next
        exact = values.astype(np.float64)
    check_finite(exact)
    return _exact_moments(exact)


def check_finite(values: np.ndarray) -> None:
    """NotFiniteError where a number is NaN, infinite, or too large to be a weight."""
    if not np.isfinite(values).all():
        raise NotFiniteError("holds NaN or infinite values")
    if np.abs(values).max() > LARGEST:
        raise NotFiniteError(f"holds values beyond {LARGEST:g}, which are no weights")


def _fast_moments(values: np.ndarray) -> Moments | None:
    """The moments from sums of powers about zero; None where float32 cannot carry them."""
    n = values.size
    with np.errstate(over="ignore", invalid="ignore"):  # found below
        squares = values * values
        sums = [_lane_sum(values), _lane_sum(squares), _lane_sum(squares * values), _lane_sum(squares * squares)]
    if not np.isfinite(sums).all():
        return None
    mean, second, third, fourth = (total / n for total in sums)
    if not _SMALLEST < second < _LARGEST or mean**2 > _OFF_CENTRE * second:
        return None
    m2 = second - mean**2
    m3 = third - 3 * mean * second + 2 * mean**3
    m4 = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4
    return Moments(n, mean, n * m2, n * m3, n * m4, float(max(values.max(), -values.min())))


def _lane_sum(values: np.ndarray) -> float:
    """The sum of all numbers, by plain additions whose order is the same on every machine."""
    return float(np.add.reduce(values.reshape(-1, LANES), axis=0).sum(dtype=np.float64))


def _exact_moments(values: np.ndarray) -> Moments:
    mean = float(values.mean())
    deviations = values - mean
    squares = deviations * deviations
    m2, m3, m4 = (float(total) for total in (squares.sum(), (squares * deviations).sum(), (squares * squares).sum()))
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

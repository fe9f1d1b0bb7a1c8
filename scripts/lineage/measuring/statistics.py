"""What is recorded of one tensor, from its bytes as they come: moments, quantiles, norms of rows and columns."""

import math
from dataclasses import dataclass

import numpy as np

from lineage.checkpoints.files import Bytes
from lineage.checkpoints.storage.dtypes import DType
from lineage.checkpoints.tensors import ScaledPart
from lineage.measuring.moments import LANES, Moments, NotFiniteError, block_moments, check_finite, merged
from lineage.measuring.recorded import LEVELS

_BLOCK = 1 << 17  # numbers worked on at once; fixed, so that sums do not depend on how a file is read
_SHIFT = 11  # a float32 without its last 11 bits: 12 bits of mantissa are left, a step of 2^-12
_BINS = 1 << (31 - _SHIFT)


@dataclass(frozen=True)
class Statistics:
    """One row's numbers. std divides by n; a quantile is the least |w| that so many of the |w| do not exceed.

    Quantiles are exact for types of 8 and 16 bits and within one part in 4,096 for wider ones.
    """

    n: int
    mean: float
    std: float
    skewness: float | None
    excess_kurtosis: float | None
    abs_max: float
    abs_q50: float
    abs_q90: float
    abs_q99: float
    abs_q999: float
    frobenius: float


@dataclass(frozen=True)
class Measured:
    """What is recorded of one tensor."""

    statistics: Statistics
    row_norms: np.ndarray | None  # of a matrix, one a row
    column_norms: np.ndarray | None  # of a matrix, one a column
    numbers: np.ndarray | None  # the numbers themselves, of a vector


class TensorStatistics:
    """Takes the bytes of one tensor in order; `finish` gives what is recorded of it."""

    def __init__(
        self, shape: tuple[int, ...], dtype: DType, *, norms: bool = True, scaling: ScaledPart | None = None
    ) -> None:
        self._dtype = dtype
        self._scaling = scaling
        self._scaled_rows = 0
        self._by_words = dtype.countable and scaling is None
        width = shape[-1] if len(shape) == 2 and (norms or scaling) else 0
        self._columns = width if norms else 0
        self._block = max(dtype.block_bytes, dtype.bytes_of(_rows_at_once(width) * width or _BLOCK))
        self._rest = bytearray()
        self._counts = np.zeros(1 << (8 * dtype.block_bytes) if self._by_words else _BINS, dtype=np.int64)
        self._moments: Moments | None = None
        self._column_squares = np.zeros(self._columns)
        self._row_squares: list[np.ndarray] = []
        self._vector: list[np.ndarray] | None = [] if len(shape) == 1 else None

    def add(self, data: Bytes) -> None:
        """Takes the next bytes, however many."""
        view = memoryview(data)
        if self._rest:
            gap = self._block - len(self._rest)
            self._rest += view[:gap]
            view = view[gap:]
            if len(self._rest) < self._block:
                return
            self._take(bytes(self._rest))
            self._rest.clear()
        complete_bytes = len(view) // self._block * self._block
        for start in range(0, complete_bytes, self._block):
            self._take(view[start : start + self._block])
        self._rest += view[complete_bytes:]

    def finish(self) -> Measured:
        """Everything recorded; NotFiniteError where a number is not finite, or where none came."""
        if self._rest:
            self._take(bytes(self._rest))
        statistics = self._from_counts() if self._by_words else self._from_moments()
        return Measured(
            statistics=statistics,
            row_norms=np.sqrt(np.concatenate(self._row_squares)) if self._columns else None,
            column_norms=np.sqrt(self._column_squares) if self._columns else None,
            numbers=np.concatenate(self._vector) if self._vector is not None else None,
        )

    def _take(self, data: Bytes) -> None:
        if self._by_words:
            words = np.frombuffer(data, dtype=f"<u{self._dtype.block_bytes}")
            self._counts += np.bincount(words, minlength=self._counts.size)
            if self._columns or self._vector is not None:
                self._take_norms(self._dtype.read(data))
            return
        values = self._read(data)
        moments = block_moments(values)
        self._moments = moments if self._moments is None else merged(self._moments, moments)
        bits = np.abs(values.astype(np.float32)).view(np.uint32)
        self._counts += np.bincount(bits >> _SHIFT, minlength=_BINS)
        if self._columns or self._vector is not None:
            self._take_norms(values)

    def _read(self, data: Bytes) -> np.ndarray:
        values = self._dtype.read(data)
        if self._scaling is None:
            return values
        first = self._scaled_rows
        self._scaled_rows += values.size // self._scaling.columns.size
        return self._scaling.scaled(values, first)

    def _take_norms(self, values: np.ndarray) -> None:
        if self._vector is not None:
            self._vector.append(values.astype(np.float64))
            return
        with np.errstate(over="ignore"):  # a norm that is too large is left out of what is made of norms
            squares = (values * values).reshape(-1, self._columns)  # products and sums in one order on every machine
            self._column_squares += np.add.reduce(squares, axis=0)
            self._row_squares.append(np.add.reduce(squares, axis=1).astype(np.float64))

    def _from_counts(self) -> Statistics:
        occupied = np.flatnonzero(self._counts)
        counts, values = self._counts[occupied].astype(float), self._dtype.values[occupied].astype(float)
        if not occupied.size:
            raise NotFiniteError("holds no numbers")
        check_finite(values)
        n = int(counts.sum())
        mean = math.fsum(counts * values) / n
        deviations = values - mean
        m2, m3, m4 = (math.fsum(counts * deviations**power) for power in (2, 3, 4))
        exact = Moments(n, mean, m2, m3, m4, float(np.abs(values).max()))
        order = np.argsort(np.abs(values), kind="stable")
        return _statistics(exact, np.abs(values)[order], np.cumsum(counts[order]))

    def _from_moments(self) -> Statistics:
        if self._moments is None:
            raise NotFiniteError("holds no numbers")
        occupied = np.flatnonzero(self._counts)
        middle = ((occupied.astype(np.uint32) << _SHIFT) + (1 << (_SHIFT - 1))).astype(np.uint32).view(np.float32)
        middle[occupied == 0] = 0.0
        return _statistics(self._moments, middle.astype(float), np.cumsum(self._counts[occupied]))


def _rows_at_once(columns: int) -> int:
    """How many whole rows make about a block, and whole lanes of sums where they can."""
    rows = max(1, _BLOCK // columns) if columns else 0
    step = LANES // math.gcd(columns, LANES)
    return rows - rows % step if rows > step else rows


def _statistics(moments: Moments, values: np.ndarray, cumulated: np.ndarray) -> Statistics:
    """Quantiles from ascending values and how many numbers there are up to and with each."""
    columns = {name: int(np.searchsorted(cumulated, level * moments.n)) for name, level in LEVELS.items()}
    return Statistics(
        n=moments.n,
        mean=moments.mean,
        std=moments.std,
        skewness=moments.skewness,
        excess_kurtosis=moments.excess_kurtosis,
        abs_max=moments.abs_max,
        frobenius=moments.frobenius,
        **{name: min(float(values[column]), moments.abs_max) for name, column in columns.items()},
    )

"""Whether two lists of units stand in the same order: an exact permutation test."""

import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded where they are used

CHUNK = 512  # orders tried at once; bounds memory and changes no result
FLAT = 1e-6  # a unit vector this near to the mean that is taken off holds only rounding of float32
ROUNDING = 1e-12  # sums of equal numbers in another order differ by less, so ties stay ties


@dataclass(frozen=True)
class Parameters:
    """The numbers of the exact test, fixed before any result."""

    seed: str = "R2/1"
    units: int = 1024  # of a block, at most
    run: int = 32  # of these stand side by side, so that a file far away gives them in few requests
    permutations: int = 9999  # drawn where there are more orders than these; all orders otherwise
    guard_level: float = 0.001  # chance that a model of exchangeable units fails a guard in any block
    duplicates: float = 0.001  # share of repeated rows above which units are not exchangeable
    level: float = 0.01  # for the statement of power
    power: float = 0.95


PARAMETERS = Parameters()


@dataclass(frozen=True)
class UnitMatch:
    """The test of two lists of units, or the reason why there is none and every number is None."""

    units: int
    guard_a: str = ""  # why the units of model a are not taken as exchangeable; "" where they are
    guard_b: str = ""
    not_testable: str = ""
    delta: float | None = None  # mean cosine of units of one index, in [-1, 1]
    z: float | None = None
    p: float | None = None  # in [floor, 1]
    floor: float | None = None  # the smallest p that could have come
    power_delta: float | None = None  # the smallest delta found at the level with the power


def drawn_orders(name: str, units: int, count: int, parameters: Parameters = PARAMETERS) -> Iterator[np.ndarray]:
    """Random orders of 0..units-1 in arrays (at most CHUNK, units), always the same for one name.

    Words of a bit generator are sorted, since NumPy promises those over its releases and not what its
    Generator makes of them (NEP 19). Two of 1,024 words are equal once in 10^13 orders.
    """
    text = f"{parameters.seed}|{name}|{units}"
    bits = np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))
    for start in range(0, count, CHUNK):
        rows = min(CHUNK, count - start)
        yield bits.random_raw(rows * units).reshape(rows, units).argsort(axis=1)


def unit_sample(units: int, parameters: Parameters = PARAMETERS) -> np.ndarray:
    """The ascending indices of the units that are tested, at most parameters.units of them.

    The same in every layer, so that any block of one model can be set against any of the other. Drawn in runs:
    exchangeable units allow any choice that does not look at them, and neighbours tell the guards more.
    """
    if units <= parameters.units:
        return np.arange(units)
    order = next(drawn_orders("units", units // parameters.run, 1, parameters))[0]
    starts = np.sort(order[: -(-parameters.units // parameters.run)]) * parameters.run
    return np.asarray((starts[:, None] + np.arange(parameters.run)).ravel()[: parameters.units])


def unit_halves(units: int, parameters: Parameters = PARAMETERS) -> tuple[np.ndarray, np.ndarray]:
    """The sample in two halves without a common unit: to choose layers by, and to test."""
    sample = unit_sample(units, parameters)
    order = next(drawn_orders("halves", len(sample), 1, parameters))[0]
    middle = len(sample) // 2
    return np.sort(sample[order[:middle]]), np.sort(sample[order[middle:]])


def directions(matrix: np.ndarray) -> np.ndarray:
    """Rows (units, width) as unit vectors around their mean direction; rows without a direction are zero.

    The first division removes any positive factor of a unit, the mean a direction that all units share.
    Each step commutes with an exchange of units, so none of them can harm the test.
    """
    rows = unit_vectors(np.asarray(matrix, dtype=np.float64))
    alive = rows.any(axis=1)
    if alive.any():
        rows[alive] -= rows[alive].mean(axis=0)
    return unit_vectors(rows, FLAT)


def profiles(matrix: np.ndarray) -> np.ndarray:
    """Rows (units, width) as unit vectors around their own mean, so that products are correlations; zero if flat."""
    rows = unit_vectors(np.asarray(matrix, dtype=np.float64))
    return unit_vectors(rows - rows.mean(axis=1, keepdims=True), FLAT)


def unit_vectors(rows: np.ndarray, least: float = 0.0) -> np.ndarray:
    """Rows divided by their norm, float64; zero where the norm is not above the least."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = np.zeros_like(rows)
    np.divide(rows, norms, out=vectors, where=norms > least)
    return vectors


def cosines(directions_a: Sequence[np.ndarray], directions_b: Sequence[np.ndarray]) -> np.ndarray:
    """Cosine of every unit of a with every unit of b, summed over the matrices: (units, units)."""
    total = np.zeros((len(directions_a[0]), len(directions_b[0])))
    for a, b in zip(directions_a, directions_b, strict=True):
        total += a @ b.T
    return total


def trace_moments(square: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of sum_i square[i, order(i)] over all orders (Hoeffding, 1951, theorem 2)."""
    units = len(square)
    centred = square - square.mean(axis=0) - square.mean(axis=1, keepdims=True) + square.mean()
    return float(square.sum() / units), float(np.sqrt((centred**2).sum() / (units - 1)))


def z_score(square: np.ndarray) -> float | None:
    """The trace in standard deviations from its mean over all orders; None where every order gives one sum."""
    if len(square) < 2:
        return None
    mean, deviation = trace_moments(square)
    if deviation <= ROUNDING * len(square) * np.abs(square).max():
        return None
    return (float(np.trace(square)) - mean) / deviation


def permutation_p(square: np.ndarray, name: str, parameters: Parameters = PARAMETERS) -> tuple[float, float]:
    """One-sided p-value of the trace among sums of other orders, and the smallest that it could have been.

    All orders where they are no more than parameters.permutations, the identity among them; otherwise so
    many random ones, and the trace counts itself (Phipson & Smyth, 2010). A tie counts against the trace.
    """
    units = len(square)
    bar = np.trace(square) - ROUNDING * units * np.abs(square).max()
    every = math.factorial(units) <= parameters.permutations
    orders = _all_orders(units) if every else drawn_orders(name, units, parameters.permutations, parameters)
    reached = sum(int(np.count_nonzero(square[np.arange(units), some].sum(axis=1) >= bar)) for some in orders)
    if every:
        return reached / math.factorial(units), 1 / math.factorial(units)
    return (1 + reached) / (1 + parameters.permutations), 1 / (1 + parameters.permutations)


def match_units(
    directions_a: Sequence[np.ndarray],
    directions_b: Sequence[np.ndarray],
    guards: tuple[str, str],
    name: str,
    parameters: Parameters = PARAMETERS,
) -> UnitMatch:
    """The test of units given by their directions, one array (units, width) a matrix, equal shapes in both.

    One exchangeable model is enough: in every order of its units the trace is one more draw of the same
    distribution, whatever the other model holds (Zhu et al., 2025, theorem 1), and to permute either gives
    the same sums. So there is one p-value, and a guard of each model only says whose units it rests on.
    """
    units = len(directions_a[0])
    if all(guards):
        reason = f"assumption failed: units look ordered in both ({guards[0]}; {guards[1]})"
        return UnitMatch(units, *guards, reason)
    square = cosines(directions_a, directions_b)
    z = z_score(square)
    if z is None:
        return UnitMatch(units, *guards, "the units cannot be told apart")
    total = units * len(directions_a)
    _, deviation = trace_moments(square)
    least = (scipy.stats.norm.ppf(parameters.power) + scipy.stats.norm.isf(parameters.level)) * deviation / total
    p, floor = permutation_p(square, name, parameters)
    return UnitMatch(units, *guards, "", float(np.trace(square)) / total, z, p, floor, float(least))


def _all_orders(units: int) -> Iterator[np.ndarray]:
    yield np.array(list(itertools.permutations(range(units))))

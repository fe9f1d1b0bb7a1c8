"""Statistics of tensors against NumPy and SciPy, for every type and any cut of the bytes."""

import ml_dtypes
import numpy as np
import pytest
from scipy import stats

from lineage.checkpoints.files import Span
from lineage.checkpoints.storage.dtypes import DTYPES, INTEGERS
from lineage.checkpoints.tensors import Scaling, Tensor, scaled_part
from lineage.measuring.moments import NotFiniteError
from lineage.measuring.recorded import LEVELS
from lineage.measuring.statistics import Measured, TensorStatistics

KINDS = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
}


def weights(kind: str, shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_t(5, size=shape) * 0.05).astype(KINDS[kind])


def measured(array: np.ndarray, kind: str, step: int = 1 << 20) -> Measured:
    found = TensorStatistics(array.shape, DTYPES[kind])
    data = array.tobytes()
    for start in range(0, len(data), step):
        found.add(data[start : start + step])
    return found.finish()


@pytest.mark.parametrize("kind", KINDS)
def test_statistics_equal_numpy_and_scipy_in_float64(kind: str) -> None:
    array = weights(kind, (700, 513))
    exact = array.astype(np.float64).ravel()

    found = measured(array, kind).statistics

    assert found.n == exact.size
    assert found.mean == pytest.approx(exact.mean(), rel=1e-9, abs=1e-15)
    assert found.std == pytest.approx(exact.std(), rel=1e-7)
    assert found.skewness == pytest.approx(stats.skew(exact), rel=5e-6, abs=1e-9)
    assert found.excess_kurtosis == pytest.approx(stats.kurtosis(exact), rel=5e-6)
    assert found.abs_max == np.abs(exact).max()
    assert found.frobenius == pytest.approx(np.linalg.norm(exact), rel=1e-7)
    tolerance = 0 if DTYPES[kind].countable else 2**-12
    for name, level in LEVELS.items():
        quantile = np.quantile(np.abs(exact), level, method="inverted_cdf")
        assert getattr(found, name) == pytest.approx(quantile, rel=tolerance), name


@pytest.mark.parametrize("kind", KINDS)
def test_norms_of_rows_and_columns_equal_numpy(kind: str) -> None:
    array = weights(kind, (300, 1200))
    exact = array.astype(np.float64)

    found = measured(array, kind)

    assert found.row_norms == pytest.approx(np.linalg.norm(exact, axis=1), rel=1e-5)
    assert found.column_norms == pytest.approx(np.linalg.norm(exact, axis=0), rel=1e-5)


@pytest.mark.parametrize("kind", ["F32", "BF16"])
@pytest.mark.parametrize("step", [1, 777, 4096, 1 << 19, 1 << 30])
def test_the_result_is_the_same_to_the_bit_whatever_the_read_size(kind: str, step: int) -> None:
    array = weights(kind, (90, 77) if step == 1 else (900, 771))

    one, other = measured(array, kind), measured(array, kind, step)

    assert one.statistics == other.statistics
    assert np.array_equal(one.column_norms, other.column_norms)  # type: ignore[arg-type]
    assert np.array_equal(one.row_norms, other.row_norms)  # type: ignore[arg-type]


def test_a_vector_keeps_its_numbers() -> None:
    array = weights("BF16", (640,))

    found = measured(array, "BF16")

    assert np.array_equal(found.numbers, array.astype(np.float64))  # type: ignore[arg-type]
    assert found.row_norms is None


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_that_are_none_are_refused(kind: str) -> None:
    array = weights(kind, (20, 20))
    array[3, 4] = np.nan

    with pytest.raises(NotFiniteError, match="NaN or infinite"):
        measured(array, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_tensor_is_refused(kind: str) -> None:
    with pytest.raises(NotFiniteError, match="holds no numbers"):
        measured(np.empty((0, 4), dtype=KINDS[kind]), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_numbers_have_no_skewness_and_no_kurtosis(kind: str) -> None:
    found = measured(np.full((4, 4), 0.5, dtype=KINDS[kind]), kind).statistics

    assert (found.std, found.skewness, found.excess_kurtosis) == (0.0, None, None)
    assert found.abs_q999 == pytest.approx(0.5, rel=2**-12)


def test_zeros_have_zero_quantiles() -> None:
    found = measured(np.zeros((8, 8), dtype=np.float32), "F32").statistics

    assert (found.abs_q50, found.abs_max) == (0.0, 0.0)


WORDS = {"I8": np.int8, "U8": np.uint8, "F8_E4M3": ml_dtypes.float8_e4m3fn, "F32": np.float32}
BLOCKS = {  # rows and columns that share a factor
    "one factor": (300, 517),
    "a factor a row": (1, 517),
    "a factor a column": (300, 1),
    "squares, those at the edges cut off": (128, 128),
}


def scaled_matrix(kind: str, blocks: tuple[int, int], *, zero: bool) -> tuple[np.ndarray, Scaling, np.ndarray]:
    """What is stored, how it is scaled, and in float64 what it means."""
    rng = np.random.default_rng(8)
    whole = rng.integers(0 if kind == "U8" else -100, 100, size=(300, 517))
    stored = whole.astype(WORDS[kind])
    shape = -(-300 // blocks[0]), -(-517 // blocks[1])
    factor = rng.uniform(0.001, 0.01, size=shape).astype(np.float32)
    taken_off = rng.integers(-5, 6, size=shape).astype(np.float32) if zero else None

    def spread(values: np.ndarray) -> np.ndarray:
        return values.repeat(blocks[0], axis=0)[:300].repeat(blocks[1], axis=1)[:, :517].astype(np.float64)

    exact = (stored.astype(np.float64) - (spread(taken_off) if taken_off is not None else 0)) * spread(factor)
    return stored, Scaling(*blocks, factor, taken_off), exact


def measured_part(
    stored: np.ndarray, kind: str, scaling: Scaling, rows: tuple[tuple[int, int], ...] = (), step: int = 1 << 20
) -> Measured:
    """What is recorded of some rows of a scaled matrix."""
    tensor = Tensor("m", "w", stored.shape, kind, Span(0, stored.nbytes), scaling)
    part = np.concatenate([stored[slice(*span)] for span in rows]) if rows else stored
    found = TensorStatistics(part.shape, (DTYPES | INTEGERS)[kind], scaling=scaled_part(tensor, rows, None))
    data = part.tobytes()
    for start in range(0, len(data), step):
        found.add(data[start : start + step])
    return found.finish()


@pytest.mark.parametrize("zero", [False, True], ids=["without zero points", "with zero points"])
@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize("blocks", BLOCKS)
def test_scaled_numbers_have_the_statistics_of_what_they_mean(kind: str, blocks: str, zero: bool) -> None:
    stored, scaling, exact = scaled_matrix(kind, BLOCKS[blocks], zero=zero)

    found = measured_part(stored, kind, scaling)

    assert found.statistics.mean == pytest.approx(exact.mean(), rel=1e-5, abs=1e-8)
    assert found.statistics.std == pytest.approx(exact.std(), rel=1e-6)
    assert found.statistics.excess_kurtosis == pytest.approx(stats.kurtosis(exact.ravel()), rel=1e-5, abs=1e-6)
    assert found.statistics.abs_max == pytest.approx(np.abs(exact).max(), rel=1e-6)
    assert found.statistics.abs_q90 == pytest.approx(np.quantile(np.abs(exact), 0.9, method="inverted_cdf"), rel=2**-11)
    assert found.row_norms == pytest.approx(np.linalg.norm(exact, axis=1), rel=1e-5)
    assert found.column_norms == pytest.approx(np.linalg.norm(exact, axis=0), rel=1e-5)


@pytest.mark.parametrize("blocks", BLOCKS)
def test_a_part_has_the_factors_of_its_own_rows(blocks: str) -> None:
    stored, scaling, exact = scaled_matrix("I8", BLOCKS[blocks], zero=True)
    rows = ((20, 140), (200, 290))

    found = measured_part(stored, "I8", scaling, rows)

    part = np.concatenate([exact[20:140], exact[200:290]])
    assert found.statistics.std == pytest.approx(part.std(), rel=1e-6)
    assert found.row_norms == pytest.approx(np.linalg.norm(part, axis=1), rel=1e-5)


@pytest.mark.parametrize("step", [777, 4096, 517])
def test_scaled_statistics_are_the_same_to_the_bit_whatever_the_read_size(step: int) -> None:
    rng = np.random.default_rng(4)
    stored = rng.integers(-100, 100, size=(1200, 517)).astype(np.int8)  # more than is worked on at once
    scaling = Scaling(100, 128, rng.uniform(size=(12, 5)).astype(np.float32))

    one, other = measured_part(stored, "I8", scaling), measured_part(stored, "I8", scaling, step=step)

    assert one.statistics == other.statistics
    assert np.array_equal(one.row_norms, other.row_norms)  # type: ignore[arg-type]


@pytest.mark.parametrize("norms", [False, True], ids=["without norms", "with norms"])
def test_scaled_numbers_of_several_blocks_keep_their_rows(norms: bool) -> None:
    rng = np.random.default_rng(1)
    stored = rng.integers(-100, 100, size=(3000, 201)).astype(np.int8)
    factor = np.linspace(1, 2, 3000, dtype=np.float32).reshape(-1, 1)
    tensor = Tensor("m", "w", stored.shape, "I8", Span(0, stored.nbytes), Scaling(1, 201, factor))

    found = TensorStatistics(stored.shape, INTEGERS["I8"], norms=norms, scaling=scaled_part(tensor, (), None))
    found.add(stored.tobytes())

    assert found.finish().statistics.std == pytest.approx((stored * factor.astype(np.float64)).std(), rel=1e-6)


def test_a_factor_that_is_no_number_is_refused() -> None:
    stored, scaling, _ = scaled_matrix("I8", (300, 1), zero=False)
    scaling.factor[0, 3] = np.inf

    with pytest.raises(NotFiniteError, match="NaN or infinite"):
        measured_part(stored, "I8", scaling)

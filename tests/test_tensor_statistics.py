"""Statistics of tensors against NumPy and SciPy, for every type and any cut of the bytes."""

import ml_dtypes
import numpy as np
import pytest
from scipy import stats

from lineage.checkpoints.dtypes import DTYPES
from lineage.moments import NotFiniteError
from lineage.tensor_statistics import LEVELS, Measured, TensorStatistics

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

"""Moments against NumPy and SciPy, on any cut of the stream and on degenerate input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from lineage.moments import BLOCK, NotFiniteError, block_moments, merged, stream_moments


def test_moments_equal_numpy_and_scipy_on_a_long_stream() -> None:
    rng = np.random.default_rng(1)
    values = rng.gamma(2.0, 3.0, size=3 * BLOCK + 17).astype(np.float32)

    found = stream_moments([values])

    exact = values.astype(np.float64)
    assert found.n == values.size
    assert found.mean == pytest.approx(exact.mean(), rel=1e-12)
    assert found.std == pytest.approx(exact.std(), rel=1e-10)
    assert found.skewness == pytest.approx(stats.skew(exact), rel=1e-9)
    assert found.excess_kurtosis == pytest.approx(stats.kurtosis(exact), rel=1e-9)
    assert found.abs_max == np.abs(exact).max()
    assert found.frobenius == pytest.approx(np.linalg.norm(exact), rel=1e-12)


@pytest.mark.parametrize("step", [1_000, BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK])
def test_the_result_is_the_same_to_the_bit_whatever_the_read_size(step: int) -> None:
    values = np.random.default_rng(2).normal(size=4 * BLOCK + 5).astype(np.float32)

    cut = stream_moments(values[start : start + step] for start in range(0, values.size, step))

    assert cut == stream_moments([values])


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats(-100, 100)),
    arrays(np.float64, st.integers(1, 40), elements=st.floats(-100, 100)),
)
def test_merging_equals_moments_of_both_together(first: np.ndarray, second: np.ndarray) -> None:
    together = block_moments(np.concatenate([first, second]))

    found = merged(block_moments(first), block_moments(second))

    scale = max(1.0, together.abs_max)
    assert found.n == together.n
    assert found.mean == pytest.approx(together.mean, abs=1e-12 * scale)
    for name, power in (("m2", 2), ("m3", 3), ("m4", 4)):
        size = together.n * (2 * scale) ** power
        assert getattr(found, name) == pytest.approx(getattr(together, name), abs=1e-11 * size), name


def test_equal_numbers_have_no_skewness_and_no_kurtosis() -> None:
    found = stream_moments([np.full(10, 3.0)])

    assert (found.mean, found.std, found.skewness, found.excess_kurtosis) == (3.0, 0.0, None, None)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(wrong: float) -> None:
    with pytest.raises(NotFiniteError, match="NaN or infinite"):
        stream_moments([np.array([1.0, wrong])])


def test_an_empty_stream_is_refused() -> None:
    with pytest.raises(NotFiniteError, match="holds no numbers"):
        stream_moments([np.empty(0)])

"""Moments against NumPy and SciPy, on any cut of the stream and on degenerate input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from lineage.measuring.moments import NotFiniteError, block_moments, merged

LONG = 2048 * 100


@pytest.mark.parametrize("size", [LONG, LONG + 17], ids=["in lanes", "not in lanes"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shift", [0.0, 0.05, 20.0], ids=["centred", "a little off centre", "far off centre"])
@pytest.mark.parametrize("scale", [1e-9, 0.02, 1e9], ids=["tiny", "usual", "huge"])
def test_moments_equal_numpy_and_scipy(size: int, kind: type, shift: float, scale: float) -> None:
    values = ((np.random.default_rng(1).standard_t(6, size=size) + shift) * scale).astype(kind)

    found = block_moments(values)

    exact = values.astype(np.float64)
    assert found.n == values.size
    assert found.mean == pytest.approx(exact.mean(), rel=1e-7, abs=1e-8 * scale)
    assert found.std == pytest.approx(exact.std(), rel=1e-7)
    assert found.skewness == pytest.approx(stats.skew(exact), rel=5e-6, abs=1e-6)
    assert found.excess_kurtosis == pytest.approx(stats.kurtosis(exact), rel=5e-6)
    assert found.abs_max == np.abs(exact).max()
    assert found.frobenius == pytest.approx(np.linalg.norm(exact), rel=1e-7)


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


@pytest.mark.parametrize("size", [10, LONG])
def test_equal_numbers_have_no_skewness_and_no_kurtosis(size: int) -> None:
    found = block_moments(np.full(size, 3.0, np.float32))

    assert (found.mean, found.std, found.skewness, found.excess_kurtosis) == (3.0, 0.0, None, None)


@pytest.mark.parametrize("size", [10, LONG])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(wrong: float, size: int) -> None:
    values = np.ones(size, np.float32)
    values[size // 2] = wrong

    with pytest.raises(NotFiniteError, match="NaN or infinite"):
        block_moments(values)


def test_a_number_too_large_for_a_weight_is_refused() -> None:
    with pytest.raises(NotFiniteError, match=r"beyond 1e\+30, which are no weights"):
        block_moments(np.array([1.0, -1e31]))


def test_an_empty_array_is_refused() -> None:
    with pytest.raises(NotFiniteError, match="holds no numbers"):
        block_moments(np.empty(0))

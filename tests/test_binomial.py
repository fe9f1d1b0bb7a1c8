"""The exact interval of a share is SciPy's, for whole and for broken numbers of trials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lineage.statistics.binomial import beta_share, binomial_interval


@given(st.floats(0.01, 400), st.floats(0, 1))
def test_it_is_made_of_scipys_beta_quantiles(trials: float, share: float) -> None:
    hits = min(share * trials, trials)
    low, high = binomial_interval(hits, trials)

    assert low == pytest.approx(stats.beta.ppf(0.025, hits, trials - hits + 1) if hits > 1e-9 else 0, abs=1e-7)
    missed = trials - hits
    assert high == pytest.approx(stats.beta.ppf(0.975, hits + 1, missed) if missed > 1e-9 else 1, abs=1e-7)
    assert 0 <= low <= high <= 1


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.01, 500), st.floats(0.01, 500))
def test_the_distribution_function_is_scipys(x: float, a: float, b: float) -> None:
    assert beta_share(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-9)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 3), (4, 3), (0.5, 0.2)])
def test_more_hits_than_trials_are_refused(hits: float, trials: float) -> None:
    with pytest.raises(ValueError, match="hits in"):
        binomial_interval(hits, trials)


def test_nothing_tried_says_nothing() -> None:
    assert binomial_interval(0, 0) == (0.0, 1.0)

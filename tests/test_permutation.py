"""The arithmetic of the exact test and its guards, against enumeration, simulation and SciPy."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lineage.exact.combination import fisher_log10_p, holm
from lineage.exact.guards import neighbour_moments, order_p_values, repeated_share, why_not_exchangeable
from lineage.exact.permutation import (
    PARAMETERS,
    directions,
    drawn_orders,
    match_units,
    permutation_p,
    trace_moments,
    unit_halves,
    unit_sample,
)

FEW = replace(PARAMETERS, permutations=199)
ORDERS = [[5, 3, 7, 2, 4, 0, 6, 1], [0, 5, 2, 6, 7, 1, 4, 3]]
RUNS = [352, 1152, 1344, 1600, 1664]


def noise(rng: np.random.Generator, units: int, width: int) -> np.ndarray:
    return rng.normal(size=(units, width)) / np.sqrt(width)


def sums_of_all_orders(square: np.ndarray) -> np.ndarray:
    units = len(square)
    return np.array([square[range(units), order].sum() for order in itertools.permutations(range(units))])


def test_the_parameters_are_the_published_ones() -> None:
    assert (PARAMETERS.units, PARAMETERS.permutations) == (1024, 9999)
    assert (PARAMETERS.guard_level, PARAMETERS.duplicates) == (0.001, 0.001)
    assert (PARAMETERS.level, PARAMETERS.power) == (0.01, 0.95)


def test_moments_equal_all_orders_of_six_units() -> None:
    square = np.random.default_rng(1).normal(size=(6, 6)) + np.arange(6)

    mean, deviation = trace_moments(square)

    sums = sums_of_all_orders(square)
    assert mean == pytest.approx(sums.mean())
    assert deviation == pytest.approx(sums.std())


def test_moments_equal_a_simulation_of_many_units() -> None:
    rng = np.random.default_rng(2)
    square = rng.normal(size=(200, 200)) + rng.normal(size=200)

    mean, deviation = trace_moments(square)

    sums = np.array([square[np.arange(200), rng.permutation(200)].sum() for _ in range(4000)])
    assert abs(sums.mean() - mean) < 4 * deviation / np.sqrt(4000)
    assert sums.std() == pytest.approx(deviation, rel=0.04)


@pytest.mark.parametrize("units", [2, 3, 4, 5])
def test_few_units_are_tested_in_every_order(units: int) -> None:
    square = np.random.default_rng(units).normal(size=(units, units))

    p, floor = permutation_p(square, "x")

    sums = sums_of_all_orders(square)
    assert p == pytest.approx(np.mean(sums >= np.trace(square) - 1e-9))
    assert floor == pytest.approx(1 / len(sums))


def test_drawn_orders_agree_with_every_order() -> None:
    square = np.random.default_rng(3).normal(size=(7, 7)) + np.eye(7) / 2
    exact, _ = permutation_p(square, "x", replace(PARAMETERS, permutations=5040))

    drawn, floor = permutation_p(square, "x", replace(PARAMETERS, permutations=5039))

    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 5039))
    assert floor == 1 / 5040


def test_a_trace_beyond_all_orders_has_the_smallest_p_and_ties_count_against_it() -> None:
    assert permutation_p(np.eye(50), "x", FEW) == (1 / 200, 1 / 200)
    assert permutation_p(-np.eye(50), "x", FEW)[0] == 1.0
    # Sums of these in another order differ by rounding only.
    assert permutation_p(np.outer(np.full(50, 0.1), np.linspace(0.1, 0.7, 50)), "x", FEW)[0] == 1.0


def test_orders_are_permutations_drawn_evenly() -> None:
    orders = np.concatenate(list(drawn_orders("x", 4, 24_000)))

    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 0.001


def test_orders_are_the_same_on_every_machine_and_differ_by_name() -> None:
    orders = np.concatenate(list(drawn_orders("1||1|", 8, 1000)))

    assert orders[:2].tolist() == ORDERS
    assert (orders != np.concatenate(list(drawn_orders("1||2|", 8, 1000)))).any()
    assert unit_sample(11008)[::32][:5].tolist() == RUNS


def test_samples_are_ascending_without_repeats_and_halves_share_no_unit() -> None:
    sample = unit_sample(3000)
    first, second = unit_halves(3000)

    assert len(sample) == 1024
    assert (np.diff(sample) > 0).all()
    assert len(first) == len(second) == 512
    assert sorted([*first, *second]) == sample.tolist()
    assert unit_sample(5).tolist() == [0, 1, 2, 3, 4]


def test_a_sample_is_made_of_runs_so_that_few_requests_fetch_it() -> None:
    starts = unit_sample(8960)[::32]

    assert (unit_sample(8960).reshape(-1, 32) == starts[:, None] + np.arange(32)).all()
    assert len(set(starts // 32)) == 32


def test_directions_are_unit_vectors_without_scale_and_shared_mean() -> None:
    rng = np.random.default_rng(4)
    rows = noise(rng, 30, 9) + 3

    found = directions(rows)

    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert np.abs(directions(rows * rng.uniform(0.01, 100, (30, 1))) - found).max() < 1e-12
    assert np.linalg.norm(found.mean(axis=0)) < 0.4
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    assert found == pytest.approx(centred / np.linalg.norm(centred, axis=1, keepdims=True))


def test_rows_without_a_direction_are_zero_and_leave_the_others_alone() -> None:
    rows = noise(np.random.default_rng(5), 6, 9)

    found = directions(np.vstack([rows, np.zeros((2, 9))]))

    assert found[:6] == pytest.approx(directions(rows))
    assert not found[6:].any()
    # Multiples of one row differ from their mean by rounding only.
    assert not directions(np.outer([1, 0.3, 7], rows[0]).astype(np.float32)).any()


def test_fisher_equals_scipy_and_does_not_underflow() -> None:
    p_values = np.random.default_rng(6).uniform(size=40) ** 3
    floor = np.full(2048, 1e-4)

    assert 10 ** fisher_log10_p(p_values) == pytest.approx(stats.combine_pvalues(p_values, "fisher").pvalue)
    assert fisher_log10_p(np.array([0.03])) == pytest.approx(np.log10(0.03))
    assert fisher_log10_p(np.full(32, 1e-4)) == pytest.approx(np.log10(stats.chi2.sf(-64 * np.log(1e-4), 64)))
    assert -8192 < fisher_log10_p(floor) < -5000
    assert fisher_log10_p(np.ones(3)) == 0.0


def test_holm_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])).tolist() == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.9, 0.6])).tolist() == [1.0, 1.0]


def test_the_smallest_delta_is_found_with_the_stated_power() -> None:
    rng = np.random.default_rng(7)
    parameters = replace(PARAMETERS, permutations=999)
    delta = match_units([directions(noise(rng, 100, 80))], [directions(noise(rng, 100, 80))], ("", ""), "x").power_delta
    assert delta is not None

    rejected = 0
    for _ in range(300):
        a = noise(rng, 100, 80)
        b = delta * a + np.sqrt(1 - delta**2) * noise(rng, 100, 80)
        found = match_units([directions(a)], [directions(b)], ("", ""), "x", parameters)
        rejected += found.p is not None and found.p <= 0.01

    assert rejected / 300 == pytest.approx(0.95, abs=0.04)


@pytest.mark.parametrize("units", [4, 5, 6])
def test_moments_of_neighbours_equal_all_orders(units: int) -> None:
    square = np.random.default_rng(units).normal(size=(units, units))
    square = square + square.T

    mean, variance = neighbour_moments(square)

    sums = [sum(square[o[i], o[i + 1]] for i in range(units - 1)) for o in itertools.permutations(range(units))]
    assert mean == pytest.approx(np.mean(sums))
    assert variance == pytest.approx(np.var(sums))


def test_each_guard_speaks_as_rarely_as_its_p_value_says() -> None:
    rng = np.random.default_rng(8)

    found = np.array([list(order_p_values({"up": noise(rng, 40, 20)}).values()) for _ in range(1000)])

    assert (stats.kstest(found, "uniform", axis=0).pvalue > 0.001).all()


def test_ordered_units_are_seen() -> None:
    rng = np.random.default_rng(9)
    rows = noise(rng, 200, 50)
    size = np.linspace(1, 2, 200)[:, None]
    wave = np.sin(np.linspace(0, 20, 200))[:, None] + 2
    shared = rng.normal(size=50) / np.sqrt(50)
    turning = rows + np.linspace(0, 2, 200)[:, None] * shared
    turning /= np.linalg.norm(turning, axis=1, keepdims=True)

    assert why_not_exchangeable({"up": rows}, 1) == ""
    assert why_not_exchangeable({"up": rows * size}, 32).startswith("the norm of up rows follows the index (p = ")
    assert why_not_exchangeable({"up": rows * wave}, 32).startswith("the norm of up rows is like that of the next")
    assert why_not_exchangeable({"up": turning}, 32).startswith("neighbouring units point alike")
    assert why_not_exchangeable({"down": rows[::-1], "up": rows * size}, 1).startswith("the norm of up rows")
    assert why_not_exchangeable({"up": rows}, 1, known_sorted=True) == "known to be sorted"


def test_more_blocks_ask_for_more_surprise() -> None:
    rng = np.random.default_rng(10)
    rows = noise(rng, 300, 50) * np.exp(rng.normal(size=(300, 1)) + np.linspace(0, 1, 300)[:, None])

    p = min(order_p_values({"up": rows}).values())
    assert 1e-9 < p < 1e-5
    assert why_not_exchangeable({"up": rows}, int(0.00033 / p))
    assert not why_not_exchangeable({"up": rows}, int(0.00034 / p) + 1)


def test_units_that_repeat_are_seen() -> None:
    rows = noise(np.random.default_rng(11), 1000, 8)

    assert repeated_share(rows) == 0
    assert why_not_exchangeable({"up": np.vstack([rows, rows[:1]])}, 1) == ""
    assert why_not_exchangeable({"up": np.vstack([rows, rows[:2]])}, 1) == "0.20% of the up rows repeat another"
    assert repeated_share(np.array([[0.0, 1.0], [-0.0, 1.0]])) == 0.5


def test_few_units_never_look_ordered() -> None:
    perfect = {"up": np.diag([1.0, 2.0, 3.0, 4.0])}

    assert min(order_p_values(perfect).values()) >= 2 / 24
    assert why_not_exchangeable(perfect, 1) == ""

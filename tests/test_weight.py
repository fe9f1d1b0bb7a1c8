"""Likelihood ratios: the fit, the cost, the bounds and the cross-validation, against others and by simulation."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from lineage.evidence.weight import (
    FEWEST_ROOTS,
    Trials,
    cross_validated,
    curve,
    fitted,
    root_counts,
    trials_of,
    weigh,
    why_no_weight,
)
from lineage.statistics.log_ratios import bounds, cllr, isotonic, monotone_ratios

LIR = Path(__file__).parent / "weights" / "lir.csv"


def simulated(roots: int, seed: int, apart: float = 2.0) -> pd.DataFrame:
    """Pairs of roots with scores of N(0, 1), a derivation of each root with scores of N(apart, 1)."""
    rng = np.random.default_rng(seed)
    pairs = [(f"r{a:03}", f"r{b:03}") for a in range(roots) for b in range(a + 1, roots)]
    own = [(f"r{a:03}", f"r{a:03}") for a in range(roots)]
    scores = [*rng.normal(0, 1, len(pairs)), *rng.normal(apart, 1, len(own))]
    frame = pd.DataFrame([*pairs, *own], columns=["root_a", "root_b"])
    return frame.assign(similarity=scores)


def of_scores(independent: list[float], derived: list[float]) -> Trials:
    """Trials of which each has roots of its own."""
    rows = [(f"i{at}a", f"i{at}b", value) for at, value in enumerate(independent)]
    rows += [(f"d{at}", f"d{at}", value) for at, value in enumerate(derived)]
    return trials_of(pd.DataFrame(rows, columns=["root_a", "root_b", "similarity"]))


def penalised(coefficients: np.ndarray, scores: np.ndarray, derived: np.ndarray, weights: np.ndarray) -> float:
    """Less the log-likelihood with Jeffreys' prior, written out."""
    chance = 1 / (1 + np.exp(-(coefficients[0] + coefficients[1] * scores)))
    likelihood = (weights * np.where(derived, np.log(chance), np.log1p(-chance))).sum()
    spread = weights * chance * (1 - chance)
    first, second, third = spread.sum(), (spread * scores).sum(), (spread * scores**2).sum()
    return -(likelihood + np.log(first * third - second**2) / 2)


@pytest.mark.parametrize("seed", range(5))
def test_the_line_is_where_the_penalised_likelihood_is_largest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    trials = of_scores(rng.normal(0, 1, 40).tolist(), rng.normal(1, 1, 12).tolist())
    trials = Trials(trials.first, trials.second, trials.scores, rng.uniform(0.2, 1, 52), trials.names)
    arguments = (trials.scores, trials.derived, trials.weights)

    best = optimize.minimize(
        penalised, [0, 1], arguments, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    odds = np.log(trials.weights[trials.derived].sum() / trials.weights[~trials.derived].sum())
    line = fitted(trials)

    assert line.slope * np.log(10) == pytest.approx(best.x[1], abs=1e-5)
    assert line.intercept * np.log(10) == pytest.approx(best.x[0] - odds, abs=1e-5)


def test_scores_that_do_not_overlap_give_a_finite_line() -> None:
    line = fitted(of_scores([0.0, 0.1, 0.2] * 5, [0.8, 0.9, 1.0] * 5))

    assert 0 < line.slope < 100
    assert line(np.array([0.0]))[0] < 0 < line(np.array([1.0]))[0]


def test_equal_scores_weigh_nothing() -> None:
    trials = of_scores([0.5] * 12, [0.5] * 12)

    assert fitted(trials)(np.array([0.5]))[0] == 0
    assert weigh(trials).cost == 1


def test_the_line_does_not_change_with_the_scale_of_the_score() -> None:
    trials = of_scores([0.1, 0.5, 0.3, 0.6] * 4, [0.4, 0.9, 0.7] * 4)
    stretched = Trials(trials.first, trials.second, 1e5 * trials.scores - 7, trials.weights, trials.names)

    assert fitted(stretched)(stretched.scores) == pytest.approx(fitted(trials)(trials.scores), rel=1e-7)


def test_ratios_of_many_trials_are_those_of_the_distributions() -> None:
    trials = trials_of(simulated(150, 3))
    grid = np.linspace(-1, 3, 9)

    true = np.log10(stats.norm.pdf(grid, 2) / stats.norm.pdf(grid))
    assert fitted(trials)(grid) == pytest.approx(true, abs=0.45)
    assert weigh(trials).cost < 0.6


def test_scores_that_tell_nothing_cost_about_one_and_have_no_weight() -> None:
    found = [weigh(trials_of(simulated(14, seed, apart=0.0))) for seed in range(20)]

    assert 0.95 < np.mean([weight.cost for weight in found]) < 1.2
    assert np.mean([weight.least_cost for weight in found]) < 1
    assert max(weight.upper for weight in found) < 0.8


def test_the_errors_of_ratios_are_those_of_roots_left_out_by_hand() -> None:
    trials = trials_of(simulated(14, 5))
    weight = weigh(trials)
    ratios = np.clip(weight.cross_validated, weight.lower, weight.upper)

    def misleads(root: int) -> float:
        stays = ~trials.derived & (trials.first != root) & (trials.second != root)
        return float(np.average(ratios[stays] > 0, weights=trials.weights[stays]))

    count = len(trials.names)
    left_out = np.array([misleads(root) for root in range(count)])
    reach = stats.t.ppf(0.975, count - 1) * np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())
    low, high = weight.ends["misleading_independent"]

    assert low == pytest.approx(max(0, weight.misleading_independent - reach), abs=1e-4)
    assert high == pytest.approx(min(1, weight.misleading_independent + reach), abs=1e-4)
    for name in ("cost", "bounded_cost", "misleading_derived"):
        assert weight.ends[name][0] <= getattr(weight, name) <= weight.ends[name][1]


def test_the_fit_does_not_hang_on_the_order_of_the_trials() -> None:
    """Sums in another order stand for another machine: derived files are compared to the last digit."""
    trials = of_scores([0.0, 0.1, 0.2, 0.3] * 5, [0.25, 0.8, 0.9, 1.0] * 5)
    order = np.random.default_rng(1).permutation(len(trials.scores))
    shuffled = Trials(
        *(column[order] for column in (trials.first, trials.second, trials.scores, trials.weights)), trials.names
    )

    assert fitted(shuffled).slope == pytest.approx(fitted(trials).slope, rel=1e-11)
    assert fitted(shuffled).intercept == pytest.approx(fitted(trials).intercept, rel=1e-11)


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    at = np.array([1.0])
    held = []
    for seed in range(60):
        ((_, _, low, high),) = curve(trials_of(simulated(16, 100 + seed)), at)
        held.append(low <= 0 <= high)  # at the middle of N(0, 1) and N(2, 1) the ratio is 1

    assert np.mean(held) > 0.85


def test_a_trial_is_judged_by_a_line_that_has_not_seen_its_roots() -> None:
    pairs = simulated(12, 5)
    trials = trials_of(pairs)
    changed = pairs.copy()
    touched = (changed["root_a"] == "r000") | (changed["root_b"] == "r000")
    changed.loc[touched, "similarity"] += np.linspace(-3, 3, touched.sum())

    before, after = cross_validated(trials), cross_validated(trials_of(changed))
    own = (trials.first == 0) & (trials.second == 0)
    without = fitted(trials.among(np.arange(1, 12)))

    assert before[own] == pytest.approx(without(trials.scores[own]))
    assert after[own] == pytest.approx(without(trials_of(changed).scores[own]))


def test_many_pairs_of_two_roots_are_one() -> None:
    pairs = simulated(12, 6)
    first = pairs[(pairs["root_a"] == "r000") & (pairs["root_b"] == "r001")]
    repeated = pd.concat([pairs, *[first] * 30], ignore_index=True)

    once, often = weigh(trials_of(pairs)), weigh(trials_of(repeated))

    assert often.cost == pytest.approx(once.cost)
    assert (often.lower, often.upper) == (once.lower, once.upper)
    assert often.line.slope == pytest.approx(once.line.slope, rel=1e-3)


@pytest.mark.parametrize("seed", range(10))
def test_monotone_values_are_those_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=30), rng.uniform(0.1, 2, 30)

    assert isotonic(values, weights) == pytest.approx(optimize.isotonic_regression(values, weights=weights).x)


def test_cost_and_bounds_are_those_of_lir() -> None:
    with LIR.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert len(rows) >= 20
    for row in rows:
        ratios = np.array([float(value) for value in row["log10_ratios"].split()])
        derived = np.array([value == "1" for value in row["derived"].split()])
        even = np.ones(len(ratios))
        assert cllr(ratios, derived, even) == pytest.approx(float(row["cllr"]), abs=1e-9)
        assert bounds(ratios, derived, even) == pytest.approx((float(row["lower"]), float(row["upper"])), abs=1e-6)
        least = cllr(monotone_ratios(ratios, derived, even), derived, even)
        assert least == pytest.approx(float(row["cllr_min"]), abs=1e-6)


def test_too_few_roots_give_none_and_say_how_many_there_are() -> None:
    few = trials_of(simulated(FEWEST_ROOTS - 1, 1))

    assert root_counts(few) == (9, 9)
    assert why_no_weight(few) == (
        "9 independent roots and 9 with a documented derivation; a likelihood ratio wants 10 of each"
    )
    with pytest.raises(ValueError, match="wants 10 of each"):
        weigh(few)

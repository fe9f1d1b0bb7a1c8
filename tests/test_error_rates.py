"""ROC, AUC and false-positive rates against SciPy and by simulation with root effects."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.records.origins import Lineage
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import MIN_ROOTS, area_under_roc, false_positive_rate, labelled_pairs, roc_points


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def labelled(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["root_a", "root_b", "similarity"])


def independent_pairs(scores: np.ndarray) -> pd.DataFrame:
    """Every two roots once, from a square array."""
    return labelled(*((f"r{a:02}", f"r{b:02}", scores[a, b]) for a, b in combinations(range(len(scores)), 2)))


def derived_pairs(scores: np.ndarray) -> pd.DataFrame:
    return labelled(*((f"r{root:02}", f"r{root:02}", score) for root, score in enumerate(scores)))


def root_effects(generator: np.random.Generator, roots: int, spread: float = 1.0) -> np.ndarray:
    own = spread * generator.normal(size=roots)
    noise = 0.5 * generator.normal(size=(roots, roots))
    return np.asarray(own[:, None] + own + np.triu(noise, 1) + np.triu(noise, 1).T)


def mixed(seed: int, roots: int = 12) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    pairs = independent_pairs(root_effects(generator, roots))
    return pd.concat([pairs, derived_pairs(1 + generator.normal(size=roots))], ignore_index=True)


def test_the_area_equals_scipys_mann_whitney_statistic() -> None:
    pairs = mixed(1)
    derived = pairs["root_a"] == pairs["root_b"]

    found = area_under_roc(pairs, rng())

    high, low = pairs.loc[derived, "similarity"], pairs.loc[~derived, "similarity"]
    assert found.value == pytest.approx(stats.mannwhitneyu(high, low).statistic / (len(high) * len(low)))
    assert found.roots == 12
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < (found.value or 0) < found.high <= 1


def test_the_area_under_the_points_is_the_area() -> None:
    pairs = mixed(2)
    pairs = pd.concat([pairs, pairs[pairs["root_a"] == "r03"].assign(similarity=0.5)], ignore_index=True)

    points = roc_points(pairs)

    area = np.trapezoid(points["true_positive_rate"], points["false_positive_rate"])
    assert area == pytest.approx(area_under_roc(pairs, rng()).value)
    assert points.iloc[0, 1:].tolist() == [0.0, 0.0]
    assert points.iloc[-1, 1:].tolist() == [1.0, 1.0]
    assert points["threshold"].is_monotonic_decreasing


def test_the_points_by_hand_with_every_pair_of_roots_of_the_same_weight() -> None:
    pairs = labelled(
        ("a", "b", 0.9), ("a", "c", 0.1), ("c", "a", 0.1), ("a", "c", 0.5), ("a", "a", 0.9), ("b", "b", 0.4)
    )

    points = roc_points(pairs).set_index("threshold")

    assert points.loc[0.9].tolist() == pytest.approx([1 / 2, 1 / 2])
    assert points.loc[0.5].tolist() == pytest.approx([1 / 2 + 1 / 6, 1 / 2])
    assert points.loc[0.4].tolist() == pytest.approx([1 / 2 + 1 / 6, 1.0])


def test_the_rate_counts_a_pair_of_roots_once_and_a_tie_as_found() -> None:
    scores = np.zeros((6, 6))
    scores[0, 1] = 0.8
    pairs = pd.concat([independent_pairs(scores), labelled(*[("r02", "r03", 0.9)] * 9)], ignore_index=True)

    found = false_positive_rate(pairs, 0.8, rng())

    assert found.value == pytest.approx((1 + 9 / 10) / 15)
    assert found.roots == 6


def test_derived_pairs_are_no_false_positives() -> None:
    pairs = independent_pairs(root_effects(np.random.default_rng(3), 10))

    with_derived = pd.concat([pairs, derived_pairs(np.full(10, 9.0))], ignore_index=True)

    assert false_positive_rate(with_derived, 0.5, rng()) == false_positive_rate(pairs, 0.5, rng())


@pytest.mark.parametrize("threshold", [0.3, 1.5])
def test_the_interval_covers_where_one_of_pairs_does_not(threshold: float) -> None:
    # The truth: a sum of two root effects and of noise is normal with variance 2.25.
    truth = stats.norm.sf(threshold / 1.5)
    generator = np.random.default_rng(4)
    covered, covered_by_pairs = 0, 0
    for _ in range(200):
        scores = root_effects(generator, 20)
        found = false_positive_rate(independent_pairs(scores), threshold, generator)
        covered += found.low <= truth <= found.high  # type: ignore[operator]
        upper = scores[np.triu_indices(20, 1)]
        by_pairs = stats.binomtest(int((upper >= threshold).sum()), len(upper)).proportion_ci(method="exact")
        covered_by_pairs += by_pairs.low <= truth <= by_pairs.high

    assert covered / 200 >= 0.95  # and more often than that, since so few pairs share no root
    assert covered_by_pairs / 200 < 0.7


def test_the_interval_of_an_area_covers_with_root_effects() -> None:
    truth = stats.norm.sf(0, loc=1.5, scale=np.sqrt(1 + 2.25))
    generator = np.random.default_rng(5)
    covered = 0
    for _ in range(150):
        pairs = independent_pairs(root_effects(generator, 16))
        both = pd.concat([pairs, derived_pairs(1.5 + generator.normal(size=16))], ignore_index=True)
        found = area_under_roc(both, generator)
        covered += found.low <= truth <= found.high  # type: ignore[operator]

    assert 0.88 <= covered / 150 <= 0.995


@pytest.mark.parametrize(("threshold", "hits"), [(9.0, 0), (-9.0, 7)])
def test_none_of_the_pairs_or_all_give_scipys_exact_interval_on_disjoint_pairs(threshold: float, hits: int) -> None:
    rate = false_positive_rate(independent_pairs(np.zeros((14, 14))), threshold, rng())
    wanted = stats.binomtest(hits, 7).proportion_ci(method="exact")

    assert (rate.value, rate.low, rate.high) == pytest.approx((hits / 7, wanted.low, wanted.high), abs=1e-9)
    assert rate.interval == "95%, exact, at 7 trials; 7 pairs share no root"


def test_no_rate_rests_on_more_trials_than_pairs_that_share_no_root() -> None:
    scores = np.zeros((14, 14))
    scores[0, 1] = 1.0  # of 91 pairs, which as so many trials would give an interval up to 6 %

    rate = false_positive_rate(independent_pairs(scores), 0.5, rng())

    assert rate.value == pytest.approx(1 / 91)
    assert rate.high is not None
    assert rate.high > stats.binomtest(0, 7).proportion_ci(method="exact").high


@pytest.mark.parametrize("seed", range(12))
def test_a_higher_threshold_never_has_a_higher_end_of_the_interval(seed: int) -> None:
    pairs = independent_pairs(root_effects(np.random.default_rng(seed), 13))
    thresholds = [*np.quantile(pairs["similarity"], [0.5, 0.8, 0.9, 0.95, 0.98, 1.0]).tolist(), 99.0]

    rates = [false_positive_rate(pairs, threshold, rng()) for threshold in thresholds]

    for lower, higher in pairwise(rates):
        assert lower.high >= higher.high - 1e-9  # type: ignore[operator]
        assert lower.low >= higher.low - 1e-9  # type: ignore[operator]


def test_pairs_of_one_root_with_all_others_are_one_trial() -> None:
    star = labelled(*(("hub", f"r{index}", 0.0) for index in range(9)))

    found = false_positive_rate(star, 0.5, rng())

    assert (found.roots, found.high) == (10, pytest.approx(stats.binomtest(0, 1).proportion_ci(method="exact").high))
    assert "at 1 trials" in found.interval


def test_the_interval_of_none_holds_where_single_roots_cause_every_false_positive() -> None:
    # A root is bad with a chance q, and a pair is a false positive where either is: the rate is 1 - (1 - q) ** 2.
    generator = np.random.default_rng(6)
    rate = binomial_interval(0, 7)[1] + 0.01
    q = 1 - np.sqrt(1 - rate)
    missed = sum(not (generator.uniform(size=14) < q).any() for _ in range(4_000)) / 4_000

    assert missed <= 0.05
    assert (1 - (1 - np.sqrt(1 - binomial_interval(0, 14)[1]))) ** 14 > 0.025  # one trial a root would be too many


@pytest.mark.parametrize("roots", [0, 1, MIN_ROOTS - 1])
def test_too_few_roots_give_a_reason_in_place_of_the_figure(roots: int) -> None:
    pairs = pd.concat([independent_pairs(np.zeros((roots, roots))), derived_pairs(np.ones(9))], ignore_index=True)

    for found in (false_positive_rate(pairs, 0.5, rng()), area_under_roc(pairs, rng())):
        assert (found.value, found.low, found.high) == (None, None, None)
        assert f"independent roots, fewer than {MIN_ROOTS}" in found.abstained


def test_many_pairs_of_few_roots_are_still_few() -> None:
    pairs = pd.concat([independent_pairs(np.zeros((4, 4)))] * 500, ignore_index=True)

    assert false_positive_rate(pairs, 0.5, rng()).abstained == "4 independent roots, fewer than 5"


def test_an_area_needs_lineages_with_derivations_too() -> None:
    pairs = pd.concat([independent_pairs(np.zeros((9, 9))), derived_pairs(np.ones(4))], ignore_index=True)

    found = area_under_roc(pairs, rng())

    assert found.value is None
    assert found.abstained == "4 roots with a documented derivation, fewer than 5"


def test_kinds_that_do_not_overlap_have_an_area_and_no_interval() -> None:
    pairs = pd.concat([independent_pairs(np.zeros((9, 9))), derived_pairs(np.ones(9))], ignore_index=True)

    found = area_under_roc(pairs, rng())

    assert (found.value, found.low, found.high) == (1.0, None, None)
    assert "do not overlap" in found.abstained


def test_the_same_seed_gives_the_same_interval() -> None:
    pairs = mixed(7)

    assert area_under_roc(pairs, rng()) == area_under_roc(pairs, rng())
    assert false_positive_rate(pairs, 1.0, rng()) == false_positive_rate(pairs, 1.0, rng())


def test_the_order_of_rows_and_of_roots_does_not_matter() -> None:
    pairs = mixed(8)
    turned = pairs.sample(frac=1, random_state=1).rename(columns={"root_a": "root_b", "root_b": "root_a"})

    assert false_positive_rate(turned, 1.0, rng()) == false_positive_rate(pairs, 1.0, rng())
    assert area_under_roc(turned, rng()).value == pytest.approx(area_under_roc(pairs, rng()).value)


def test_a_score_that_is_no_number_is_refused() -> None:
    pairs = pd.concat([mixed(9), labelled(("a", "b", np.nan))], ignore_index=True)

    with pytest.raises(ValueError, match="not finite"):
        roc_points(pairs)
    with pytest.raises(ValueError, match="not finite"):
        false_positive_rate(pairs, 0.5, rng())
    with pytest.raises(ValueError, match="not finite"):
        area_under_roc(pairs, rng())


@pytest.mark.parametrize("pairs", [derived_pairs(np.ones(3)), independent_pairs(np.ones((3, 3)))])
def test_a_roc_of_one_kind_is_refused(pairs: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="both"):
        roc_points(pairs)


def test_only_documented_pairs_are_labelled() -> None:
    roots: dict[str, str | None] = {"a/a": "a", "x/a2": "a", "b/b": "b", "b/b2": "b2", "u/u": None, "c/c": "c"}
    lineage = Lineage(roots, {model: model.split("/")[0] for model in roots}, {})
    pairs = pd.DataFrame(
        [(*pair, 0.5, "one layer only" if "c/c" in pair else "") for pair in combinations(sorted(roots), 2)],
        columns=["model_a", "model_b", "similarity", "not_testable"],
    )

    found = labelled_pairs(pairs, lineage)

    labels = sorted(zip(found["root_a"], found["root_b"], strict=True))
    assert labels == [("a", "a"), ("a", "b"), ("a", "b"), ("a", "b2"), ("a", "b2")]
    with pytest.raises(ValueError, match="not finite"):
        labelled_pairs(pairs.assign(similarity=np.nan), lineage)

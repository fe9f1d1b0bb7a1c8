"""The residual norm profile against SciPy, its permutation p under the null, and what cannot be told."""

import tracemalloc
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.methods.registry import SCREENINGS
from lineage.methods.residual_norms import (
    NO_P,
    PERMUTATIONS,
    PROFILES,
    compare_residual_norms,
    ordered_by_index,
    permutation_p_values,
    residual_profile,
    similarity_matrix,
)
from lineage.records.origins import Lineage
from measured_tables import Tables, curve_table, from_profiles

FLOOR = 1 / (1 + PERMUTATIONS)


def random_tables(seed: int, width: int = 64) -> Tables:
    return from_profiles(*np.random.default_rng(seed).normal(size=(2, width)))


def test_the_score_is_the_mean_of_two_scipy_correlations() -> None:
    a, b = random_tables(1), random_tables(2)

    found = compare_residual_norms(a, b)

    expected = {name: stats.pearsonr(a.vectors[name], b.vectors[name]).statistic for name in PROFILES}
    assert found.correlations == pytest.approx(expected)
    assert found.similarity == pytest.approx(np.mean(list(expected.values())))


def test_the_p_value_is_near_that_of_scipys_permutation_test() -> None:
    a, b = random_tables(3, 24), random_tables(4, 24)
    b = from_profiles(*(residual_profile(b.vectors) + 0.25 * residual_profile(a.vectors)))
    (read, write), other = residual_profile(a.vectors), residual_profile(b.vectors)

    def score(order: np.ndarray) -> float:
        kept = order.astype(int)
        return (np.corrcoef(read[kept], other[0])[0, 1] + np.corrcoef(write[kept], other[1])[0, 1]) / 2

    oracle = stats.permutation_test(
        (np.arange(24),), score, permutation_type="pairings", alternative="greater", n_resamples=2_000, rng=5
    ).pvalue

    assert 0.02 < oracle < 0.6
    assert compare_residual_norms(a, b).p == pytest.approx(oracle, abs=5 * np.sqrt(oracle / 2_000))


def test_a_copy_with_other_scales_scores_one_at_the_floor_of_p() -> None:
    a = random_tables(5)
    b = replace(a, vectors=a.vectors.assign(read=3 * a.vectors["read"] + 1, write=0.2 * a.vectors["write"]))

    found = compare_residual_norms(a, b)

    assert found.similarity == pytest.approx(1.0)
    assert found.p == pytest.approx(FLOOR)
    assert found.note == ""


def test_an_opposite_profile_is_no_evidence_of_a_link() -> None:
    a = random_tables(6)
    read, write = residual_profile(a.vectors)

    found = compare_residual_norms(a, from_profiles(-read, -write))

    assert found.similarity == pytest.approx(-1.0)
    assert found.p == 1.0


def test_p_is_uniform_where_one_of_the_two_is_exchangeable() -> None:
    # The second is as far from exchangeable as can be: sorted, and its two profiles alike.
    fixed = np.array([np.linspace(-1, 1, 48), np.linspace(-1, 1, 48)])
    rng = np.random.default_rng(7)
    common = rng.normal(size=(400, 1, 48))
    models = common + rng.normal(size=(400, 2, 48))  # reading and writing agree within a model

    p_values = [permutation_p_values(np.array([model, fixed]), 48)[0, 1] for model in models]

    # All meet the same 9,999 permutations, which moves each p by under 0.01.
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_permutations_depend_on_the_width_and_not_on_the_pair() -> None:
    profiles = np.random.default_rng(8).normal(size=(5, 2, 40))

    together = permutation_p_values(profiles, 40)

    for first, second in combinations(range(5), 2):
        assert permutation_p_values(profiles[[first, second]], 40)[0, 1] == together[first, second]
    assert (permutation_p_values(profiles[:2], 41)[0, 1] != together[0, 1]) or together[0, 1] in (FLOOR, 1.0)
    assert np.isnan(together[np.tril_indices(5)]).all()


def test_rounding_to_equal_values_counts_as_reached() -> None:
    # One dimension stands out in each: every permutation scores 1 or exactly the other value.
    one, other = np.zeros((2, 2, 10))
    one[:, 3] = other[:, 3] = 1.0

    p = permutation_p_values(np.array([one, other]), 10)[0, 1]

    assert p == pytest.approx(0.1, abs=0.015)


def sorted_model(seed: int) -> Tables:
    rng = np.random.default_rng(seed)
    order = random_tables(0).vectors["dimension"].to_numpy()
    return from_profiles(*(np.sort(rng.normal(size=64))[order] for _ in PROFILES))


def test_sorted_dimensions_in_both_models_withhold_p_and_in_one_do_not() -> None:
    both = compare_residual_norms(sorted_model(1), sorted_model(2))
    one = compare_residual_norms(sorted_model(1), random_tables(10))

    assert both.similarity is not None
    assert both.similarity > 0.9
    assert both.p is None
    assert both.note == NO_P
    assert one.p is not None
    assert one.note == ""


def test_the_guard_stops_about_one_exchangeable_model_in_a_thousand() -> None:
    stopped = sum(ordered_by_index(random_tables(seed, 128).vectors) for seed in range(1_000))

    assert stopped <= 5


def without(column: str, value: object) -> Tables:
    tables = random_tables(11)
    return replace(tables, vectors=tables.vectors.assign(**{column: value}))


UNTESTABLE = {
    "residual streams of different width: 64 and 32": random_tables(1, 32),
    "different dimensions were sampled": without("dimension", range(64)),
    "no read profile": without("read", np.nan),
    "no write profile": without("write", np.nan),
    "the read profile is not finite": without("read", [np.nan, *range(63)]),
    "the write profile is not finite": without("write", [np.inf, *range(63)]),
    "the write profile is constant": without("write", 0.5),
    "no residual norm profile": without("dimension", pd.array([pd.NA] * 64, dtype="Int64")),
    "the width of the residual stream cannot be told": replace(
        random_tables(1), matrices=curve_table({"k": [1.0, 2.0]})
    ),
}


@pytest.mark.parametrize("reason", UNTESTABLE)
def test_what_cannot_be_compared_gives_its_reason_and_never_a_number(reason: str) -> None:
    found = compare_residual_norms(random_tables(12), UNTESTABLE[reason])

    assert found.similarity is None
    assert found.p is None
    assert found.not_testable == reason


def test_rows_without_a_dimension_belong_to_other_vectors() -> None:
    a, b = random_tables(13), random_tables(14)
    longer = pd.concat([a.vectors, pd.DataFrame({"rank": [64, 65]})], ignore_index=True)

    found = compare_residual_norms(replace(a, vectors=longer), b)

    assert found.similarity == compare_residual_norms(a, b).similarity


def test_the_order_of_rows_does_not_matter() -> None:
    a, b = random_tables(15), random_tables(16)

    shuffled = replace(b, vectors=b.vectors.sample(frac=1, random_state=1))

    assert compare_residual_norms(a, shuffled) == compare_residual_norms(a, b)


def test_all_pairs_equal_the_comparison_of_two() -> None:
    models = {f"{seed}/m": random_tables(seed, width) for seed, width in ((1, 64), (2, 32), (3, 64), (4, 64))}
    models["5/m"] = UNTESTABLE["no write profile"]
    models["6/m"] = UNTESTABLE["different dimensions were sampled"]
    models |= {"7/m": sorted_model(7), "8/m": sorted_model(8)}

    pairs = SCREENINGS["residual_norms"].compare_all(models, Lineage({}, {}, {}))

    assert len(pairs) == 28
    assert pairs["similarity"].notna().sum() == 10
    assert pairs["p"].notna().sum() == 9
    for row in pairs.itertuples():
        found = compare_residual_norms(models[str(row.model_a)], models[str(row.model_b)])
        assert row.not_testable == found.not_testable
        assert row.similarity == pytest.approx(np.nan if found.similarity is None else found.similarity, nan_ok=True)
        assert row.note == found.note
        assert row.p == pytest.approx(np.nan if found.p is None else found.p, nan_ok=True)


def test_a_thousand_models_in_one_product_within_a_few_square_arrays() -> None:
    profiles = np.random.default_rng(17).normal(size=(1_000, 2, 512))

    tracemalloc.start()
    scores = similarity_matrix(profiles)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    expected = [np.corrcoef(profiles[3, row], profiles[900, row])[0, 1] for row in range(2)]
    assert scores[3, 900] == pytest.approx(np.mean(expected))
    assert np.diag(scores) == pytest.approx(1.0)
    assert peak < 6 * scores.nbytes

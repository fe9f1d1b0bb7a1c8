"""The standard-deviation profile against hand-computed values, NumPy and SciPy."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.methods.std_profile import (
    ROLES,
    STD_PROFILE,
    compare_std_profiles,
    std_curves,
    std_profile,
    std_profile_pairs,
    stretched,
    why_not_testable,
)


def fingerprint(curves: dict[str, list[float]], stack: str = "decoder") -> pd.DataFrame:
    rows = [
        {"stack": stack, "layer": layer, "role": role, "expert": "", "std": value}
        for role, curve in curves.items()
        for layer, value in enumerate(curve)
    ]
    return pd.DataFrame(rows)


def random_fingerprint(layers: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return fingerprint({role: list(rng.uniform(0.01, 0.1, layers)) for role in ROLES})


def test_a_pair_computed_by_hand() -> None:
    # (1,2,3) correlates with (1,2,3) at 1, with (3,2,1) at -1, with (1,3,2) and (2,1,3) at 1/2.
    a = fingerprint({role: [1.0, 2.0, 3.0] for role in ROLES})
    b = fingerprint({"q": [1.0, 2.0, 3.0], "k": [3.0, 2.0, 1.0], "v": [1.0, 3.0, 2.0], "o": [2.0, 1.0, 3.0]})

    found = compare_std_profiles(a, b)

    assert found.correlations == pytest.approx({"q": 1.0, "k": -1.0, "v": 0.5, "o": 0.5})
    assert found.similarity == pytest.approx(0.25)
    assert found.not_testable == ""


def test_each_role_equals_scipy_pearson() -> None:
    a, b = random_fingerprint(12, 1), random_fingerprint(12, 2)

    found = compare_std_profiles(a, b)

    curves_a, curves_b = std_curves(a), std_curves(b)
    expected = {role: stats.pearsonr(curves_a[role], curves_b[role]).statistic for role in ROLES}
    assert found.correlations == pytest.approx(expected)
    assert found.similarity == pytest.approx(np.mean(list(expected.values())))


def test_standardising_each_curve_first_changes_nothing() -> None:
    a, b = random_fingerprint(9, 3), random_fingerprint(9, 4)
    curves_a, curves_b = std_curves(a), std_curves(b)

    standardised = [np.mean(stats.zscore(curves_a[role]) * stats.zscore(curves_b[role])) for role in ROLES]

    assert compare_std_profiles(a, b).similarity == pytest.approx(np.mean(standardised))


def test_the_shorter_curve_is_stretched_by_straight_lines() -> None:
    assert stretched(np.array([0.0, 1.0, 4.0]), 5) == pytest.approx([0.0, 0.5, 1.0, 2.5, 4.0])


def test_different_depths_compare_the_stretched_curve() -> None:
    short = fingerprint({role: [1.0, 3.0, 2.0] for role in ROLES})
    long = fingerprint({role: [1.0, 2.0, 3.0, 2.5, 2.0] for role in ROLES})

    found = compare_std_profiles(short, long)

    assert found.layers == (3, 5)
    assert found.similarity == pytest.approx(1.0)


@pytest.mark.parametrize(("factor", "shift"), [(3.0, 0.0), (0.001, 0.0), (1.0, 5.0), (2.0, 0.3)])
def test_scaling_and_shifting_one_model_changes_nothing(factor: float, shift: float) -> None:
    a, b = random_fingerprint(24, 5), random_fingerprint(24, 6)

    moved = b.assign(std=b["std"] * factor + shift)

    assert compare_std_profiles(a, moved).similarity == pytest.approx(compare_std_profiles(a, b).similarity)


def test_independent_noise_averages_to_no_similarity() -> None:
    scores = [
        compare_std_profiles(random_fingerprint(24, seed), random_fingerprint(24, seed + 10_000)).similarity
        for seed in range(300)
    ]

    # Four mean correlations of 24 independent points: standard deviation 1 / sqrt(4 * 23) a score.
    spread = 1 / np.sqrt(4 * 23)
    assert abs(np.mean(scores)) < 4 * spread / np.sqrt(300)
    assert np.std(scores) == pytest.approx(spread, rel=0.15)


UNTESTABLE = {
    "no V, O matrices": fingerprint({"q": [1.0, 2.0], "k": [1.0, 2.0]}),
    "one layer only": fingerprint({role: [1.0] for role in ROLES}),
    "the curve of K is constant": fingerprint({role: [1.0, 1.0 if role == "k" else 2.0] for role in ROLES}),
    "a standard deviation is not finite": fingerprint({role: [1.0, np.nan, 2.0] for role in ROLES}),
    "more than one stack of layers": pd.concat(
        [
            fingerprint({role: [1.0, 2.0] for role in ROLES}),
            fingerprint({role: [1.0, 2.0] for role in ROLES}, "encoder"),
        ]
    ),
    "more than one matrix of a role in a layer": pd.concat(
        [fingerprint({role: [1.0, 2.0] for role in ROLES}), fingerprint({"q": [1.0]})]
    ),
    "the roles do not stand in the same layers": fingerprint(
        {role: [1.0, 2.0, 3.0][: 2 if role == "o" else 3] for role in ROLES}
    ),
}


@pytest.mark.parametrize("reason", UNTESTABLE)
def test_what_cannot_be_compared_gives_its_reason_and_never_a_number(reason: str) -> None:
    assert why_not_testable(UNTESTABLE[reason]) == reason

    found = compare_std_profiles(random_fingerprint(3, 1), UNTESTABLE[reason])

    assert found.similarity is None
    assert found.correlations == {}
    assert found.not_testable == reason


def test_every_pair_stands_once_in_order() -> None:
    profiles = {name: std_profile(random_fingerprint(4, ord(name))) for name in "cab"}
    table = std_profile_pairs(profiles, combinations("abc", 2))

    assert list(zip(table["model_a"], table["model_b"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert table["similarity"].between(-1, 1).all()


def test_the_method_says_what_it_is() -> None:
    assert STD_PROFILE.id == "std_profile"
    assert "withdrawn" in STD_PROFILE.reference

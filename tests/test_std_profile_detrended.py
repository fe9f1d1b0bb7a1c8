"""The profile without its common trend: against NumPy and SciPy, planted trends, and what cannot be told."""

import tracemalloc

import numpy as np
import pytest
from scipy import signal, stats

from lineage.methods.depth_trend import (
    COMPONENTS,
    DEGREE,
    GRID,
    MIN_LIBRARY,
    Trend,
    common_trend,
    residual_curves,
)
from lineage.methods.registry import SCREENINGS
from lineage.methods.std_profile import compare_std_profiles, std_curves
from lineage.methods.std_profile import similarity_matrix as std_similarity_matrix
from lineage.methods.std_profile_detrended import (
    CLIP,
    MIN_LAYERS,
    absolute_fit,
    compare_detrended,
    log_curves,
    similarity_matrix,
    why_not_detrendable,
)
from lineage.records.origins import Lineage
from measured_tables import ROLES, Tables, curve_table, from_log_curves

Curves = dict[str, np.ndarray]


def smooth_trend(length: int) -> np.ndarray:
    depth = np.linspace(0, 1, length)
    return 1.5 * np.tanh(8 * (depth - 0.2)) + 0.6 * depth


def random_curves(rng: np.random.Generator, layers: int, trend: float = 0.0, noise: float = 0.1) -> Curves:
    return {role: trend * smooth_trend(layers) + rng.normal(0, noise, layers) for role in ROLES}


def library_of(rng: np.random.Generator, models: int = 12, trend: float = 1.0) -> dict[str, Tables]:
    depths = rng.integers(16, 40, models)
    return {
        f"lab/{index}": from_log_curves(random_curves(rng, int(layers), trend)) for index, layers in enumerate(depths)
    }


def test_parameters_are_those_that_were_committed_before_results() -> None:
    assert (COMPONENTS, GRID, DEGREE, MIN_LIBRARY, MIN_LAYERS, CLIP) == (4, 64, 3, 6, 8, 0.999)


def test_the_cubic_residual_equals_numpy_polynomial_fit() -> None:
    curves = random_curves(np.random.default_rng(1), 11, trend=1.0)

    residuals = residual_curves(curves, common_trend([]))

    for role in ROLES:
        fit = np.polynomial.Polynomial.fit(np.arange(11), curves[role], 3)
        assert residuals[role] == pytest.approx(curves[role] - fit(np.arange(11)), abs=1e-12)


def test_the_score_is_fishers_mean_of_scipy_correlations_of_residuals() -> None:
    rng = np.random.default_rng(2)
    library = library_of(rng)
    a, b = (from_log_curves(random_curves(rng, 20, trend=1.0)) for _ in range(2))
    trend = common_trend([log_curves(tables.matrices) for tables in library.values()])
    left = [residual_curves(log_curves(tables.matrices), trend) for tables in (a, b)]

    found = compare_detrended(a, b, library)

    expected = {role: stats.pearsonr(left[0][role], left[1][role]).statistic for role in ROLES}
    assert found.correlations == pytest.approx(expected)
    assert found.similarity == pytest.approx(np.tanh(np.mean(np.arctanh(list(expected.values())))))
    assert found.layers == (20, 20)


def test_residuals_are_orthogonal_to_the_mean_curve_of_the_library() -> None:
    # Components of curves centred over models would leave exactly this curve in.
    rng = np.random.default_rng(3)
    shared = smooth_trend(GRID)
    trend = common_trend([{role: shared + rng.normal(0, 1e-3, GRID) for role in ROLES} for _ in range(30)])

    residuals = residual_curves({role: 5 * shared + rng.normal(0, 0.01, GRID) for role in ROLES}, trend)

    assert all(np.std(residuals[role]) < 0.02 for role in ROLES)
    assert trend.components is not None
    assert abs(np.dot(trend.components["q"][0], signal.detrend(shared, type="constant"))) == pytest.approx(
        np.linalg.norm(shared - shared.mean()), rel=1e-3
    )


def test_components_are_those_of_a_singular_value_decomposition_and_orthonormal() -> None:
    library = [random_curves(np.random.default_rng(seed), GRID, 1.0) for seed in range(10)]

    components = common_trend(library).components

    assert components is not None
    for role in ROLES:
        table = np.array([curves[role] - curves[role].mean() for curves in library])
        _, vectors = np.linalg.eigh(table.T @ table)
        assert components[role].shape == (COMPONENTS, GRID)
        assert np.abs(components[role] @ vectors[:, :-5:-1]) == pytest.approx(np.eye(COMPONENTS), abs=1e-6)


def test_a_library_of_one_repeated_curve_has_one_component_and_no_rounding() -> None:
    components = common_trend([random_curves(np.random.default_rng(1), 30, 1.0)] * 8).components

    assert components is not None
    assert {len(components[role]) for role in ROLES} == {1}


@pytest.mark.parametrize("roots", [0, MIN_LIBRARY - 1, MIN_LIBRARY])
def test_the_comparison_says_which_trend_was_used(roots: int) -> None:
    rng = np.random.default_rng(4)
    a, b = (from_log_curves(random_curves(rng, 20)) for _ in range(2))

    note = compare_detrended(a, b, library_of(rng, roots)).note

    assert ("cubic" in note) == (roots < MIN_LIBRARY)
    assert str(roots) in note


def test_library_models_that_cannot_be_used_are_not_counted() -> None:
    rng = np.random.default_rng(5)
    a, b = (from_log_curves(random_curves(rng, 20)) for _ in range(2))
    short = {f"short/{seed}": from_log_curves(random_curves(rng, MIN_LAYERS - 1)) for seed in range(9)}

    assert compare_detrended(a, b, short).note.startswith("cubic trend: 0 other roots")


@pytest.mark.parametrize("roots", [0, 12])
def test_a_scaled_copy_is_as_close_as_the_score_goes(roots: int) -> None:
    rng = np.random.default_rng(6)
    curves = random_curves(rng, 24, 1.0)
    factors = dict(zip(ROLES, (0.1, 1.0, 3.0, 70.0), strict=True))
    copy = from_log_curves({role: curve + np.log(factors[role]) for role, curve in curves.items()})

    found = compare_detrended(from_log_curves(curves), copy, library_of(rng, roots))

    assert found.correlations == pytest.approx(dict.fromkeys(ROLES, 1.0))
    assert found.similarity == pytest.approx(CLIP)
    assert found.effect == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("roots", [0, 12])
def test_a_copy_of_weights_with_five_percent_noise_stays_above_099(roots: int) -> None:
    rng = np.random.default_rng(7)
    spreads = {role: np.exp(curve) for role, curve in random_curves(rng, 24, 1.0).items()}
    weights = {role: [rng.normal(0, spread, (64, 64)) for spread in spreads[role]] for role in ROLES}
    noisy = {role: [w + 0.05 * w.std() * rng.normal(size=w.shape) for w in weights[role]] for role in ROLES}
    a, b = (Tables(curve_table({role: [w.std() for w in one[role]] for role in ROLES})) for one in (weights, noisy))

    found = compare_detrended(a, b, library_of(rng, roots))

    assert found.similarity is not None
    assert found.similarity > 0.99
    assert found.effect is not None
    assert 0 < found.effect < 0.01


def scores_of_independent_pairs(trend: Trend, models: list[Curves]) -> np.ndarray:
    left = [residual_curves(model, trend) for model in models]
    return np.array([similarity_matrix(left[place : place + 2])[0, 1] for place in range(0, len(left), 2)])


def published_scores_of_independent_pairs(models: list[Curves]) -> np.ndarray:
    spreads = [{role: np.exp(curve) for role, curve in model.items()} for model in models]
    return np.array([std_similarity_matrix(spreads[place : place + 2])[0, 1] for place in range(0, len(models), 2)])


def test_a_shared_trend_is_high_in_the_profile_and_on_average_nothing_here() -> None:
    rng = np.random.default_rng(8)
    trend = common_trend([random_curves(rng, int(layers), 1.0) for layers in rng.integers(16, 40, 40)])
    models = [random_curves(rng, 24, trend=1.0) for _ in range(600)]

    scores = scores_of_independent_pairs(trend, models)

    # Four correlations of 24 points less 5 columns: standard deviation about 1 / sqrt(4 * 18) a pair. The error of a
    # trend learned from 40 curves is in both residuals: 1 / 40.
    spread = 1 / np.sqrt(4 * 18)
    assert published_scores_of_independent_pairs(models).mean() > 0.9
    assert abs(scores.mean()) < 1 / 40 + 3 * spread / np.sqrt(300)
    assert scores.std() == pytest.approx(spread, rel=0.2)


def test_without_a_library_a_cubic_trend_in_common_is_nothing_either() -> None:
    rng = np.random.default_rng(9)
    depth = np.linspace(-1, 1, 30)
    shared = 2 * depth - 1.5 * depth**2 + depth**3
    models = [{role: shared + rng.normal(0, 0.1, 30) for role in ROLES} for _ in range(600)]

    scores = scores_of_independent_pairs(common_trend([]), models)

    assert published_scores_of_independent_pairs(models).mean() > 0.9
    assert abs(scores.mean()) < 3 / np.sqrt(4 * 25) / np.sqrt(300)


def test_a_shared_detail_on_top_of_the_trend_is_found() -> None:
    rng = np.random.default_rng(10)
    own = {role: rng.normal(0, 0.1, 24) for role in ROLES}
    a, b = (
        from_log_curves({role: smooth_trend(24) + own[role] + rng.normal(0, 0.02, 24) for role in ROLES})
        for _ in range(2)
    )

    assert (compare_detrended(a, b, library_of(rng, 20)).similarity or 0) > 0.85


def test_the_absolute_fit_by_hand() -> None:
    a = {role: np.array([0.0, 1.0, 2.0]) for role in ROLES}
    b = {role: np.array([5.0, 5.0, 9.0]) for role in ROLES}

    # a - b = -5, -4, -7: the median is -5, what is left 0, 1, 2, its median 1.
    assert absolute_fit(a, b) == pytest.approx(1.0)


def test_a_shorter_curve_is_stretched_for_both_figures() -> None:
    rng = np.random.default_rng(11)
    short = {role: rng.normal(size=9) for role in ROLES}
    long = {role: np.interp(np.arange(17) / 2, np.arange(9), curve) for role, curve in short.items()}

    found = compare_detrended(from_log_curves(short), from_log_curves(long), {})

    assert found.layers == (9, 17)
    assert found.effect == pytest.approx(0, abs=1e-12)
    assert 0.9 < (found.similarity or 0) < CLIP


def curve_tables(layers: int, **changed: object) -> Tables:
    rng = np.random.default_rng(layers)
    curves = {role: np.exp(rng.normal(size=layers)) for role in ROLES}
    return Tables(curve_table({**curves, **changed}))


CUBIC = np.exp(np.linspace(-1, 1, 12) ** 3 + np.linspace(-1, 1, 12))
UNTESTABLE = {
    "7 layers, fewer than 8: too few to remove a trend": curve_tables(7),
    "one layer only": curve_tables(1),
    "a standard deviation is not finite": curve_tables(12, k=np.r_[np.nan, np.ones(11)]),
    "a standard deviation is zero": curve_tables(12, k=np.r_[0.0, np.ones(11)]),
    "the curve of K is constant": curve_tables(12, k=np.ones(12)),
    "nothing is left of K, O once the trend is removed": curve_tables(12, k=CUBIC, o=2 * CUBIC),
    "no Q, K, V, O matrices": Tables(curve_table({"up": [1.0, 2.0]})),
}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("reason", UNTESTABLE)
def test_what_cannot_be_compared_gives_its_reason_and_never_a_number(reason: str, order: int) -> None:
    a, b = (curve_tables(20), UNTESTABLE[reason])[::order]

    found = compare_detrended(a, b, {})

    assert found.similarity is None
    assert found.effect is None
    assert found.correlations == {}
    assert found.not_testable == reason


def test_eight_layers_are_enough() -> None:
    assert why_not_detrendable(curve_tables(8).matrices) == ""
    assert compare_detrended(curve_tables(8), curve_tables(9), {}).similarity is not None


def test_the_matrix_equals_the_comparison_of_two() -> None:
    rng = np.random.default_rng(12)
    library = library_of(rng)
    models = [from_log_curves(random_curves(rng, layers, 1.0)) for layers in (8, 12, 12, 24, 31)]
    trend = common_trend([log_curves(tables.matrices) for tables in library.values()])

    scores = similarity_matrix([residual_curves(log_curves(model.matrices), trend) for model in models])

    expected = [[compare_detrended(a, b, library).similarity for b in models] for a in models]
    assert scores == pytest.approx(np.array(expected, dtype=float))


def lineage_of(roots: dict[str, str | None]) -> Lineage:
    return Lineage(roots, {model: model.split("/")[0] for model in roots}, {})


def test_the_library_of_a_pair_holds_neither_lineage_and_one_model_a_root() -> None:
    rng = np.random.default_rng(13)
    subjects = {name: from_log_curves(random_curves(rng, 20, 1.0)) for name in ("a/subject", "b/subject")}
    others = {f"x{index}/base": from_log_curves(random_curves(rng, 20, 1.0)) for index in range(7)}
    relatives = {
        name: from_log_curves(random_curves(rng, 20, -3.0))
        for name in ("aa/relative", "bb/relative", "x1/later", "zz/unknown", "a/other-root")
    }
    roots = {
        "a/subject": "a",
        "b/subject": "b",
        "aa/relative": "a",
        "bb/relative": "b",
        "a/other-root": "c",
        **{f"x{index}/base": f"x{index}" for index in range(7)},
        "x1/later": "x1",
        "zz/unknown": None,
    }

    pairs = SCREENINGS["std_profile_detrended"].compare_all({**subjects, **others, **relatives}, lineage_of(roots))

    row = pairs.set_index(["model_a", "model_b"]).loc[("a/subject", "b/subject")]
    alone = compare_detrended(subjects["a/subject"], subjects["b/subject"], others)
    assert row["similarity"] == pytest.approx(alone.similarity)
    assert row["effect"] == pytest.approx(alone.effect)
    assert row["note"] == alone.note == "trend of 7 other roots"


def test_all_pairs_equal_the_comparison_of_two_and_keep_their_reasons() -> None:
    models = {f"m{index}/m": curve_tables(layers) for index, layers in enumerate((4, 9, 12))}
    models["m3/m"] = UNTESTABLE["nothing is left of K, O once the trend is removed"]

    pairs = SCREENINGS["std_profile_detrended"].compare_all(models, lineage_of(dict.fromkeys(models)))

    assert len(pairs) == 6
    for row in pairs.itertuples():
        found = compare_detrended(models[str(row.model_a)], models[str(row.model_b)], {})
        assert row.not_testable == found.not_testable
        assert row.similarity == pytest.approx(np.nan if found.similarity is None else found.similarity, nan_ok=True)


def test_the_matrix_of_the_published_score_equals_the_comparison_of_two() -> None:
    models = [curve_tables(layers) for layers in (2, 5, 5, 12, 31)]

    scores = std_similarity_matrix([std_curves(model.matrices) for model in models])

    expected = [[compare_std_profiles(a.matrices, b.matrices).similarity for b in models] for a in models]
    assert scores == pytest.approx(np.array(expected, dtype=float))


@pytest.mark.parametrize("matrix", [std_similarity_matrix, similarity_matrix])
def test_a_thousand_models_stay_within_a_few_square_arrays(matrix: object) -> None:
    rng = np.random.default_rng(14)
    curves = [{role: rng.normal(size=layers) for role in ROLES} for layers in rng.integers(12, 81, 1_000)]

    tracemalloc.start()
    scores = matrix(curves)  # type: ignore[operator]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert scores.shape == (1_000, 1_000)
    assert np.isfinite(scores).all()
    assert peak < 6 * scores.nbytes

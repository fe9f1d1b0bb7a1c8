"""Conformal p-values, ranks, Holm's adjustment and lineage, each against hand-worked cases and by simulation."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.evidence.positions import (
    FEWEST_ROOTS_FOR_P,
    MATCHINGS,
    NEAR_LAYERS,
    Matching,
    conformal_p_value,
    conformal_position,
    score_lookup,
)
from lineage.exact.combination import holm
from lineage.measuring.shapes import hidden_width, shape_of
from lineage.records import Shape
from lineage.records.origins import Lineage, representatives
from measured_tables import ROLES, curve_table

UNMATCHED = MATCHINGS[0]
SHAPE = Shape("decoder", 24, 1024)


def parents_of(base_models: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {model: (base,) for model, base in base_models.items()}


def lineage_of(roots: dict[str, str | None], base_models: dict[str, str] | None = None) -> Lineage:
    """Makers are what stands before the slash."""
    return Lineage(roots, {model: model.split("/")[0] for model in roots}, parents_of(base_models or {}))


def scores_of(models: dict[str, float], subject: str) -> dict[frozenset[str], float]:
    return {frozenset((subject, model)): score for model, score in models.items()}


# A small world: a and b are compared; c, d, e are independent; the others must not enter the null.
ROOTS: dict[str, str | None] = {
    "a/a": "a",
    "b/b": "b",
    "c/c": "c",
    "d/d": "d",
    "e/e": "e",
    "d/late": "d",
    "f/child-of-a": "a",
    "b/other": "b2",
    "g/unknown": None,
    "h/unknown-child": None,
}
WORLD = lineage_of(ROOTS, {"h/unknown-child": "a/a", "f/child-of-a": "a/a"})
WORLD_SCORES = {
    **{frozenset(pair): 0.95 for pair in combinations(ROOTS, 2)},
    **scores_of({"b/b": 0.9, "c/c": 0.5, "d/d": 0.92, "e/e": 0.3}, "a/a"),
    **scores_of({"c/c": 0.1, "d/d": 0.2, "e/e": 0.9}, "b/b"),
}
SHAPES = dict.fromkeys(ROOTS, SHAPE)


@pytest.mark.parametrize(
    ("observed", "null", "expected"),
    [
        pytest.param(0.9, [0.1, 0.2, 0.3], 1 / 4, id="above all"),
        pytest.param(0.0, [0.1, 0.2, 0.3], 1.0, id="below all"),
        pytest.param(0.2, [0.1, 0.2, 0.3], 3 / 4, id="a tie counts against"),
        pytest.param(5.0, [0.1], 1 / 2, id="one control can give no less than a half"),
    ],
)
def test_conformal_p_by_hand(observed: float, null: list[float], expected: float) -> None:
    assert conformal_p_value(observed, null) == expected


def test_conformal_p_equals_scipys_empirical_permutation_p() -> None:
    null = np.random.default_rng(1).normal(size=30)

    assert conformal_p_value(1.0, null) == (1 + stats.percentileofscore(-null, -1.0, kind="weak") / 100 * 30) / 31


def test_conformal_p_is_super_uniform_under_the_null_ties_included() -> None:
    rng = np.random.default_rng(2)
    p = np.array([conformal_p_value(row[0], row[1:]) for row in np.round(rng.normal(size=(4_000, 20)), 1)])

    for level in (0.05, 0.1, 0.25, 0.5, 0.9):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level * (1 - level) / 4_000)
    assert np.mean(p <= 0.5) > 0.4  # and not merely large


@pytest.mark.parametrize(
    ("observed", "null"), [(0.5, []), (np.nan, [0.1]), (0.5, [0.1, np.nan]), (0.5, [np.inf])], ids=str
)
def test_conformal_p_refuses_what_is_no_null(observed: float, null: list[float]) -> None:
    with pytest.raises(ValueError, match=r"no p-value can be given"):
        conformal_p_value(observed, null)


def test_the_null_of_each_side_is_one_unrelated_model_a_root() -> None:
    found = conformal_position(WORLD_SCORES, ("a/a", "b/b"), WORLD, SHAPES, UNMATCHED)

    assert found.controls_a == found.controls_b == ("c/c", "d/d", "e/e")
    assert found.below_a == 2  # d/d scores .92 with a/a
    assert found.below_b == 2  # e/e scores .9 with b/b: a tie
    assert (found.p_a, found.p_b, found.p) == (None, None, None)
    assert found.abstained == "no p: 3 and 3 control roots, and with fewer than 19 none could be 0.05"


def many_roots(count: int) -> tuple[dict[frozenset[str], float], Lineage]:
    """The scores of a/a and b/b with so many independent models, all below that of the pair but one with b/b."""
    others = [f"m{index:02}/m" for index in range(count)]
    scores = {frozenset((model, other)): 0.1 for model in ("a/a", "b/b") for other in others}
    scores |= {frozenset(("a/a", "b/b")): 0.9, frozenset(("b/b", others[0])): 0.95}
    return scores, lineage_of({model: model[:-2] for model in ("a/a", "b/b", *others)})


def test_the_larger_of_the_two_sides_is_reported() -> None:
    scores, lineage = many_roots(FEWEST_ROOTS_FOR_P)

    found = conformal_position(scores, ("a/a", "b/b"), lineage, {}, UNMATCHED)
    turned = conformal_position(scores, ("b/b", "a/a"), lineage, {}, UNMATCHED)

    assert (found.p_a, found.p_b, found.p, found.abstained) == (0.05, 0.1, 0.1, "")
    assert (turned.p_a, turned.p_b, turned.p) == (0.1, 0.05, 0.1)


def test_one_root_fewer_than_could_reach_five_in_a_hundred_gives_a_rank_and_no_p() -> None:
    scores, lineage = many_roots(FEWEST_ROOTS_FOR_P - 1)

    found = conformal_position(scores, ("a/a", "b/b"), lineage, {}, UNMATCHED)

    assert (
        1 / (FEWEST_ROOTS_FOR_P + 1) == 0.05 < 1 / FEWEST_ROOTS_FOR_P
    )  # the rule: the smallest p that n roots can give
    assert (found.below_a, found.below_b, found.p) == (18, 17, None)
    assert found.abstained.startswith("no p: 18 and 18 control roots")


def test_p_of_independent_models_with_root_effects_is_super_uniform() -> None:
    rng = np.random.default_rng(3)
    models = [f"m{index}/m" for index in range(22)]
    lineage = lineage_of({model: model[:-2] for model in models})
    p_values = []
    for _ in range(400):
        own = rng.normal(size=22)
        scores = {
            frozenset((models[a], models[b])): own[a] + own[b] + rng.normal() for a, b in combinations(range(22), 2)
        }
        found = conformal_position(scores, (models[0], models[1]), lineage, {}, UNMATCHED)
        assert found.p is not None
        p_values.append(found.p)

    for level in (0.1, 0.25, 0.5):
        assert np.mean(np.array(p_values) <= level) <= level + 3 * np.sqrt(level * (1 - level) / 400)


def test_a_model_of_unknown_lineage_can_be_asked_about_but_stands_for_nobody() -> None:
    found = conformal_position(WORLD_SCORES, ("g/unknown", "c/c"), WORLD, SHAPES, UNMATCHED)

    assert "a/a" in found.controls_a
    assert not {"g/unknown", "h/unknown-child"} & {*found.controls_a, *found.controls_b}
    assert found.below_a is not None


def test_a_control_without_a_score_leaves_its_place_to_the_next_of_its_root() -> None:
    scores = {pair: score for pair, score in WORLD_SCORES.items() if pair != frozenset(("a/a", "d/d"))}

    found = conformal_position(scores, ("a/a", "b/b"), WORLD, SHAPES, UNMATCHED)

    assert found.controls_a == ("c/c", "d/late", "e/e")
    assert found.controls_b == ("c/c", "d/d", "e/e")


def test_matching_narrows_step_by_step_and_says_on_what() -> None:
    shapes = {
        **SHAPES,
        "c/c": replace(SHAPE, stack="encoder"),
        "d/d": replace(SHAPE, layers=24 + NEAR_LAYERS + 1),
        "d/late": replace(SHAPE, layers=24 + NEAR_LAYERS + 1),
        "e/e": replace(SHAPE, layers=24 - NEAR_LAYERS, width=2048),
    }

    found = [conformal_position(WORLD_SCORES, ("a/a", "b/b"), WORLD, shapes, matching) for matching in MATCHINGS]

    assert [position.controls_a for position in found] == [("c/c", "d/d", "e/e"), ("d/d", "e/e"), ("e/e",), ()]
    assert [position.matched_on for position in found] == [
        (),
        ("stack kind",),
        ("stack kind", "layers within 2"),
        ("stack kind", "layers within 2", "width"),
    ]
    assert [position.below_a is None for position in found] == [False, False, False, True]
    assert found[-1].abstained == "no matched controls for a/a and b/b"


def test_controls_are_like_the_model_that_they_stand_in_for() -> None:
    shapes = {**SHAPES, "a/a": replace(SHAPE, width=1), "c/c": replace(SHAPE, width=1)}

    found = conformal_position(WORLD_SCORES, ("a/a", "b/b"), WORLD, shapes, Matching(width=True))

    assert found.controls_a == ("d/d", "e/e")  # as wide as b/b
    assert found.controls_b == ("c/c",)  # as wide as a/a


def test_one_side_without_controls_is_enough_to_abstain() -> None:
    shapes = {**SHAPES, "a/a": replace(SHAPE, width=1)}

    found = conformal_position(WORLD_SCORES, ("a/a", "b/b"), WORLD, shapes, Matching(width=True))

    assert found.controls_a
    assert (found.p_a, found.p_b, found.p) == (None, None, None)
    assert found.abstained == "no matched controls for b/b"


@pytest.mark.parametrize("matching", MATCHINGS[1:], ids=lambda matching: "+".join(matching.names))
def test_an_unknown_shape_matches_nothing_not_even_itself(matching: Matching) -> None:
    unknown = Shape(None, None, None)

    assert not matching.admits(unknown, unknown)
    assert not matching.admits(unknown, SHAPE)
    assert not matching.admits(SHAPE, unknown)
    assert matching.admits(SHAPE, SHAPE)


def test_a_pair_without_a_score_abstains() -> None:
    scores = {pair: score for pair, score in WORLD_SCORES.items() if pair != frozenset(("a/a", "b/b"))}

    found = conformal_position(scores, ("a/a", "b/b"), WORLD, SHAPES, UNMATCHED)

    assert found.p is None
    assert found.abstained == "the pair has no score"


def test_without_any_other_root_there_is_no_p() -> None:
    found = conformal_position({frozenset(("a/a", "b/b")): 0.99}, ("a/a", "b/b"), WORLD, SHAPES, UNMATCHED)

    assert found.p is None
    assert found.abstained == "no matched controls for a/a and b/b"


@pytest.mark.parametrize(
    ("model_a", "model_b", "why"),
    [
        ("a/a", "f/child-of-a", "the same root"),
        ("b/b", "b/other", "the same organisation"),
        ("f/child-of-a", "h/unknown-child", "a documented ancestor in common"),
    ],
)
def test_related(model_a: str, model_b: str, why: str) -> None:
    assert WORLD.related(model_a, model_b), why
    assert WORLD.related(model_b, model_a), why
    assert not WORLD.related(model_a, "c/c")


def test_the_makers_of_ancestors_count() -> None:
    lineage = lineage_of({"lab/base": "one", "user/tuned": "one", "lab/second": "two"}, {"user/tuned": "lab/base"})

    assert lineage.related("user/tuned", "lab/second")


def test_a_representative_is_the_earliest_by_id_that_has_nothing_in_common() -> None:
    roots: dict[str, str | None] = {"a/a": "a", "a/of-d": "d", "d/x": "d", "c/z": "c", "c/y": "c", "u/u": None}
    lineage = lineage_of(roots)

    assert representatives(lineage, roots, frozenset()) == ("a/a", "a/of-d", "c/y")
    assert representatives(lineage, roots, lineage.marks("a/a")) == ("c/y", "d/x")
    assert representatives(lineage, reversed(list(roots)), lineage.marks("a/a")) == ("c/y", "d/x")
    assert representatives(Lineage(roots, {}, {}), roots, frozenset()) == ()  # makers unknown


@pytest.mark.parametrize(
    ("roots", "base_models", "message"),
    [
        (
            {"x/child": "one", "x/base": "two"},
            {"x/child": "x/base"},
            "'x/child' has the root 'one'",
        ),
        ({"x/child": "one", "x/base": "two"}, {"x/child": "x/mid", "x/mid": "x/base"}, "contradicts itself"),
        ({}, {"x/one": "x/two", "x/two": "x/one"}, "go round in a circle"),
        ({"x/one": "r"}, {"x/one": "x/one"}, "go round in a circle"),
    ],
)
def test_contradictory_lineage_is_refused(
    roots: dict[str, str | None], base_models: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Lineage(roots, {}, parents_of(base_models))


def frame(*rows: tuple[str, str, float | None, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["model_a", "model_b", "similarity", "not_testable"])


def test_the_lookup_leaves_out_what_is_not_testable() -> None:
    found = score_lookup(frame(("a", "b", 0.5, ""), ("a", "c", None, "one layer only")))

    assert found == {frozenset(("a", "b")): 0.5}


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "b", np.nan, "")],
        [("a", "b", np.inf, "")],
        [("a", "b", 0.5, ""), ("b", "a", 0.5, "")],
        [("a", "a", 1.0, "")],
    ],
    ids=["nan", "infinite", "twice", "itself"],
)
def test_the_lookup_refuses_what_is_no_score_of_a_pair(rows: list[tuple[str, str, float | None, str]]) -> None:
    with pytest.raises(ValueError, match=r"^a and|^b and"):
        score_lookup(frame(*rows))


def test_holm_keeps_the_error_rate_of_a_family() -> None:
    p = np.random.default_rng(4).uniform(size=(3_000, 5))

    rejected = np.mean([holm(row).min() <= 0.05 for row in p])

    assert rejected <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 3_000)
    assert rejected > 0.035


def test_the_shape_of_a_table() -> None:
    matrices = curve_table({role: [1.0, 2.0, 3.0] for role in ROLES}, width=64)
    two_stacks = pd.concat([matrices, matrices.assign(stack="encoder")])

    assert shape_of(matrices) == Shape("decoder", 3, 64)
    assert shape_of(two_stacks) == Shape("decoder+encoder", 6, 64)
    assert shape_of(matrices[matrices["role"] == "k"]) == Shape(None, None, None)
    assert hidden_width(pd.concat([matrices, matrices.assign(cols=32)])) is None

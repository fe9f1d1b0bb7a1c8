"""What independent pairs reach by root, which derivations lie above, and rows that the plan does not have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd
import pytest

from experiments.geometry.plan import (
    CHILD,
    CONTROL_RUNG,
    ONE_RECIPE,
    OTHER_PARENT,
    RELEASED,
    RELEASED_RUNG,
    derived_pairs,
    independent_pairs,
)
from lineage.checks.kinds.controls import check_geometry
from lineage.evidence.geometry import (
    FEWEST_ROOTS,
    NULL,
    RUNGS,
    SCORES,
    derive_geometry,
)
from lineage.evidence.geometry_facts import geometry_facts
from lineage.evidence.geometry_recipes import RECIPES, RUNGS_BY_RECIPE, RUNS
from repository import committed

COLUMNS = (
    *("kind", "rung", "truth", "model_a", "model_b", "root_a", "root_b", "measure", "matched", "compared", "score"),
    "not_testable",
)
BY_NUMBER = "layers by number"


def row(kind: str, rung: str, truth: str, ends: Sequence[str], score: float | None, matched: str = BY_NUMBER) -> tuple:
    """A row of heads of two models, each named after its root, in front of a slash."""
    a, b = ends
    return (kind, rung, truth, a, b, a.split("/")[0], b.split("/")[0], "heads", matched, 48, score, "")


def derived(rows: Sequence[tuple], recipes: Mapping[str, str] | None = None) -> dict[str, pd.DataFrame]:
    tables = {SCORES: pd.DataFrame(rows, columns=COLUMNS)}
    if recipes:
        tables[RUNS] = pd.DataFrame({"run": recipes.keys(), "recipe": recipes.values()})
    return derive_geometry(replace(committed(), control_tables=tables))


def independent(roots: int) -> list[tuple]:
    """Every two of so many roots, with scores that rise from 0.1, and one pair of the first two that scores higher."""
    pairs = combinations([f"r{number}" for number in range(roots)], 2)
    rows = [row(ONE_RECIPE, "", "independent", ends, 0.1 + 0.01 * place) for place, ends in enumerate(pairs)]
    return [*rows, row(ONE_RECIPE, "", "independent", ("r0/again", "r1"), 0.5)]


def test_a_pair_of_roots_counts_once_by_its_highest_score() -> None:
    null = (
        derived(independent(6))[NULL]
        .set_index(["measure", "population", "matched"])
        .loc["heads", "controls", BY_NUMBER]
    )

    assert (null["pairs"], null["root_pairs"], null["roots"], null["separate"]) == (16, 15, 6, 3)
    assert null["highest"] == 0.5
    assert null["median"] == pytest.approx(0.18)  # of 0.11 to 0.24 and 0.5
    assert null["beyond"] == pytest.approx(1 - 0.025 ** (1 / 3))


def test_too_few_roots_give_no_null_and_nothing_is_found() -> None:
    rung = row(CONTROL_RUNG, "int8", "derived", ("r0/made", "r0"), 1.0)
    tables = derived([*independent(FEWEST_ROOTS - 1), rung])

    assert "4 roots with independent pairs, fewer than 5" in set(tables[NULL]["not_given"])
    assert tables[RUNGS]["above"].isna().all()
    assert tables[RUNGS]["not_given"].iloc[0] == "4 roots with independent pairs, fewer than 5"


def test_a_derivation_is_found_above_all_independent_pairs_matched_alike() -> None:
    rungs = [
        row(CONTROL_RUNG, "noise-0.5", "derived", (f"r{number}/made", f"r{number}"), score)
        for number, score in enumerate((0.4, 0.5, 0.6, 0.9))
    ]
    other_depth = row(CONTROL_RUNG, "layers-halved", "derived", ("r0/half", "r0"), 1.0, "layers by assignment")
    table = derived([*independent(6), *rungs, other_depth])[RUNGS].set_index("rung")

    assert (table.loc["noise-0.5", "above"], table.loc["noise-0.5", "tested"]) == (2, 4)
    assert table.loc["noise-0.5", "low"] == pytest.approx(0.0676, abs=1e-3)  # Clopper and Pearson, 2 of 4
    assert pd.isna(table.loc["layers-halved", "above"])


def test_children_are_ranked_among_their_own_pairs_with_other_runs() -> None:
    rows = [
        row(CHILD, "after 300 steps", "derived", ("r0/child", "r0"), 0.7),
        row(OTHER_PARENT, "", "independent", ("r0/child", "r1"), 0.6),
        row(OTHER_PARENT, "", "independent", ("r0/child", "r2"), 0.3),
        row(CHILD, "after 300 steps", "derived", ("r3/child", "r3"), 0.4),
        row(OTHER_PARENT, "", "independent", ("r3/child", "r1"), 0.6),
        row(OTHER_PARENT, "", "independent", ("r3/child", "r2"), 0.3),
    ]
    (told,) = derived(rows)[RUNGS].to_dict("records")

    assert (told["first"], told["others"], told["tested"]) == (1, 2, 2)


def test_released_models_have_a_null_of_their_own() -> None:
    rows = [
        row(RELEASED, "", "independent", ("x", "y"), 0.8, "layers by assignment"),
        row(RELEASED_RUNG, "int8", "derived", ("x/int8", "x"), 0.99),
        *independent(6),
    ]
    table = derived(rows)[RUNGS].set_index("kind")

    assert pd.isna(table.loc[RELEASED_RUNG, "above"])
    assert table.loc[RELEASED_RUNG, "above_controls"] == 1
    assert table.loc[RELEASED, "rung"] == "independent"


def test_a_recipe_is_held_against_all_pairs_without_it() -> None:
    recipes = {f"r{number}": "odd" if number % 2 else "even" for number in range(6)}
    table = derived(independent(6), recipes)[RECIPES].set_index("recipe")

    # Of 15 pairs that rise from 0.1 by 0.01 in order, with one of 0.5 between r0 and r1: even with even are 3.
    assert (table.loc["even", "own"], table.loc["even", "mixed"]) == (3, 9)
    assert table.loc["even", "others_highest"] == pytest.approx(0.23)  # r3 with r5, of odd runs alone
    assert (table.loc["even", "own_above"], table.loc["even", "mixed_above"]) == (0, 2)  # r0 with r1, r4 with r5
    assert table.loc["odd", "others_highest"] == pytest.approx(0.2)  # r2 with r4


def test_what_is_found_is_counted_by_the_recipe_of_the_run() -> None:
    rungs = [
        row(CONTROL_RUNG, "noise-0.5", "derived", (f"r{number}/made", f"r{number}"), score)
        for number, score in enumerate((0.4, 0.6, 0.45, 0.9))
    ]
    recipes = {f"r{number}": "odd" if number % 2 else "even" for number in range(6)}
    tables = derived([*independent(6), *rungs], recipes)
    table = tables[RUNGS_BY_RECIPE].set_index("recipe")

    assert (table.loc["odd", "above"], table.loc["odd", "tested"]) == (2, 2)
    assert table.loc["odd", "low"] == pytest.approx(0.025**0.5)  # Clopper and Pearson, 2 of 2
    assert (table.loc["even", "above"], table.loc["even", "high"]) == (0, pytest.approx(1 - 0.025**0.5))
    assert RUNGS_BY_RECIPE not in derived([*independent(6), *rungs])  # no recipe is on record


def test_released_models_of_one_root_count_once() -> None:
    rows = [
        row(RELEASED, "", "independent", ("x/one", "y"), 0.8, "layers by number"),
        row(RELEASED, "", "independent", ("x/two", "y"), 0.3, "layers by number"),
        row(RELEASED, "", "independent", ("x/one", "z"), 0.2, "layers by number"),
        *independent(6),
    ]
    rungs = derived(rows)[RUNGS]
    (told,) = rungs.to_dict("records")
    facts = {name: value for name, value, _ in geometry_facts(rungs)}

    assert (told["tested"], told["root_pairs"], told["above_controls"]) == (3, 2, 1)
    assert facts == {"geometry.released": 2, "geometry.released_above": 1}
    assert list(geometry_facts(pd.DataFrame())) == []


def test_nothing_is_derived_of_nothing() -> None:
    assert derive_geometry(replace(committed(), control_tables={})) == {}


def test_the_committed_table_is_of_the_plan_and_a_changed_row_is_named() -> None:
    dataset = committed()
    design = dataset.designs["factorial"]
    table = dataset.control_tables[SCORES]
    first = table.index[0]

    assert list(check_geometry(design, dataset.control_tables)) == []
    for column, value, words in (
        ("kind", CHILD, "as scripts/experiments/geometry/plan.py"),
        ("root_a", "r9", "roots and truth"),
    ):
        changed = table.copy()
        changed.loc[first, column] = value
        (problem,) = check_geometry(design, {SCORES: changed})
        assert words in problem.message


def test_no_pair_of_the_plan_stands_twice_and_independent_ones_have_two_roots() -> None:
    design = committed().designs["factorial"]
    plain, made = list(independent_pairs(design)), list(derived_pairs(design))
    names = [(pair.a.name, pair.b.name) for pair in (*plain, *made)]

    assert len(set(names)) == len(names)
    assert all(pair.a.root != pair.b.root for pair in plain)  # type: ignore[union-attr]
    assert all(pair.a.root == pair.b.root for pair in made)  # type: ignore[union-attr]

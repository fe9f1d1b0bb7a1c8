"""What is derived of the design's runs: against SciPy and plain loops, and against simulated runs of known answers."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.factorial import plan
from experiments.factorial.plan import ONE, TWO, PlannedRun, pairs_to_test, planned_runs, snapshot_steps
from lineage.evidence.experiment.effects import (
    difference_table,
    effect_table,
    factor_effects,
    score_table,
    summary,
    upcycling_table,
)
from lineage.evidence.experiment.pair_tests import COLUMNS, HEADS, NORMS, rejection_table
from lineage.evidence.experiment.runs import DEPTHS, DISPUTED, PARTS, REACHED, Results, pair_scores
from lineage.evidence.experiment.tables import derive_factorial
from lineage.evidence.findings import UNITS
from lineage.methods.std_profile import ROLES
from lineage.records import Dataset, Design
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.jackknife import jackknifed, recipe_means, student_quantile
from lineage.store.parsing.records import parse_record
from repository import ROOT

DESIGN = parse_record(
    (ROOT / "data" / "designs" / "factorial.toml").read_text(encoding="utf-8"), Design, "data/designs/factorial.toml"
)
PLAN = planned_runs(DESIGN)
LEVELS = np.array([[factor.id in recipe.high for factor in DESIGN.factors] for recipe in DESIGN.recipes])


def own_shape(cell: str, run: PlannedRun) -> np.ndarray:
    """What the seed of a run of a cell gives it, (roles, layers)."""
    rng = np.random.default_rng([*cell.encode(), int(run.recipe[1:]), run.seed])
    return rng.standard_normal((4, run.cell.layers))


def simulated(runs: tuple[PlannedRun, ...]) -> pd.DataFrame:
    """Profiles of runs: the shape of the recipe and a third as much of their own, before the first step that alone.

    A child has the shape of its parent, which fades in step with training.
    """
    tables = []
    for run in runs:
        layers = run.cell.layers
        recipe = np.random.default_rng([int(run.recipe[1:]), layers]).standard_normal((4, layers))
        for step in snapshot_steps(DESIGN, run):
            share = step / run.cell.steps
            shape = own_shape(run.cell.id, run)
            if run.parent:
                shape = (1 - share) * (recipe + 0.3 * own_shape("dense-48", run)) + share * shape
            elif step:
                shape = recipe + 0.3 * shape
            table = pd.DataFrame(5 + 0.2 * shape.T, columns=list(ROLES))
            tables.append(table.assign(run=run.name, step=step, layer=range(layers)))
    return pd.concat(tables)


@pytest.fixture(scope="module")
def whole() -> Results:
    return Results(DESIGN, simulated(PLAN))


def row(table: pd.DataFrame, **wanted: object) -> pd.Series:
    found = table
    for name, value in wanted.items():
        found = found[found[name] == value]
    assert len(found) == 1, (wanted, len(found))
    return found.iloc[0]


@pytest.mark.parametrize("freedom", [8, 16, 24, 56])
def test_students_quantile_is_scipys(freedom: int) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=2e-3)


@pytest.mark.parametrize(("hits", "trials"), [(0, 8), (1, 32), (2, 66), (8, 8), (5, 9)])
def test_the_binomial_interval_is_scipys(hits: int, trials: int) -> None:
    wanted = stats.binomtest(hits, trials).proportion_ci(0.95, "exact")

    assert binomial_interval(hits, trials) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_scores_are_pearsons_and_their_mean() -> None:
    rng = np.random.default_rng(4)
    curves, others = rng.random((3, 4, 12)), rng.random((2, 4, 12))

    found = pair_scores(curves, others)

    for a in range(3):
        for b in range(2):
            roles = [stats.pearsonr(curves[a, role], others[b, role]).statistic for role in range(4)]
            assert found[:4, a, b] == pytest.approx(roles)
            assert found[4, a, b] == pytest.approx(np.mean(roles))
            assert found[5, a, b] == (np.mean(roles) >= DISPUTED)


def test_means_of_recipes_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(5)
    recipes = np.array([0, 0, 0, 1, 1, 2])
    scores = rng.random((6, 6))
    scores = scores + scores.T

    found = recipe_means(scores, recipes, 4)

    def wanted(a: int, b: int) -> float:
        own = [scores[i, j] for i in range(6) for j in range(6) if i != j and (recipes[i], recipes[j]) == (a, b)]
        return float(np.mean(own)) if own else np.nan

    assert found == pytest.approx(np.array([[wanted(a, b) for b in range(4)] for a in range(4)]), nan_ok=True)


@pytest.mark.parametrize("pairs", [ONE, TWO])
def test_intervals_hold_the_truth_about_as_often_as_they_say(pairs: str) -> None:
    rng = np.random.default_rng(6)
    recipes, seeds, draws = 8, 4, 300
    groups = np.repeat(np.arange(recipes), seeds)
    held = 0
    for _ in range(draws):
        own = rng.standard_normal(recipes * seeds)
        errors = rng.standard_normal((len(own), len(own)))
        scores = 0.5 + own[:, None] + own + (errors + errors.T) / 2
        found = jackknifed(lambda places, scores=scores: summary(scores[None], groups, recipes, pairs, places), groups)
        held += bool(found.low[0] <= 0.5 <= found.high[0])

    low, high = stats.binomtest(held, draws).proportion_ci(0.99, "exact")
    assert low <= 0.97, "the interval is much too wide"
    assert high >= 0.93, "the interval is too narrow"


def test_the_jackknife_of_a_mean_is_the_usual_standard_error() -> None:
    values = np.random.default_rng(7).random(12)

    found = jackknifed(lambda places: np.array([values[places].mean()]), np.zeros(12, dtype=np.intp))

    reach = stats.t.ppf(0.975, 11) * stats.sem(values)
    assert (found.high[0] - found.low[0]) / 2 == pytest.approx(reach, rel=1e-3)


def test_with_too_few_runs_of_a_recipe_there_is_a_value_and_no_interval() -> None:
    found = jackknifed(lambda places: np.array([len(places)]), np.array([0, 0, 0, 1, 1]))

    assert found.values[0] == 5
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])


def test_effects_that_were_put_in_come_out() -> None:
    rng = np.random.default_rng(8)
    differing, level = rng.normal(0, 0.1, 7), rng.normal(0, 0.1, 7)
    means = np.array([[0.6 + (a ^ b) @ differing + (a.astype(int) + b - 1) @ level for b in LEVELS] for a in LEVELS])

    effects, shares = factor_effects(means[None], LEVELS)

    assert effects[0] == pytest.approx(differing)
    assert (shares > 0).all()
    assert (shares < 1).all()


def test_a_factor_that_does_nothing_explains_nothing() -> None:
    means = np.array([[1.0 - 0.5 * (a[2] ^ b[2]) for b in LEVELS] for a in LEVELS])

    effects, shares = factor_effects(means[None], LEVELS)

    assert effects[0] == pytest.approx([0, 0, -0.5, 0, 0, 0, 0], abs=1e-12)
    # Not 1: that two recipes differ at all, which the other six still say, goes with differing in the third.
    assert shares[0] == pytest.approx([0, 0, 0.96, 0, 0, 0, 0], abs=1e-12)


def test_one_recipe_scores_high_two_do_not_and_every_row_says_of_how_many_runs(whole: Results) -> None:
    table = score_table(whole)

    assert set(table["cell"]) == {cell.id for cell in DESIGN.cells if not cell.parents}
    for cell, steps in (("dense-48", 300), ("long-12", 7000)):
        same = row(table, cell=cell, step=steps, pairs=ONE, part="mean")
        apart = row(table, cell=cell, step=steps, pairs=TWO, part="mean")
        assert same["low"] > 0.8
        assert apart["high"] < 0.3
        assert same["lowest"] <= same["value"] <= same["highest"]
    assert row(table, cell="dense-48", step=300, pairs=ONE, part="q")[["runs", "planned", "recipes"]].tolist() == [
        *(64, 64, 8)
    ]
    assert abs(row(table, cell="dense-48", step=0, pairs=ONE, part="mean")["value"]) < 0.1
    assert set(table["part"]) == set(PARTS)
    assert table.loc[table["part"] == REACHED, "value"].between(0, 1).all()
    assert np.isnan(row(table, cell="long-48", step=7000, pairs=ONE, part="mean")["low"])  # two runs a recipe


def test_the_mean_over_recipes_is_that_of_a_plain_loop(whole: Results) -> None:
    measured = whole.measured("dense-6")
    of_recipe: dict[str, list[float]] = {}
    for (a, first), (b, second) in combinations(zip(measured.runs, measured.curves, strict=True), 2):
        if a.recipe == b.recipe:
            score = np.mean([stats.pearsonr(first[role], second[role]).statistic for role in range(4)])
            of_recipe.setdefault(a.recipe, []).append(float(score))
    means = [np.mean(scores) for scores in of_recipe.values()]

    found = row(score_table(whole), cell="dense-6", step=300, pairs=ONE, part="mean")

    assert [found["value"], found["lowest"], found["highest"]] == pytest.approx(
        [np.mean(means), min(means), max(means)]
    )


def test_differences_are_those_of_the_scores(whole: Results) -> None:
    scores, differences = score_table(whole), difference_table(whole)

    for of in DEPTHS[:-1]:
        for pairs in (ONE, TWO):
            found = row(differences, question="depth", of=of, pairs=pairs, part="mean")
            sides = [row(scores, cell=cell, step=300, pairs=pairs, part="mean")["value"] for cell in (of, "dense-48")]
            assert found["value"] == pytest.approx(sides[0] - sides[1])
            assert found["low"] < found["value"] < found["high"]
    trained = row(differences, question="training", of="dense-48", pairs=ONE, part="mean")
    assert trained["value"] == pytest.approx(0)  # the simulated profiles do not change after the first step
    wide = row(differences, question="width", of="wide-48", pairs=ONE, part="mean")
    assert (wide["runs"], wide["planned"]) == (8 + 16, 8 + 16)
    assert row(differences, question="experts", less="dense-48", part="mean")["runs"] == 8 + 64


def test_effects_stand_where_every_recipe_has_three_runs(whole: Results) -> None:
    assert set(effect_table(whole)["cell"]) == set(DEPTHS)
    some = Results(DESIGN, simulated(tuple(run for run in PLAN if run.cell.id == "dense-6" and run.seed < 3)))
    assert effect_table(some).empty


def test_a_child_is_nearest_to_its_parent_until_it_is_not(whole: Results) -> None:
    table = upcycling_table(whole)

    with_parent = table[(table["other"] == "parent") & (table["part"] == "mean")].set_index("step")["value"]
    assert list(with_parent.index) == [0, 3, 9, 30, 90, 300]
    assert (with_parent.diff().dropna() < 0).all()
    first = table[table["part"] == "share that score highest with it"].set_index("step")
    assert first.loc[9, ["value", "high"]].tolist() == [1, 1]
    assert first.loc[9, "low"] == pytest.approx(stats.binomtest(8, 8).proportion_ci().low)
    assert first.loc[300, "value"] < 1
    assert set(table["other"]) == {"parent", "other runs of its recipe", "mixtures from scratch"}
    assert (table["children"] == table["planned"]).all()


def test_one_finished_run_makes_no_pair_and_two_recipes_make_one() -> None:
    alone = Results(DESIGN, simulated(PLAN[:1]))
    two = Results(DESIGN, simulated(PLAN[:2]))

    assert score_table(alone).empty
    table = score_table(two)
    assert set(table["pairs"]) == {TWO}
    found = row(table, step=300, part="mean")
    assert (found["runs"], found["planned"], found["recipes"]) == (2, 64, 2)
    assert np.isnan(found["low"])
    for derived in (difference_table, effect_table, upcycling_table):
        derived(two)


def test_rejections_are_counted_where_a_test_could_reject() -> None:
    pairs = [pair for pair in pairs_to_test(DESIGN) if pair.a.cell.id == pair.b.cell.id == "dense-6"]
    within = [pair for pair in pairs if pair.a.recipe == pair.b.recipe]
    figures = [(-3.0, -10.0), (-2.0, -10.0), (-1.9, -10.0), (-0.004, -0.004), (np.nan, np.nan)]
    rows = [
        (pair.a.name, pair.b.name, pair.step, test, "1", 0.0, *numbers, "")
        for test in (NORMS, UNITS)
        for pair, numbers in zip(within, figures, strict=False)
    ]
    rows.append(("nobody", "nothing", 300, UNITS, "1", 0.0, -9.0, -9.0, ""))

    table = rejection_table(DESIGN, pd.DataFrame(rows, columns=COLUMNS))

    assert table["test"].tolist() == [UNITS, NORMS]
    found = table.iloc[0]
    assert found[["cell", "pairs", "step"]].tolist() == ["dense-6", ONE, 300]
    assert found[["rejected", "able", "unable", "abstained", "tested", "planned"]].tolist() == [2, 3, 1, 1, 5, 16]
    wanted = stats.binomtest(2, 3).proportion_ci(0.95, "exact")
    assert found[["value", "low", "high"]].tolist() == pytest.approx([2 / 3, wanted.low, wanted.high])


def test_a_test_that_could_not_reject_has_no_rate() -> None:
    (pair, *_) = pairs_to_test(DESIGN)
    row = (pair.a.name, pair.b.name, pair.step, HEADS, "1", 0.9, -0.004, -0.004, "")

    table = rejection_table(DESIGN, pd.DataFrame([row], columns=COLUMNS))

    assert table[["able", "unable"]].to_numpy().tolist() == [[0, 1]]
    assert table[["value", "low", "high"]].isna().all(axis=None)


def test_nothing_is_derived_without_a_design_or_a_run() -> None:
    profiles = simulated(PLAN[:2])
    broken = DESIGN.model_copy(update={"cells": DESIGN.cells[1:]})

    assert derive_factorial(Dataset()) == {}
    assert derive_factorial(Dataset(designs={"factorial": DESIGN})) == {}
    assert derive_factorial(Dataset(control_tables={"factorial-profiles.csv": profiles})) == {}
    assert (
        derive_factorial(Dataset(designs={"factorial": broken}, control_tables={"factorial-profiles.csv": profiles}))
        == {}
    )
    assert derive_factorial(
        Dataset(designs={"factorial": DESIGN}, control_tables={"factorial-profiles.csv": profiles})
    )["factorial-scores.csv"].shape[0]


def test_cells_that_the_tables_name_are_in_the_design() -> None:
    assert {*DEPTHS, "wide-12", "wide-48", "moe-48"} <= {cell.id for cell in DESIGN.cells}


def test_what_derives_does_without_scipy_and_torch() -> None:
    rooms = ROOT / "scripts" / "lineage"
    modules = [*sorted((rooms / "evidence").rglob("*.py")), rooms / "statistics/jackknife.py", Path(plan.__file__)]
    assert rooms / "evidence/experiment/effects.py" in modules
    for module in modules:
        text = module.read_text(encoding="utf-8")
        assert "import scipy" not in text
        assert "from scipy" not in text
        assert "torch" not in text

"""The experiment by design on its page: tables of spread and children against plain loops, charts, and what is said."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.experiment.experiment_facts import experiment_facts
from lineage.evidence.experiment.runs import DISPUTED, PARTS, Results, pair_scores
from lineage.evidence.experiment.spread import binned, child_table, range_table, spread_table
from lineage.evidence.experiment.tables import derive_factorial
from lineage.records import Dataset
from lineage.site.blocks.axes import axis_within
from lineage.site.blocks.charts import Mark
from lineage.site.blocks.intervals import Estimate, EstimateGroup, interval_chart
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.pages.experiment import experiment_page, judged_columns
from lineage.site.pages.experiment_charts import depth_chart, mean_words
from lineage.site.templating import grouped
from repository import committed
from test_factorial_scores import DESIGN, PLAN, simulated

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def profiles() -> pd.DataFrame:
    return simulated(PLAN)


@pytest.fixture(scope="module")
def results(profiles: pd.DataFrame) -> Results:
    return Results(DESIGN, profiles)


@pytest.fixture(scope="module")
def dataset(profiles: pd.DataFrame) -> Dataset:
    tables = {
        "factorial-profiles.csv": profiles,
        "factorial-runs.csv": pd.DataFrame({"run": [run.name for run in PLAN]}),
    }
    derived = derive_factorial(Dataset(designs={"factorial": DESIGN}, control_tables=tables))
    return Dataset(designs={"factorial": DESIGN}, control_tables=tables, derived=derived)


def scores_of(results: Results, cell: str) -> dict[str, list[float]]:
    """What the pairs of a cell score, pair by pair."""
    measured = results.measured(cell)
    matrix = pair_scores(measured.curves)[PARTS.index("mean")]
    scores: dict[str, list[float]] = {ONE: [], TWO: []}
    for a, b in combinations(range(len(measured.runs)), 2):
        scores[ONE if measured.runs[a].recipe == measured.runs[b].recipe else TWO].append(float(matrix[a, b]))
    return scores


@pytest.mark.parametrize("cell", ["dense-48", "dense-6", "moe-48"])
@pytest.mark.parametrize("pairs", [ONE, TWO])
def test_each_pair_lies_in_a_bin_and_the_range_is_that_of_single_pairs(results: Results, cell: str, pairs: str) -> None:
    scores = scores_of(results, cell)[pairs]
    spread, ranges = spread_table(results), range_table(results)

    own = spread[(spread["cell"] == cell) & (spread["pairs"] == pairs)]
    for low, high, count in own[["from", "to", "count"]].itertuples(index=False):
        assert count == sum(low - 1e-9 <= value < high - 1e-9 or (high == 1 and value > 1 - 1e-9) for value in scores)
    (row,) = ranges[(ranges["cell"] == cell) & (ranges["pairs"] == pairs)].to_dict("records")
    assert own["count"].sum() == row["count"] == len(scores)
    assert (row["smallest"], row["largest"]) == pytest.approx((min(scores), max(scores)))
    assert row["middle"] == pytest.approx(np.median(scores))
    assert row["reaching"] == sum(value >= DISPUTED for value in scores)


def test_a_bin_holds_its_low_end_and_the_last_one_holds_one() -> None:
    assert list(binned(np.array([1.0, 0.98, 0.02, 0.0199, -1.0]))) == [
        (-1.0, -0.98, 1),
        (0.0, 0.02, 1),
        (0.02, 0.04, 1),
        (0.98, 1.0, 2),
    ]


def test_children_are_those_of_the_design_with_their_own_parents(results: Results) -> None:
    table = child_table(results)

    children = [run for run in PLAN if run.parent]
    assert dict(zip(table["child"], table["parent"], strict=True)) == {run.name: run.parent for run in children}
    assert table.groupby("child")["step"].nunique().eq(6).all()
    assert table["others"].eq(len(children) - 1).all()
    start, end = (table[table["step"] == step]["score"] for step in (0, 300))
    assert start.min() > 0.999  # it begins with the attention of its parent
    assert end.mean() < 0.5  # and the simulated ones forget it


def test_a_child_without_its_parent_is_left_out(profiles: pd.DataFrame) -> None:
    orphan = next(run for run in PLAN if run.parent)

    table = child_table(Results(DESIGN, profiles[profiles["run"] != orphan.parent]))

    assert orphan.name not in set(table["child"])


def test_the_page_says_what_its_tables_hold_in_both_languages(dataset: Dataset) -> None:
    ranges = dataset.derived["factorial-ranges.csv"]
    for language in (ENGLISH, CHINESE):
        page = experiment_page(dataset, language)
        text = page.markdown + "".join(page.blocks.values())
        for count in ranges[ranges["cell"].isin(["dense-48", "dense-6"])]["count"]:
            assert re.search(rf"\b{grouped(count)}\b", text)
        assert text.count("<figure") == 4
        assert 'id="rejections"' not in text  # no test of a pair is on record
    last = dataset.derived["factorial-children.csv"].query("step == 300")
    first = int((last["score"] > last["highest_other"]).sum())
    assert f"{first} of 8 score higher with their own parent" in experiment_page(dataset).markdown


def test_the_page_says_how_wide_the_models_are_and_how_long_they_were_trained(dataset: Dataset) -> None:
    page = experiment_page(dataset)

    for width, steps in {(run.cell.width, run.cell.steps) for run in PLAN}:
        runs = [run.cell.layers for run in PLAN if (run.cell.width, run.cell.steps) == (width, steps)]
        layers = ", ".join(map(str, sorted(set(runs))))
        assert f"{len(runs)} runs are {width} wide and of {grouped(steps)} steps (layers: {layers})" in page.markdown
    (later,) = (str(block) for block in page.blocks.values() if 'id="differences-training"' in block)
    rows = dataset.derived["factorial-differences.csv"].query("question == 'training' and part == 'mean'")
    assert later.count("<tr") == 1 + rows["of"].nunique()
    assert "48, mixture of experts" in later


def test_facts_of_wider_models_and_of_longer_training_are_those_of_the_tables(dataset: Dataset) -> None:
    tables = experiment_facts(dataset.derived, DESIGN, 48)
    facts = {name: value for _, own in tables for name, value, _ in own}
    cells = {cell.id: cell for cell in DESIGN.cells}
    differences, ranges = (dataset.derived[f"factorial-{name}.csv"] for name in ("differences", "ranges"))

    for name, question in (("wider", "width"), ("longer", "training")):
        able = differences["part"].eq("mean") & differences["low"].notna() & differences["question"].eq(question)
        asked = [cells[cell] for cell in differences[able]["of"].unique()]
        apart = [own for own in asked if (own.width > 64 if name == "wider" else own.steps > 300)]
        cell = max(apart, key=lambda own: (own.steps, own.layers))
        scored = ranges[ranges["cell"] == cell.id]
        told = {key.rpartition("_")[2]: value for key, value in facts.items() if key.startswith(f"experiment.{name}_")}
        assert told == {
            "layers": cell.layers,
            "width": cell.width,
            "steps": cell.steps,
            "recipes": len(cell.recipes),
            "pairs": scored["count"].sum(),
            "reaching": scored["reaching"].sum(),
            "lowest": scored["smallest"].min(),
            "highest": scored["largest"].max(),
            "separate": scored["separate"].min(),
            "high": 100 * scored["high"].max(),
        }


def test_the_small_models_that_score_highest_stand_beside_the_others(dataset: Dataset) -> None:
    facts = {name: value for _, own in experiment_facts(dataset.derived, DESIGN, 48) for name, value, _ in own}
    ranges = dataset.derived["factorial-ranges.csv"]
    others = ranges[~ranges["cell"].isin(["dense-48", "wide-48", "long-12"])]

    assert facts["experiment.highest_highest"] == others["largest"].max()
    assert facts["experiment.highest_layers"] == 6


def test_the_page_without_a_design_or_a_run_says_so() -> None:
    assert "not on record" in experiment_page(Dataset()).markdown
    empty = experiment_page(Dataset(designs={"factorial": DESIGN})).markdown
    assert "not trained yet" in empty
    assert "<figure" not in empty


def test_the_chart_of_depths_asks_what_the_finished_depths_can_answer(profiles: pd.DataFrame, dataset: Dataset) -> None:
    deep = profiles[profiles["run"].str.startswith("dense-48")]
    derived = derive_factorial(Dataset(designs={"factorial": DESIGN}, control_tables={"factorial-profiles.csv": deep}))

    one, every = (depth_chart(held, DESIGN, ENGLISH) for held in (Dataset(derived=derived), dataset))

    assert one is not None
    assert every is not None
    assert (one.question, len(one.rows)) == ("What do independent models of 48 layers score?", 2)
    assert (every.question.startswith("Do independent models of many layers"), len(every.rows)) == (True, 8)
    assert depth_chart(Dataset(), DESIGN, ENGLISH) is None


def test_a_mean_says_that_it_has_no_interval() -> None:
    assert mean_words({"value": 0.353, "low": np.nan, "high": np.nan}, ENGLISH) == "0.35 (no interval yet)"
    assert mean_words({"value": 0.353, "low": 0.3, "high": -0.0}, ENGLISH) == "0.35 (0.30 to 0.00)"


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_estimates_lie_where_their_numbers_are(width: str) -> None:
    values = [-0.4, 0.1, 0.9]
    rows = [
        Estimate(f"<b>{value}</b>", value, value - 0.05, value + 0.05, value - 0.1, value + 0.1) for value in values
    ]
    group = EstimateGroup("one & other", "", "independent", [*rows, Estimate("alone", 0.0)])

    chart = interval_chart("a-chart", "Why?", "As it is.", [group], "Score", Mark(0.927, "0.927", "a line"))

    root = ET.fromstring(chart.svg[width])  # noqa: S314 - our own drawing
    circles = list(root.iter(f"{SVG}circle"))
    places = [float(circle.get("cx", "nan")) for circle in circles]
    slope, offset = np.polyfit([*values, 0.0], places, 1)
    assert np.abs(slope * np.array([*values, 0.0]) + offset - places).max() < 0.1
    assert [circle.get("class") for circle in circles] == [None, None, None, "alone"]
    ends = [
        re.findall(r"[\d.]+", path.get("d", "")) for path in root.iter(f"{SVG}path") if path.get("class") == "interval"
    ]
    for value, (left, _, right) in zip(values, ends, strict=True):
        assert (float(left), float(right)) == pytest.approx(
            (slope * (value - 0.05) + offset, slope * (value + 0.05) + offset), abs=0.2
        )
    assert "<b>" not in chart.svg[width]
    assert chart.rows[-1] == ["one & other", "alone", 0.0, "none", "none", "none", "none"]
    alone = interval_chart(
        "a-chart", "Why?", "As it is.", [EstimateGroup("t", "", "derived", [Estimate("a", 0.5)])], ""
    )
    assert (alone.columns, alone.rows) == (["group", "what", "value"], [["t", "a", 0.5]])


@pytest.mark.parametrize("values", [[0.0], [-0.2, 0.05], [0.3, 3.1], [-7.0, -6.0]])
def test_an_axis_of_differences_holds_zero_and_few_marks(values: list[float]) -> None:
    axis = axis_within(values)

    assert axis.low <= min(*values, 0.0)
    assert axis.high >= max(*values, 0.0)
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 11
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick, _ in axis.ticks)


def test_what_the_tests_say_stands_under_names_for_readers_and_without_columns_that_hold_nothing() -> None:
    rejections = committed().derived["factorial-rejections.csv"]
    cells = {cell.id for cell in committed().designs["factorial"].cells}
    tests, left_out = judged_columns(rejections)

    for language in (ENGLISH, CHINESE):
        (block,) = (
            str(block) for block in experiment_page(committed(), language).blocks.values() if 'id="rejections"' in block
        )
        words = re.sub(r"<[^>]*>", " ", block)
        assert [cell for cell in cells if re.search(rf"\b{cell}\b", words)] == []
        assert block.count("<tr") == 1 + len(rejections[["cell", "pairs", "step"]].drop_duplicates())
        assert block.count('scope="col"') == 2 + len(tests)
    for test, able, rows in left_out:
        own = rejections[rejections["test"] == test]
        assert able == (own["able"] > 0).sum() < rows / 2

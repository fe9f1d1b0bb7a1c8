"""Charts say what their data say, and say it twice the same."""

import re
import sys
from collections import Counter
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lineage.evidence.case_figures import DrawnCase, drawn_case
from lineage.records import Dataset
from lineage.site.blocks.axes import Scale, axis_of
from lineage.site.blocks.charts import Chart, Mark, wrapped
from lineage.site.blocks.curves import Axes, Curve, Key, curves_chart
from lineage.site.blocks.strips import Lane, piled, strip_chart
from lineage.site.blocks.taken_charts import standalone_svg, with_source
from lineage.site.pages.cases.null_figure import null_chart
from lineage.site.pages.methods.weight import unseen_stretches
from repository import committed

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


@pytest.fixture(scope="module")
def drawn(dataset: Dataset) -> DrawnCase:
    case = drawn_case(dataset.cases["pangu-qwen"], dataset)
    assert case is not None
    return case


@pytest.fixture(scope="module")
def chart(dataset: Dataset, drawn: DrawnCase) -> Chart:
    figure = null_chart(drawn, dataset)
    assert figure is not None
    return figure


@pytest.mark.parametrize("characters", range(12, 40))
def test_no_line_of_a_chart_begins_with_the_sign_of_a_number_before_it(characters: int) -> None:
    lines = wrapped(
        "share no run: 0 to 11\u00a0% of such pairs might (95\u00a0% interval), 28\u202f000 of them", characters
    )

    assert " ".join(lines).count("\u00a0%") == 2
    assert " ".join(lines).count("28\u202f000") == 1
    assert max(map(len, lines)) <= characters


def test_a_chart_marks_each_end_of_its_axis_under_its_line(chart: Chart) -> None:
    for drawing in chart.svg.values():
        root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
        ticks = root.findall(f".//{SVG}g[@class='axis']/{SVG}text[@text-anchor]")
        assert {tick.get("text-anchor") for tick in ticks} == {"middle"}
        assert {"−0.4", "1.0"} <= {tick.text for tick in ticks}


def dots(chart: Chart, width: str, lane: str) -> list[float]:
    root = ET.fromstring(chart.svg[width])  # noqa: S314 - our own drawing
    group = next(part for part in root.iter(f"{SVG}g") if part.get("class") == f"lane {lane}")
    return [float(circle.get("cx", "nan")) for circle in group.iter(f"{SVG}circle")]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_independent_pair_is_drawn_where_its_score_is(chart: Chart, drawn: DrawnCase, width: str) -> None:
    medians = drawn.independent_pairs["median"]
    places = dots(chart, width, "independent")

    assert len(places) == len(medians) == 70
    slope, offset = np.polyfit(medians, places, 1)
    assert np.abs(slope * medians + offset - places).max() < 0.1


def upcycled_children(dataset: Dataset) -> int:
    children = dataset.derived.get("factorial-children.csv", pd.DataFrame({"child": []}))
    return int(children["child"].nunique())


def test_dots_bars_and_heaps_together_count_every_pair(chart: Chart, drawn: DrawnCase, dataset: Dataset) -> None:
    bars = [int(count) for count in re.findall(r'class="bar-label"[^>]*>(\d+)<', chart.svg["wide"])]

    circles = len(re.findall(r"<circle ", chart.svg["wide"]))
    heaps = [int(count) for count in re.findall(r"<title>[−.\d]+ – [−.\d]+: (\d+)</title>", chart.svg["wide"])]
    assert circles + sum(bars) == len(drawn.counted_derivations) + 70 + upcycled_children(dataset)
    ranges = dataset.derived["factorial-ranges.csv"]
    assert sum(heaps) == ranges[ranges["cell"] == "dense-48"]["count"].sum()


def test_the_sentence_for_screen_readers_holds_the_same_numbers(chart: Chart, drawn: DrawnCase) -> None:
    medians = drawn.independent_pairs["median"]
    lower = int((drawn.counted_derivations["similarity"] < 0.927).sum())

    assert f"{(medians < 0.927).sum()} of {len(medians)} pairs" in chart.description
    assert f"{medians.max():.3f}" in chart.description
    assert f"{90 - lower} of 90 documented derivations score higher than 0.927, and {lower} lower" in chart.description


def test_the_data_beside_the_chart_are_what_is_drawn(chart: Chart) -> None:
    groups = Counter(str(row[0]) for row in chart.rows)

    assert {1, 70, 90} <= {*groups.values()}
    assert sum("Trained here, 48 layers" in group for group in groups) == 2
    assert chart.columns == ("group", "pair", "count", "score")
    assert (chart.rows[69][1], round(chart.rows[69][3], 3)) == ("Qwen2-VL-2B / opt-125m", 0.918)


def test_each_dot_has_the_name_of_its_pair(chart: Chart) -> None:
    assert "<title>Qwen2-VL-2B / opt-125m: 0.918</title>" in chart.svg["wide"]
    for svg in chart.svg.values():
        assert svg.count("<circle") == svg.count("<circle ") == svg.count("</title></circle>")


def test_a_downloaded_chart_is_whole_xml_with_title_description_and_style(chart: Chart) -> None:
    root = ET.fromstring(standalone_svg(chart))  # noqa: S314 - our own drawing

    assert root[1].tag == f"{SVG}title"
    assert root.find(f"{SVG}desc") is not None
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")


def test_a_downloaded_chart_says_what_it_asks_and_where_it_comes_from(chart: Chart) -> None:
    plain = ET.fromstring(standalone_svg(chart))  # noqa: S314 - our own drawing
    taken = ET.fromstring(with_source(standalone_svg(chart), "A record, of <a day>. CC-BY-4.0"))  # noqa: S314 - the same

    said = " ".join(text.text or "" for text in taken.iter(f"{SVG}text") if "taken" in (text.get("class") or ""))
    lowest = max(float(text.get("y", "0")) for text in taken.iter(f"{SVG}text"))
    left, top, width, height = map(float, taken.get("viewBox", "").split())
    assert said.startswith(chart.question)
    assert all(name in said for name in chart.origin)
    assert said.endswith("A record, of <a day>. CC-BY-4.0")
    assert (left, width, height) == (0, float(taken.get("width", "0")), float(taken.get("height", "0")))
    assert top < 0 < lowest < top + height
    assert height > float(plain.get("height", "0"))


def test_the_same_data_give_the_same_bytes(dataset: Dataset, drawn: DrawnCase, chart: Chart) -> None:
    again = null_chart(drawn, dataset)

    assert again is not None
    assert again.svg == chart.svg


def test_piles_keep_every_value_and_turn_full_bins_into_bars() -> None:
    placed, bars = piled([0.1, 0.1, 0.5, 1.0, 1.0, 0.999], 0.1, 2)

    assert sorted(placed) == [(0, 0.0), (1, 1.0), (2, 0.0)]
    assert bars == [(pytest.approx(0.9), pytest.approx(1.0), 3)]


def test_full_bins_side_by_side_are_one_bar_with_one_number() -> None:
    _, bars = piled([0.15] * 3 + [0.25] * 4 + [0.55] * 5, 0.1, 2)

    assert bars == [(pytest.approx(0.1), pytest.approx(0.3), 7), (pytest.approx(0.5), pytest.approx(0.6), 5)]


def test_a_scale_maps_its_ends_to_its_ends() -> None:
    scale = Scale(-0.2, 1.0, 14, 746)

    assert [scale(-0.2), scale(1.0), scale(0.4)] == [14, 746, 380]


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    narrow=st.booleans(),
)
@example([152_064.0], False)
@example([0.1, 2e7], True)
@example([-sys.float_info.max, sys.float_info.max], True)
@example([1e308, 1e-308, 1e308], False)
@settings(max_examples=200, deadline=None)
def test_any_finite_range_has_an_axis_of_few_marks_and_few_bins(values: list[float], narrow: bool) -> None:
    axis = axis_of(values, narrow)
    scale = Scale(axis.low, axis.high, 16.0, 740.0)
    dots, bars = piled(values, axis.bin_width, 3, axis.high)

    assert 1 <= len(axis.ticks) <= 15
    assert len({words for _, words in axis.ticks}) == len(axis.ticks)
    assert [scale(value) for value, _ in axis.ticks] == sorted(scale(value) for value, _ in axis.ticks)
    assert all(15.9 <= scale(value) <= 740.1 for value in values)
    assert len(dots) + sum(count for _, _, count in bars) == len(values)


@pytest.mark.parametrize("value", [152_064.0, 1e15, -1e15, 1e-300])
def test_a_chart_with_one_far_value_is_as_small_as_any(value: float) -> None:
    lanes = [Lane("Lane", "Note.", [0.5, value], [True, False], "independent")]
    chart = strip_chart("x", "Question?", "Described.", lanes, Mark(value, "1", "a mark"), "Axis.")

    assert sum(map(len, chart.svg.values())) < 20_000
    assert "nan" not in chart.svg["wide"]


def test_scores_keep_the_axis_of_tenths() -> None:
    axis = axis_of([0.2, 0.93], narrow=False)

    assert (axis.low, axis.high, axis.bin_width) == (0.2, 1.0, 0.025)
    assert [words for _, words in axis.ticks] == ["0.2", "0.4", "0.6", "0.8", "1.0"]


def test_where_nothing_was_seen_a_curve_is_faint_and_the_axis_has_numbers() -> None:
    unseen = ((0.25, 0.5),)
    axes = Axes("score", "ratio", ticks=((0.0, "0.0"), (0.5, "0.5")), unseen=unseen, keys=(Key("seen", ("a",), "x"),))
    curve = Curve("panel", "a", np.array([0.0, 0.4, 1.0]), np.array([0.0, 0.4, 1.0]))

    for svg in curves_chart("c", "Q?", "d", [curve], {"panel": "P"}, axes).svg.values():
        root = ET.fromstring(svg)  # noqa: S314 - our own
        tag = "{http://www.w3.org/2000/svg}"
        paths = [path.attrib for path in root.iter(f"{tag}path") if path.attrib["class"].startswith("curve x")][1:]
        assert [path["class"] for path in paths] == ["curve x", "curve x faint", "curve x"]
        ends = [[float(at.split()[0]) for at in path["d"][1:].split("L")] for path in paths]
        assert ends[0][-1] == ends[1][0] < ends[1][-1] == ends[2][0]
        assert {text.text for text in root.iter(f"{tag}text")} >= {"0.0", "0.5"}
        band = next(one for one in root.iter(f"{tag}rect") if one.get("class") == "unseen")
        assert float(band.attrib["x"]) == ends[1][0]


def test_a_stretch_without_pairs_counts_that_is_as_wide_as_the_one_around_the_score() -> None:
    scores = np.array([0.0, 0.1, 0.4, 0.45, 0.65, 0.7, 0.95])

    assert unseen_stretches(scores, 0.5) == [(0.1, 0.4), (0.45, 0.65), (0.7, 0.95)]
    assert unseen_stretches(scores, 0.2) == [(0.1, 0.4)]
    assert unseen_stretches(scores, 0.4) == unseen_stretches(scores, 2.0) == []

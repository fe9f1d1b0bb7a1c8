"""Charts say what their data say, and say it twice the same."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from lineage.charts import Chart, Scale, piled, standalone_svg
from lineage.derivation import DERIVATIONS, ROOT_PAIRS, independent_root_pairs
from lineage.pages.null_figure import null_chart
from lineage.records import Dataset
from lineage.store import load_dataset
from repository import ROOT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(ROOT / "data")[0]


@pytest.fixture(scope="module")
def chart(dataset: Dataset) -> Chart:
    found = null_chart(dataset)
    assert found is not None
    return found


def dots(chart: Chart, width: str, lane: str) -> list[float]:
    root = ET.fromstring(chart.svg[width])  # noqa: S314 - our own drawing
    group = next(part for part in root.iter(f"{SVG}g") if part.get("class") == f"lane {lane}")
    return [float(circle.get("cx", "nan")) for circle in group.iter(f"{SVG}circle")]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_independent_pair_is_drawn_where_its_score_is(chart: Chart, dataset: Dataset, width: str) -> None:
    medians = independent_root_pairs(dataset.tables[ROOT_PAIRS])["median"]
    drawn = dots(chart, width, "independent")

    assert len(drawn) == len(medians) == 75
    slope, offset = np.polyfit(medians, drawn, 1)
    assert np.abs(slope * medians + offset - drawn).max() < 0.1


def test_dots_and_bars_together_count_every_pair(chart: Chart, dataset: Dataset) -> None:
    bars = [int(count) for count in re.findall(r'class="bar-label"[^>]*>(\d+)<', chart.svg["wide"])]

    drawn = len(re.findall(r"<circle ", chart.svg["wide"]))
    assert drawn + sum(bars) == len(dataset.tables[DERIVATIONS]) + 75 + 66


def test_the_sentence_for_screen_readers_holds_the_same_numbers(chart: Chart, dataset: Dataset) -> None:
    medians = independent_root_pairs(dataset.tables[ROOT_PAIRS])["median"]
    lower = int((dataset.tables[DERIVATIONS]["similarity"] < 0.927).sum())

    assert f"{(medians < 0.927).sum()} of {len(medians)} pairs" in chart.description
    assert f"{medians.max():.3f}" in chart.description
    assert f"{lower} of 131 documented derivations" in chart.description


def test_the_data_beside_the_chart_are_what_is_drawn(chart: Chart) -> None:
    groups = Counter(group for group, _ in chart.rows)

    assert sorted(groups.values()) == [1, 1, 66, 75, 131]


def test_a_downloaded_chart_is_whole_xml_with_title_description_and_style(chart: Chart) -> None:
    root = ET.fromstring(standalone_svg(chart))  # noqa: S314 - our own drawing

    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")


def test_the_same_data_give_the_same_bytes(dataset: Dataset, chart: Chart) -> None:
    again = null_chart(dataset)

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

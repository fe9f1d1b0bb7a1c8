"""The figure of a pair tensor by tensor: what each lane says, and what keeps it from being drawn."""

import math
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

from lineage.checks.kinds.case_figures import check_case_figure
from lineage.records import Case, Cited, Dataset, TensorFigure, TensorKind
from lineage.site.blocks.axes import bent, bent_axis
from lineage.site.blocks.strips import Band, Lane, strip_chart
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.cases.tensor_figure import tensor_chart
from repository import tiny

CASE = "pangu-qwen"
SAID = Cited(text="What it shows.", sources=("honestyagi-readme",))
NEAR, FAR = "near", "far"


def with_tensors(kinds: tuple[str, ...] = (NEAR, FAR), table: str = "pair-tensors.csv") -> tuple[Case, Dataset]:
    """The record with a figure tensor by tensor of its first case: 40 z around 0, and 5 of 60."""
    dataset = tiny()
    z = [*np.random.default_rng(5).standard_normal(40).tolist(), 60.0, 60.5, 61.0, 61.5, 62.0]
    rows = pd.DataFrame({"kind": [NEAR] * 40 + [FAR] * 5, "z": z})
    figure = TensorFigure(
        table=table,
        lesson=(SAID,),
        kinds=tuple(TensorKind(kind=kind, title=f"Lane of {kind}", shows=SAID) for kind in kinds),
    )
    case = dataset.cases[CASE].model_copy(update={"tensors": figure})
    tables = {**dataset.tables, "pair-tensors.csv": rows}
    return case, replace(dataset, tables=tables, cases={**dataset.cases, CASE: case})


def test_a_lane_says_what_its_tensors_give_and_what_chance_would() -> None:
    case, dataset = with_tensors()
    z = dataset.tables["pair-tensors.csv"]["z"]
    chart = tensor_chart(case, dataset)

    assert chart is not None
    assert chart.origin == ("published/pair-tensors.csv",)
    near = z[:40]
    outside = int((near.abs() > 1.96).sum())
    spread = f"standard deviation {near.std(ddof=1):.2f}, {outside} outside the band"
    assert f"40 tensors: mean {near.mean():.2f}, {spread}".replace("-", "−") in chart.description
    assert f"By chance: 0 ± {1.96 / math.sqrt(40):.2f}, 1 ± {1.96 / math.sqrt(80):.2f}, 2." in chart.description
    assert "5 tensors: mean 61.00, standard deviation 0.79, 5 outside the band." in chart.description
    assert len(chart.rows) == 45


@pytest.mark.parametrize("banded", [True, False])
@pytest.mark.parametrize("scale", [0.3, 40.0])
def test_a_bar_stands_for_as_many_at_every_width(banded: bool, scale: float) -> None:
    rng = np.random.default_rng(11)
    values = [*(rng.standard_normal(400) * scale / 40).tolist(), *(rng.uniform(-scale, scale, 60)).tolist()]
    lane = Lane("Many", "", values, [False] * len(values), "null")
    chart = strip_chart("bars", "How many?", "", [lane], None, "z", Band(-1.96, 1.96, "band") if banded else None)

    labels = {name: re.findall(r'class="bar-label"[^>]*>(\d+)<', svg) for name, svg in chart.svg.items()}

    assert labels["wide"] == labels["narrow"] != []


def test_the_page_shows_the_figure_with_its_lesson_and_each_kind() -> None:
    case, dataset = with_tensors()
    page = case_page(case, dataset)
    text = unescape(page.markdown)

    assert "### The pair, tensor by tensor" in text
    assert "Lane of near" in text
    assert "Lane of far" in text
    assert any("pangu-qwen-tensors" in str(block) for block in page.blocks.values())
    assert "tensor by tensor" not in case_page(tiny().cases[CASE], tiny()).markdown


@pytest.mark.parametrize(
    ("kinds", "table", "said"),
    [
        ((NEAR, "other"), "pair-tensors.csv", "has fewer than two rows of the kind 'other'"),
        ((NEAR,), "none.csv", "'none.csv' is no table on record"),
        ((NEAR,), "tensorlock-root-pairs.csv", "has no column kind, z, which the figure reads"),
        ((NEAR, FAR), "pair-tensors.csv", None),
    ],
    ids=["another kind", "no table", "another table", "sound"],
)
def test_what_keeps_the_figure_from_being_drawn_is_said(kinds: tuple[str, ...], table: str, said: str | None) -> None:
    case, dataset = with_tensors(kinds, table)
    found = [str(problem) for problem in check_case_figure(case, dataset)]

    assert (tensor_chart(case, dataset) is None) == bool(said)
    assert len(found) == bool(said)
    assert not said or said in found[0]


def test_a_table_of_another_pair_is_refused() -> None:
    case, dataset = with_tensors()
    table = dataset.published["tensorlock"].tables[0].model_copy(update={"file": "pair-tensors.csv"})
    other = dataset.published["honestagi"].model_copy(
        update={
            "tables": (table,),
            "figures": (dataset.published["honestagi"].figures[0].model_copy(update={"model_b": "x/other"}),),
        }
    )
    dataset = replace(dataset, published={"honestagi": other})

    assert "is of a set with no figure of this case's two models" in str(next(check_case_figure(case, dataset)))


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [
        ([-2.7, 63.9], "−3", "100"),
        ([0.0, 0.0], "0", "1"),
        ([5.0, 6.0], "3", "10"),
        ([-1e300, 1e300], "−1e+300", ""),
    ],
    ids=["two sides", "all nothing", "one side", "huge"],
)
def test_a_bent_axis_ends_at_marks_around_its_values(values: list[float], first: str, last: str) -> None:
    axis = bent_axis(values, 50)
    placed = bent(values)

    assert axis.ticks[0][1] == first
    assert not last or axis.ticks[-1][1] == last
    assert len(axis.ticks) <= 10
    assert axis.low <= min(placed) <= max(placed) <= axis.high
    assert axis.bin_width == pytest.approx((axis.high - axis.low) / 50)


def test_a_band_stands_behind_the_lanes_and_bars_outside_it_are_strong() -> None:
    lanes = [Lane("Far", "", [60.0] * 80, [True] * 80, "independent"), Lane("Near", "", [0.0], [False], "independent")]
    svg = str(strip_chart("c", "Q", "D", lanes, None, "z", Band(-1.96, 1.96, "usual")).svg["wide"])

    assert svg.index('class="band"') < svg.index('class="lane')
    assert 'rx="3" class="strong"' in svg
    assert ">80</text>" in svg
    assert 'class="band"' not in str(strip_chart("c", "Q", "D", lanes, None, "z").svg["wide"])

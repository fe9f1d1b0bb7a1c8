"""The small picture of a phone's first screen: every value is drawn, and it says nothing that the chart does not."""

import re

from lineage.evidence.case_figures import drawn_case, home_case
from lineage.site.blocks.glimpses import glimpse
from lineage.site.blocks.strips import Lane
from lineage.site.pages.cases.null_figure import null_chart, null_glimpse
from repository import committed


def lane(*values: float) -> Lane:
    return Lane("title", "note", values, [False] * len(values), "independent")


def test_each_value_is_a_dot_on_the_axis_of_the_chart() -> None:
    drawn = glimpse([("Independent", lane(0.1, 0.5)), ("Derived", lane(0.99))], 0.9, "the score")

    assert drawn.count("<circle") == 3
    assert [float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)] == sorted(
        float(x) for x in re.findall(r'cx="([\d.]+)"', drawn)
    )
    assert 'aria-hidden="true"' in drawn


def test_more_dots_than_a_lane_holds_are_a_bar() -> None:
    drawn = glimpse([("Derived", lane(*[0.999] * 40))], 0.9, "the score")

    assert drawn.count("<circle") == 0
    assert drawn.count("<rect") == 1


def test_words_are_inert() -> None:
    assert "<b>" not in glimpse([("<b>", lane(0.1))], 0.9, "<b>")


def test_that_of_home_has_the_first_two_lanes_of_the_figure_and_no_number() -> None:
    dataset = committed()
    home = home_case(dataset)
    drawn = drawn_case(home, dataset) if home else None
    assert drawn is not None
    small, chart = null_glimpse(drawn, dataset), null_chart(drawn, dataset)
    assert small is not None
    assert chart is not None

    assert small.count("<circle") <= len(drawn.independent_pairs) + len(drawn.counted_derivations)
    assert small.count("<circle") >= len(drawn.independent_pairs)  # each of these is a dot
    assert not re.search(r">[^<]*\d[^<]*<", small)

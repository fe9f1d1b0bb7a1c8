"""Who comes from whom, laid out: parents above children, families apart, cycles harmless."""

from datetime import date

import pytest

from lineage.records import RELATION_LABELS, RELATIONS
from lineage.site.blocks.graph_layout import Tie, lanes, places, trunk


def documented(parent: str, child: str) -> Tie:
    return Tie(parent, child, True, "is a fine-tune of")


def found(first: str, second: str) -> Tie:
    return Tie(first, second, False, "same weights")


def test_a_child_stands_below_its_parent_and_one_step_further() -> None:
    placed = places([documented("a", "c"), documented("c", "b")], {})

    assert [(name, place.row, place.generation) for name, place in placed.items()] == [
        ("a", 0, 0),
        ("c", 1, 1),
        ("b", 2, 2),
    ]


def test_a_merge_stands_below_all_that_it_was_made_from() -> None:
    ties = [
        documented("a", "m"),
        documented("b", "m"),
        documented("b", "c"),
        documented("c", "m"),
        documented("m", "n"),
    ]

    placed = places(ties, {})

    assert [(name, place.generation) for name, place in placed.items()] == [
        *(("a", 0), ("b", 0), ("c", 1), ("m", 2), ("n", 3))
    ]


def test_a_finding_holds_two_families_together_without_a_generation() -> None:
    placed = places([documented("x", "y"), found("y", "m")], {})

    assert [(name, place.generation) for name, place in placed.items()] == [("m", 0), ("x", 0), ("y", 1)]


def test_the_family_with_the_earliest_date_comes_first_and_undated_ones_last() -> None:
    ties = [documented("a", "b"), documented("m", "n"), documented("x", "y")]

    placed = places(ties, {"n": date(2024, 1, 1), "x": date(2023, 1, 1), "a": None})

    assert list(placed) == ["x", "y", "m", "n", "a", "b"]
    assert placed["n"].released == date(2024, 1, 1)
    assert placed["a"].released is None


def test_every_model_has_one_row_even_where_parents_go_round() -> None:
    placed = places([documented("a", "b"), documented("b", "a")], {})

    assert sorted(place.row for place in placed.values()) == [0, 1]


@pytest.mark.parametrize(("tie", "first", "last"), [(documented("p", "c"), "c", "p"), (found("p", "c"), "p", "c")])
def test_a_sentence_begins_with_the_child_or_the_first(tie: Tie, first: str, last: str) -> None:
    assert (tie.model, tie.other) == (first, last)


def test_nothing_is_laid_out_of_nothing() -> None:
    assert places([], {}) == {}


def test_a_child_hangs_from_the_parent_nearest_above_so_that_no_row_lies_in_between() -> None:
    ties = [documented("a", "m"), documented("b", "m"), documented("b", "c"), documented("c", "m"), found("a", "c")]

    assert trunk(ties, places(ties, {})) == {"m": "c", "c": "b"}


def test_a_child_that_stands_above_its_parent_hangs_from_none() -> None:
    ties = [documented("a", "b"), documented("b", "a")]

    assert len(trunk(ties, places(ties, {}))) == 1


def test_findings_share_a_lane_where_they_share_no_row() -> None:
    assert lanes([(0, 2), (2, 3), (3, 5), (4, 6)]) == [0, 1, 0, 1]
    assert lanes([]) == []


def test_families_are_told_apart() -> None:
    placed = places([documented("a", "b"), documented("m", "n")], {})

    assert {name: place.family for name, place in placed.items()} == {"a": 0, "b": 0, "m": 1, "n": 1}


def test_every_relation_has_its_short_word() -> None:
    assert set(RELATION_LABELS) == set(RELATIONS)

"""Which tables stay grids in how much room, and which become cards."""

import re

import pytest
from markupsafe import Markup

from lineage.site.blocks.table_room import STEPS, card_class, grid_room, ranged_class, table_css, with_whole_ranges
from lineage.site.blocks.tables import TableBlock, table_html, telling_column


def test_a_narrow_table_stays_a_grid_everywhere() -> None:
    assert card_class(grid_room(("Name", "Score"), (False, True), [("abc", "0.918"), ("de", "0.2")])) == ""


@pytest.mark.parametrize("room", [17.1, 18.0, 26.5, 34.0])
def test_a_table_becomes_cards_where_there_is_less_room_than_it_takes(room: float) -> None:
    step = int(card_class(room).rpartition("-")[2])
    assert step in STEPS
    assert room <= step
    assert f"@container (max-width: {step}rem)" in table_css()


@pytest.mark.parametrize("room", [34.1, 45.0, 300.0])
def test_a_table_that_takes_more_than_any_phone_has_is_cards_there_and_scrolls_elsewhere(room: float) -> None:
    assert card_class(room) == "woe-stacked woe-from-34 woe-scrolled"
    assert re.search(r"@media print \{\s*\.md-typeset \.woe-table \.woe-scrolled", table_css())


def test_every_column_takes_room_and_tags_take_none() -> None:
    plain = grid_room(("A", "B"), (False, False), [("x", "some words that go on")])
    assert grid_room(("A", "B", "C"), (False, False, False), [("x", "some words that go on", "y")]) > plain
    linked = Markup('<a href="../../a/very/long/address/that/nobody/sees/">some words that go on</a>')
    assert grid_room(("A", "B"), (False, False), [("x", linked)]) == plain


def test_a_number_and_a_name_take_the_room_of_all_their_characters() -> None:
    short, long = (grid_room(("A", "B"), (False, True), [("x", digits)]) for digits in ("1", "1 234 567"))
    assert long > short + 3
    assert grid_room(("A", "B"), (False, False), [("x", "a/name_without_spaces")]) > short + 6


def test_a_range_of_numbers_is_never_broken_and_takes_its_whole_room() -> None:
    html = with_whole_ranges('<span data-sort="0 to 1">0.39 (0.28 to 0.50)</span>')

    assert html == '<span data-sort="0 to 1">0.39 <span class="woe-range">(0.28 to 0.50)</span></span>'
    assert with_whole_ranges("26（0 至 58）") == '26<span class="woe-range">（0 至 58）</span>'
    assert with_whole_ranges("made to fit") == "made to fit"
    whole, broken = (grid_room(("A", "B"), (False, False), [("x", text)]) for text in ("0.28 to 0.50", "0.28 2 0.50"))
    assert whole > broken


def test_chinese_breaks_anywhere_and_is_twice_as_wide() -> None:
    latin = grid_room(("A", "B"), (False, False), [("x", "abcd" * 8)])
    chinese = grid_room(("A", "B"), (False, False), [("x", "模型" * 16)])
    assert chinese < latin


def test_cells_carry_the_names_of_their_columns_where_a_table_can_become_cards() -> None:
    table = TableBlock("t", "T", ("Model", "", 'A "b"'), (False, False, False), [("x", "y", "z " * 400)], room=30.0)
    html = table_html(table)
    assert 'class="woe-grid woe-stacked woe-from-30"' in html
    assert "<td>y</td>" in html
    assert '<td data-label="A &#34;b&#34;">' in html
    assert "data-label" not in table_html(TableBlock("t", "T", ("A", "B"), (False, True), [("x", 1)]))


def test_numbers_with_an_interval_may_take_two_lines_and_others_not() -> None:
    numeric = (False, True)
    assert ranged_class(numeric, [("a name of more than sixteen letters", "0.918")]) == ""
    assert ranged_class(numeric, [("x", "0.918"), ("y", "0.4335 (0.3732 to 0.8861)")]) == "woe-ranged"
    rows = [("y", "0.4335 (0.3732 to 0.8861)")]
    assert "woe-ranged" in table_html(TableBlock("t", "T", ("A", "B"), numeric, rows))


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([("a", "x", "1"), ("b", "x", "2")], 0),
        ([("a", "x", "1"), ("a", "y", "1"), ("b", "x", "2")], 1),
        ([("12", "64", "300", "0.1"), ("12", "64", "7000", "0.2")], 2),
        ([("a", "0.1"), ("a", "0.2")], 0),  # a measured number tells none apart
        ([], 0),
    ],
)
def test_the_column_that_tells_cards_apart(rows: list[tuple[str, ...]], column: int) -> None:
    assert telling_column(rows) == column


def test_a_bare_number_in_a_title_of_a_card_has_the_name_of_its_column() -> None:
    headers = ("Layers", "What was seen in so many words that no narrow screen has room for a grid", "Mean")
    rows = [("6", "words " * 40, "0.1"), ("12", "words " * 40, "0.2")]

    html = table_html(TableBlock("t", "Caption", headers, (False, False, True), rows))

    assert '<th scope="row" data-label="Layers">6</th>' in html

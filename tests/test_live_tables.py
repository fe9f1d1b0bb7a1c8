"""Tables that readers filter and sort: which are, what a script is given, and that data stays inert in it."""

import html
import json
import re

import pandas as pd
import pytest
from markupsafe import Markup

from lineage.records import Column
from lineage.site.blocks.live_tables import FIND_FROM, LIVE_FROM, is_live, live_table_html
from lineage.site.blocks.tables import Facet, TableBlock, sorted_as, table_html
from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.pages.published import _facets

HOSTILE = """"><script>alert('{all}')</script>"""


def table(rows: int, **fields: object) -> TableBlock:
    cells = [(f"name {row}", row) for row in range(rows)]
    return TableBlock("things-table", "Things", ("Name", "Number"), (False, True), cells, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "counted", "live"),
    [(LIVE_FROM, "things", True), (LIVE_FROM - 1, "things", False), (LIVE_FROM, "", False)],
    ids=["long enough", "seen at a glance", "does not say what its rows are"],
)
def test_a_table_is_live_where_it_is_long_and_says_what_its_rows_are(rows: int, counted: str, live: bool) -> None:
    assert is_live(table(rows, counted=counted)) is live


def given(block: Markup, name: str) -> object:
    found = re.search(rf'data-{name}="([^"]*)"', block)
    assert found is not None
    return json.loads(html.unescape(found[1]))


def test_hostile_values_stay_inert_and_whole() -> None:
    facet = Facet("kind", HOSTILE, [HOSTILE] * LIVE_FROM)
    one = table(LIVE_FROM, counted="things", facets=[facet])

    block = live_table_html(table_html(one), one, ENGLISH, "../", first=False)

    assert "<script" not in block
    assert given(block, "facets") == [{"key": "kind", "name": HOSTILE, "order": None}]
    assert given(block, "values") == [HOSTILE]


def test_the_words_are_those_of_the_language_and_of_the_rows() -> None:
    one = table(LIVE_FROM, counted="scores")

    said = given(live_table_html(Markup(), one, CHINESE, "", first=False), "words")

    assert isinstance(said, dict)
    assert (said["whole"], said["all"]) == ("{all} 个分数", "显示全部")


@pytest.mark.parametrize(("rows", "facets", "lines"), [(LIVE_FROM, 0, 0), (FIND_FROM, 0, 1), (FIND_FROM, 3, 2)])
def test_room_is_kept_for_as_many_lines_of_fields_as_come(rows: int, facets: int, lines: int) -> None:
    one = table(rows, counted="things", facets=[Facet(f"f{place}", "F", ["x"] * rows) for place in range(facets)])

    assert f"--lines: {lines}" in live_table_html(Markup(), one, ENGLISH, "", first=True)


def test_the_library_is_loaded_once_a_page_and_held_to_its_checksum() -> None:
    one = table(LIVE_FROM, counted="things")

    first, second = (live_table_html(Markup(), one, ENGLISH, "../", first=here) for here in (True, False))

    assert re.search(r'<script src="\.\./assets/vendor/[^"]+" integrity="sha384-[^"]+" defer>', first)
    assert "<script" not in second


def test_a_cell_sorts_by_its_value_and_unknown_by_none() -> None:
    assert sorted_as("2025-07-05", "5 July 2025") == '<span data-sort="2025-07-05">5 July 2025</span>'
    assert sorted_as(None, "unknown") == '<span data-sort="">unknown</span>'
    assert sorted_as('"><b>', "<i>") == '<span data-sort="&#34;&gt;&lt;b&gt;">&lt;i&gt;</span>'


def test_columns_of_few_values_are_facets_but_for_names_that_the_address_uses() -> None:
    frame = pd.DataFrame({"kind": ["a", "b"] * 4, "sort": ["a", "b"] * 4, "id": list("abcdefgh"), "n": range(8)})
    kinds = {"n": "integer"}
    columns = [Column(name=name, title=name, kind=kinds.get(name, "text")) for name in frame]  # type: ignore[arg-type]

    assert [facet.key for facet in _facets(frame, columns)] == ["kind"]

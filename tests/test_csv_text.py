"""Tables as CSV: the rows of the page, and nothing that a spreadsheet would run."""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lineage.site.out.csv_text import csv_cell, csv_text
from repository import committed_pages

FORMULA = re.compile(r"^\s*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+2", "'+1+2"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("-", "'-"),
        ("-0.5", "-0.5"),
        ("−0.5", "-0.5"),
        ("-1e-05", "-1e-05"),
        (-0.5, "-0.5"),
        (1e-05, "1e-05"),
        ("153\u202f376", "153376"),
        (None, ""),
        (float("nan"), ""),
        ("a, b", "a, b"),
        (Markup('<a href="x">=1+1</a>'), "'=1+1"),
        (Markup("A &lt;b&gt;<br><small>c</small>"), "A <b> c"),
    ],
)
def test_a_cell_is_a_number_or_inert_words(cell: object, expected: str) -> None:
    assert csv_cell(cell) == expected


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=4))
def test_no_text_at_all_becomes_a_formula(cells: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(csv_text(cells, []), newline=""))

    assert len(row) == len(cells)
    assert [cell for cell in row if FORMULA.match(cell) and not NUMBER.match(cell)] == []


def test_every_table_and_chart_of_every_page_has_its_files() -> None:
    tables = charts = 0
    for page in committed_pages():
        html = "".join(page.blocks.values())
        linked = {path.rpartition("/")[2] for path in page.files if path.endswith((".csv", ".svg"))}
        named = set(re.findall(r'href="[^"]*?([^"/]+)" download', html))
        assert linked <= named, page.path
        charts += html.count("<svg") // 2
        in_charts = html.count('class="woe-asks"')
        files = [Path(name).suffix for name in page.files]
        assert files.count(".svg") == in_charts, page.path
        assert files.count(".csv") == len(re.findall('<table class="woe-grid(?! woe-heatmap)', html)), (
            page.path
        )  # a heat map's is scores.csv
        tables += files.count(".csv")
        for name, text in page.files.items():
            if name.endswith(".csv"):
                head, *rows = csv.reader(io.StringIO(text, newline=""))
                assert {len(row) for row in rows} <= {len(head)}, name
    assert tables > 100
    assert charts > 10


def test_a_csv_has_the_cells_of_its_table() -> None:
    page = next(page for page in committed_pages() if page.path == "methods/permutation-test.md")
    html = next(block for block in page.blocks.values() if 'id="power"' in block)
    html = re.sub(r"</?span[^>]*>", "", html)  # a range of numbers is one piece

    rows = list(csv.reader(io.StringIO(page.files["methods/permutation-test/power.csv"], newline="")))

    counts = re.findall(
        r'<td class="number"[^>]*>(\d+)</td>\n<td class="number"[^>]*>[^<]*</td>\n<td class="number"[^>]*>', html
    )
    assert counts
    assert [row[2] for row in rows[1:]] == counts

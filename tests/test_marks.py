"""Marks on numbers: a word and a shape each, on the pages that print numbers."""

import re

import pytest

from lineage.records import model_slug
from lineage.records.provenance import MEASURED, measured_words
from lineage.site.blocks.marks import MARKS, PUBLISHED, UNVERIFIED, mark_html, measure_html, set_mark
from lineage.site.citations import READINGS
from lineage.site.pages import Page
from repository import ROOT, committed, committed_pages

STYLE = (ROOT / "docs" / "assets" / "site.css").read_text(encoding="utf-8")


def all_of(page: Page) -> str:
    return page.markdown + "".join(page.blocks.values())


def test_each_mark_has_a_word_and_a_shape_of_its_own() -> None:
    found = [
        re.fullmatch(r'<span class="woe-mark woe-mark-(\w+)" title="[^"]+">([^<]+)</span>', mark_html(kind))
        for kind in MARKS
    ]

    shapes, words = zip(*(mark.groups() for mark in found if mark), strict=True)

    assert len(set(shapes)) == len(set(words)) == len(MARKS)
    for shape in shapes:
        assert f".woe-mark-{shape}::before" in STYLE


def test_an_unknown_kind_is_refused_and_a_published_set_names_its_publisher() -> None:
    with pytest.raises(KeyError):
        mark_html("guessed")
    assert "published by &lt;b&gt;" in set_mark("published by <b>")
    assert set_mark(MEASURED) == mark_html(MEASURED)


def test_a_published_number_says_whether_anybody_could_check_it() -> None:
    assert mark_html(UNVERIFIED) in measure_html("<i>", True)
    assert "woe-mark" not in measure_html("<i>", False)
    assert "<i>" not in measure_html("<i>", False)


def test_pages_of_models_pairs_and_methods_mark_their_numbers() -> None:
    for page in committed_pages():
        html = all_of(page)
        if 'id="published-scores"' in html:
            assert mark_html(PUBLISHED) in html, page.path
        if 'id="error-rates"' in html or 'id="screening"' in html or "## What was measured here" in html:
            expected = "woe-mark" in html or "Not measured" in html or "Not testable" in html
            assert expected, page.path
        if page.path.startswith("models/") and "rows, one for each matrix" in html:
            model = next(one for one in committed().models if page.path == f"models/{model_slug(one)}.md")
            assert mark_html(MEASURED, measured_words([model], committed())) in html, page.path


def test_unknown_is_a_word_in_every_table() -> None:
    for page in committed_pages():
        for table in re.findall(r"<tbody>.*?</tbody>", "".join(page.blocks.values()), re.DOTALL):
            assert not re.search(r"<td[^>]*>\s*[–-]?\s*</td>", table), page.path


def test_every_source_says_how_it_was_read_wherever_it_is_listed() -> None:
    seen = 0
    for page in committed_pages():
        html = "".join(page.blocks.values())
        for entry in re.findall(r'<li id="source-[^"]+">.*?</li>', html, re.DOTALL):
            assert any(words in entry for words in READINGS.values()), (page.path, entry)
            seen += 1
    listed = next(page for page in committed_pages() if page.path == "sources.md")
    rows = re.findall(r'<tr id="[^"]+".*?</tr>', all_of(listed), re.DOTALL)
    assert len(rows) == len(committed().sources)
    assert all(any(reading in row for reading in READINGS) for row in rows)
    assert seen > 100

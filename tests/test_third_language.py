"""A third language is a catalogue and a line: shown with a made-up one, which also finds English that is left over."""

from pathlib import Path

import pytest

import translate
from lineage.records import Dataset
from lineage.site import languages
from lineage.site.languages import ENGLISH, Language, in_all_languages, missed_words
from lineage.site.pages import build_pages
from lineage.store.catalogues import catalogue_text
from repository import tiny

PSEUDO = Language("fr", "Pseudo", "fr_FR", "pseudo/")


def pseudo(words: str) -> str:
    """English that no page has by itself: in brackets; what is filled in and what is HTML stay."""
    return f"[{words}]"


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """A language whose catalogue is made of the words that are asked for, and of nothing else."""
    words = dict.fromkeys(text for text, _ in translate.site_words())
    known = {text: pseudo(text) for text in words}
    text = catalogue_text(((one, "made up") for one in words), known, PSEUDO.code, "Made up.")
    (tmp_path / f"{PSEUDO.code}.po").write_text(text, encoding="utf-8")
    monkeypatch.setattr(languages, "_CATALOGUES", tmp_path)
    return PSEUDO


def test_a_language_is_a_catalogue_and_a_line(third: Language) -> None:
    dataset: Dataset = tiny()

    with missed_words() as missed:
        pages = {page.path: page for page in build_pages(dataset, third)}

    assert missed == set()  # every text of a template is one that translators are asked for
    assert set(pages) == {page.path for page in build_pages(dataset, ENGLISH) if in_all_languages(page.path)}


def test_titles_and_headings_are_said_in_it(third: Language) -> None:
    pages = [page for page in build_pages(tiny(), third) if page.path.startswith(("pairs/", "methods/std", "models/"))]
    assert len(pages) > 5

    for page in pages:
        headings = [line for line in page.markdown.splitlines() if line.startswith("## ")]
        assert headings or page.path.endswith("index.md"), page.path
        assert all("[" in line for line in headings), (page.path, headings)

"""Whatever passes the check builds: data with generated changes are refused in words, or all pages are made of them."""

import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from check import find_problems
from compare import csv_text, derive_tables
from generated_data import changes, write_base
from lineage.site.api import api_files
from lineage.site.languages import LANGUAGES
from lineage.site.out.feeds import build_feeds
from lineage.site.pages import build_pages, with_citation
from lineage.store import cache as kept
from lineage.store.edition import Edition
from lineage.store.files import load_dataset
from lineage.store.writing import write_file
from repository import RECORD_DAY

EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "25"))  # hundreds take a quarter of an hour on one core
MOST_BYTES = 60_000_000  # of all pages together; a page of the committed data has at most 3 MB
EDITION = Edition("Title", ("Author",), "1", ("CC0-1.0",), "Abstract")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "data"
    write_base(folder)
    assert find_problems(folder, RECORD_DAY)[1] == []
    return folder


def sizes_of_what_is_built(data: Path) -> Iterator[int]:
    """The length of every page and file that is made of a data folder, as hooks.py makes them."""
    dataset, problems = load_dataset(data)
    assert problems == ()
    for name, frame in derive_tables(dataset, data).items():
        if not frame.empty:
            write_file(data / "derived" / name, csv_text(frame))
    dataset, problems = find_problems(data, RECORD_DAY)
    assert problems == [], "what was derived of sound data is sound"
    yield from (len(text) for _, text in chain(api_files(dataset, EDITION), build_feeds(dataset, EDITION).items()))
    for language in LANGUAGES:
        for page in build_pages(dataset, language):
            page = with_citation(page, EDITION, language)
            yield len(page.markdown) + sum(map(len, page.blocks.values())) + sum(map(len, page.files.values()))


@pytest.fixture
def kept_here(tmp_path: Path, nothing_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - comes first
    """What is computed of the same tables is kept, as in a build: keeping it must not fail either."""
    monkeypatch.setenv(kept.FOLDER, str(tmp_path))


@pytest.mark.usefixtures("kept_here")
@given(drawn=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_what_passes_the_check_builds(drawn: st.DataObject, base: Path) -> None:
    said = dict(drawn.draw(st.lists(changes(base), min_size=1, max_size=2)))
    before = {name: (base / name).read_text(encoding="utf-8") for name in said}
    try:
        for name, text in said.items():
            write_file(base / name, text)
        if not find_problems(base, RECORD_DAY)[1]:
            assert sum(sizes_of_what_is_built(base)) < MOST_BYTES
    finally:
        for name, text in before.items():
            write_file(base / name, text)
        for path in (base / "derived").glob("*"):
            path.unlink()

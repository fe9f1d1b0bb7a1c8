"""Where the repository is, the tiny record that tests of code use, and the committed one, with the day of each.

tests/record/ is a record of its own: two cases, eight models, two of them measured and matched. It began as a copy of
committed records and keeps to itself: nobody who edits data/ needs to know of it. Tests of what is committed are in
tests/committed/.
"""

import os
import re
from datetime import date
from functools import cache
from pathlib import Path

from lineage.records import Dataset
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages import Page, build_pages
from lineage.store.files import load_dataset

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / "tests" / "record"  # whose last day is RECORD_DAY
RECORD_DAY = date(2026, 11, 28)
COMMITTED = Path(os.environ.get("COMMITTED", ROOT))  # whose data/ and site/ tests/committed/ is about: a rehearsal's
_DAY = re.compile(r"^\w+ = (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
# The last day that a committed record names, so that a new record needs no newer test.
TODAY = max(
    date.fromisoformat(day)
    for path in (ROOT / "data").rglob("*.toml")
    for day in _DAY.findall(path.read_text(encoding="utf-8"))
)


@cache
def tiny() -> Dataset:
    """The tiny record, read once."""
    dataset, problems = load_dataset(RECORD)
    assert problems == ()
    return dataset


@cache
def committed() -> Dataset:
    """The committed data, read once; it must be sound."""
    dataset, problems = load_dataset(COMMITTED / "data")
    assert problems == ()
    return dataset


@cache
def committed_pages(language: Language = ENGLISH) -> tuple[Page, ...]:
    """Every page that is made of it in a language, made once."""
    return tuple(build_pages(committed(), language))

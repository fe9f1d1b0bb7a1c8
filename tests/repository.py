"""Where the repository is, and the day that counts as today."""

from datetime import date
from functools import cache
from pathlib import Path

from lineage.pages import Page, build_pages
from lineage.records import Dataset
from lineage.store import load_dataset

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 25)


@cache
def committed() -> Dataset:
    """The committed data, read once; it must be sound."""
    dataset, problems = load_dataset(ROOT / "data")
    assert problems == ()
    return dataset


@cache
def committed_pages() -> tuple[Page, ...]:
    """Every page that is made of it, made once."""
    return tuple(build_pages(committed()))

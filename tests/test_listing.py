"""Pages that come and go with records are listed as they are written, without writing them."""

from dataclasses import replace

from lineage.methods.registry import METHODS
from lineage.records import Dataset, Removal, method_slug
from lineage.site.pages import build_pages
from lineage.site.pages.listing import titles_of_records
from repository import RECORD_DAY, tiny

OF_RECORDS = ("cases/", "methods/", "models/", "pairs/", "sources/")
OF_CODE = {"methods/index.md", "models/index.md", "pairs/index.md", "cases/index.md"} | {
    f"methods/{method_slug(method)}.md" for method in METHODS
}


def written(dataset: Dataset) -> dict[str, str]:
    """Path and title of each page of a record, as the site has them."""
    pages = {page.path: page.title for page in build_pages(dataset)}
    return {path: title for path, title in pages.items() if path.startswith(OF_RECORDS) and path not in OF_CODE}


def test_they_are_those_that_are_written() -> None:
    assert titles_of_records(tiny()) == written(tiny())


REMOVED = {
    "model": ("model", "gone/gone"),
    "case": ("case", "gone"),
    "source": ("source", "gone"),
    "published": ("published", "gone"),
    "benchmark": ("benchmark", "gone"),
    "method": ("parameters", "gone"),
    "parameters": ("parameters", "std_profile"),
    "claim": ("claim", "gone/gone"),
    "design": ("design", "gone"),
}


def test_pages_where_something_was_removed_are_among_them() -> None:
    said = {"stood": "A.", "why": "B.", "date": RECORD_DAY, "asked_by": "maintainer"}
    removals = {
        name: Removal(path=f"data/removals/{name}.toml", id=name, kind=kind, removed=removed, name=name, **said)
        for name, (kind, removed) in REMOVED.items()
    }
    dataset = replace(tiny(), removals=removals)

    assert titles_of_records(dataset) == written(dataset)
    assert "models/gone_gone.md" in written(dataset)

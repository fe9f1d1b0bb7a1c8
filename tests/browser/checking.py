"""The modules of the page "Check a model" in the real browser, called one by one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from lineage.checkpoints.families import FOLDER
from lineage.site.pages.checking.reading import reading_json
from lineage.store.files import load_dataset
from repository import ROOT
from serve_site import serving


def reading_tables() -> Any:
    """What the page reads of names, types and settings, as the build writes it."""
    dataset, problems = load_dataset(FOLDER.parent)
    assert problems == ()
    return json.loads(reading_json(dataset.families))


@contextmanager
def modules(browser: Browser) -> Iterator[Page]:
    """A page on which `import("/assets/js/check/...")` works."""
    with serving(ROOT / "docs") as address:
        page = browser.new_page()
        page.goto(f"{address}assets/js/check/words.js")
        yield page
        page.close()

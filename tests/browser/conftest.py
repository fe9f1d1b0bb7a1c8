"""A real browser on the built site over a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checking import modules, reading_tables
from playwright.sync_api import Browser, BrowserContext, Page

from serve_site import serving


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A desktop page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone, 360 pixels wide."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield context
    context.close()


@pytest.fixture(scope="session")
def modules_page(browser: Browser) -> Iterator[Page]:
    """A page that can import the modules of the page that checks, and holds nothing else."""
    with modules(browser) as page:
        yield page


@pytest.fixture(scope="session")
def tables() -> Any:
    """What those modules read of names, types and settings."""
    return reading_tables()

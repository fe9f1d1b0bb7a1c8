"""A real browser on the built site over a real server.

To open a browser's page costs more than to load one of ours. So most tests share one that goes from address to address,
as a reader does, and is put back after each; whatever cannot be put back, as a script that runs first, a rule for
requests or a listener, happens on a page that the test has alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from checking import modules, reading_tables
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from serve_site import serving

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
QUIET = "assets/site.css"  # what a shared page shows between tests: of the same server, and nothing runs on it


@contextmanager
def opened_once(browser: Browser, **settings: Any) -> Iterator[Page]:
    """A page in a context of its own."""
    context = browser.new_context(**settings)
    yield context.new_page()
    context.close()


def put_back(page: Page, base: str, size: ViewportSize) -> None:
    """A shared page as it was: its size, media and pointer, nothing stored, and at another address."""
    page.set_viewport_size(size)
    page.emulate_media(media="null", color_scheme="null", reduced_motion="null", forced_colors="null")
    page.mouse.move(0, 0)
    page.goto(base + QUIET)
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.context.clear_cookies()


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def desktop(browser: Browser) -> Iterator[Page]:
    """The page that tests on a desktop share."""
    with opened_once(browser, viewport=DESKTOP) as page:
        yield page


@pytest.fixture(scope="session")
def handheld(browser: Browser) -> Iterator[Page]:
    """The page that tests on a phone share."""
    with opened_once(browser, viewport=PHONE, has_touch=True) as page:
        yield page


@pytest.fixture
def page(desktop: Page, base: str) -> Iterator[Page]:
    """A desktop page, put back after the test."""
    yield desktop
    put_back(desktop, base, DESKTOP)


@pytest.fixture
def phone_page(handheld: Page, base: str) -> Iterator[Page]:
    """A page on a phone, put back after the test."""
    yield handheld
    put_back(handheld, base, PHONE)


@pytest.fixture
def alone(browser: Browser) -> Iterator[Page]:
    """A desktop page that a test has alone."""
    with opened_once(browser, viewport=DESKTOP) as page:
        yield page


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone, 360 pixels wide."""
    context = browser.new_context(viewport=PHONE, has_touch=True)
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

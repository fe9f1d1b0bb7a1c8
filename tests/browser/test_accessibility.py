"""axe-core finds nothing that shuts people out: one page of each kind, on a phone and a desktop, light and dark."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from content_kinds import KINDS
from playwright.sync_api import Browser

from lineage.templating import page_address

LOOKS = {"desktop, light": (1280, "light"), "desktop, dark": (1280, "dark"), "phone, light": (360, "light")}
LOOKS |= {"phone, dark": (360, "dark")}
EVERY_PAGE = "EVERY_PAGE" in os.environ  # `make test-all`


def addresses() -> list[str]:
    site = Path(__file__).resolve().parents[2] / "site"
    if not EVERY_PAGE:
        return list(KINDS)
    return [page_address(path.relative_to(site).parent.as_posix() + ".md") for path in sorted(site.rglob("index.html"))]


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_shuts_people_out(browser: Browser, base: str, look: str) -> None:
    width, scheme = LOOKS[look]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found = {}

    for address in addresses():
        page.goto(base + address.removeprefix("./"), wait_until="networkidle")
        result = Axe().run(page, options={"resultTypes": ["violations"]})
        if violations := result.response["violations"]:
            found[address] = [(one["id"], one["nodes"][0]["html"][:120]) for one in violations]
    context.close()

    assert found == {}


def test_that_test_finds_words_too_faint_to_read(browser: Browser, base: str) -> None:
    page = browser.new_page()
    page.goto(base, wait_until="networkidle")
    page.evaluate("document.querySelector('.woe-lead').style.color = '#ddd'")

    violations = Axe().run(page).response["violations"]
    page.close()

    assert [one["id"] for one in violations] == ["color-contrast"]

"""axe-core finds nothing that shuts people out: one page of each kind, on a phone and a desktop, light and dark.

A page is loaded once for each width. The scheme is changed in place, as a device does at dusk; what does not depend on
colours is asked once.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from content_kinds import KINDS
from playwright.sync_api import Browser, Page

from lineage.site.templating import page_address

WIDTHS = {"desktop": 1280, "phone": 360}
EVERY_PAGE = "EVERY_PAGE" in os.environ  # `make test-all`
# The rules that look at colours: all that can come out otherwise in the other scheme.
OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
Found = list[tuple[str, str]]  # the rule, and the first element that breaks it


def addresses() -> list[str]:
    site = Path(__file__).resolve().parents[2] / "site"
    if not EVERY_PAGE:
        return list(KINDS)
    pages = [path.relative_to(site) for path in sorted(site.rglob("index.html"))]
    framed = [path for path in pages if "embed" in path.parts]  # of one look: they follow the device alone
    return [page_address(path.parent.as_posix() + ".md") for path in pages if path not in framed]


def violations(page: Page, options: dict[str, Any]) -> Found:
    response = Axe().run(page, options=options).response
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in response["violations"]]


def in_both_schemes(page: Page) -> Found:
    """What breaks a rule on a page that is light, and which colours do once it is dark."""
    found = violations(page, {"resultTypes": ["violations"]})
    page.locator('body[data-md-color-scheme="default"]').wait_for(state="attached")
    page.emulate_media(color_scheme="dark")
    page.locator('body[data-md-color-scheme="slate"]').wait_for(state="attached")
    found += [(f"{rule}, dark", html) for rule, html in violations(page, OF_COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_shuts_people_out(browser: Browser, base: str, width: str) -> None:
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    found = {}

    for address in addresses():
        page.goto(base + address.removeprefix("./"), wait_until="load")
        if broken := in_both_schemes(page):
            found[address] = broken
    context.close()

    assert found == {}


@pytest.mark.parametrize(("faint", "rule"), [("#ddd", "color-contrast"), ("#222", "color-contrast, dark")])
def test_that_test_finds_words_too_faint_to_read(browser: Browser, base: str, faint: str, rule: str) -> None:
    page = browser.new_page(color_scheme="light", reduced_motion="reduce")
    page.goto(base, wait_until="networkidle")
    page.evaluate("colour => document.querySelector('.woe-lead').style.color = colour", faint)

    found = in_both_schemes(page)
    page.close()

    assert [one for one, _ in found] == [rule]

"""axe-core finds nothing that shuts people out: one page of each kind, on a phone and a desktop, light and dark.

A page is loaded once for each width. The scheme is changed in place, as a device does at dusk; what does not depend on
colours is asked once. Of the rows of a table that differ in words alone ten are asked about, unless every page is.
"""

import os
from pathlib import Path

import pytest
from content_kinds import KINDS
from playwright.sync_api import Browser, Page
from shut_out import EVERY_RULE, Found, take_rows_alike_away, violations

from lineage.site.templating import page_address

WIDTHS = {"desktop": 1280, "phone": 360}
EVERY_PAGE = "EVERY_PAGE" in os.environ  # `make test-all`
# The rules that look at colours: all that can come out otherwise in the other scheme.
OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}


def addresses() -> list[str]:
    site = Path(__file__).resolve().parents[2] / "site"
    if not EVERY_PAGE:
        return list(KINDS)
    pages = [path.relative_to(site) for path in sorted(site.rglob("index.html"))]
    framed = [path for path in pages if "embed" in path.parts]  # of one look: they follow the device alone
    return [page_address(path.parent.as_posix() + ".md") for path in pages if path not in framed]


def in_both_schemes(page: Page) -> Found:
    """What breaks a rule on a page that is light, and which colours do once it is dark."""
    found = violations(page, EVERY_RULE)
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
        if not EVERY_PAGE:
            take_rows_alike_away(page)
        if broken := in_both_schemes(page):
            found[address] = broken
    context.close()

    assert found == {}


# Words in another colour, with whatever is folded around them opened.
FAINT = """([words, colour]) => {
    const faint = document.querySelector(words);
    faint.style.color = colour;
    for (let fold = faint.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}"""


@pytest.mark.parametrize(
    ("address", "words"), [("", ".woe-lead"), ("published/", ".woe-table td.number")], ids=["text", "a table"]
)
@pytest.mark.parametrize(("faint", "rule"), [("#ddd", "color-contrast"), ("#222", "color-contrast, dark")])
def test_that_test_finds_words_too_faint_to_read(
    browser: Browser, base: str, address: str, words: str, faint: str, rule: str
) -> None:
    page = browser.new_page(color_scheme="light", reduced_motion="reduce")
    page.goto(base + address, wait_until="networkidle")
    take_rows_alike_away(page)
    page.evaluate(FAINT, [words, faint])

    found = in_both_schemes(page)
    page.close()

    assert [one for one, _ in found] == [rule]


def test_a_row_unlike_those_before_it_is_asked_about(browser: Browser, base: str) -> None:
    page = browser.new_page(color_scheme="light", reduced_motion="reduce")
    page.goto(f"{base}models/", wait_until="load")
    rows = page.locator("#models-table tbody tr")
    before = rows.count()
    rows.last.locator("td").last.evaluate("cell => cell.append(new Image(20, 20))")  # and no words for it

    take_rows_alike_away(page)
    after, found = rows.count(), violations(page)
    page.close()

    assert after < before
    assert [rule for rule, _ in found] == ["image-alt"]

"""Folded parts of long pages: opened by link, by keyboard and without scripts, and printed open."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

CASE = "cases/pangu-qwen/"
CLOSED = "details.woe-part:not([open])"
# In pixels; also in the type of the device, which is wider, and which a first visit has where ours comes too late.
TALLEST = {
    CASE: 13_500,
    "cases/solar-glm/": 12_000,
    "published/": 9_000,
    "sources/": 8_000,
    "numbers/": 8_000,
    "experiment/": 9_300,
    "controls/": 12_500,
    "measure/": 12_500,
    "cost/": 11_500,
    "data-and-api/": 9_300,
}


@pytest.mark.parametrize("address", TALLEST)
def test_a_phone_is_spared_what_is_folded(phone: BrowserContext, base: str, address: str) -> None:
    page = phone.new_page()
    page.goto(base + address, wait_until="networkidle")

    # Tables shorten themselves, on a busy machine a while after the page is there.
    page.wait_for_function("most => document.documentElement.scrollHeight < most", arg=TALLEST[address])


def test_a_link_to_what_lies_in_a_part_opens_it(page: Page, base: str) -> None:
    page.goto(f"{base}{CASE}#source-3")

    expect(page.locator("#source-3")).to_be_visible()
    expect(page.locator("#source-3")).to_be_in_viewport()


def test_a_link_of_the_table_of_contents_opens_the_part_below_its_heading(page: Page, base: str) -> None:
    page.goto(base + CASE)
    expect(page.locator(".woe-timeline")).to_be_hidden()

    page.locator(".md-nav--secondary").get_by_role("link", name="Timeline").click()

    expect(page.locator(".woe-timeline")).to_be_visible()
    expect(page.get_by_role("heading", name="Timeline")).to_be_in_viewport()


def test_the_table_of_contents_stays_beside_a_long_page(page: Page, base: str) -> None:
    page.goto(base + CASE)
    page.evaluate("scrollTo(0, 4000)")

    expect(page.locator(".md-nav--secondary").get_by_role("link", name="Timeline")).to_be_in_viewport()


def test_a_part_opens_by_keyboard(page: Page, base: str) -> None:
    page.goto(base + CASE)
    part = page.locator(CLOSED).first
    words = part.locator("> summary").inner_text()
    part.locator("> summary").focus()

    page.keyboard.press("Enter")

    opened = page.locator("details.woe-part[open]").first
    assert opened.locator("> summary").inner_text() == words


def test_print_holds_what_is_folded_and_the_screen_does_not_afterwards(page: Page, base: str) -> None:
    page.goto(base + CASE)
    closed = page.locator(CLOSED).count()
    assert closed > 5

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(CLOSED).count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")

    assert page.locator(CLOSED).count() == closed


def test_without_scripts_each_part_opens_by_its_own_line(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + CASE)

    page.get_by_text("What happened, day by day").click()

    expect(page.locator(".woe-timeline")).to_be_visible()
    context.close()


def test_a_phone_shows_the_first_rows_of_a_long_table_and_the_others_when_asked(
    phone: BrowserContext, base: str
) -> None:
    page = phone.new_page()
    page.goto(f"{base}sources/", wait_until="networkidle")
    rows = page.locator(".woe-live tbody tr:visible")
    shown = rows.count()
    whole = page.locator(".woe-live tbody tr").count()
    assert shown < 20 < whole

    page.get_by_role("button", name="Show the other").first.click()

    assert rows.count() == whole
    expect(page.get_by_role("button", name="Show the other")).to_have_count(0)


def test_a_phone_lists_each_correction_once_and_opens_the_one_that_is_asked_for(
    phone: BrowserContext, base: str
) -> None:
    page = phone.new_page()
    page.goto(f"{base}corrections/", wait_until="networkidle")
    assert page.locator(".woe-corrected:visible").count() == 0

    page.locator("#corrections-list tbody a[href^='#']").first.click()

    assert page.locator(".woe-corrected:visible").count() == 1
    expect(page.locator(".woe-corrected:visible article")).to_be_in_viewport()


def test_a_link_to_a_later_row_shows_it_on_a_phone(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}numbers/", wait_until="networkidle")
    last = page.locator(".woe-live tbody tr[id]").last.get_attribute("id")

    page.goto(f"{base}numbers/#{last}")

    expect(page.locator(f"[id='{last}']")).to_be_in_viewport()


def test_a_chart_is_taken_away_as_a_picture(page: Page, base: str) -> None:
    page.goto(base + CASE, wait_until="networkidle")

    with page.expect_download() as download:
        page.get_by_role("button", name="Chart as PNG").first.click()

    assert download.value.suggested_filename == "independent-and-derived.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")

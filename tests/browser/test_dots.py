"""The dots of a figure by name, in a real browser: by pointer, by slider, by finger, and without JavaScript."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

CASE = "cases/pangu-qwen/"
HIGHEST = "Qwen2-VL-2B / opt-125m: 0.918"


@pytest.mark.parametrize("path", ["", CASE, "zh/"])
def test_the_pointer_names_the_pair_of_a_dot(page: Page, base: str, path: str) -> None:
    page.goto(base + path)
    dot = page.locator(".woe-wide g.independent circle", has=page.locator(f"title:text-is('{HIGHEST}')"))

    dot.hover(force=True)

    assert page.locator(".woe-walk p").first.inner_text() == HIGHEST
    assert page.locator("circle.chosen").count() == 1


def test_the_slider_walks_through_the_dots_lane_by_lane(page: Page, base: str) -> None:
    page.goto(base)
    slider, said = page.locator(".woe-walk input"), page.locator(".woe-walk p")
    slider.focus()
    named = []
    for _ in range(70):
        page.keyboard.press("ArrowRight")
        named.append(said.inner_text())

    assert HIGHEST in named
    assert len(set(named)) == len(named)
    assert slider.get_attribute("aria-valuetext") == named[-1]
    assert int(slider.get_attribute("max") or 0) == page.locator(".woe-wide circle:has(title)").count()


def test_a_tap_near_a_dot_names_its_pair(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(base)
    dot = page.locator(".woe-narrow g.independent circle", has=page.locator(f"title:text-is('{HIGHEST}')"))

    dot.tap(force=True)

    assert page.locator(".woe-walk p").first.inner_text().startswith("Qwen2-VL-2B / ")


def test_without_javascript_no_slider_stands_there_and_the_table_has_the_names(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base)

    assert not page.locator(".woe-walk").is_visible()
    assert "Qwen2-VL-2B / opt-125m" in (page.locator(".woe-data").first.text_content() or "")
    context.close()

"""What a first screen, a narrow one, large text, forced colours and a sheet of paper show."""

import pytest
from content_kinds import KINDS
from playwright.sync_api import Browser, Page
from shut_out import take_rows_alike_away, violations

CASE = "cases/pangu-qwen/"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FORCED = ("", CASE, "models/qwen_qwen2.5-14b/", "compare/", "heatmap/", "published/", "zh/", "zh/check-a-model/")
LARGE = "html { font-size: 250% !important; }"  # twice the theme's 125 %


@pytest.mark.parametrize("folder", ["", "zh/"])
@pytest.mark.parametrize(("size", "drawing"), [((390, 844), ".woe-glimpse"), ((1440, 900), ".woe-wide .lane")])
def test_home_begins_with_a_picture(page: Page, base: str, folder: str, size: tuple[int, int], drawing: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(base + folder)

    box = page.locator(drawing).first.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["y"] + box["height"] < size[1]


def test_a_case_begins_with_who_says_what_how_unusual_and_what_nobody_knows(page: Page, base: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(base + CASE)

    boxes = page.locator(".woe-four > div").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    assert [box["top"] < 800 for box in boxes] == [True, True, True, False]
    assert boxes[2]["top"] - boxes[0]["bottom"] < 40  # right below it, and no hole


@pytest.mark.parametrize("width", [360, 1280])
def test_commands_are_shown_whole(page: Page, base: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(base + "measure/")

    wider = page.locator("pre > code").evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert len(wider) > 5
    assert max(wider) <= 0


@pytest.mark.parametrize("address", KINDS)
def test_nothing_scrolls_sideways_on_the_narrowest_screen_or_with_text_twice_as_large(
    page: Page, base: str, address: str
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(base + address)
    narrow = page.evaluate(WIDER)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.add_style_tag(content=LARGE)
    page.wait_for_timeout(300)  # the theme's drawer becomes its column

    assert (narrow, page.evaluate(WIDER)) == (0, 0)


def test_forced_colours_shut_nobody_out(browser: Browser, base: str) -> None:
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    page = context.new_page()
    broken = {}

    for address in FORCED:
        page.goto(base + address)
        take_rows_alike_away(page)
        if found := violations(page):
            broken[address] = found
    context.close()

    assert broken == {}


def test_a_part_may_go_on_on_the_next_sheet(page: Page, base: str) -> None:
    page.goto(base + CASE)
    page.emulate_media(media="print")

    breaks = page.locator("details.woe-part, details.woe-fold").evaluate_all(
        "all => [...new Set(all.map(one => getComputedStyle(one).breakInside))]"
    )
    assert breaks == ["auto"]

"""The site as a reader meets it: desktop and phone, light and dark, print and no JavaScript."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from screenshot import PAGES
from serve_site import serving

CASE = PAGES["case"]


@pytest.fixture(scope="module")
def uncached(browser: Browser) -> Iterator[Page]:
    """A page that asks for everything again at each address."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_another_host_and_nothing_fails(uncached: Page, base: str, name: str) -> None:
    asked: list[str] = []
    failed: list[str] = []
    said: dict[str, Callable[[Any], None]] = {
        "request": lambda request: asked.append(request.url),
        "response": lambda answer: failed.append(answer.url) if answer.status >= 400 else None,
        "pageerror": lambda error: failed.append(str(error)),
        "console": lambda message: (
            failed.append(f"{message.text} {message.location['url']}") if message.type == "error" else None
        ),
    }
    uncached.goto("about:blank")  # what the page before still asks is not of this one, and this asks for nothing
    for event, hear in said.items():
        uncached.on(event, hear)  # type: ignore[call-overload]
    uncached.goto(base + PAGES[name], wait_until="load")  # with all its scripts, however busy the machine is
    uncached.wait_for_load_state("networkidle")
    for event, hear in said.items():
        uncached.remove_listener(event, hear)

    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {urlsplit(base).netloc}
    assert failed == []


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_shows_each_page_without_scrolling_sideways(phone_page: Page, base: str, name: str) -> None:
    phone_page.goto(base + PAGES[name], wait_until="load")

    width = phone_page.evaluate("document.documentElement.scrollWidth")

    assert width <= 360


@pytest.mark.parametrize(
    ("width", "shown", "hidden"), [(1280, ".woe-wide", ".woe-narrow"), (360, ".woe-narrow", ".woe-wide")]
)
def test_each_width_has_its_own_drawing(browser: Browser, base: str, width: int, shown: str, hidden: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(base)

    assert page.locator(f"#independent-and-derived {shown} svg").is_visible()
    assert not page.locator(f"#independent-and-derived {hidden} svg").is_visible()
    page.close()


@pytest.mark.parametrize("typefaces", ["ours", "the device's"])
@pytest.mark.parametrize("width", [1280, 360])
def test_words_in_the_figure_lie_inside_it_and_are_large_enough(
    browser: Browser, base: str, width: int, typefaces: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    if typefaces == "ours":
        page.goto(base, wait_until="networkidle")  # the second visit has them
    else:
        page.route("**/*.woff2", lambda route: route.abort())
    page.goto(base)
    page.evaluate("document.fonts.ready")

    boxes = page.evaluate(
        """() => {
            const all = [...document.querySelectorAll('#independent-and-derived svg')]
            const svg = all.find(s => s.getClientRects().length)
            const outer = svg.getBoundingClientRect()
            return [...svg.querySelectorAll('text')].map(t => {
                const b = t.getBoundingClientRect()
                return [t.textContent, b.left - outer.left, outer.right - b.right, b.height]
            })
        }"""
    )

    assert len(boxes) > 10
    for text, left, right, height in boxes:
        assert left >= -1, text
        assert right >= -1, text
        assert height >= 11, text
    page.close()


DRAWN = """() => {
    document.querySelectorAll('details').forEach(fold => { fold.open = true })
    return [...document.querySelectorAll('.woe-figure svg text')].filter(text => text.checkVisibility()).map(text => {
        const [box, outer] = [text, text.closest('svg')].map(shape => shape.getBoundingClientRect())
        const letters = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a
        return [text.textContent, box.left - outer.left, outer.right - box.right, letters]
    })
}"""


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "address", ["cases/pangu-qwen/", "cases/solar-glm/", "experiment/", "zh/experiment/", "controls/"]
)
def test_words_of_every_chart_lie_inside_it_and_have_twelve_pixels(
    browser: Browser, base: str, address: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(base + address)
    page.evaluate("document.fonts.ready")

    drawn = page.evaluate(DRAWN)
    page.close()

    assert drawn
    assert [text for text, left, right, _ in drawn if min(left, right) < -1] == []
    assert [text for text, _, _, letters in drawn if letters < 11.95] == []


def contrast(page: Page, selector: str) -> float:
    """WCAG contrast of the first match of a selector with what lies behind it."""
    return float(
        page.evaluate(
            """selector => {
                const parse = c => c.match(/[\\d.]+/g).map(Number)
                const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
                    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0)
                const element = document.querySelector(selector)
                const svg = element instanceof SVGElement
                const ink = parse(getComputedStyle(element)[svg ? 'fill' : 'color'])
                let behind = element
                let paper = [0, 0, 0, 0]
                while (behind && (paper.length === 4 && paper[3] === 0)) {
                    paper = parse(getComputedStyle(behind).backgroundColor)
                    behind = behind.parentElement
                }
                const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x)
                return (a + .05) / (b + .05)
            }""",
            selector,
        )
    )


TEXTS = (
    ".md-typeset p",
    ".woe-status span",
    ".woe-who",
    ".woe-state",
    "sup.cite a",
    ".woe-wide .lane-title",
    ".woe-wide .lane-note",
    ".woe-wide .disputed-text",
    ".woe-wide .axis text",
    ".woe-sources span",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_light_and_dark(page: Page, base: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(base + CASE)

    assert {text: ratio for text in TEXTS if (ratio := contrast(page, text)) < 4.5} == {}


def test_the_device_decides_between_light_and_dark(browser: Browser, base: str) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(base)
        seen[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()

    assert seen == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 23, 30)"}


def test_claim_and_response_stand_side_by_side_at_equal_size(page: Page, base: str) -> None:
    page.goto(base + CASE)

    first = page.locator(".woe-exchange").first
    sides = [first.locator(".woe-side").nth(side).locator(".woe-voice").first for side in (0, 1)]
    boxes = [side.bounding_box() for side in sides]
    styles = [
        side.evaluate(
            """e => ['h3', 'p:not([class])'].map(s => {
                const c = getComputedStyle(e.querySelector(s))
                return [c.fontSize, c.fontWeight, c.color, c.fontFamily]
            })"""
        )
        for side in sides
    ]

    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)
    assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=1)
    assert styles[0] == styles[1]


def test_on_a_phone_a_response_follows_its_claim_at_full_width(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(base + CASE)

    claim, response = (page.locator(f".woe-exchange >> nth=0 >> .woe-{kind}").first for kind in ("claim", "response"))
    above, below = claim.bounding_box(), response.bounding_box()

    assert above is not None
    assert below is not None
    assert above["width"] == pytest.approx(below["width"], abs=1)
    assert below["y"] > above["y"]


def test_a_number_leads_to_its_row_in_one_click(page: Page, base: str) -> None:
    page.goto(base)

    page.locator(".woe-card a.fact").first.click()
    page.wait_for_url("**/numbers/**")

    row = page.locator("tr:target")
    assert row.count() == 1
    assert "sha256" in row.inner_text()
    assert row.locator("a").get_attribute("href") == "../data/published/tensorlock-root-pairs.csv"


def test_a_citation_leads_to_its_source_and_on_to_its_record(page: Page, base: str) -> None:
    page.goto(base + CASE)

    page.locator("sup.cite a").first.click()
    assert page.locator(".woe-sources li:target").count() == 1
    page.locator(".woe-sources li:target a").click()
    page.wait_for_url("**/sources/*/")

    assert page.get_by_role("link", name=re.compile(r"^data\/sources\/.*\.toml$")).count() >= 1
    assert "What it shows" in page.locator("dl.woe-facts").inner_text()


def test_search_finds_the_case(page: Page, base: str) -> None:
    page.goto(base)
    page.locator("input.md-search__input").press_sequentially("Ascend")

    page.locator(".md-search-result__item a").first.wait_for()

    links = page.locator(".md-search-result__item a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert any("cases/pangu-qwen" in link for link in links)


def test_without_javascript_figure_tables_and_words_are_there(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base + CASE)

    assert page.locator("#independent-and-derived .woe-wide svg").is_visible()
    assert page.get_by_text("Not incrementally trained from another vendor").first.is_visible()
    page.locator("details.woe-data summary").first.click()
    assert page.locator("#independent-and-derived-data").is_visible()
    context.close()


def test_the_table_beside_the_figure_holds_every_drawn_value(page: Page, base: str) -> None:
    page.goto(base + CASE)
    page.locator("details.woe-data summary").first.click()

    rows = page.locator("#independent-and-derived-data tbody tr").count()

    figure = page.locator("#independent-and-derived .woe-wide")
    dots = figure.locator("circle").count()
    piled = sum(int(words) for words in figure.locator(".bar-label").all_text_contents())
    heaps = figure.locator("rect.heap").count()
    assert rows == dots + piled + heaps + 1  # the line


def test_the_site_works_under_a_sub_path(alone: Page, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "some" / "where")
    failed: list[str] = []
    alone.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)

    with serving(tmp_path) as root:
        alone.goto(f"{root}some/where/", wait_until="networkidle")
        alone.get_by_role("link", name="Read the case: both sides").click()
        alone.wait_for_url("**/some/where/cases/pangu-qwen/")
        alone.get_by_role("link", name="Chart as SVG").first.evaluate("a => fetch(a.href).then(r => r.status)")

    assert failed == []


def test_print_shows_the_words_and_the_figure(page: Page, base: str) -> None:
    page.goto(base + CASE)
    page.emulate_media(media="print")

    assert page.locator("#independent-and-derived .woe-wide svg").is_visible()
    assert not page.locator(".woe-files").first.is_visible()
    assert not page.locator("header.md-header").is_visible()


def test_a_sheet_is_light_and_has_the_wide_drawing_whatever_the_screen_had(page: Page, base: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(base + CASE)
    page.set_viewport_size({"width": 680, "height": 900})  # A4, less its margins
    page.emulate_media(media="print")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert {
        text: ratio for text in (".md-typeset p", ".woe-wide .lane-note") if (ratio := contrast(page, text)) < 4.5
    } == {}
    assert page.locator("#independent-and-derived .woe-wide svg").is_visible()
    assert not page.locator("#independent-and-derived .woe-narrow svg").is_visible()


def test_the_keyboard_reaches_the_case_from_home(page: Page, base: str) -> None:
    page.goto(base)
    for _ in range(90):
        page.keyboard.press("Tab")
        if "Read the case" in page.evaluate("document.activeElement.textContent"):
            break

    page.keyboard.press("Enter")

    page.wait_for_url("**/cases/pangu-qwen/")

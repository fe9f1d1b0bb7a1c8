"""All pairs at once and who comes from whom, in a real browser: by keyboard, by pointer, and without JavaScript."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from test_reading import contrast

from lineage.evidence.finding_tables import exact_test
from lineage.methods.registry import EXACT_TESTS, SCORED
from lineage.site.menu import heatmap_address
from lineage.site.pages.comparison.heatmap import BREAKS, LATER, heat_step
from lineage.site.pages.comparison.lineage_graph import find_ties
from lineage.site.templating import score
from repository import ROOT, committed

FIRST = ".woe-heat >> nth=0"


@pytest.mark.parametrize("method", SCORED)
def test_every_square_is_the_score_of_its_pair(page: Page, base: str, method: str) -> None:
    table = pd.read_csv(ROOT / "data" / "derived" / "scores.csv")
    table = table[(table["method"] == method) & table["set"].isin(["measured", "trained here"])]
    slugs = {name: name.lower().replace("/", "_") for name in {*table["model_a"], *table["model_b"]}}
    scored = table[table["similarity"].notna()]
    told = {
        tuple(sorted((slugs[a], slugs[b]))): score(value, 2)
        for a, b, value in zip(scored["model_a"], scored["model_b"], scored["similarity"], strict=True)
    }

    page.goto(base + heatmap_address(method))
    drawn = page.locator(".woe-heatmap td a").evaluate_all(
        """all => all.map(one => [
            new URL(one.href).searchParams.get('a'), new URL(one.href).searchParams.get('b'), one.textContent,
            one.parentElement.className])"""
    )

    residual = {
        tuple(sorted((match.a.model.lower().replace("/", "_"), match.b.model.lower().replace("/", "_")))): match
        for match in committed().matches.values()
        if method == "permutation_test" and exact_test(match).by_residual_alone
    }
    told |= {pair: score(exact_test(match).axis.delta, 2) for pair, match in residual.items() if pair in told}

    assert {(a, b): words.rstrip(LATER) for a, b, words, _ in drawn if words != "none"} == told
    assert {(a, b) for a, b, _, colour in drawn if "heat-residual" in colour.split()} == {*residual} & {*told}
    assert sum(words.endswith(LATER) for *_, words, _ in drawn) == (3 if method in EXACT_TESTS else 0)
    assert all((words == "none") == ("heat-none" in colour.split()) for _, _, words, colour in drawn)
    assert len({(a, b) for a, b, *_ in drawn}) == len(drawn)


def test_a_square_stands_in_the_row_and_column_of_its_two_models(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/")

    wrong = page.locator(FIRST).evaluate(
        """map => [...map.querySelectorAll('td a')].filter(one => {
            const cell = one.closest('td')
            const rows = [...map.querySelectorAll('tbody tr')]
            const slug = row => row.querySelector('th a').getAttribute('href').split('/').at(-2)
            const pair = [slug(cell.parentElement), slug(rows[cell.cellIndex - 1])].sort()
            const query = new URL(one.href).searchParams
            return pair[0] !== query.get('a') || pair[1] !== query.get('b')
        }).length"""
    )

    assert wrong == 0


def test_the_keyboard_moves_names_each_pair_and_opens_it(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/")
    readout = page.locator(FIRST).locator(".woe-readout")
    page.locator(FIRST).locator("td a[tabindex='0']").focus()
    first = readout.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    second = readout.inner_text()
    page.keyboard.press("ArrowUp")  # nothing above the diagonal
    stayed = readout.inner_text()
    page.keyboard.press("Home")

    assert first != second == stayed != readout.inner_text()
    for words in (first, second):
        assert " and " in words
        assert "score " in words
        assert "measured here" in words
        assert "control roots" in words or "cannot tell" in words  # a p from 19 roots on
    assert page.locator(FIRST).locator("td a[tabindex='0']").count() == 1
    assert readout.get_attribute("aria-live") == "polite"
    page.keyboard.press("Enter")
    page.locator("#pair-facts").wait_for()
    assert "/compare/?a=" in page.url


def test_one_tab_passes_the_whole_map(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/")
    page.locator(FIRST).locator("td a[tabindex='0']").focus()

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('td')") is None


def test_the_pointer_names_the_pair(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/permutation-test/")
    map_ = page.locator(".woe-heat").last

    map_.locator("td:not(.heat-none) a").nth(5).hover()

    words = map_.locator(".woe-readout").inner_text()
    assert "trained here" in words
    assert "score " in words
    assert "exact" in words
    map_.locator("td.heat-none a").first.hover()
    assert "no score, trained here; no row on record" in map_.locator(".woe-readout").inner_text()


def test_a_tap_shows_the_pair_first_and_then_leads_on(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}heatmap/")
    map_ = page.locator(FIRST)
    square = map_.locator("td a").nth(3)

    square.tap()

    assert page.url.endswith("/heatmap/")
    readout = map_.locator(".woe-readout")
    assert "score " in readout.inner_text()
    assert readout.locator("a").get_attribute("href") == square.evaluate("one => one.href")
    square.tap()
    page.wait_for_url("**/compare/?a=*")


def test_the_name_at_the_top_of_a_column_is_that_of_its_model(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/")
    map_ = page.locator(FIRST)
    names = map_.locator("tbody th a").all_text_contents()

    assert map_.locator(".woe-corner").all_text_contents() == names[:-1]
    assert map_.locator("thead th").all_text_contents()[1:] == names[:-1]
    map_.locator("tbody tr").nth(5).locator("td a").nth(2).hover()
    assert map_.locator(".woe-on").all_text_contents() == [names[2], names[5]]


def test_what_is_about_zero_has_no_colour_and_below_is_unlike_above() -> None:
    assert heat_step(0.0) == heat_step(-0.09) == heat_step(0.09)
    assert len({heat_step(value) for value in (-0.69, -0.4, 0.0, 0.5, 0.93, 0.97, 1.0)}) == 7


def test_squares_are_large_enough_for_fingers(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}heatmap/")

    sizes = page.locator(".woe-heatmap td a, .woe-switch a").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(box => Math.min(box.width, box.height))"
    )

    assert len(sizes) > 300
    assert min(sizes) >= 44


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_number_in_every_colour_can_be_read(browser: Browser, base: str, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{base}heatmap/")
    page.evaluate(
        """steps => {
            const cell = document.querySelector('.woe-heatmap td:has(a)')
            for (let step = 0; step < steps; step++) {
                const other = cell.cloneNode(true)
                other.className = `heat-${step}`
                const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
                cell.after(other)
                canvas.fillStyle = getComputedStyle(other).backgroundColor
                canvas.fillRect(0, 0, 1, 1)
                const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data
                other.style.background = `rgb(${r}, ${g}, ${b})`
                other.id = `step-${step}`
            }
        }""",
        len(BREAKS) + 1,
    )

    found = {step: contrast(page, f"#step-{step} a") for step in range(len(BREAKS) + 1)}

    assert min(found.values()) >= 4.5, found
    steps = page.locator("[id^='step-']").evaluate_all("all => all.map(one => [one.id, one.style.background])")
    context.close()
    colours = {int(name.removeprefix("step-")): [int(part) for part in re.findall(r"\d+", way)] for name, way in steps}
    lightness = [relative_luminance(colours[step]) + 0.05 for step in sorted(colours)]
    neighbours = [max(pair) / min(pair) for pair in pairwise(lightness)]
    assert min(neighbours) >= 1.25, neighbours


def relative_luminance(colour: Sequence[int]) -> float:
    """The relative luminance of a colour of three bytes, as WCAG defines it."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in (c / 255 for c in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_phone_is_told_that_a_map_goes_on(phone: BrowserContext, page: Page, base: str) -> None:
    narrow = phone.new_page()
    narrow.goto(f"{base}heatmap/")
    page.goto(f"{base}heatmap/")

    cue = narrow.locator(FIRST).locator(".woe-sideways")
    assert "sideways" in cue.inner_text()
    assert cue.is_visible()
    assert page.locator(FIRST).locator(".woe-sideways").is_hidden()


def test_without_javascript_every_square_is_a_link(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}heatmap/")

    page.locator(FIRST).locator("td a").first.click()

    assert "/compare/?a=" in page.url
    assert page.locator(".woe-said a").first.is_visible()
    context.close()


def test_the_method_is_switched_by_links(page: Page, base: str) -> None:
    page.goto(f"{base}heatmap/")

    page.get_by_label("Method", exact=True).get_by_role("link", name="Exact permutation test").click()
    page.wait_for_url("**/heatmap/permutation-test/")

    current = page.locator(".woe-switch [aria-current='page']")
    assert current.inner_text() == "Exact permutation test"


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_graph_draws_every_tie_of_the_table_once(page: Page, base: str, width: str) -> None:
    ties = list(find_ties(committed()))
    page.goto(f"{base}lineage/")

    rows = page.locator("#ties tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    told = [
        f"{model} {said} {other}" if tie.documented else f"{model} and {other}: {said}"
        for tie, (model, said, other, *_) in zip(ties, rows, strict=True)
    ]
    drawn = page.locator(f".woe-{width} path.tie title").all_text_contents()

    assert sorted(drawn) == sorted(told)
    assert len(drawn) == len(ties) > 10
    solid = page.locator(f".woe-{width} path.tie.documented").count()
    assert solid == sum(tie.documented for tie in ties)
    dashes = page.locator(f".woe-{width} path.tie.finding").first.evaluate(
        "one => getComputedStyle(one).strokeDasharray"
    )
    assert dashes != "none"


def test_dates_and_names_in_the_graph_lie_inside_it(page: Page, base: str, phone: BrowserContext) -> None:
    for opened, width in ((page, "wide"), (phone.new_page(), "narrow")):
        opened.goto(f"{base}lineage/")
        boxes = opened.locator(f".woe-{width} svg").evaluate(
            """svg => {
                const outer = svg.getBoundingClientRect()
                return [...svg.querySelectorAll('text, path.tie')].map(part => part.getBoundingClientRect())
                    .map(box => [box.left - outer.left, outer.right - box.right])
            }"""
        )
        assert len(boxes) > 20
        assert min(min(pair) for pair in boxes) >= -1


@pytest.mark.parametrize("folder", ["", "zh/"])
def test_no_name_stands_under_the_heading_of_findings(
    page: Page, base: str, phone: BrowserContext, folder: str
) -> None:
    for opened, width in ((page, "wide"), (phone.new_page(), "narrow")):
        opened.goto(f"{base}{folder}lineage/")
        heads, names = opened.locator(f".woe-{width} svg").evaluate(
            """svg => ['.axis-label', '.node-name, .node-note'].map(which =>
                [...svg.querySelectorAll(which)].map(one => one.getBBox()).map(box => [box.x, box.x + box.width]))"""
        )
        assert max(end for _, end in names) < min(start for start, _ in heads[1:])
        assert heads[0][1] < heads[1][0]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_child_stands_right_of_its_parent_and_no_line_crosses_a_name(
    page: Page, base: str, phone: BrowserContext, width: str
) -> None:
    opened = page if width == "wide" else phone.new_page()
    opened.goto(f"{base}lineage/")

    crossed, backwards = opened.locator(f".woe-{width} svg").evaluate(
        """svg => {
            const words = [...svg.querySelectorAll('.node-name, .node-note')].map(one => one.getBBox())
            const within = (box, {x, y}) => x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height
            const ties = [...svg.querySelectorAll('path.tie')]
            const points = tie => Array.from({length: 200}, (_, at) =>
                tie.getPointAtLength(tie.getTotalLength() * at / 199))
            const crossed = ties.filter(tie => points(tie).some(point => words.some(box => within(box, point))))
            const ends = tie => [tie.getPointAtLength(0), tie.getPointAtLength(tie.getTotalLength())]
            const down = ties.filter(tie => tie.matches('.documented')).map(ends)
            return [crossed.length, down.filter(([from, to]) => to.x <= from.x || to.y <= from.y).length]
        }"""
    )

    assert crossed == 0
    assert backwards == 0


def test_the_map_and_the_graph_are_in_the_menu(site: Path) -> None:
    page = (site / "pairs" / "index.html").read_text(encoding="utf-8")

    for target in ("../compare/", "../heatmap/", "../lineage/"):
        assert f'href="{target}"' in page

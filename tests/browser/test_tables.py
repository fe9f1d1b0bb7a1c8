"""Tables in the real browser: found, filtered, sorted, copied; by keyboard, by link, by touch and without scripts."""

import csv
import io
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from lineage.store import load_dataset
from lineage.tables import LIVE_FROM
from repository import ROOT

DATASET, _ = load_dataset(ROOT / "data")
MEASURED = sum(name in DATASET.fingerprints for name in DATASET.models)


def shown(page: Page, table: str = "models-table") -> list[list[str]]:
    """The words of each row that is shown, in order."""
    rows: list[list[str]] = page.evaluate(
        """id => [...document.getElementById(id).tBodies[0].rows].filter(row => row.checkVisibility())
           .map(row => [...row.cells].map(cell => cell.innerText.trim()))""",
        table,
    )
    return rows


def split(name: str) -> list[str]:
    """Words and numbers in turn, so that "L12" comes after "L3"."""
    return re.split(r"(\d+)", name)


def count(page: Page) -> str:
    return page.locator(".woe-count").inner_text()


def test_without_scripts_the_whole_table_is_there_and_no_dead_control(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{base}models/")

    assert page.locator("#models-table tbody tr:visible").count() == len(DATASET.models)
    assert page.locator(".woe-live :is(button, select, input):visible").count() == 0
    context.close()


def test_a_filter_narrows_the_table_and_stands_in_the_address(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    assert count(page) == f"{len(DATASET.models)} models"

    page.get_by_label("Weights").select_option("measured here")

    assert count(page) == f"{MEASURED} of {len(DATASET.models)} models"
    assert len(shown(page)) == MEASURED
    assert "models.weights=measured+here" in page.url


def test_the_way_back_restores_the_state_before(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    page.get_by_label("Weights").select_option("measured here")
    page.get_by_role("button", name="Maker").click()
    by_maker = shown(page)

    page.go_back()
    assert page.locator("th[aria-sort]").count() == 0
    assert len(shown(page)) == MEASURED
    page.go_back()
    assert len(shown(page)) == len(DATASET.models)
    assert page.get_by_label("Weights").input_value() == ""
    page.go_forward()
    page.go_forward()
    assert shown(page) == by_maker


def test_a_shared_link_shows_what_its_sender_saw(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.find=qwen&models.sort=-parameters&models.kind=dense")

    rows = shown(page)

    assert rows
    assert all("qwen" in " ".join(row).lower() for row in rows)
    assert page.get_by_label("Rows with these words").input_value() == "qwen"
    expect(page.locator("#models-table thead th").nth(3)).to_have_attribute("aria-sort", "descending")


@pytest.mark.parametrize("order", ["", "-"], ids=["smallest first", "largest first"])
def test_numbers_sort_as_numbers_and_what_is_unknown_comes_last(page: Page, base: str, order: str) -> None:
    page.goto(f"{base}models/?models.sort={order}parameters")

    names = [row[0] for row in shown(page)]
    totals = {model.name: model.parameters.total for model in DATASET.models.values()}
    known = [total for name in names if (total := totals[name]) is not None]

    assert len(known) > 1
    assert names[len(known) :] == [name for name in names if totals[name] is None]
    assert [float(f"{one:.3g}") for one in known] == sorted(
        (float(f"{one:.3g}") for one in known), reverse=order == "-"
    )


def test_scores_sort_by_value_below_zero_too(page: Page, base: str) -> None:
    table = "tensorlock-root-pairs"
    page.goto(f"{base}published/")
    heads = page.locator(f"#{table} thead th")
    place = next(at for at in range(heads.count()) if "number" in (heads.nth(at).get_attribute("class") or ""))
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")

    heads.nth(place).get_by_role("button").click()

    cells = page.locator(f"#{table} tbody tr td:nth-child({place + 1})").all_inner_texts()
    values = [float(cell.replace("\u2212", "-").replace("\u202f", "")) for cell in cells]
    assert len(set(values)) > 10
    assert values == sorted(values)


def test_by_keyboard_alone(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    page.get_by_label("Rows with these words").focus()

    page.keyboard.type("minilm")
    assert all("minilm" in row[0].lower() for row in shown(page))
    page.get_by_role("button", name="Model", exact=True).focus()
    page.keyboard.press("Enter")
    names = [row[0].lower() for row in shown(page)]
    page.keyboard.press("Space")

    assert names == sorted(names, key=lambda name: [int(part) if part.isdigit() else part for part in split(name)])
    assert [row[0].lower() for row in shown(page)] == names[::-1]
    assert page.evaluate("document.activeElement.textContent") == "Model"


def test_a_value_that_no_row_has_is_said_and_leads_on(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.maker=Nobody%3Cb%3E")

    assert "There is no row with “Nobody<b>” under “Maker”" in page.locator(".woe-nothing").inner_text()
    assert len(shown(page)) == len(DATASET.models)
    page.goto(f"{base}models/?models.find=nothing+has+these+words")
    assert shown(page) == []
    page.locator(".woe-nothing").get_by_role("button", name="Show all").click()

    assert len(shown(page)) == len(DATASET.models)
    assert "?" not in page.url


def test_what_is_copied_is_what_is_shown(browser: Browser, base: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{base}models/?models.weights=measured+here&models.sort=-model")

    page.get_by_role("button", name="Copy as CSV").first.click()

    expect(page.locator(".woe-count").first).to_have_text(f"{MEASURED} rows are on the clipboard")
    text = page.evaluate("navigator.clipboard.readText()")
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:2] == ["Model", "Maker"]
    assert [row[:3] for row in rows] == [row[:3] for row in shown(page)]
    context.close()


def test_a_file_that_does_not_come_is_said(page: Page, base: str) -> None:
    page.route("**/models-table.csv", lambda route: route.abort())
    page.goto(f"{base}models/")

    page.get_by_role("button", name="Copy as CSV").click()

    expect(page.locator(".woe-count")).to_contain_text("could not be copied")


def test_without_the_library_the_whole_table_is_there(page: Page, base: str) -> None:
    page.route("**/tablesort.min.js", lambda route: route.abort())

    page.goto(f"{base}models/?models.weights=measured+here")

    assert len(shown(page)) == len(DATASET.models)


def test_on_a_phone_filters_fold_and_open_by_touch(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}models/")
    assert not page.get_by_label("Weights").is_visible()

    page.locator(".woe-filters summary").tap()
    page.get_by_label("Weights").select_option("measured here")

    assert len(shown(page)) == MEASURED
    assert page.locator(".woe-filters summary").inner_text() == "Filter (1)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.locator(".woe-filters :is(select, input, summary):visible").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def test_print_has_the_rows_that_are_shown_and_no_controls(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.weights=measured+here")

    page.emulate_media(media="print")

    assert len(shown(page)) == MEASURED
    assert not page.locator(".woe-tools").is_visible()


def test_controls_can_be_told_in_forced_colours(page: Page, base: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{base}models/")

    style = "one => [getComputedStyle(one).borderTopStyle, getComputedStyle(one).borderTopWidth]"

    assert page.get_by_label("Weights").evaluate(style) == ["solid", "1px"]


def test_nothing_moves_when_controls_come(page: Page, base: str) -> None:
    page.add_init_script(
        """window.moved = 0;
        new PerformanceObserver(list => { for (const one of list.getEntries()) window.moved += one.value; })
            .observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(f"{base}models/")
    page.wait_for_timeout(300)

    assert page.evaluate("window.moved") < 0.05


def test_every_table_of_some_length_can_be_sorted_and_the_chinese_ones_say_so_in_chinese(page: Page, base: str) -> None:
    for address in ("controls/", "published/", "lineage/", "pairs/", "numbers/"):
        page.goto(base + address)
        assert page.locator(".woe-live .woe-count").count() > 0, address
    page.goto(f"{base}zh/cases/pangu-qwen/")
    box = page.locator(".woe-live").first
    assert box.locator("tbody tr").count() >= LIVE_FROM
    assert box.get_by_role("button", name="复制为 CSV").count() == 1

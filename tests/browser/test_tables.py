"""Tables in the real browser: found, filtered, sorted, copied; by keyboard, by link, by touch and without scripts."""

import csv
import io
import re
import time
from contextlib import AbstractContextManager
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from shut_out import violations

from lineage.records import first_day
from lineage.records.provenance import measured_words
from lineage.site.blocks.live_tables import LIVE_FROM
from lineage.site.pages.known_facts import size_of
from loopback import serving_on_loopback
from repository import committed

DATASET = committed()
WHOLE = "measured here"  # and not from a quantised file
MEASURED = sum(measured_words([name], DATASET) == WHOLE for name in DATASET.models if name in DATASET.fingerprints)
ALL = len(DATASET.models)
UNVERIFIED = sum(source.kind == "unverified" for source in DATASET.sources.values())
WIDE = {"width": 1280, "height": 900}
HEAVIEST = 25_000  # bytes of all scripts of tables, as they stand


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


def first(page: Page) -> Locator:
    """The first table of a page with what filters, sorts and copies it."""
    return page.locator(".woe-live").first


def count(page: Page) -> str:
    return first(page).locator(".woe-count").inner_text()


def test_without_scripts_the_whole_table_is_there_and_no_dead_control(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{base}models/")

    assert page.locator("#models-table tbody tr:visible").count() == ALL
    assert page.locator(".woe-live :is(button, select, input):visible").count() == 0
    context.close()


def test_a_filter_narrows_the_table_and_stands_in_the_address(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    assert count(page) == f"{ALL} models"

    first(page).get_by_label("Weights").select_option("measured here")

    assert count(page) == f"{MEASURED} of {ALL} models"
    assert len(shown(page)) == MEASURED
    assert "models.weights=measured+here" in page.url


def test_the_way_back_restores_the_state_before(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    first(page).get_by_label("Weights").select_option("measured here")
    first(page).get_by_role("button", name="Maker").click()
    by_maker = shown(page)

    page.go_back()
    assert page.locator("th[aria-sort]").count() == 0
    assert len(shown(page)) == MEASURED
    page.go_back()
    assert len(shown(page)) == ALL
    assert first(page).get_by_label("Weights").input_value() == ""
    page.go_forward()
    page.go_forward()
    assert shown(page) == by_maker


def test_a_shared_link_shows_what_its_sender_saw(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.find=qwen&models.sort=-parameters&models.kind=dense")

    rows = shown(page)

    assert rows
    assert all("qwen" in " ".join(row).lower() for row in rows)
    assert first(page).get_by_label("Find words").input_value() == "qwen"
    expect(page.locator("#models-table thead th").nth(3)).to_have_attribute("aria-sort", "descending")


@pytest.mark.parametrize("order", ["", "-"], ids=["smallest first", "largest first"])
def test_numbers_sort_as_numbers_and_what_is_unknown_comes_last(page: Page, base: str, order: str) -> None:
    page.goto(f"{base}models/?models.sort={order}parameters")

    names = [row[0] for row in shown(page)]
    totals = {model.name: size_of(model, DATASET) for model in DATASET.models.values()}
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


def walk_to(page: Page, name: str) -> str:
    """The element of that name that the tab key comes to, in at most 20 steps."""
    for _ in range(20):
        page.keyboard.press("Tab")
        named, tag = page.evaluate(
            """() => {
                const one = document.activeElement;
                return [(one.labels?.[0]?.firstElementChild ?? one).innerText.trim(), one.tagName];
            }"""
        )
        if named == name:
            return str(tag)
    return "nothing"


def test_by_keyboard_alone(page: Page, base: str) -> None:
    page.goto(f"{base}models/")
    first(page).get_by_label("Find words").focus()

    page.keyboard.type("minilm")
    assert all("minilm" in row[0].lower() for row in shown(page))
    assert walk_to(page, "Maker") == "SELECT"
    assert walk_to(page, "Show all") == "BUTTON"
    assert walk_to(page, "Model") == "BUTTON"
    page.keyboard.press("Enter")
    names = [row[0].lower() for row in shown(page)]
    page.keyboard.press("Space")

    assert names == sorted(names, key=lambda name: [int(part) if part.isdigit() else part for part in split(name)])
    assert [row[0].lower() for row in shown(page)] == names[::-1]
    assert page.evaluate("document.activeElement.textContent") == "Model"


def test_a_value_that_no_row_has_is_said_and_leads_on(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.maker=Nobody%3Cb%3E&models.sort=-parameters")

    assert count(page) == f"0 of {ALL} models. None of the {ALL} models has “Nobody<b>” under “Maker”."
    assert first(page).get_by_label("Maker").locator("option:checked").inner_text() == "Nobody<b> (0)"
    assert not page.locator("#models-table").is_visible()
    first(page).get_by_role("button", name="Show all").click()

    assert len(shown(page)) == ALL
    assert page.url.endswith("models/?models.sort=-parameters")
    assert first(page).get_by_label("Maker").locator("option").all_inner_texts().count("Nobody<b> (0)") == 0
    assert first(page).get_by_label("Find words").evaluate("one => one === document.activeElement")


def test_words_that_no_row_has_are_said_and_lead_on(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.find=nothing+has+these+words")

    assert count(page) == f"0 of {ALL} models. None of the {ALL} models has these values and words together."
    first(page).get_by_role("button", name="Show all").click()

    assert count(page) == f"{ALL} models"
    assert "?" not in page.url


def test_a_column_that_is_not_there_is_said_and_leads_on(page: Page, base: str) -> None:
    page.goto(f"{base}models/?models.sort=-colour")

    assert count(page) == f"{ALL} models. There is no column “colour” to sort by."
    first(page).get_by_role("button", name="Show all").click()

    assert count(page) == f"{ALL} models"
    assert "?" not in page.url


@pytest.mark.parametrize(
    ("address", "table", "rows"),
    [
        ("models/?models.weights=measured+here&models.sort=-model", "models-table", MEASURED),
        ("sources/?sources.kind=unverified&sources.sort=publisher", "sources-table", UNVERIFIED),
    ],
    ids=["models", "sources"],
)
def test_what_is_copied_is_what_is_shown(browser: Browser, base: str, address: str, table: str, rows: int) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], viewport=WIDE)
    page = context.new_page()
    page.goto(base + address)

    first(page).get_by_role("button", name="Copy what is shown as CSV").click()

    expect(first(page).locator(".woe-files [role=status]")).to_have_text(f"{rows} rows are on the clipboard.")
    text = page.evaluate("navigator.clipboard.readText()")
    file = page.request.get(first(page).locator("a[data-csv]").evaluate("one => one.href")).text()
    assert text.splitlines()[0] == file.splitlines()[0]
    assert set(text.splitlines()) <= set(file.splitlines())
    header, *copied = csv.reader(io.StringIO(text))
    assert header == [words.strip(" ↕↑↓\xa0") for words in page.locator(f"#{table} thead th").all_inner_texts()]
    assert [["".join(cell.split()) for cell in row] for row in copied] == [
        ["".join(cell.split()) for cell in row] for row in shown(page, table)
    ]
    context.close()


def test_without_a_clipboard_there_is_no_button_for_it(alone: Page, base: str) -> None:
    alone.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")

    alone.goto(f"{base}models/")

    assert count(alone) == f"{ALL} models"
    assert first(alone).get_by_role("button", name="Copy what is shown as CSV").count() == 0
    assert first(alone).get_by_role("link", name="This table as CSV").is_visible()


def test_a_file_that_does_not_come_is_said(alone: Page, base: str) -> None:
    alone.route("**/models-table.csv", lambda route: route.abort())
    alone.goto(f"{base}models/")

    first(alone).get_by_role("button", name="Copy what is shown as CSV").click()

    expect(first(alone).locator(".woe-files [role=status]")).to_contain_text("Nothing was copied")
    assert count(alone) == f"{ALL} models"


def test_without_the_library_the_whole_table_is_there(alone: Page, base: str) -> None:
    alone.route("**/tablesort.min.js", lambda route: route.abort())

    alone.goto(f"{base}models/?models.weights=measured+here")

    assert len(shown(alone)) == ALL


def test_on_a_phone_filters_fold_and_open_by_touch(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}models/")
    assert not first(page).get_by_label("Weights").is_visible()

    first(page).locator(".woe-filters summary").tap()
    first(page).get_by_label("Weights").select_option("measured here")

    assert len(shown(page)) == MEASURED
    assert first(page).locator(".woe-filters summary").inner_text() == "Filter (1)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = (
        first(page)
        .locator(".woe-filters :is(select, input, summary):visible")
        .evaluate_all("all => all.filter(one => one.getBoundingClientRect().height < 44).length")
    )
    assert small == 0


CUT = """[...document.querySelectorAll('.woe-table:not(:has(.woe-heatmap))')]
.filter(place => place.scrollWidth > place.clientWidth + 1).map(place => place.ariaLabel)"""
UNSEEN = """[...document.querySelectorAll('.woe-table:not(:has(.woe-heatmap))')]
.filter(place => place.scrollWidth > place.clientWidth + 1)
.filter(place => {
    place.scrollLeft = place.scrollWidth;
    const [name, last] = [place.querySelector('tbody th'), place.querySelector('tbody tr > :last-child')];
    const [whole, left, right] = [place, name, last].map(box => box.getBoundingClientRect());
    return place.tabIndex !== 0 || !getComputedStyle(place).backgroundImage.includes('gradient')
        || Math.abs(left.left - whole.left) > 1 || right.right > whole.right + 1 || left.width > whole.width / 2;
}).map(place => place.ariaLabel)"""


CUT_BEFORE = (
    "published/",
    "methods/likelihood-ratio/",
    "controls/",
    "measure/",
    "zh/wanted/",
    "models/qwen_qwen2.5-14b/",
)


@pytest.mark.parametrize("address", CUT_BEFORE)
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_table_is_cut(browser: Browser, base: str, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(base + address)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 360:
        assert page.evaluate(CUT) == []
    assert page.evaluate(UNSEEN) == []  # wider ones move under their first column, and a shadow says so
    page.close()


LONG = ["models/", "sources/", "pairs/?pairs.score=measured+here"]
MOVED = """window.moved = 0;
new PerformanceObserver(list => { for (const shift of list.getEntries()) window.moved += shift.value; })
    .observe({ type: "layout-shift", buffered: true });"""


def moved_on(page: Page, address: str) -> float:
    """The layout shift of a page until its table has its controls, and a little after."""
    page.add_init_script(MOVED)
    page.goto(address)
    page.wait_for_selector(".woe-counted")
    page.wait_for_timeout(300)
    moved: float = page.evaluate("window.moved")
    page.close()
    return moved


def serving_in_pieces(site: Path) -> AbstractContextManager[str]:
    """A server whose pages come in sixteen pieces with pauses, so that rows are drawn before the last came."""

    class Slow(SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(site))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            """Says nothing."""

        def copyfile(self, source: Any, outputfile: Any) -> None:
            content = source.read()
            pieces = 16 if b"<!doctype html>" in content[:40] else 1
            size = len(content) // pieces + 1
            for start in range(0, len(content), size):
                outputfile.write(content[start : start + size])
                outputfile.flush()
                time.sleep(0.05 if pieces > 1 else 0)

    return serving_on_loopback(Slow)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("address", LONG)
def test_nothing_moves_when_controls_come_late(browser: Browser, base: str, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1600})
    page.route("**/tables.js", lambda route: (page.wait_for_timeout(400), route.continue_())[-1])

    assert moved_on(page, base + address) < 0.05


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("address", LONG)
def test_nothing_moves_when_rows_come_late(browser: Browser, site: Path, address: str, width: int) -> None:
    with serving_in_pieces(site) as slow:
        assert moved_on(browser.new_page(viewport={"width": width, "height": 1600}), f"{slow}/{address}") < 0.05


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_filtered_table_shuts_nobody_out(browser: Browser, base: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    found = {}

    for address in (
        "models/?models.weights=measured+here&models.sort=-parameters",
        "models/?models.maker=Nobody",
        "sources/?sources.kind=unverified&sources.sort=published",
    ):
        page.goto(base + address, wait_until="networkidle")
        if broken := violations(page):
            found[address] = broken
    context.close()

    assert found == {}


def test_the_count_and_the_order_are_said_to_those_who_listen(page: Page, base: str) -> None:
    page.goto(f"{base}models/")

    first(page).get_by_role("button", name="Maker", exact=True).click()

    expect(first(page).get_by_role("columnheader", name="Maker")).to_have_attribute("aria-sort", "ascending")
    assert page.locator("[aria-sort]").count() == 1
    assert first(page).locator(".woe-count").get_attribute("role") == "status"
    snapshot = page.locator("#models-table thead").aria_snapshot()
    assert 'button "Maker"' in snapshot
    assert not set("↕↑↓") & set(snapshot)


@pytest.mark.parametrize("order", ["", "-"], ids=["earliest first", "latest first"])
def test_days_sort_as_days(page: Page, base: str, order: str) -> None:
    page.goto(f"{base}sources/?sources.sort={order}published")

    titles = [row[0] for row in shown(page, "sources-table")]
    by_title = {source.title: source.published for source in DATASET.sources.values()}
    days = [first_day(day) for title in titles if (day := by_title[title])]

    assert len(set(days)) > 5
    assert days == sorted(days, reverse=order == "-")
    assert all(by_title[title] is None for title in titles[len(days) :])


@pytest.mark.parametrize("order", ["", "-"])
def test_equal_rows_keep_their_order(page: Page, base: str, order: str) -> None:
    page.goto(f"{base}models/?models.sort={order}weights")

    names = [(row[5], row[0]) for row in shown(page)]
    page.goto(f"{base}models/")
    before = [row[0] for row in shown(page)]

    for words in {words for words, _ in names}:
        alike = [name for one, name in names if one == words]
        assert alike == sorted(alike, key=before.index)


def test_p_values_sort_by_their_logarithm(page: Page, base: str) -> None:
    page.goto(f"{base}methods/permutation-test/?power.sort=largest-p")

    cells = page.locator("#power tbody tr td:nth-child(5)")
    logs = [float(one) for one in cells.evaluate_all("all => all.map(one => one.dataset.sort)") if one]

    assert len(set(logs)) > 3
    assert min(logs) < -20
    assert logs == sorted(logs)


def test_tables_of_the_kinds_that_have_many_rows_can_be_sorted(page: Page, base: str) -> None:
    for address, table in {
        "models/": "models-table",
        "pairs/": "pairs-table",
        "published/": "tensorlock-derivations",
        "controls/": "ladder",
        "sources/": "sources-table",
        "methods/std-profile/": "error-rates",
        "lineage/": "ties",
    }.items():
        page.goto(base + address)
        heads = page.locator(f"#{table} thead th").count()
        assert page.locator(f".woe-live #{table} thead th button").count() == heads > 0, address


def test_the_chinese_site_says_it_in_chinese(page: Page, base: str) -> None:
    page.goto(f"{base}zh/cases/solar-glm/?case-scores.sort=-数值")
    box = page.locator(".woe-live")

    rows = box.locator("tbody tr")
    assert rows.count() >= LIVE_FROM
    assert box.locator(".woe-count").inner_text() == f"{rows.count()} 个分数"
    values = [float(cell) for cell in rows.locator("td:last-child").all_inner_texts()]
    assert values == sorted(values, reverse=True)
    assert box.get_by_role("button", name="将所示内容复制为 CSV").is_visible()
    page.goto(f"{base}zh/cases/solar-glm/?case-scores.find=zzz")
    assert box.locator(".woe-count").inner_text().endswith("中没有同时符合这些条件和文字的。")
    box.get_by_role("button", name="显示全部").click()
    assert box.locator("tbody tr:visible").count() == rows.count()


def test_two_tables_of_a_page_keep_their_states_apart(page: Page, base: str) -> None:
    page.goto(f"{base}controls/?runs.sort=-held-out-loss&ladder.computes=yes")
    ladder = page.locator(".woe-live", has=page.locator("#ladder"))

    ladder.get_by_role("button", name="Show all").click()

    assert page.url.endswith("controls/?runs.sort=-held-out-loss")
    expect(page.locator("#runs thead th").last).to_have_attribute("aria-sort", "descending")


def visit(page: Page, address: str) -> None:
    """Goes to an address until its scripts have come, and then nothing more; a busy machine rests in between."""
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")


def test_scripts_of_tables_are_light_and_only_where_there_is_such_a_table(alone: Page, site: Path, base: str) -> None:
    sent: list[str] = []
    alone.on("request", lambda request: sent.append(request.url.removeprefix(base)))

    visit(alone, f"{base}models/")
    ours = [name for name in sent if re.search(r"assets/(js|vendor)/(?!search).*\.js$", name)]
    assert {"assets/js/tables.js", "assets/vendor/tablesort/tablesort.min.js"} <= set(ours)
    assert sum((site / name).stat().st_size for name in ours) < HEAVIEST
    sent.clear()
    visit(alone, base)
    visit(alone, f"{base}how-to-read/")

    assert not any(re.search(r"/tables\.js|tablesort", name) for name in sent)


def test_an_address_of_one_row_leads_to_it(page: Page, base: str) -> None:
    last = max(DATASET.sources.values(), key=lambda source: source.title.lower())

    page.goto(f"{base}sources/#{last.id}", wait_until="networkidle")

    row = page.locator("tr:target")
    assert row.locator("th").inner_text() == last.title
    expect(row).to_be_in_viewport()

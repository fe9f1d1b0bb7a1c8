"""What a first visit costs: bytes and shifts keep to budgets, times are only shown. A table is printed at the end.

Bytes are those that cross the wire, compressed as the hosting service does it, with headers. "Ours" is a page and
whatever it loads that is neither the theme's own files nor the two typefaces, which all pages share. The pages that the
search reads are not loaded before somebody searches; they have a line of their own.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Request

from budget_table import BUDGET

SHIFTS = """window.shifted = 0; window.largest = 0
new PerformanceObserver(list => list.getEntries().forEach(one => { window.shifted += one.value }))
    .observe({ type: 'layout-shift', buffered: true })
new PerformanceObserver(list => list.getEntries().forEach(one => { window.largest = one.startTime }))
    .observe({ type: 'largest-contentful-paint', buffered: true })"""
MEASURED = "sentence-transformers_all-minilm-l6-v2", "sentence-transformers_all-mpnet-base-v2"
PAGES = {
    "home": ("", 60_000),
    "home in Chinese": ("zh/", 60_000),
    "compare, empty": ("compare/", 150_000),
    "compare, two models": (f"compare/?a={MEASURED[0]}&b={MEASURED[1]}", 150_000),
    "pair, measured": (f"pairs/{'--'.join(MEASURED)}/", 150_000),
    "pair, disputed": ("pairs/ascend-tribe_pangu-pro-moe-model--qwen_qwen2.5-14b/", 150_000),
    "case": ("cases/pangu-qwen/", 150_000),
}
COLD = 300_000
INDEX = 150_000
REQUESTS = 25
HOMES = ("", "zh/")
SHIFT = 0.05
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}  # 1.6 Mbit/s
Note = Callable[..., None]


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Adds a line to the table that is printed at the end."""
    noted = request.node.user_properties
    return lambda page, what, measured, budget="": noted.append((BUDGET, (page, what, measured, budget)))


def part_of(path: str) -> str:
    """Whose a file is, by its address from the root of a language."""
    if path.startswith(("assets/javascripts/", "assets/stylesheets/")):
        return "theme"
    if path.startswith("assets/fonts/"):
        return "typefaces"
    return "ours"


def kilobytes(count: int) -> str:
    return f"{count / 1000:.1f} kB"


@pytest.mark.parametrize("name", PAGES)
def test_bytes_and_requests_of_a_first_visit(browser: Browser, base: str, note: Note, name: str) -> None:
    address, most = PAGES[name]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(base + address, wait_until="networkidle")
    page.wait_for_timeout(300)  # what the search and the page read in the background

    bytes_of: Counter[str] = Counter()
    for request in asked:
        sizes = request.sizes()
        path = urlsplit(request.url).path.removeprefix("/").removeprefix("zh/")
        bytes_of[part_of(path)] += sizes["responseBodySize"] + sizes["responseHeadersSize"]
    page.close()
    elsewhere = [url for url in sent if urlsplit(url).netloc != urlsplit(base).netloc and not url.startswith("data:")]
    for part in ("theme", "typefaces"):
        note(name, part, kilobytes(bytes_of[part]))
    note(name, "ours", kilobytes(bytes_of["ours"]), f"< {kilobytes(most)}" if address in HOMES else "")
    beyond = bytes_of["ours"] if address in HOMES else bytes_of["ours"] + bytes_of["typefaces"]
    if address not in HOMES:
        note(name, "ours and typefaces", kilobytes(beyond), f"< {kilobytes(most)}")
    note(name, "all", kilobytes(bytes_of.total()), f"< {kilobytes(COLD)}")
    note(name, "requests, to other hosts", f"{len(sent)}, {len(elsewhere)}", f"<= {REQUESTS}, 0")

    assert elsewhere == []
    assert min(bytes_of[part] for part in ("theme", "typefaces", "ours")) > 0  # each was seen
    assert not any("search/pages.json" in url for url in sent)
    assert len(sent) <= REQUESTS
    assert beyond < most
    assert bytes_of.total() < COLD


def loaded_slowly(browser: Browser, address: str, width: int) -> tuple[float, float]:
    """How much of a page moved while it came over a slow line, and when its largest part was painted, in ms."""
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(500)
    shifted, largest = page.evaluate("[window.shifted, window.largest]")
    page.close()
    return shifted, largest


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_loads_slowly(
    browser: Browser, base: str, note: Note, name: str, width: int
) -> None:
    loads = [loaded_slowly(browser, base + PAGES[name][0], width)]
    if loads[0][0] >= SHIFT:  # of what depends on the moment a part comes, the middle of three loads counts
        loads += [loaded_slowly(browser, base + PAGES[name][0], width) for _ in range(2)]
    shifted, largest = (median(values) for values in zip(*loads, strict=True))
    note(name, f"slow, {width} wide: largest paint", f"{largest / 1000:.2f} s", "(1.5 s)")
    note(name, f"slow, {width} wide: layout shift", f"{shifted:.4f}", f"< {SHIFT}")
    assert largest > 0
    assert shifted < SHIFT


@pytest.mark.parametrize("folder", HOMES)
def test_bytes_of_the_pages_that_the_search_reads(browser: Browser, base: str, note: Note, folder: str) -> None:
    page = browser.new_page()
    answer = page.goto(f"{base}{folder}search/pages.json")
    assert answer is not None

    sizes = answer.request.sizes()
    page.close()
    note("search", f"{folder}search/pages.json", kilobytes(sizes["responseBodySize"]), f"< {kilobytes(INDEX)}")
    assert 1_000 < sizes["responseBodySize"] < INDEX


def test_what_arrives_is_compressed(site: Path, base: str, browser: Browser) -> None:
    page = browser.new_page()
    answer = page.goto(base)
    assert answer is not None

    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < (site / "index.html").stat().st_size / 2
    assert answer.body() == (site / "index.html").read_bytes()
    page.close()


def test_a_shift_would_be_seen(browser: Browser, base: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 740})
    page.add_init_script(SHIFTS)
    page.goto(base, wait_until="networkidle")

    page.evaluate("document.querySelector('h1').style.marginTop = '300px'")
    page.wait_for_function("window.shifted > 0.05")
    page.close()

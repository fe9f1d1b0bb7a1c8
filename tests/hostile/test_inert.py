"""Attacks in every text field, in the real browser without the site's policy, and nothing runs."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from attacks import RUN
from hostile_site import HostileSite
from serve_site import serving

RUNNING = "[onclick], [onerror], [onload], [srcdoc], a[href^='javascript:']"
OF_A_KIND = 1  # pages of each kind that the browser opens; test_inert_files.py reads all


@pytest.fixture(scope="module")
def base(hostile: HostileSite) -> Iterator[str]:
    with serving(hostile.folder) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose content security policy is off: what is inert is so by itself."""
    context = browser.new_context(bypass_csp=True)
    yield context.new_page()
    context.close()


def kinds_of(hostile: HostileSite) -> dict[str, list[str]]:
    """Addresses of pages by their kind: the language and the folder, or the page itself."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in hostile.pages:
        address = path.relative_to(hostile.folder).as_posix().removesuffix("index.html")
        language, rest = ("zh/", address[3:]) if address.startswith("zh/") else ("", address)
        parts = rest.strip("/").split("/")
        found[language + (parts[0] if len(parts) > 1 else rest)].append(address)
    return found


def test_the_flag_is_set_where_an_attack_does_run(page: Page, base: str, hostile: HostileSite) -> None:
    html = (hostile.folder / "about" / "index.html").read_text("utf-8")
    page.route(f"{base}about/", lambda route: route.fulfill(body=html.replace("</h1>", f"</h1><script>{RUN}</script>")))

    page.goto(f"{base}about/")

    assert page.evaluate("window.ran") == 1


def test_attacks_are_words_on_pages_of_every_kind(page: Page, base: str, hostile: HostileSite) -> None:
    kinds, shown = kinds_of(hostile), defaultdict(int)
    for kind, addresses in kinds.items():
        largest = sorted(addresses, key=lambda one: -page_size(hostile, one))[:OF_A_KIND]
        for address in largest:
            page.goto(base + address, wait_until="load")
            assert page.evaluate("window.ran") is None, address
            assert page.locator(RUNNING).count() == 0, address

            shown[kind] += page.locator("body").text_content().count(RUN)

    assert len(kinds) > 30
    assert {"cases", "models", "pairs", "sources", "methods", "compare/", "zh/cases", "zh/methods/"} <= set(kinds)
    assert sum(shown.values()) > 1_000
    for kind in ("cases", "models", "pairs", "sources", "corrections/", "published/", "zh/cases", "zh/"):
        assert shown[kind], kind


def page_size(hostile: HostileSite, address: str) -> int:
    path = hostile.folder / address
    return (path / "index.html" if path.is_dir() else path).stat().st_size


def test_attacks_in_a_comparison_are_words(page: Page, base: str) -> None:
    page.goto(f"{base}compare/?a=ascend-tribe_pangu-pro-moe-model&b=qwen_qwen2.5-14b")
    page.locator("#pair-facts").wait_for()

    assert page.evaluate("window.ran") is None
    assert page.locator(".woe-compared").inner_text().count(RUN) > 5
    assert page.locator(".woe-compared :is(script, img, iframe, style, [onclick], [onerror], [onload])").count() == 0


@pytest.mark.parametrize("name", ["<img src=x onerror='window.ran=1'>", "__proto__", "../../x", "a" * 9000])
def test_attacks_in_the_address_of_a_comparison_are_words(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}compare/")
    page.evaluate("name => history.replaceState(null, '', '?b=qwen_qwen2.5-14b&a=' + encodeURIComponent(name))", name)
    page.reload()
    page.get_by_text("No one model on record is called").wait_for()

    assert page.evaluate("window.ran") is None
    assert page.locator(".woe-said img").count() == 0


@pytest.mark.parametrize("language", ["", "zh/"], ids=["English", "Chinese"])
def test_attacks_in_search_results_are_words(page: Page, base: str, language: str) -> None:
    page.goto(base + language)
    page.locator("input.md-search__input").press_sequentially("onerror")
    page.locator(".md-search-result__item").first.wait_for()
    page.wait_for_timeout(300)

    assert page.evaluate("window.ran") is None
    assert "onerror" in page.locator(".md-search-result__list").inner_text()
    assert page.locator(".md-search-result__list :is(img, script, svg[onload], iframe, [onerror])").count() == 0
    shown = page.locator(".md-search-result__list *").evaluate_all("all => all.map(one => one.localName)")
    assert set(shown) <= {"li", "a", "article", "div", "h1", "h2", "span", "mark", "details", "summary", "p", "del"}


def test_drawings_and_feeds_run_nothing_when_they_are_opened_by_themselves(
    page: Page, base: str, hostile: HostileSite
) -> None:
    files = [path for path in hostile.folder.rglob("*") if path.suffix in (".svg", ".atom", ".json")]
    holding = sorted((path for path in files if RUN in path.read_text("utf-8")), key=lambda path: path.stat().st_size)
    opened = {path.suffix: path for path in holding} | {f"largest {path.suffix}": path for path in reversed(holding)}
    for path in opened.values():
        page.goto(base + path.relative_to(hostile.folder).as_posix())
        assert page.evaluate("window.ran") is None, path

    assert {path.suffix for path in opened.values()} == {".svg", ".atom", ".json"}


def test_template_code_stands_as_it_was_written(page: Page, base: str) -> None:
    page.goto(f"{base}cases/pangu-qwen/")

    assert "{{7*7}} {%raw%} <!--block 1-->" in page.locator("article").first.inner_text()


@pytest.mark.parametrize("language", ["", "zh/"], ids=["English", "Chinese"])
def test_a_hostile_reply_stays_inside_its_card(page: Page, base: str, language: str) -> None:
    page.goto(f"{base}{language}cases/pangu-qwen/")
    reply = page.locator("#response-reply blockquote.woe-reply")
    words = reply.inner_text()

    assert "# A heading" in words
    assert words.count(f"<script>{RUN}</script>") >= 3
    assert reply.locator("p").count() == 3
    assert reply.locator("h1, h2, ul, ol, pre, code, em, strong, script, img, svg, a, table").count() == 0


@pytest.mark.parametrize("address", ["cases/pangu-qwen/", "zh/cases/pangu-qwen/", "corrections/", "published/"])
def test_no_page_is_wider_than_a_phone_for_a_word_without_spaces(page: Page, base: str, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(base + address)

    assert page.evaluate("document.documentElement.scrollWidth") <= 360

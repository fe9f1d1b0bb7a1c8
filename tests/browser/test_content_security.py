"""The content security policy in the real browser: everything of ours runs, and nothing else does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from content_kinds import KINDS
from playwright.sync_api import Browser, Page

from lineage.site.out.content_security import policy_of, theme_scripts

# Notes every violation before any script of the page runs.
WATCH = "document.addEventListener('securitypolicyviolation', event => (window.refused ||= []).push(event.blockedURI))"


@pytest.fixture(scope="module")
def watched(browser: Browser) -> Iterator[Page]:
    """A page that notes what each address it goes to refuses."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(WATCH)
    yield page
    page.close()


@pytest.mark.parametrize("address", [*KINDS, "404.html"])
def test_no_page_breaks_its_own_policy(watched: Page, base: str, address: str) -> None:
    watched.goto(base + address, wait_until="load")
    watched.wait_for_load_state("networkidle")

    assert watched.evaluate("window.refused || []") == []
    own_rule = "check-a-model/" in address  # which that page adds before it takes a file
    assert watched.locator('meta[http-equiv="Content-Security-Policy"]').count() == 1 + own_rule


def test_search_works_and_the_colours_change_under_the_policy(alone: Page, base: str) -> None:
    alone.add_init_script(WATCH)
    alone.goto(base, wait_until="networkidle")
    alone.locator("input.md-search__input").click()
    alone.keyboard.type("permutation test", delay=20)
    alone.locator(".md-search-result__item a").first.wait_for()
    alone.keyboard.press("Escape")
    alone.keyboard.press("Escape")
    before = alone.locator("body").get_attribute("data-md-color-scheme")
    for _ in range(2):
        alone.locator("form.md-header__option label:visible").first.click()

    assert alone.locator("body").get_attribute("data-md-color-scheme") != before
    assert alone.evaluate("window.refused || []") == []


INJECTED = {
    "an inline script": "<script>window.ran = 1</script>",
    "a handler": '<img src="x" onerror="window.ran = 1">',
    "a script from elsewhere": '<script src="data:text/javascript,window.ran = 1"></script>',
    "a javascript address": '<a id="go" href="javascript:window.ran = 1">go</a>',
}


@pytest.mark.parametrize("attack", INJECTED.values(), ids=INJECTED)
def test_what_is_put_into_the_content_of_a_page_does_not_run(alone: Page, base: str, site: Path, attack: str) -> None:
    html = (site / "index.html").read_text("utf-8")
    whole = html.replace("</h1>", f"</h1>{attack}", 1)
    assert policy_of(whole) == policy_of(html)  # building the page again would not allow it either
    alone.route(base, lambda route: route.fulfill(body=whole, content_type="text/html"))
    alone.add_init_script(WATCH)

    alone.goto(base, wait_until="load")
    if alone.locator("#go").count():
        alone.locator("#go").click()
    alone.wait_for_function("window.refused && window.refused.length")

    assert alone.evaluate("window.ran") is None


def test_eval_is_refused(page: Page, base: str) -> None:
    page.goto(base)

    page.evaluate("() => { try { setTimeout('window.late = 1', 0) } catch (error) { /* refused */ } }")
    page.wait_for_timeout(100)

    assert page.evaluate("window.late") is None


def test_only_the_page_that_checks_may_start_workers_from_a_text(site: Path) -> None:
    """Such a worker is bound by the policy of its page; the others need none."""
    allowed = {
        path.relative_to(site).as_posix()
        for path in site.rglob("*.html")
        if re.search(r"worker-src [^;]*blob:", path.read_text("utf-8"))
    }

    assert allowed == {"check-a-model/index.html", "zh/check-a-model/index.html"}


def test_all_pages_allow_the_same_few_scripts_of_the_theme(site: Path) -> None:
    seen = {code for path in site.rglob("*.html") for code in theme_scripts(path.read_text("utf-8"))}

    assert 0 < len(seen) <= 12
    for path in site.rglob("*.html"):
        html = path.read_text("utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
        assert policy is not None, path
        assert "unsafe-eval" not in policy[1]
        assert "script-src 'self'" in policy[1]
        assert ("script-src 'self' 'sha256-" in policy[1]) == bool(theme_scripts(html))  # a framed chart has none

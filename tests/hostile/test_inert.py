"""Attacks in every text field: the real build, the real browser, and nothing runs."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from playwright.sync_api import Browser

from repository import ROOT
from serve_site import serving

ATTACK = (
    "<script>window.ran=1</script><img src=x onerror='window.ran=1'></title><svg onload=\"window.ran=1\">"
    " [x](javascript:window.ran=1) {: onclick=window.ran=1 } {{ 7*7 }} {% raw %} <!--block 1--> &lt;b&gt; --> ]]>"
)
# Text fields of records; ids, addresses and choices have forms of their own that refuse this.
FIELDS = (
    *("text", "statement", "title", "publisher", "shows", "note", "maker", "name", "claimant", "question", "status"),
    *("description", "method", "scale", "measure", "where", "licence", "tokenizer", "file", "activation"),
)


def attacked(text: str, path: Path) -> str:
    def put(match: re.Match[str]) -> str:
        if match["key"] == "file" and (path.parent.name == "published" or "fingerprints" in path.parts):
            return match[0]
        words = json.loads(f'"{match["words"]}"')
        marked = "unverified " if "unverified" in words else ""
        return f"{match['key']} = {json.dumps(marked + ATTACK)}"

    return re.sub(rf'(?m)^(?P<key>{"|".join(FIELDS)}) = "(?P<words>(?:[^"\\]|\\.)*)"$', put, text)


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for source in (ROOT / "data").rglob("*"):
        target = folder / "data" / source.relative_to(ROOT / "data")
        if source.is_dir():
            target.mkdir(parents=True)
        elif source.suffix == ".toml" and "fingerprints" not in source.parts:
            target.write_text(attacked(source.read_text(encoding="utf-8"), source), encoding="utf-8")
        else:
            target.write_bytes(source.read_bytes())
    with (ROOT / "mkdocs.yml").open("rb") as file:
        config = load_config(file, site_dir=str(folder / "site"))
    config.extra["data"] = str(folder / "data")
    config.plugins.run_event("startup", command="build", dirty=False)
    build(config)
    return folder / "site"


def test_attacks_are_shown_as_words_and_run_nowhere(hostile_site: Path, browser: Browser) -> None:
    shown = 0
    page = browser.new_page()
    with serving(hostile_site) as base:
        for path in sorted(hostile_site.rglob("*.html")):
            page.goto(base + path.relative_to(hostile_site).as_posix(), wait_until="load")
            assert page.evaluate("window.ran") is None, path
            assert page.locator("[onclick], [onerror], [onload]").count() == 0, path
            assert page.locator("a[href^='javascript:']").count() == 0, path
            shown += page.locator("body").inner_text().count("window.ran=1")
    page.close()
    assert shown > 200


def test_attacks_in_a_comparison_are_words(hostile_site: Path, browser: Browser) -> None:
    page = browser.new_page()
    with serving(hostile_site) as base:
        page.goto(f"{base}compare/?a=ascend-tribe_pangu-pro-moe-model&b=qwen_qwen2.5-14b")
        page.locator("#pair-facts").wait_for()

        assert page.evaluate("window.ran") is None
        assert page.locator(".woe-compared").inner_text().count("window.ran=1") > 5
        assert page.locator(".woe-compared :is(script, img, [onclick], [onerror], [onload])").count() == 0

        page.goto(f"{base}compare/?a=%3Cimg%20src%3Dx%20onerror%3D%27window.ran%3D1%27%3E&b=qwen_qwen2.5-14b")
        page.get_by_text("No one model on record is called").wait_for()
        assert page.evaluate("window.ran") is None
        assert page.locator(".woe-said img").count() == 0
    page.close()


def test_attacks_in_search_results_run_nowhere(hostile_site: Path, browser: Browser) -> None:
    page = browser.new_page()
    with serving(hostile_site) as base:
        page.goto(base)
        page.locator("input.md-search__input").fill("onerror")
        page.locator(".md-search-result__item").first.wait_for()
        page.wait_for_timeout(500)

        assert page.evaluate("window.ran") is None
    page.close()


def test_template_code_stands_as_it_was_written(hostile_site: Path, browser: Browser) -> None:
    page = browser.new_page()
    with serving(hostile_site) as base:
        page.goto(base + "cases/pangu-qwen/")
        words = page.locator("article").first.inner_text()
    page.close()

    assert "{{ 7*7 }} {% raw %} <!--block 1-->" in words


def test_drawings_hold_no_attack_as_markup(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*.svg"):
        assert "<script" not in path.read_text(encoding="utf-8")
        ET.parse(path)  # noqa: S314 - our own drawing, made of escaped text

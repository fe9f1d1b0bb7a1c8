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
    *("wrong", "changed", "stood", "why"),
    *("meaning", "informed_by"),
)
# Kinds that the committed data need not hold; their texts are attacked like all others, the reply in several lines.
ADDED = {
    "removals/gone-claim.toml": """id = "gone-claim"
kind = "claim"
removed = "pangu-qwen/claim-gone"
name = "A claim"
stood = "A sentence."
why = "A reason."
date = 2026-11-24
asked_by = "author"
""",
    "removals/gone-model.toml": """id = "gone-model"
kind = "model"
removed = "maker/gone"
name = "A model"
stood = "A sentence."
why = "A reason."
date = 2026-11-24
asked_by = "maker"
""",
    "cases/pangu-qwen/response-reply.toml": f"""id = "response-reply"
kind = "response"
title = "A reply"
claimant = "The maker"
claimant_role = "maker"
date = 2026-11-24
models = ["ascend-tribe/pangu-pro-moe-model"]
statement = "It answers."
answers = ["claim-similarity"]
sources = ["noahs-ark-statement"]

[reply]
text = '''
# A heading {ATTACK.replace("'", '"')}

    code {ATTACK.replace("'", '"')}

</blockquote></article>{ATTACK.replace("'", '"')}
'''
owner = "https://github.com/some-maker"
received = 2026-11-24
via = "https://github.com/x/y/issues/1"
""",
}


def attacked(text: str, path: Path) -> str:
    def put(match: re.Match[str]) -> str:
        if match["key"] == "file" and (path.parent.name == "published" or "fingerprints" in path.parts):
            return match[0]
        if match["key"] == "name" and path.parent.name == "parameters":
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
    for name, text in ADDED.items():
        target = folder / "data" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(attacked(text, target), encoding="utf-8")
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
        page.locator("input.md-search__input").press_sequentially("onerror")
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


def test_a_hostile_reply_stays_inside_its_card(hostile_site: Path, browser: Browser) -> None:
    page = browser.new_page()
    with serving(hostile_site) as base:
        page.goto(base + "cases/pangu-qwen/")
        card = page.locator("#response-reply")
        words = card.locator("blockquote.woe-reply").inner_text()
        inside = card.locator("blockquote.woe-reply").locator("h1, pre, script, img, svg, a").count()
    page.close()

    assert "# A heading <script>window.ran=1</script>" in words
    assert words.count("{{ 7*7 }} {% raw %} <!--block 1-->") == 3
    assert inside == 0


def test_removed_and_corrected_records_are_shown_as_words(hostile_site: Path) -> None:
    for path in ("models/maker_gone", "cases/pangu-qwen", "corrections"):
        html = (hostile_site / path / "index.html").read_text(encoding="utf-8")
        assert "&lt;script&gt;window.ran=1" in html.replace("&#60;", "&lt;").replace("&#62;", "&gt;").replace(
            "&#61;", "="
        )


def test_files_to_take_away_hold_the_attacks_as_words_alone(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*.atom"):
        tags = {element.tag for element in ET.parse(path).iter()}  # noqa: S314 - our own feed
        assert not [tag for tag in tags if not tag.startswith("{http://www.w3.org/2005/Atom}")]
    for path in (hostile_site / "api").rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        json.loads(text)
        assert "<" not in text, path
    claims = json.loads((hostile_site / "api" / "v1" / "claims.json").read_text(encoding="utf-8"))
    assert {claim["statement"].removeprefix("unverified ") for claim in claims["records"]} == {ATTACK}

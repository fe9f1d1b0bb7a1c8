"""The page that look.py writes, opened as a file: it asks for nothing, and shuts nobody out."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from shut_out import violations

import look
from match_models import llama, noisy, save
from repository import RECORD

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("look")
    a, b = save(folder / "own", noisy(llama(1))), save(folder / "base", llama(1))
    where = ["--data", str(RECORD), "--kept", str(folder / "kept"), "--quiet"]
    look.main([str(a), "--against", str(b), "--html", str(folder / "report.html"), *where])
    return folder / "report.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_of_a_look_asks_for_nothing_and_everybody_can_read_it(
    written: Path, browser: Browser, size: dict[str, int], scheme: str
) -> None:
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))

    page.goto(written.as_uri())
    page.wait_for_load_state("networkidle")

    assert asked == [written.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.locator("svg.woe-chart:visible").count() >= 2
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 23, 30)"
    )
    assert violations(page) == []
    context.close()

"""Any two models side by side, in a real browser: by keyboard, by touch, with bad addresses and failing files."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from test_reading import contrast

from serve_site import serving

MINILM = "sentence-transformers_all-minilm-l6-v2"
PARAPHRASE = "sentence-transformers_paraphrase-minilm-l3-v2"
GEMMA, QWEN = "google_gemma-3-270m", "qwen_qwen2.5-coder-0.5b-instruct"
PANGU, QWEN_14B = "ascend-tribe_pangu-pro-moe-model", "qwen_qwen2.5-14b"


def address(base: str, a: str, b: str) -> str:
    return f"{base}compare/?a={a}&b={b}"


def opened(page: Page, base: str, a: str, b: str) -> Page:
    page.goto(address(base, a, b))
    page.locator("#pair-facts").wait_for()
    return page


def stored(site: Path, name: str) -> Any:
    return json.loads((site / "assets" / "compare" / f"{name}.json").read_text(encoding="utf-8"))


def test_a_measured_pair_shows_finding_scores_curves_facts_and_what_is_missing(
    page: Page, base: str, site: Path
) -> None:
    opened(page, base, MINILM, PARAPHRASE)

    row = stored(site, MINILM)["rows"][PARAPHRASE]
    words = page.locator(".woe-compared").inner_text()
    assert row["finding"]["sentence"][1:] in words
    assert row["relation"] in words
    for score in row["scores"]:
        assert score["score"] in words
        assert all(place in words for place in score["places"])
    assert page.locator(".woe-panels figure").count() == 6
    assert page.locator("#pair-facts tbody tr").count() > 15
    assert "its release date is unknown" in words
    assert page.title().startswith("all-MiniLM-L6-v2 and paraphrase-MiniLM-L3-v2")


def test_the_order_of_the_two_does_not_matter(page: Page, base: str) -> None:
    shown = []
    for names in ((MINILM, PARAPHRASE), (PARAPHRASE, MINILM)):
        opened(page, base, *names)
        inputs = page.locator(".woe-choose input").evaluate_all("inputs => inputs.map(input => input.value)")
        shown.append((page.locator(".woe-compared").inner_html(), page.title(), page.url, inputs))

    assert len(shown[0][3]) == 2
    assert shown[0] == shown[1]


def test_what_is_drawn_is_what_the_table_beside_it_says(page: Page, base: str) -> None:
    opened(page, base, GEMMA, QWEN)
    page.locator(".woe-curves summary").click()

    cells = page.locator("#curve-numbers tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    told: dict[tuple[str, str], list[float]] = {}
    for role, model, _, value in cells:
        told.setdefault((role, model.split("(")[1]), []).append(float(value.replace("−", "-")))
    drawn = page.locator(".woe-panels path.curve").evaluate_all(
        """paths => paths.map(path => [
            path.closest('figure').querySelector('strong').textContent,
            path.classList.contains('curve-1') ? 'solid)' : 'dashed)',
            path.getAttribute('d').slice(1).split('L').map(point => Number(point.split(' ')[1]))])"""
    )
    heights = {(role, kind): points for role, kind, points in drawn}

    assert set(heights) == set(told)
    assert len(told) == 14
    values = np.concatenate([told[key] for key in told])
    pixels = np.concatenate([heights[key] for key in told])
    slope, offset = np.polyfit(values, pixels, 1)
    assert slope < 0
    assert np.abs(slope * values + offset - pixels).max() < 0.1


def test_the_keyboard_alone_chooses_and_compares(page: Page, base: str) -> None:
    page.goto(f"{base}compare/")
    page.locator(".woe-said:empty").wait_for(state="attached")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "model-a":
            break
    page.keyboard.type("gemma-3-270m")
    page.keyboard.press("Tab")
    page.keyboard.type("Qwen2.5-Coder-0.5B")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Compare"
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="Gemma 3 270M and Qwen2.5-Coder-0.5B-Instruct").wait_for()
    assert page.url.endswith(f"?a={GEMMA}&b={QWEN}")
    assert page.evaluate("document.activeElement.matches('.woe-compared')")


def test_every_model_can_be_chosen_by_name(page: Page, base: str, site: Path) -> None:
    page.goto(f"{base}compare/")
    page.locator("#model-names option").first.wait_for(state="attached")

    offered = page.locator("#model-names option").evaluate_all("all => all.map(one => one.value)")

    lists = sorted((site / "assets" / "compare").glob("names-*.json"))
    assert offered == [name for path in lists for _, name, *_ in stored(site, path.stem)]
    assert "microsoft/NextCoder-14B" in offered  # others name it, and it has no record


def test_what_is_written_before_the_names_have_come_stays(alone: Page, base: str) -> None:
    waiting: list[Route] = []
    alone.route("**/assets/compare/names-*.json", lambda route: waiting.append(route))
    alone.goto(f"{base}compare/")
    alone.get_by_label("First model").fill("nextcoder 14b")
    alone.get_by_label("Second model").fill("Qwen/Qwen2.5-14B")

    assert waiting
    while not alone.locator("#model-names option").count():
        while waiting:
            waiting.pop().continue_()
        alone.wait_for_timeout(20)
    assert alone.get_by_label("First model").input_value() == "nextcoder 14b"
    alone.get_by_role("button", name="Compare").click()

    alone.get_by_role("heading", name="NextCoder-14B and Qwen2.5-14B").wait_for()


SPELLINGS = (
    *("https://huggingface.co/microsoft/NextCoder-14B", "nextcoder 14b", "microsoft_nextcoder-14b"),
    *("hf.co/microsoft/NextCoder-14B/tree/main", "modelscope:microsoft/NextCoder-14B", "ＮｅｘｔＣｏｄｅｒ 14B"),
    "https://www.modelscope.cn/models/microsoft/NextCoder-14B",
)


@pytest.mark.parametrize("words", SPELLINGS)
def test_a_model_is_meant_however_it_is_written(page: Page, base: str, words: str) -> None:
    page.goto(f"{base}compare/")
    page.get_by_label("First model").fill(words)
    page.get_by_label("Second model").fill("Qwen/Qwen2.5-14B")
    page.get_by_role("button", name="Compare").click()

    page.get_by_role("heading", name="NextCoder-14B and Qwen2.5-14B").wait_for()


def test_touch_at_360_pixels_compares_and_nothing_is_too_small(phone: BrowserContext, base: str) -> None:
    page = phone.new_page()
    page.goto(f"{base}compare/")
    page.locator("#model-a").tap()
    page.locator("#model-a").fill("controls/seed-01")
    page.locator("#model-b").tap()
    page.locator("#model-b").fill("controls/seed-02")
    for box in page.locator(".woe-choose input, .woe-choose button").all():
        size = box.bounding_box()
        assert size is not None
        assert size["height"] >= 44
    page.get_by_role("button", name="Compare", exact=True).tap()
    page.locator("#pair-scores").wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "trained here" in page.locator("#pair-scores").inner_text()
    assert "independent: each was trained here" in page.locator(".woe-compared").inner_text()


def test_a_phone_begins_with_what_was_measured_and_unfolds_the_fields_when_asked(
    phone: BrowserContext, base: str
) -> None:
    page = opened(phone.new_page(), base, GEMMA, QWEN)

    known = page.locator(".woe-known").bounding_box()
    assert known is not None
    assert known["y"] < 300
    assert not page.locator(".woe-choose").is_visible()

    page.get_by_role("button", name="Choose other models").tap()

    assert page.locator("#model-a").is_visible()
    assert page.locator("#pair-facts").count() == 1


def test_a_wide_screen_folds_the_fields_and_shows_each_name_whole(page: Page, base: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, base, GEMMA, QWEN)
    assert not page.locator(".woe-choose").is_visible()

    page.get_by_role("button", name="Choose other models").click()

    page.locator("#model-b").fill("sentence-transformers/paraphrase-MiniLM-L3-v2")
    for box in ("#model-a", "#model-b"):
        assert page.locator(box).evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_where_facts_come_from_is_no_likeness_and_no_score_has_no_mark(page: Page, base: str) -> None:
    opened(page, base, GEMMA, QWEN)

    compared = page.locator("#pair-facts tbody tr").evaluate_all(
        "rows => Object.fromEntries(rows.map(row => [row.cells[0].textContent, row.cells[3].textContent]))"
    )
    assert (compared["Weights"], compared["Measured again"], compared["Kind"]) == ("", "", "same")
    untold = page.locator("#pair-scores tr", has_text="not testable")
    assert untold.count() == 1
    assert untold.locator(".woe-mark-word").count() == 0


def test_back_and_forward_restore_what_was_shown(page: Page, base: str) -> None:
    opened(page, base, GEMMA, QWEN)
    page.get_by_role("button", name="Choose other models").click()
    page.locator("#model-a").fill("ascend-tribe/pangu-pro-moe-model")
    page.locator("#model-b").fill("Qwen/Qwen2.5-14B")
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("heading", name="Pangu Pro MoE and Qwen2.5-14B").wait_for()

    page.go_back()
    page.get_by_role("heading", name="Gemma 3 270M and Qwen2.5-Coder-0.5B-Instruct").wait_for()
    assert page.locator("#model-a").input_value() == "google/gemma-3-270m"
    page.go_forward()
    page.get_by_role("heading", name="Pangu Pro MoE and Qwen2.5-14B").wait_for()

    assert page.url.endswith(f"?a={PANGU}&b={QWEN_14B}")


def test_a_pair_without_a_measurement_says_so_and_how_to_measure(page: Page, base: str) -> None:
    opened(page, base, PANGU, QWEN_14B)

    words = page.locator(".woe-compared").inner_text()
    assert "Not measured: no score of this pair was measured here" in words
    assert "The weights of neither have been read here" in words
    assert "None to draw" in words
    assert page.locator(".woe-compared a[href$='measure/']").count() == 1
    assert page.locator("#pair-published .woe-mark-word").first.inner_text() == "published"


def test_two_models_without_any_row_still_stand_side_by_side(page: Page, base: str) -> None:
    opened(page, base, "controls_seed-01", GEMMA)

    words = page.locator(".woe-compared").inner_text()
    assert "Both were measured, but they were not put side by side" in words
    assert page.locator(".woe-panels path.curve").count() > 8


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"?a=gemma-9-gone&b={QWEN}", "No one model on record is called “gemma-9-gone”"),
        (f"?a={QWEN}&b=..%2F..%2Fsecrets", "No one model on record is called “../../secrets”"),
        (f"?a={QWEN}&b=qwen", "No one model on record is called “qwen”"),
        (f"?a={QWEN}", "Choose a second model to set beside Qwen2.5-Coder-0.5B-Instruct"),
        (f"?b={QWEN}", "Choose a second model to set beside Qwen2.5-Coder-0.5B-Instruct"),
        (f"?a={QWEN}&b={QWEN}", "That is one model twice"),
        ("?a=%F0%9F%98%80&b=%00", "No one model on record is called"),
    ],
)
def test_a_bad_address_gives_a_sentence_and_a_way_on(alone: Page, base: str, query: str, words: str) -> None:
    failed: list[str] = []
    alone.on("pageerror", lambda error: failed.append(str(error)))
    alone.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)

    alone.goto(f"{base}compare/{query}")
    alone.locator(".woe-said", has_text=words).wait_for()

    assert alone.locator("#to-begin-with").is_visible()
    assert alone.locator(".woe-compared").inner_text() == ""
    assert failed == []


def test_a_renamed_model_brings_names_like_it(page: Page, base: str) -> None:
    page.goto(f"{base}compare/?a=google_gemma-3-old&b={QWEN}")

    page.locator(".woe-said", has_text="On record: google/gemma-3-270m").wait_for()


@pytest.mark.parametrize("blocked", [f"{GEMMA}.json", f"{QWEN}.json"], ids=["first", "second"])
@pytest.mark.parametrize("how", ["refused", "missing", "not JSON"])
def test_a_file_that_fails_gives_a_sentence_and_trying_again_helps(
    alone: Page, base: str, blocked: str, how: str
) -> None:
    def fail(route: Route) -> None:
        if how == "refused":
            route.abort()
        elif how == "missing":
            route.fulfill(status=404, body="gone")
        else:
            route.fulfill(status=200, body="<html>")

    alone.route(f"**/assets/compare/{blocked}", fail)
    alone.goto(address(base, GEMMA, QWEN))
    alone.get_by_text("A file behind this comparison could not be read").wait_for()
    assert alone.locator(".woe-said a[href='../pairs/']").is_visible()

    alone.unroute(f"**/assets/compare/{blocked}")
    alone.get_by_role("link", name="Try again").click()
    alone.locator("#pair-facts").wait_for()


def test_a_row_in_a_further_block_is_read_from_there(alone: Page, site: Path, base: str) -> None:
    """As of a model with so many pairs that their rows are in several files."""
    own = stored(site, MINILM)
    cut = own | {"rows": {}, "blocks": [min(own["rows"])]}
    alone.route(f"**/assets/compare/{MINILM}.json", lambda route: route.fulfill(json=cut))
    alone.route(f"**/assets/compare/{MINILM}.pairs-1.json", lambda route: route.fulfill(json=own["rows"]))

    opened(alone, base, MINILM, PARAPHRASE)

    assert own["rows"][PARAPHRASE]["finding"]["sentence"][1:] in alone.locator(".woe-compared").inner_text()


def test_two_models_are_asked_for_before_the_styles_have_come(alone: Page, base: str) -> None:
    styles: list[Route] = []
    alone.route("**/*.css", lambda route: styles.append(route))

    with (
        alone.expect_response(f"**/assets/compare/{MINILM}.json"),
        alone.expect_response(f"**/assets/compare/{PARAPHRASE}.json"),
        alone.expect_response("**/assets/js/compare-view.js"),
    ):
        alone.goto(address(base, MINILM, PARAPHRASE), wait_until="commit")

    assert styles
    alone.unroute_all(behavior="ignoreErrors")  # lets them go
    alone.locator("#pair-facts").wait_for()


def test_names_are_read_for_who_chooses_alone(alone: Page, base: str) -> None:
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    opened(alone, base, GEMMA, QWEN)
    alone.wait_for_load_state("networkidle")
    assert not any("/names-" in url for url in asked)

    alone.get_by_role("button", name="Choose other models").click()
    alone.locator("#model-names option").first.wait_for(state="attached")

    assert any("/names-1.json" in url for url in asked)


def test_without_the_list_of_names_an_address_still_works(alone: Page, base: str) -> None:
    alone.route("**/assets/compare/names-*.json", lambda route: route.abort())

    opened(alone, base, GEMMA, QWEN)

    assert alone.locator("#model-a").input_value() == "google/gemma-3-270m"


@pytest.mark.parametrize("how", ["off", "blocked"])
def test_without_the_script_the_ways_on_are_there(browser: Browser, base: str, how: str) -> None:
    context = browser.new_context(java_script_enabled=how == "blocked")
    page = context.new_page()
    page.route("**/assets/js/*.js", lambda route: route.abort())

    page.goto(address(base, GEMMA, QWEN))

    said = page.locator(".woe-said")
    page.wait_for_timeout(0 if how == "off" else 3_200)  # late, so that readers with the script never see it
    height = said.bounding_box()
    assert height is not None
    assert height["height"] > 40
    assert "needs its script" in said.inner_text()
    assert [link.get_attribute("href") for link in said.locator("a").all()] == [
        "../pairs/",
        "../heatmap/",
        "../models/",
    ]
    for useless in (".woe-choose", ".woe-otherwise"):
        assert not page.locator(useless).is_visible()
    context.close()


def test_it_works_under_a_sub_path(alone: Page, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "some" / "where")
    failed: list[str] = []
    alone.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)

    with serving(tmp_path) as root:
        opened(alone, f"{root}some/where/", GEMMA, QWEN)
        alone.get_by_role("link", name="The page of this pair").click()
        alone.wait_for_url("**/some/where/pairs/*--*/")
        alone.get_by_role("link", name="Set these two side by side").click()
        alone.locator("#pair-facts").wait_for()

    assert failed == []


def test_a_model_page_leads_to_a_comparison_with_one_chosen(page: Page, base: str) -> None:
    page.goto(f"{base}models/{GEMMA}/")
    page.get_by_role("link", name="Compare Gemma 3 270M with any other model").click()

    page.get_by_text("Choose a second model to set beside Gemma 3 270M").wait_for()

    assert page.locator("#model-a").input_value() == "google/gemma-3-270m"


def test_the_first_view_stays_under_its_budget(alone: Page, base: str) -> None:
    sizes: dict[str, int] = {}
    alone.on("response", lambda answer: sizes.update({answer.url: len(answer.body())}))
    alone.goto(address(base, GEMMA, QWEN), wait_until="networkidle")

    ours = {url: size for url, size in sizes.items() if "/assets/js/" in url or "/assets/compare" in url}
    first = next(size for url, size in sizes.items() if "/compare/?" in url)

    assert len(ours) >= 8
    assert sum(ours.values()) + first < 150_000, ours


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_have_contrast_and_nothing_is_an_inline_script(browser: Browser, base: str, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = opened(context.new_page(), base, GEMMA, QWEN)

    for selector in (".woe-mark-word", ".woe-place + .woe-place", ".woe-panels span", ".woe-choose button"):
        assert contrast(page, selector) >= 4.5, selector
    assert page.locator("article script:not([src])").count() == 0
    context.close()


@pytest.mark.parametrize("query", ["", f"?a={GEMMA}&b={QWEN}"], ids=["empty", "a pair"])
def test_on_a_slow_phone_the_page_comes_soon_and_hardly_moves(phone: BrowserContext, base: str, query: str) -> None:
    page = phone.new_page()
    session = phone.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}
    session.send("Network.emulateNetworkConditions", slow)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(
        """window.moved = 0
        new PerformanceObserver(list => list.getEntries().forEach(one => { window.moved += one.value }))
            .observe({type: 'layout-shift', buffered: true})"""
    )
    page.goto(f"{base}compare/{query}", wait_until="networkidle")
    page.locator("#pair-facts" if query else ".woe-said:empty").wait_for(state="attached")
    page.wait_for_timeout(500)

    assert page.evaluate("window.moved") < 0.05


def test_print_leaves_out_the_choosers_and_keeps_the_evidence(page: Page, base: str) -> None:
    opened(page, base, GEMMA, QWEN)
    page.emulate_media(media="print")

    assert not page.locator(".woe-choose").is_visible()
    assert page.locator(".woe-panels figure svg").first.is_visible()
    assert page.locator("#pair-scores").is_visible()


def test_forced_colours_keep_both_curves_and_every_word(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, forced_colors="active")
    page = opened(context.new_page(), base, GEMMA, QWEN)

    strokes = page.locator(".woe-panels figure >> nth=0 >> path.curve").evaluate_all(
        "all => all.map(one => [getComputedStyle(one).stroke, getComputedStyle(one).strokeDasharray])"
    )

    assert len({stroke for stroke, _ in strokes}) == 2
    assert strokes[0][1] == "none" != strokes[1][1]
    assert page.locator("#pair-scores .woe-mark-word").first.is_visible()
    context.close()

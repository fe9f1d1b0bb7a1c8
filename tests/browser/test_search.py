"""The search as a reader uses it: any part of a name, two languages, the keyboard alone, a phone."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

BOX = "input.md-search__input"
RESULTS = ".md-search-result__item"
ENGLISH, CHINESE = "", "zh/"


def ask(page: Page, query: str) -> None:
    """Opens the search with the keyboard, and writes as an input method does: all at once, then a key."""
    page.keyboard.press("/")
    page.keyboard.insert_text(query)
    page.keyboard.press("End")
    page.locator(RESULTS).first.wait_for()
    page.wait_for_load_state("networkidle")  # the index of the other language has come


def titles(page: Page) -> list[str]:
    return [" ".join(words.split()) for words in page.locator(f"{RESULTS} h1").all_inner_texts()]


def settle(page: Page) -> None:
    """Waits until the list stays as it is: results of the second language come after those of the first."""
    shown: list[str] = []
    while (now := page.locator(RESULTS).all_inner_texts()) != shown:
        shown = now
        page.wait_for_timeout(300)


def links(results: Locator, base: str) -> list[str]:
    found = results.evaluate_all("all => all.map(one => one.querySelector('a').href)")
    return [link.removeprefix(base).partition("?")[0] for link in found]


@pytest.mark.parametrize(
    ("start", "query", "first"),
    [
        (ENGLISH, "iLM", "models/nreimers_minilm-l3-h384-uncased/"),
        (ENGLISH, "wen2.5-14", "models/qwen_qwen2.5-14b/"),
        (ENGLISH, "Qwen/Qwen2.5-14B", "models/qwen_qwen2.5-14b/"),
        (ENGLISH, "Qwen2.5-14B", "models/qwen_qwen2.5-14b/"),
        (ENGLISH, "ｑｗｅｎ２．５－１４ｂ", "models/qwen_qwen2.5-14b/"),
        (ENGLISH, "Pangu", "models/ascend-tribe_pangu-pro-moe-model/"),
        (ENGLISH, "pangu qwen", "cases/pangu-qwen/"),
        (ENGLISH, "mpnet MiniLM-L3-v2", "pairs/"),
        (ENGLISH, "permutation test", "methods/permutation-test/"),
        (ENGLISH, "HonestAGI repository", "sources/honestagi-repo/"),
        (ENGLISH, "相似度", "zh/how-to-read/"),
        (CHINESE, "相似度", "zh/how-to-read/"),
        (CHINESE, "盘古相似度", "zh/cases/pangu-qwen/"),
        (CHINESE, "iLM", "zh/models/nreimers_minilm-l3-h384-uncased/"),
        (CHINESE, "精确置换检验", "zh/methods/permutation-test/"),
        (CHINESE, "standard-deviation profile", "zh/methods/std-profile/"),
        (CHINESE, "std profile", "zh/methods/std-profile/"),
        (CHINESE, "如何阅读", "zh/how-to-read/"),
        (CHINESE, "如何閱讀", "zh/how-to-read/"),
        (ENGLISH, "盤古相似度", "zh/cases/pangu-qwen/"),
        (ENGLISH, "pérmütation tešt", "methods/permutation-test/"),
        (ENGLISH, "pe\u0301rmutation test", "methods/permutation-test/"),
    ],
)
def test_what_is_typed_leads_to_its_page_first(page: Page, base: str, start: str, query: str, first: str) -> None:
    page.goto(base + start, wait_until="networkidle")

    ask(page, query)

    assert links(page.locator(RESULTS), base)[0].startswith(first)


@pytest.mark.parametrize(
    ("start", "query", "kinds"),
    [
        (ENGLISH, "Pangu", {"Model", "Case", "Pair", "Source"}),
        (ENGLISH, "controls", {"Page", "Case", "Method"}),
        (ENGLISH, "相似度", {"Case · 简体中文", "Page · 简体中文"}),
        (CHINESE, "Pangu", {"模型", "案例", "模型对", "来源"}),
    ],
)
def test_each_result_says_what_kind_of_page_it_is(
    page: Page, base: str, start: str, query: str, kinds: set[str]
) -> None:
    page.goto(base + start, wait_until="networkidle")

    ask(page, query)
    for _ in range(12):  # more come as the list is scrolled
        page.mouse.move(900, 300)
        page.mouse.wheel(0, 2000)
        page.wait_for_timeout(50)

    said = page.locator(f"{RESULTS} .woe-found").all_inner_texts()
    assert len(said) == page.locator(RESULTS).count()
    assert kinds <= set(said)


def test_a_name_gives_its_model_before_the_case_and_the_pairs(page: Page, base: str) -> None:
    page.goto(base, wait_until="networkidle")

    ask(page, "Qwen2.5-14B")

    kinds = [re.split(r"[ ·]", words)[0] for words in titles(page)]
    order = [kind for kind in dict.fromkeys(kinds) if kind in ("Model", "Case", "Pair")]
    assert order == ["Model", "Case", "Pair"]


def test_a_page_in_both_languages_is_shown_once(page: Page, base: str) -> None:
    page.goto(base + CHINESE, wait_until="networkidle")

    ask(page, "Pangu")

    found = links(page.locator(RESULTS), base)
    assert "zh/cases/pangu-qwen/" in found
    assert "cases/pangu-qwen/" not in found


@pytest.mark.parametrize("start", [ENGLISH, CHINESE])
def test_words_of_the_other_language_say_so(page: Page, base: str, start: str) -> None:
    query, code = ("相似度", "zh") if start == ENGLISH else ("Data and API", "en")
    page.goto(base + start, wait_until="networkidle")

    ask(page, query)
    settle(page)

    assert page.locator(f"{RESULTS} h1 span[lang={code}]").first.is_visible()


@pytest.mark.parametrize("query", ["iLM", "wen2.5", "permutation", "相似度"])
def test_a_result_shows_no_more_than_its_page(page: Page, base: str, query: str) -> None:
    page.goto(base, wait_until="networkidle")
    ask(page, query)
    shown = page.locator(f"{RESULTS} > a").evaluate_all(
        """all => all.slice(0, 6).map(one => {
            const article = one.querySelector('article').cloneNode(true)
            article.querySelectorAll('.woe-found').forEach(part => part.remove())
            const title = article.querySelector('h1, h2')
            title.replaceWith(title.textContent, ' ')
            return [one.href, article.textContent]
        })"""
    )

    for address, text in shown:
        page.goto(address)
        standing = page.evaluate(
            r"""() => {
                const article = document.querySelector('article.md-content__inner')
                article.querySelectorAll('sup, script').forEach(part => part.remove())
                return article.textContent.replace(/\s/g, '')
            }"""
        )
        for piece in text.replace("…", " ").split():
            assert piece in standing, (address, piece)


@pytest.mark.parametrize("key", ["/", "s"])
@pytest.mark.parametrize(("start", "query"), [(ENGLISH, "wen2.5-14b"), (CHINESE, "零假设")])
def test_the_keyboard_alone_opens_searches_and_follows(page: Page, base: str, start: str, query: str, key: str) -> None:
    page.goto(base + start, wait_until="networkidle")

    page.keyboard.press(key)
    page.keyboard.insert_text(query)
    page.keyboard.press("End")
    page.locator(RESULTS).first.wait_for()
    page.wait_for_load_state("networkidle")
    settle(page)
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url(chosen)

    assert page.locator("mark").first.is_visible()


def test_enter_in_the_box_opens_the_first_result(page: Page, base: str) -> None:
    page.goto(base, wait_until="networkidle")
    ask(page, "wen2.5-14")

    page.keyboard.press("Enter")

    page.wait_for_url("**/models/qwen_qwen2.5-14b/**")


@pytest.mark.parametrize(("start", "query"), [(ENGLISH, "iLM"), (CHINESE, "相似度")])
def test_a_phone_searches_too(phone: BrowserContext, base: str, start: str, query: str) -> None:
    page = phone.new_page()
    page.goto(base + start, wait_until="networkidle")
    page.locator("label.md-header__button[for=__search]").tap()
    page.locator(BOX).wait_for()
    page.wait_for_timeout(400)  # the box slides in
    page.keyboard.insert_text(query)
    page.keyboard.press("End")
    page.locator(RESULTS).first.wait_for()

    widths = page.locator(f"{RESULTS} a").evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    page.locator(f"{RESULTS} a").first.tap()
    page.wait_for_url("**/?h=*")

    assert max(widths) <= 360


def test_words_that_stand_nowhere_find_nothing_and_some_words_find_what_has_most(page: Page, base: str) -> None:
    page.goto(base, wait_until="networkidle")
    page.keyboard.press("/")
    page.keyboard.insert_text("zzzzzz")
    page.keyboard.press("End")
    page.get_by_text("No matching documents").wait_for()

    page.locator(BOX).fill("zzzzzz Qwen2.5-14B")
    page.keyboard.press("End")
    page.locator(RESULTS).first.wait_for()

    assert links(page.locator(RESULTS), base)
    assert "zzzzzz" in page.locator(f"{RESULTS} del").first.inner_text()


def test_english_alone_is_searched_where_the_chinese_index_is_missing(browser: Browser, base: str) -> None:
    page = browser.new_page()
    page.context.route("**/zh/search/pages.json", lambda route: route.fulfill(status=404, body=""))
    page.goto(base, wait_until="networkidle")

    ask(page, "wen2.5-14")

    assert titles(page)[0] == "Model Qwen2.5-14B"
    page.close()

"""The committed translations: what wants Chinese is reported and never required, but for a release; no page lies."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import translate
from lineage.site.page_versions import BY_HAND, TEMPLATES
from lineage.site.translation import translatable
from repository import COMMITTED, ROOT, committed
from wanting import report

DATA = COMMITTED / "data"
WORDS = ROOT / "scripts" / "lineage" / "site" / "words" / "zh.po"
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,]+[A-Za-z][A-Za-z'’-]*){2,}")
# Names of more than two words, which stand in Latin letters in Chinese too.
NAMES = (
    *("Weight of Evidence", "SIL Open Font License", "Material for MkDocs"),
    *("Pangu Pro MoE", "Honest AGI Community", "Huawei Technologies Co", "RoPE theta", "K Ascend NPUs", "Hugging Face"),
    "Model Provenance Kit",
    *("Red Hat Research", "HyperCLOVA X SEED", "HyperCLOVAX Vision V", "News You Need"),
    *("the Qwen team, Alibaba Group", "the Hugging Face team", "The Qwen team, Alibaba Group and the HuggingFace Inc"),
)


class ChineseWords(HTMLParser):
    """The text of a page but for code, quotations, lists of sources and what says that it is English."""

    VOID = ("br", "img", "input", "link", "meta", "hr", "path", "circle", "rect", "wbr")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        style = found.get("class", "").split()
        unread = tag in ("script", "style", "code", "pre", "nav", "header", "footer") or found.get("lang") == "en"
        if tag not in self.VOID:
            self._open.append((tag, unread or "woe-quote" in style or "woe-sources" in style))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += "" if any(unread for _, unread in self._open) else data


def test_what_wants_chinese_is_reported(record_property: Callable[[str, object], None]) -> None:
    report(record_property, "texts that want Chinese", translate.wants_translating(committed(), DATA))


def test_catalogues_that_are_out_of_date_are_reported(record_property: Callable[[str, object], None]) -> None:
    stale = translate.stale_catalogues(committed(), DATA)

    report(
        record_property,
        "catalogues out of date",
        [f"{path.parent.name}/{path.name}: run `make words`" for path in stale],
    )


def test_what_is_translated_has_its_numbers_in_place() -> None:
    known = translate.known_words(WORDS, "zh")

    for words, place in translate.site_words():
        if words in known:
            filled = [Counter(re.findall(r"%\(\w+\)s", text)).keys() for text in (words, known[words])]
            assert filled[0] == filled[1], (place, words)


@cache
def names() -> list[str]:
    """Names of models, makers, publishers and works, the longest first: they stand as they are in any language."""
    held = committed()
    models = [name for model in held.models.values() for name in (model.name, model.maker, model.licence or "")]
    sources = [name for source in held.sources.values() for name in (source.title, source.publisher)]
    return sorted({*NAMES, *models, *sources} - {""}, key=len, reverse=True)


def english_on(html: str) -> list[str]:
    """Runs of three English words or more on a Chinese page, without names and quotations in quotation marks."""
    reader = ChineseWords()
    reader.feed(html)
    text = reader.text
    for name in names():  # first: titles of sources have quotation marks in them
        text = text.replace(name, " ")
    return LATIN.findall(re.sub(r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”", " ", text))


def test_no_english_is_left_on_a_chinese_page(site: Path) -> None:
    of_site, of_records = translate.known_words(WORDS, "zh"), committed().translations.get("zh", {})
    wanting = {words for words, _ in translate.site_words()} - set(of_site)
    wanting |= {words for words, _ in translatable(committed())} - set(of_records)  # menus and titles hold some too
    missing = "\n".join(wanting)
    for name in names():  # as on the page
        missing = missing.replace(name, " ")
    found = {
        page.relative_to(site).as_posix(): words
        for page in sorted((site / "zh").rglob("index.html"))
        if (words := [one for one in english_on(page.read_text("utf-8")) if one not in missing])
    }

    assert found == {}


def test_a_chinese_page_says_that_it_has_english_words_only_where_it_has(site: Path) -> None:
    of_site, of_records = translate.known_words(WORDS, "zh"), committed().translations.get("zh", {})
    wanting = {words for words, _ in (*translate.site_words(), *translatable(committed()))} - {*of_site, *of_records}
    saying = [page for page in (site / "zh").rglob("index.html") if "本页有些文字以英文显示" in page.read_text("utf-8")]

    assert wanting or saying == []


def test_that_test_finds_a_case_page_that_was_not_translated(site: Path) -> None:
    html = (site / "cases" / "pangu-qwen" / "index.html").read_text("utf-8")

    assert len(english_on(html)) > 100


def test_pages_of_two_languages_name_each_other(site: Path) -> None:
    chinese = [page for page in sorted((site / "zh").rglob("index.html")) if "embed" not in page.parts]
    assert len(chinese) > 5

    for page in chinese:
        other = site / page.relative_to(site / "zh")
        for one in (page, other):
            links = dict(re.findall(r'<link rel="alternate " href="([^"]+)" hreflang="(\w+)">', one.read_text("utf-8")))
            targets = {code: (one.parent / link / "index.html").resolve() for link, code in links.items()}
            assert targets == {"en": other.resolve(), "zh": page.resolve()}, one


HAN = "[\u3400-\u9fff]"
SET_WRONG = {
    "a half-width mark beside Chinese": "|".join(
        (rf"{HAN} ?[,;:!?](?![\w/])", rf"(?<!\n)[,;:!?] ?{HAN}", rf"{HAN} ?\([^)]*{HAN}\)", rf"{HAN}\.(?!\w)")
    ),
    "a space behind a full-width mark": r"[。，；：！？、][ \u00a0](?=[^\s|])| （",
    "a date without spaces": r"\d[年月日]|[年月]\d",
}
# Of a template or a page by hand: what is no text.
UNSET = re.compile(r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>|\{[%#].*?[%#]\}", re.DOTALL)
# Of a page: elements that stand apart, and so end a sentence.
APART = re.compile(r"<(?!/?(?:a|abbr|b|bdi|em|i|q|small|span|strong|sub|sup|time)\b)[^>]*>")


def set_wrong(text: str) -> list[str]:
    """What breaks a rule of Chinese typesetting in a text: which rule, and the place."""
    return [
        f"{rule}: {text[max(0, found.start() - 12) : found.end() + 12]!r}"
        for rule, pattern in SET_WRONG.items()
        for found in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize(
    "text", ["模型,权重", "模型 (权重)", "第 0 层: 0.9", "得分。 它", "2025年7月", "7 月5 日", "结束."]
)
def test_what_is_set_wrong_is_found(text: str) -> None:
    assert set_wrong(text)


@pytest.mark.parametrize("text", ["模型（Qwen, OPT）。它于 2025 年 7 月 5 日发布：0.9", "arXiv:2507 与 a (b) 及 10:30"])
def test_what_is_set_right_is_not(text: str) -> None:
    assert set_wrong(text) == []


def test_chinese_texts_are_set_by_one_rule() -> None:
    texts = {**translate.known_words(WORDS, "zh"), **committed().translations.get("zh", {})}
    for page in [*(TEMPLATES / "zh").rglob("*.j2"), *(BY_HAND / "zh").rglob("*.md")]:
        texts[page.relative_to(ROOT).as_posix()] = re.sub(r"\{\{.*?\}\}", "x", UNSET.sub("x", page.read_text("utf-8")))

    assert {place: wrong for place, text in texts.items() if (wrong := set_wrong(text))} == {}


def test_chinese_pages_are_set_by_one_rule(site: Path) -> None:
    found = {}
    for page in sorted((site / "zh").rglob("index.html")):
        html = page.read_text("utf-8").partition("<main")[2].partition("</main>")[0]
        html = re.sub(r"<(script|style|pre|code)\b.*?</\1>", "x", html, flags=re.DOTALL)
        html = re.sub(r'<sup class="cite[^"]*">.*?</sup>', "x", html)
        text = unescape(re.sub(r"<[^>]+>", "", APART.sub("\n", html)))
        if wrong := set_wrong(re.sub(r"[ \t]+", " ", text)):
            found[page.relative_to(site).as_posix()] = wrong

    assert found == {}

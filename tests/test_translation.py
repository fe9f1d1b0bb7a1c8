"""Two languages: one set of records and numbers, catalogues that are complete, and English where words are missing."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

import translate
from check import find_problems
from lineage.languages import CHINESE, ENGLISH, LANGUAGES, Language, in_all_languages
from lineage.pages import build_pages
from lineage.records import Dataset
from lineage.store import load_dataset
from lineage.templating import amount, day, markdown_environment
from lineage.translation import Untranslated, record_words, translated
from repository import ROOT, TODAY

TEMPLATES = ROOT / "scripts" / "lineage" / "templates"
WORDS = ROOT / "scripts" / "lineage" / "words" / "zh.po"
PAIRED = sorted(path.relative_to(TEMPLATES / "zh") for path in (TEMPLATES / "zh").rglob("*.j2"))
# What makes a number, a link or a citation in a template: both languages must print the same.
CALLS = re.compile(r"(?:fact|figure|has_fact|cite|chart)\([^)]*\)|dataset\.\w+\|length|link\(\"[^\"]*\"")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset(ROOT / "data")[0]


def test_the_catalogues_ask_for_every_word_and_for_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert translate.main(["--check"]) == 0, capsys.readouterr().out


def test_every_word_of_the_site_is_translated_with_its_numbers_in_place() -> None:
    known = translate.known_words(WORDS, "zh")

    for words, place in translate.site_words():
        assert words in known, f"{place}: no Chinese for {words!r}; run `make words` and fill in words/zh.po"
        assert Counter(re.findall(r"%\(\w+\)s", known[words])).keys() == Counter(re.findall(r"%\(\w+\)s", words)).keys()


def test_every_case_is_translated(dataset: Dataset) -> None:
    known = dataset.translations["zh"]

    for case in dataset.cases.values():
        missing = [words for words in record_words(case) if words not in known]
        assert not missing, f"{case.path}: no Chinese for {missing}; run `make words` and fill in translations/zh.po"


@pytest.mark.parametrize(
    "path", [path.relative_to(TEMPLATES / "zh") for path in (TEMPLATES / "zh").rglob("*.j2")], ids=str
)
def test_a_page_written_in_both_languages_prints_the_same_numbers_and_links(path: Path) -> None:
    english, chinese = ((folder / path).read_text("utf-8") for folder in (TEMPLATES, TEMPLATES / "zh"))

    assert Counter(CALLS.findall(chinese)) == Counter(CALLS.findall(english))


def test_a_page_by_hand_stands_in_both_languages() -> None:
    for path in (ROOT / "docs" / "zh").rglob("*.md"):
        assert (ROOT / "docs" / path.relative_to(ROOT / "docs" / "zh")).is_file(), path
        assert in_all_languages(path.relative_to(ROOT / "docs" / "zh").as_posix()), path


def test_both_languages_have_the_pages_that_say_so(dataset: Dataset) -> None:
    english = {page.path for page in build_pages(dataset)}
    chinese = {page.path for page in build_pages(dataset, CHINESE)}

    assert chinese == {path for path in english if in_all_languages(path)}
    assert {"index.md", "how-to-read.md", "cases/index.md", "cases/pangu-qwen.md", "methods/index.md"} <= chinese


def case_markdown(dataset: Dataset, language: Language) -> str:
    return next(page.markdown for page in build_pages(dataset, language) if page.path == "cases/pangu-qwen.md")


def test_words_without_a_translation_stand_in_english_and_say_so(dataset: Dataset) -> None:
    bare = translated(replace(dataset, translations={}), "zh")
    page = next(
        page for page in build_pages(replace(dataset, translations={}), CHINESE) if page.path == "cases/pangu-qwen.md"
    )

    assert isinstance(bare.cases["pangu-qwen"].status, Untranslated)
    assert page.markdown.count('<span lang="en">') > 50
    assert '<span lang="en">' not in next(
        page.markdown for page in build_pages(dataset) if page.path == "cases/pangu-qwen.md"
    )


def test_a_translation_is_inert(dataset: Dataset) -> None:
    status = dataset.cases["pangu-qwen"].status
    hostile = replace(dataset, translations={"zh": {status: '<b onclick="x">[坏](javascript:x)'}})

    markdown = case_markdown(hostile, CHINESE)

    assert "<b " not in markdown
    assert "](javascript" not in markdown


def test_numbers_sources_quotes_and_ids_are_those_of_the_record(dataset: Dataset) -> None:
    chinese = translated(dataset, "zh")

    for ours, theirs in zip(dataset.claims["pangu-qwen"], chinese.claims["pangu-qwen"], strict=True):
        assert (ours.id, ours.sources, ours.quote, ours.evidence) == (
            theirs.id,
            theirs.sources,
            theirs.quote,
            theirs.evidence,
        )
        assert ours.statement != theirs.statement


MISTAKES = {
    "a number that differs": ("相关系数为 0.927", "相关系数为 0.972", "has other numbers"),
    "an invisible character": (
        "Pangu Pro MoE 与 Qwen2.5-14B",
        "Pangu\u200bPro MoE 与 Qwen2.5-14B",
        "invisible character",
    ),
    "no PO file": ('msgid ""', 'msgid "', "is not a PO file"),
}


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_faulty_translation_is_refused_with_a_reason(data: Path, old: str, new: str, message: str) -> None:
    path = data / "translations" / "zh.po"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")

    _, problems = find_problems(data, TODAY)

    assert [problem.path for problem in problems] == ["data/translations/zh.po"]
    assert message in problems[0].message


def test_a_language_that_the_site_has_not_is_refused(data: Path) -> None:
    (data / "translations" / "fr.po").write_text('msgid ""\nmsgstr ""\n', "utf-8")

    _, problems = find_problems(data, TODAY)

    assert [str(problem) for problem in problems] == [
        "data/translations/fr.po: no such language on this site; there is zh.po"
    ]


def test_dates_and_amounts_are_written_as_each_language_writes_them() -> None:
    assert [day(date(2025, 7, 5), language) for language in LANGUAGES] == ["5 July 2025", "2025年7月5日"]
    assert [day("2025-11", language) for language in LANGUAGES] == ["November 2025", "2025年11月"]
    assert [amount(14_770_000_000, language) for language in LANGUAGES] == ["14.8 billion", "148亿"]
    assert [day(None, language) for language in LANGUAGES] == ["unknown", "未知"]


def test_what_is_filled_into_words_is_made_inert() -> None:
    template = markdown_environment(ENGLISH).from_string("{% trans name=x %}by {{ name }}, 50%{% endtrans %}")

    assert template.render(x="*<b>*") == "by &#42;&#60;b&#62;&#42;, 50%"


LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:[ ,]+[A-Za-z][A-Za-z'’-]*){2,}")
# Names of more than two words, which stand in Latin letters in Chinese too.
NAMES = (
    *("Weight of Evidence", "SIL Open Font License", "Material for MkDocs"),
    *("Pangu Pro MoE", "Honest AGI Community", "Huawei Technologies Co", "RoPE theta", "K Ascend NPUs", "Hugging Face"),
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


def english_on(html: str) -> list[str]:
    """Runs of three English words or more on a Chinese page, without names and quotations in quotation marks."""
    reader = ChineseWords()
    reader.feed(html)
    text = re.sub(r"\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”", " ", reader.text)
    for name in NAMES:
        text = text.replace(name, " ")
    return LATIN.findall(text)


def test_no_english_is_left_on_a_chinese_page(site: Path) -> None:
    found = {
        page.relative_to(site).as_posix(): words
        for page in sorted((site / "zh").rglob("index.html"))
        if (words := english_on(page.read_text("utf-8")))
    }

    assert found == {}


def test_that_test_finds_a_case_page_that_was_not_translated(site: Path) -> None:
    html = (site / "cases" / "solar-glm" / "index.html").read_text("utf-8")

    assert len(english_on(html)) > 100


def test_pages_of_two_languages_name_each_other(site: Path) -> None:
    chinese = sorted((site / "zh").rglob("index.html"))
    assert len(chinese) > 10

    for page in chinese:
        other = site / page.relative_to(site / "zh")
        for one in (page, other):
            links = dict(re.findall(r'<link rel="alternate " href="([^"]+)" hreflang="(\w+)">', one.read_text("utf-8")))
            targets = {code: (one.parent / link / "index.html").resolve() for link, code in links.items()}
            assert targets == {"en": other.resolve(), "zh": page.resolve()}, one

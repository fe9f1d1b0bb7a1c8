"""Two languages: one set of records and numbers, English where words are missing or older, and pages that say so."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import translate
from check import find_problems
from lineage.records import Dataset
from lineage.site import languages, page_versions
from lineage.site.days_and_amounts import amount, day
from lineage.site.languages import CHINESE, ENGLISH, LANGUAGES, Language, in_all_languages
from lineage.site.page_versions import is_older
from lineage.site.pages import Page, build_pages, writer
from lineage.site.pages.notices import hand_written
from lineage.site.templating import markdown_environment
from lineage.site.translation import Untranslated, translated
from lineage.store.catalogues import Older, catalogue_text, read_catalogue, read_older
from repository import RECORD_DAY, ROOT, tiny

TEMPLATES = ROOT / "scripts" / "lineage" / "site" / "templates"
WORDS = ROOT / "scripts" / "lineage" / "site" / "words" / "zh.po"
PAIRED = sorted(path.relative_to(TEMPLATES / "zh") for path in (TEMPLATES / "zh").rglob("*.j2"))
# What makes a number, a link or a citation in a template: both languages must print the same.
CALLS = re.compile(r"(?:fact|figure|has_fact|cite|chart)\([^)]*\)|dataset\.\w+\|length|link\(\"[^\"]*\"")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return tiny()


@pytest.mark.parametrize(
    "path",
    [path.relative_to(TEMPLATES / "zh") for path in (TEMPLATES / "zh").rglob("*.j2") if not is_older(path, "zh")],
    ids=str,
)
def test_a_page_that_is_of_this_english_prints_the_same_numbers_and_links(path: Path) -> None:
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
        assert (ours.id, ours.sources, ours.evidence) == (theirs.id, theirs.sources, theirs.evidence)
        assert bool(ours.quote) == bool(theirs.quote)
        if ours.quote and theirs.quote:  # its place is ours, in the words of the page
            assert ours.quote.model_copy(update={"where": theirs.quote.where}) == theirs.quote
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

    _, problems = find_problems(data, RECORD_DAY)

    assert [problem.path for problem in problems] == ["data/translations/zh.po"]
    assert message in problems[0].message


def test_a_language_that_the_site_has_not_is_refused(data: Path) -> None:
    (data / "translations" / "fr.po").write_text('msgid ""\nmsgstr ""\n', "utf-8")

    _, problems = find_problems(data, RECORD_DAY)

    assert [str(problem) for problem in problems] == [
        "data/translations/fr.po: no such language on this site; there is zh.po"
    ]


def test_dates_and_amounts_are_written_as_each_language_writes_them() -> None:
    assert [day(date(2025, 7, 5), language) for language in LANGUAGES] == ["5 July 2025", "2025 年 7 月 5 日"]
    assert [day("2025-11", language) for language in LANGUAGES] == ["November 2025", "2025 年 11 月"]
    assert [amount(14_770_000_000, language) for language in LANGUAGES] == ["14.8 billion", "148 亿"]
    assert [day(None, language) for language in LANGUAGES] == ["unknown", "未知"]


def test_what_is_filled_into_words_is_made_inert() -> None:
    template = markdown_environment(ENGLISH).from_string("{% trans name=x %}by {{ name }}, 50%{% endtrans %}")

    assert template.render(x="*<b>*") == "by &#42;&#60;b&#62;&#42;, 50%"


# What is changed of an English text; the Chinese that it had; what stands in the catalogue afterwards.
PLACE = "scripts/lineage/site/templates/x.md.j2"
BEFORE, AFTER, CHINESE_BEFORE = "Nobody has measured this pair.", "Nobody here has measured this pair.", "无人测过。"


def asked_again(text: str, *words: str) -> str:
    """The catalogue that is written where these words are asked for, from what one holds."""
    known, older = read_catalogue(text, "zh"), read_older(text, "zh")
    return catalogue_text([(one, PLACE) for one in words], known, "zh", "Words.", older)


def test_a_changed_english_text_keeps_its_chinese_as_older_until_somebody_has_looked_at_it() -> None:
    first = catalogue_text([(BEFORE, PLACE)], {BEFORE: CHINESE_BEFORE}, "zh", "Words.")

    changed = asked_again(first, AFTER)
    again = asked_again(changed, AFTER)
    twice = asked_again(changed, f"{AFTER[:-1]} so far.")

    assert read_catalogue(changed, "zh") == {}, "pages show the English"
    assert read_older(changed, "zh") == {AFTER: Older(BEFORE, CHINESE_BEFORE)}
    assert f'#, fuzzy\n#| msgid "{BEFORE}"\nmsgid "{AFTER}"' in changed
    assert again == changed
    assert list(read_older(twice, "zh").values()) == [Older(BEFORE, CHINESE_BEFORE)]
    looked_at = changed.replace("#, fuzzy\n", "").replace(f'#| msgid "{BEFORE}"\n', "")
    assert asked_again(looked_at, AFTER) == looked_at
    assert read_catalogue(looked_at, "zh") == {AFTER: CHINESE_BEFORE}


def test_a_text_of_its_own_gets_no_chinese_of_another_and_no_chinese_goes_to_two_texts() -> None:
    first = catalogue_text([(BEFORE, PLACE)], {BEFORE: CHINESE_BEFORE}, "zh", "Words.")

    new = asked_again(first, "Scores of the two sides stand side by side.")
    two = asked_again(first, AFTER, "Nobody ever has measured this pair.")

    assert read_older(new, "zh") == {}
    assert len(read_older(two, "zh")) == 1


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of scripts with one template and its catalogue, in place of ours."""
    folder = tmp_path / "scripts"
    (folder / "lineage" / "site" / "templates").mkdir(parents=True)
    (folder / "lineage" / "site" / "words").mkdir()
    (folder / "lineage" / "site" / "templates" / "x.md.j2").write_text(f'{{{{ _("{BEFORE}") }}}}\n', "utf-8")
    catalogue = catalogue_text([(BEFORE, "lineage/site/templates/x.md.j2")], {BEFORE: CHINESE_BEFORE}, "zh", "Words.")
    (folder / "lineage" / "site" / "words" / "zh.po").write_text(catalogue, "utf-8")
    monkeypatch.setattr(translate, "SCRIPTS", folder)
    monkeypatch.setattr(translate, "paired_pages", lambda _: ())
    return folder


def test_a_changed_word_of_a_template_or_a_record_is_listed_and_fails_nothing_but_a_release(
    scripts: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    translate.main(["--data", str(data)])
    before = capsys.readouterr().out.splitlines()
    (scripts / "lineage" / "site" / "templates" / "x.md.j2").write_text(f'{{{{ _("{AFTER}") }}}}\n', "utf-8")
    record = data / "cases" / "pangu-qwen" / "claim-similarity.toml"
    old = "The attention weights are remarkably similar"
    record.write_text(record.read_text("utf-8").replace(old, f"{old} in form"), "utf-8")

    assert translate.main(["--data", str(data)]) == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if line not in before]

    assert f"scripts/lineage/site/templates/x.md.j2: older than the English: {AFTER}" in listed
    assert f"data/cases/pangu-qwen/claim-similarity.toml: older than the English: {old} in form" in listed
    assert find_problems(data, RECORD_DAY)[1] == []
    assert translate.main(["--data", str(data), "--complete"]) == 1
    assert translate.main(["--data", str(data), "--check"]) == 0


NOTICE = "woe-older"


def chinese_page(dataset: Dataset, path: str) -> Page:
    return next(page for page in build_pages(dataset, CHINESE) if page.path == path)


def test_a_page_on_which_words_stand_in_english_says_so_and_another_does_not(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = WORDS.read_text("utf-8")
    words = "What nobody knows"
    assert NOTICE not in chinese_page(dataset, "methods/index.md").markdown
    assert NOTICE not in chinese_page(dataset, "cases/pangu-qwen.md").markdown
    changed = asked_again(whole, *(one for one in read_catalogue(whole, "zh") if one != words), f"{words} yet")
    (tmp_path / "zh.po").write_text(changed, "utf-8")
    monkeypatch.setattr(languages, "_CATALOGUES", tmp_path)
    languages._catalogue.cache_clear()
    try:
        page, other = (chinese_page(dataset, path) for path in ("cases/pangu-qwen.md", "methods/index.md"))
    finally:
        languages._catalogue.cache_clear()

    assert words in page.markdown
    assert page.markdown.count(NOTICE) == 1
    assert "本页有些文字以英文显示" in page.markdown
    assert "../../../cases/pangu-qwen/" in page.markdown
    assert NOTICE not in other.markdown


def test_words_of_a_record_in_english_are_said_on_the_page(dataset: Dataset) -> None:
    bare = replace(dataset, translations={})

    assert "本页有些文字以英文显示" in chinese_page(bare, "cases/pangu-qwen.md").markdown


def test_a_page_that_is_of_an_earlier_english_says_so(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not chinese_page(dataset, "how-to-read.md").older

    monkeypatch.setattr(
        writer, "template_is_older", lambda template, folder: template == "how-to-read.md.j2" and folder
    )
    page = chinese_page(dataset, "how-to-read.md")

    assert "本页译自较早的英文版" in page.markdown
    assert page.markdown.index("# ") < page.markdown.index(NOTICE)


def test_a_change_of_the_english_page_makes_the_chinese_one_older_until_it_is_called_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "zh").mkdir()
    english, chinese = tmp_path / "about.md", tmp_path / "zh" / "about.md"
    english.write_text("# About\n\nWords.\n", "utf-8")
    chinese.write_text("# 关于\n\n文字。\n", "utf-8")
    monkeypatch.setattr(page_versions, "BY_HAND", tmp_path)
    monkeypatch.setattr("lineage.site.pages.notices.BY_HAND", tmp_path)
    monkeypatch.setattr(page_versions, "TEMPLATES", tmp_path / "none")
    assert is_older(chinese, "zh"), "nothing says of which English it is"

    assert translate.main(["--current"]) == 0
    current = hand_written(chinese.read_text("utf-8"), "about.md", CHINESE)
    english.write_text("# About\n\nOther words.\n", "utf-8")
    older = hand_written(chinese.read_text("utf-8"), "about.md", CHINESE)

    assert current == "# 关于\n\n文字。\n"
    assert older.startswith('# 关于\n\n<p class="woe-older">本页译自较早的英文版')
    assert is_older(chinese, "zh")
    assert translate.main(["--current", str(english)]) == 1
    assert "is no page in both languages" in capsys.readouterr().out
    assert translate.main(["--current", str(chinese)]) == 0
    assert not is_older(chinese, "zh")

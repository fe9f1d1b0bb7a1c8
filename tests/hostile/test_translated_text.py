"""Translations: no markup beyond that of the English, and hostile ones refused in one line each."""

import re
from collections import Counter

import pytest

from attacks import INVISIBLE
from lineage.store.catalogues import catalogue_text, parse_catalogue
from lineage.store.parsing.faults import DataError
from translate import SCRIPTS, known_words

_MARKUP = re.compile(r"<[^>]*>|\]\([^)]*\)|%\(\w+\)s|\{[{%:]")


def markup_of(words: str) -> Counter[str]:
    """Tags, links in Markdown, places to fill in, and the starts of template code and attribute lists."""
    return Counter(_MARKUP.findall(words))


def test_words_of_the_site_have_the_markup_of_the_english_and_no_other() -> None:
    """They are trusted as templates are, so a translation may say something else and do nothing else."""
    found = known_words(SCRIPTS / "lineage" / "site" / "words" / "zh.po", "zh")

    assert len(found) > 100
    for english, said in found.items():
        assert not markup_of(said) - markup_of(english), said


def test_markup_that_a_translation_adds_is_seen() -> None:
    for said in ("<script>1</script>", "[x](javascript:1)", "%(secret)s", "{{ 7*7 }}", "{: onclick=1 }"):
        assert markup_of(said) - markup_of("Plain words")


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
def test_characters_that_nobody_sees_are_refused_in_translations(text: str) -> None:
    catalogue = catalogue_text([("A sentence.", "data/x.toml")], {"A sentence.": text}, "zh", "Words.")

    with pytest.raises(DataError) as refused:
        parse_catalogue(catalogue, "data/translations/zh.po", "zh")

    for problem in map(str, refused.value.problems):
        assert problem.startswith("data/translations/zh.po:")
        assert problem.isprintable()
        assert len(problem) < 640


@pytest.mark.parametrize(
    "text",
    [
        'msgid "a"\nmsgstr "b',
        'msgid "a"\nmsgstr[0] "b"',
        'msgid "a"\nmsgstr "b"\n\x00',
        '"' * 10_000,
        'msgid "a"\nmsgstr "' + "b" * 5_000 + '"',
        '#, python-format\nmsgid "%(a)s"\nmsgstr "%(b)s"\n#~ x\nnonsense',
    ],
    ids=["cut short", "a plural", "a null", "quotation marks", "long", "nonsense"],
)
def test_a_broken_catalogue_is_told_in_short_lines(text: str) -> None:
    with pytest.raises(DataError) as refused:
        parse_catalogue(text, "data/translations/zh.po", "zh")

    assert all(len(str(one)) < 640 and str(one).isprintable() for one in refused.value.problems)

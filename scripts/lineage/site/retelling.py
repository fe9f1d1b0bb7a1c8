"""English sentences that contain numbers and names, translated by their form.

Tools write their reasons into tables, in English, and modules that know no language compose sentences. A sentence is
translated by its form: forms are listed with %(name)s where a number or a name stands, and are translated like any
other text. A sentence without a listed form stays English.
"""

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache

from lineage.site.days_and_amounts import amount, day
from lineage.site.languages import Language
from lineage.site.told_forms import FORMS

_DEEPEST = 20  # forms within forms, as lists of lanes have: a stranger may write a thousand into a record
_HOLE = re.compile(r"%\((\w+)\)s")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) (thousand|million|billion|trillion)")
_POWERS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MONTHS = tuple(month_name)[1:]
_DAY = re.compile(rf"([12]?\d|3[01]) ({'|'.join(_MONTHS)}) (\d{{4}})")


def retold(text: object, language: Language) -> str:
    """The text in a language, where its words or its form have a translation; else the text itself.

    HTML, and text that is marked as having no translation, is returned as it is.
    """
    if not language.folder or type(text) is not str:
        return text if isinstance(text, str) else str(text)
    return _retold(text, language, _DEEPEST)


@lru_cache(maxsize=1 << 14)  # the same reasons stand on many pages
def _retold(text: str, language: Language, deep: int) -> str:
    if not text.strip():
        return text
    for translation in _ways(text, language, deep):
        if translation is not None:
            return translation
    return text


def _ways(text: str, language: Language, deep: int) -> Iterator[str | None]:
    """The translation of a text by each way there is, the most certain first; None where a way gives none."""
    yield language.known(text)
    lower = text[:1].lower() + text[1:]
    yield language.known(lower)
    yield language.known(text[:1].upper() + text[1:])
    yield _as_value(text, language)
    if deep:
        yield _by_form(text, language, deep - 1)
        yield _by_form(lower, language, deep - 1)
        yield _in_parts(text, language, deep - 1)


def _as_value(text: str, language: Language) -> str | None:
    """The translation of a day or an amount; None for any other text."""
    if number := _AMOUNT.fullmatch(text):
        return amount(round(float(number[1]) * _POWERS[number[2]]), language)
    if calendar_day := _DAY.fullmatch(text):
        return day(date(int(calendar_day[3]), _MONTHS.index(calendar_day[2]) + 1, int(calendar_day[1])), language)
    return None


def _by_form(text: str, language: Language, deep: int) -> str | None:
    for form, pattern in _patterns():
        translation = language.known(form)
        if translation and (sentence := pattern.fullmatch(text)):
            return translation % {name: _retold(value, language, deep) for name, value in sentence.groupdict().items()}
    return None


def _in_parts(text: str, language: Language, deep: int) -> str | None:
    """The translation of a list: joined by "; " where one clause has a translation, by ", " where all terms do."""
    if "; " in text:
        clauses = text.split("; ")
        translations = [_retold(clause, language, deep) for clause in clauses]
        return _joined(translations, language.say("; ")) if translations != clauses else None
    terms = [language.known(term) for term in text.split(", ")]
    known_terms = [term for term in terms if term]
    return language.say(", ").join(known_terms) if len(known_terms) == len(terms) > 1 else None


def _joined(clauses: list[str], between: str) -> str:
    """The clauses joined by a separator; in Chinese an English full stop at the end becomes a Chinese one."""
    whole = between.join(clauses)
    return f"{whole[:-1]}。" if between == "；" and whole.endswith(".") else whole


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    fixed_first = sorted(FORMS, key=lambda form: len(_HOLE.sub("", form)), reverse=True)
    return tuple((form, re.compile(_pattern(form))) for form in fixed_first)


def _pattern(form: str) -> str:
    """The regular expression of a form; a hole ends at the first text that follows it, so that matching stays fast."""
    first, *hole_texts = _HOLE.split(form)
    holes = [
        f"(?P<{name}>.+?){re.escape(after)}" for name, after in zip(hole_texts[::2], hole_texts[1::2], strict=True)
    ]
    *earlier, last = holes or [""]
    return re.escape(first) + "".join(f"(?>{hole})" for hole in earlier) + last

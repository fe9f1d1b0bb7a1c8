"""Catalogues of translated records (gettext's PO format): text -> translations, and back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from io import BytesIO, StringIO

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, unescape, write_po

from lineage.records import Problem
from lineage.records.fields import visible
from lineage.store.parsing.faults import DataError, refuse_conflict

_MAX_CHARACTERS = 4_000  # of one translation
_LINE = re.compile(
    r'\s*|#.*|(?:(?:msgid|msgstr) )?"(?:[^"\\]|\\.)*"'
)  # the parser takes what it cannot read as nothing
_LIKE = 0.6  # from here on two English texts are taken for one that was changed; of difflib, 1 is equal
_PREVIOUS = re.compile(r'(?m)^#\| msgid (".*")\nmsgid (".*")$')
_HEADER = re.compile(r'(?m)^msgid ""\nmsgstr ((?:".*"\n)+)')
_DECIMAL = re.compile(r"(?<!\d)\d++\.\d+")  # the numbers that must be the same in both


@dataclass(frozen=True)
class Older:
    """A translation of a text that has changed since."""

    english: str  # what it is a translation of; "" where that is not known
    translated: str


def parse_catalogue(text: str, path: str, language: str) -> Mapping[str, str]:
    """Translations by the English text; a DataError that lists everything wrong with them.

    Entries without a translation, fuzzy ones and obsolete ones are left out.
    """
    refuse_conflict(text, path, "take one side whole and run `make words`, which asks for what is missing")
    if faulty := [number for number, line in enumerate(text.splitlines(), 1) if not _LINE.fullmatch(line)]:
        wrong = 'is not a PO file on this line; write such as msgstr "..." on one line'
        raise DataError([Problem(path, wrong, number) for number in faulty[:20]])
    try:
        pairs = read_catalogue(text, language)
    except ValueError as error:
        raise DataError([Problem(path, f"is not a PO file: {error}")]) from None
    if problems := [Problem(path, words) for words in map(_complaint, pairs, pairs.values()) if words]:
        raise DataError(problems)
    return pairs


def read_catalogue(text: str, language: str) -> Mapping[str, str]:
    """Translations by the English text, without those that are empty, fuzzy or obsolete; raises ValueError."""
    catalogue = _parsed(text, language)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


@lru_cache(maxsize=2)  # of a base and of a change of it
def _parsed(text: str, language: str) -> Catalog:
    """A catalogue as the parser gives it, which nothing changes; raises ValueError, whatever is wrong with it."""
    try:
        return read_po(StringIO(text), locale=language, abort_invalid=True)
    except (PoFileError, UnknownLocaleError) as error:
        raise ValueError(str(error)) from None


def read_unshown(text: str, language: str) -> Mapping[str, str]:
    """By the English text what pages do not show: "" where there is no translation, and one marked fuzzy.

    Under "" the header as it is written. Raises ValueError.
    """
    catalogue = _parsed(text, language)
    unshown = {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and (not message.string or message.fuzzy)
    }
    header = _HEADER.search(text)
    return {"": header.group(1) if header else "", **unshown}


def read_older(text: str, language: str) -> Mapping[str, Older]:
    """By the English text of now, the translations that are marked fuzzy: they are of an earlier English."""
    catalogue = _parsed(text, language)
    before = {unescape(now): unescape(earlier) for earlier, now in _PREVIOUS.findall(text)}  # read_po leaves it out
    fuzzy = {
        str(message.id): str(message.string) for message in catalogue if message.id and message.string and message.fuzzy
    }
    return {words: Older(before.get(words, ""), chinese) for words, chinese in fuzzy.items()}


def older_translations(
    texts: Iterable[str], translations: Mapping[str, str], older: Mapping[str, Older]
) -> Mapping[str, Older]:
    """For each text without a translation, the translation of an earlier text that is like it, where there is one.

    translations are by their English, those of texts that are gone included; older are the fuzzy ones.
    """
    current = list(dict.fromkeys(texts))
    candidates = {english: Older(english, translation) for english, translation in translations.items()} | dict(older)
    unused = {english: translation for english, translation in candidates.items() if english not in set(current)}
    suggestions: dict[str, Older] = {}
    for words in current:
        if words in translations:
            continue
        if words in older:
            suggestions[words] = older[words]
        elif like := get_close_matches(words, unused, 1, _LIKE):
            suggestions[words] = unused.pop(like[0])
    return suggestions


def catalogue_text(
    words: Iterable[tuple[str, str]],
    translations: Mapping[str, str],
    language: str,
    comment: str,
    older: Mapping[str, Older] | None = None,
) -> str:
    """A PO file that asks for every (text, where it stands), with the translations that are known.

    A text that has changed keeps the translation of what stood there before, marked fuzzy: older than the English.
    """
    locations_of: dict[str, dict[str, None]] = {}
    for text, location in words:
        locations_of.setdefault(text, {})[location] = None
    catalogue = Catalog(locale=language)
    before = older_translations(locations_of, translations, older or {})
    for text, locations in locations_of.items():
        flags = ("python-format",) if "%(" in text else ()
        translation, earlier_words = translations.get(text, ""), ""
        if text in before:
            translation, earlier_words, flags = before[text].translated, before[text].english, (*flags, "fuzzy")
        at = [(location, 0) for location in locations]
        catalogue.add(
            text, translation, locations=at, flags=flags, previous_id=(earlier_words,) if earlier_words else ()
        )
    content = BytesIO()
    write_po(content, catalogue, width=0, omit_header=True, include_lineno=False, include_previous=True)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return f"# {comment}\n{header}\n{content.getvalue().decode('utf-8').strip()}\n"


def _complaint(english: str, translated: str) -> str:
    """What is wrong with a translation, or ""."""
    begins = f"the translation of {english[:50]!r}"
    if len(translated) > _MAX_CHARACTERS:
        return f"{begins} has {len(translated)} characters; at most {_MAX_CHARACTERS} are shown"
    try:
        visible(translated)
    except ValueError as error:
        return f"{begins} {error}"
    english_numbers, translated_numbers = (set(map(float, _DECIMAL.findall(text))) for text in (english, translated))
    differ = {
        number
        for number in english_numbers
        if number not in translated_numbers and _in_hundred_millions(number) not in translated_numbers
    }
    differ |= translated_numbers - english_numbers - set(map(_in_hundred_millions, english_numbers))
    if differ:
        return f"{begins} has other numbers ({sorted(differ)}); write the numbers as the English has them"
    return ""


def _in_hundred_millions(billions: float) -> float:
    """A number of billions as Chinese counts them: 71.99 billion is 719.9 times a hundred million."""
    return round(billions * 10, 6)

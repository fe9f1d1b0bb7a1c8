"""Catalogues of translated records (gettext's PO format): text -> translations, and back."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO, StringIO

from babel.core import UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from lineage.parsing import DataError
from lineage.records import Problem
from lineage.records.fields import visible

_MAX_CHARACTERS = 4_000  # of one translation
_LINE = re.compile(
    r'\s*|#.*|(?:(?:msgid|msgstr) )?"(?:[^"\\]|\\.)*"'
)  # the parser takes what it cannot read as nothing
_DECIMAL = re.compile(r"\d+\.\d+")  # the numbers that must be the same in both


def parse_catalogue(text: str, path: str, language: str) -> Mapping[str, str]:
    """Translations by the English text; a DataError that lists everything wrong with them.

    Entries without a translation, fuzzy ones and obsolete ones are left out.
    """
    if faulty := [number for number, line in enumerate(text.splitlines(), 1) if not _LINE.fullmatch(line)]:
        wrong = 'is not a PO file on this line; write such as msgstr "..." on one line'
        raise DataError([Problem(path, wrong, number) for number in faulty[:20]])
    try:
        pairs = read_catalogue(text, language)
    except (PoFileError, UnknownLocaleError, ValueError) as error:
        raise DataError([Problem(path, f"is not a PO file: {error}")]) from None
    if problems := [Problem(path, words) for words in map(_complaint, pairs, pairs.values()) if words]:
        raise DataError(problems)
    return pairs


def read_catalogue(text: str, language: str) -> Mapping[str, str]:
    """Translations by the English text, without those that are empty, fuzzy or obsolete; raises ValueError."""
    found = read_po(StringIO(text), locale=language, abort_invalid=True)
    return {str(one.id): str(one.string) for one in found if one.id and one.string and not one.fuzzy}


def catalogue_text(words: Iterable[tuple[str, str]], known: Mapping[str, str], language: str, comment: str) -> str:
    """A PO file that asks for every (text, where it stands), with the translations that are known."""
    places: dict[str, dict[str, None]] = {}
    for text, place in words:
        places.setdefault(text, {})[place] = None
    catalogue = Catalog(locale=language)
    for text, found in places.items():
        flags = ("python-format",) if "%(" in text else ()
        catalogue.add(text, known.get(text, ""), locations=[(place, 0) for place in found], flags=flags)
    written = BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, include_lineno=False)
    header = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return f"# {comment}\n{header}\n{written.getvalue().decode('utf-8').strip()}\n"


def _complaint(english: str, translated: str) -> str:
    """What is wrong with a translation, or ""."""
    begins = f"the translation of {english[:50]!r}"
    if len(translated) > _MAX_CHARACTERS:
        return f"{begins} has {len(translated)} characters; at most {_MAX_CHARACTERS} are shown"
    try:
        visible(translated)
    except ValueError as error:
        return f"{begins} {error}"
    wanted, given = (set(map(float, _DECIMAL.findall(text))) for text in (english, translated))
    differ = {number for number in wanted if number not in given and _in_hundred_millions(number) not in given}
    differ |= given - wanted - set(map(_in_hundred_millions, wanted))
    if differ:
        return f"{begins} has other numbers ({sorted(differ)}); write the numbers as the English has them"
    return ""


def _in_hundred_millions(billions: float) -> float:
    """Chinese counts 71.99 billion as 719.9 times a hundred million."""
    return round(billions * 10, 6)

"""The languages of the site: the name of each, the folder of its pages, and the catalogue of the site's own words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from lineage.site.crowding import is_doubled

# Pages that every language has; the others stand in English alone, and are linked to from all.
_IN_ALL = re.compile(
    r"^(index|about|check-a-model|check-your-model|compare|contribute|controls|corrections|cost|experiment|governance|"
    r"how-to-read|lineage|measure|published|sources|tools|wanted|(cases|heatmap|methods|models|pairs|sources)/.*)\.md$"
)
_missed: ContextVar[set[str] | None] = ContextVar("missed", default=None)
_CATALOGUES = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Language:
    """A language of the site. English is that of the code, so it needs no catalogue."""

    code: str  # as in the lang attribute of HTML
    name: str  # in the language itself
    locale: str  # of dates and amounts, as CLDR calls it
    folder: str = ""  # of its pages, from the root of the site; "" or "zh/"
    amounts: Literal["long", "short"] = "long"  # the form of compact numbers: Chinese has only the short one

    def say(self, words: str, /, **values: object) -> str:
        """Words of the site in this language, with %(name)s filled in; the English where there is no translation."""
        return self.words.gettext(words) % values

    def known(self, words: str) -> str | None:
        """The translation of a text, or None; a missing one is not noted."""
        return _texts(self.code).get(words) if self.folder else None

    def joined(self, sentences: Iterable[str]) -> str:
        """Sentences joined by the space, or none, that the language puts between them."""
        return ("" if self.code == "zh" else " ").join(sentences)

    @property
    def words(self) -> NullTranslations:
        """The catalogue of the site's own words."""
        return _catalogue(self.code) if self.folder else NullTranslations()


ENGLISH = Language("en", "English", "en_GB")
CHINESE = Language("zh", "简体中文", "zh_Hans_CN", "zh/", "short")
LANGUAGES = (ENGLISH, CHINESE)


@contextmanager
def missed_words() -> Iterator[set[str]]:
    """Collects the English texts that have no translation and are used inside the block."""
    missed: set[str] = set()
    token = _missed.set(missed)
    try:
        yield missed
    finally:
        _missed.reset(token)


class _English(NullTranslations):
    """The fallback of a catalogue: it returns the English text, and notes it as missing."""

    def gettext(self, message: str) -> str:
        if (missed := _missed.get()) is not None and message:
            missed.add(message)
        return message


def words(text: str) -> str:
    """The text itself: words that are chosen here and said at another place, for the catalogue to ask for."""
    return text


def in_all_languages(target: str, *, crowded: bool = False) -> bool:
    """Whether a page exists in every language; by its path "cases/x.md" or its address "cases/x/?of=y#part".

    In a large record the pages that grow with the number of models do not.
    """
    address = re.split(r"[?#]", target, maxsplit=1)[0]
    if crowded and is_doubled(address):
        return False
    if address.endswith(".md"):
        return _IN_ALL.match(address) is not None
    return any(_IN_ALL.match(path) for path in (f"{address.removesuffix('/')}.md", f"{address}index.md"))


def find_language(code: str) -> Language:
    """The language with a code; KeyError where the site has no such language."""
    return {language.code: language for language in LANGUAGES}[code]


@cache
def _texts(code: str) -> Mapping[str, str]:
    """By English text, every translation in words/<code>.po that is not out of date."""
    with (_CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


@cache
def _catalogue(code: str) -> NullTranslations:
    """The catalogue of words/<code>.po, compiled in memory."""
    with (_CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    translations = Translations(compiled)
    translations.add_fallback(_English())
    return translations

"""Collects the words to translate: of the site into lineage/site/words/, of the records into data/translations/.

Translations that stand there stay; words that are gone leave with theirs. What is new has an empty "msgstr" to fill in.
What has changed keeps its translation, marked "fuzzy" with the English that it is of: pages show the English until
somebody has looked at it and has taken the mark away. A page that is written in both languages says in its first line
which English it is a translation of; --current says so of the English that stands there now.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.extract import extract_from_dir

from lineage.records import Dataset
from lineage.site.method_words import method_words
from lineage.site.page_versions import BY_HAND, TEMPLATES, is_older, paired_pages, with_stamp
from lineage.site.translation import translatable
from lineage.store.catalogues import Older, catalogue_text, read_catalogue, read_older
from lineage.store.files import load_dataset
from lineage.store.writing import write_file

SCRIPTS = Path(__file__).parent
METHODS = [("hooks.py", "python"), ("lineage/**.py", "python"), ("lineage/site/templates/**.j2", "jinja2")]
OPTIONS = {"lineage/site/templates/**.j2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"say": None, "words": None, "gettext": None, "_": None}
LANGUAGES = ("zh",)
OF_THE_SITE = "The site's own words. Written by scripts/translate.py; fill in each msgstr."
OF_RECORDS = "Words of the records. Written by scripts/translate.py; pages show the English where a msgstr is empty."
_SHOWN = 100  # characters of a text in the list


def main(argv: list[str] | None = None) -> int:
    """0; with --check 1 where a file would change, with --complete 1 where anything wants translating."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SCRIPTS.parent / "data", help="the data folder")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    parser.add_argument("--complete", action="store_true", help="write nothing; fail where anything wants translating")
    parser.add_argument("--current", type=Path, nargs="*", metavar="PAGE", help="these pages are of this English")
    options = parser.parse_args(argv)
    if options.current is not None:
        return _mark_current(options.current)
    dataset, problems = load_dataset(options.data)
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    catalogues = wanted_catalogues(dataset, options.data)
    if options.check:
        stale_paths = [path for path, text in catalogues.items() if not _holds(path, text)]
        for path in stale_paths:
            print(f"{path.parent.name}/{path.name}: is not what scripts/translate.py writes; run `make words`")
        return 1 if stale_paths else 0
    if not options.complete:
        for path, text in catalogues.items():
            print(f"{path.parent.name}/{path.name}: {'written' if write_file(path, text) else 'unchanged'}")
    wanting = list(wants_translating(dataset, options.data))
    for line in wanting:
        print(line)
    print(
        f"{len(wanting)} text(s) want Chinese; pages show the English there, and say so"
        if wanting
        else "all is translated"
    )
    return 1 if options.complete and wanting else 0


def wanted_catalogues(dataset: Dataset, data: Path) -> Mapping[Path, str]:
    """What each catalogue holds once every word is asked for, by its path."""
    catalogues = {}
    for language in LANGUAGES:
        site, records = _places(data, language)
        catalogues[site] = catalogue_text(
            site_words(), known_words(site, language), language, OF_THE_SITE, older_words(site, language)
        )
        translations = dataset.translations.get(language, {})
        catalogues[records] = catalogue_text(
            translatable(dataset), translations, language, OF_RECORDS, older_words(records, language)
        )
    return catalogues


def stale_catalogues(dataset: Dataset, data: Path) -> list[Path]:
    """The catalogues that are not what is written now."""
    return [path for path, text in wanted_catalogues(dataset, data).items() if not _holds(path, text)]


def wants_translating(dataset: Dataset, data: Path) -> Iterator[str]:
    """A line for each text without Chinese of this English: where it stands, what is so, and the text."""
    for language in LANGUAGES:
        site, records = _places(data, language)
        of_site, of_records = known_words(site, language), dataset.translations.get(language, {})
        messages = [(f"scripts/{location}", words) for words, location in site_words() if words not in of_site]
        messages += [(location, words) for words, location in translatable(dataset) if words not in of_records]
        older = {**older_words(site, language), **older_words(records, language)}
        for location, words in dict.fromkeys(messages):
            yield f"{location}: {'older than the English' if words in older else 'none'}: {_short(words)}"
        for page in paired_pages(language):
            if is_older(page, language):
                yield f"{page.relative_to(SCRIPTS.parent).as_posix()}: older than the English page"


def site_words() -> Iterator[tuple[str, str]]:
    """Every text that templates and code say, with the file that it stands in."""
    messages = extract_from_dir(SCRIPTS, METHODS, OPTIONS, KEYWORDS, directory_filter=lambda _: True)
    for name, _, words, *_ in sorted(messages, key=lambda message: (message[0], message[1])):
        if isinstance(words, str):
            yield words, name
    yield from method_words()


def known_words(path: Path, language: str) -> Mapping[str, str]:
    """The translations that a catalogue holds, without those that are older than the English."""
    return read_catalogue(path.read_text("utf-8"), language) if path.is_file() else {}


def older_words(path: Path, language: str) -> Mapping[str, Older]:
    """The translations that a catalogue holds of an earlier English, by the English of now."""
    return read_older(path.read_text("utf-8"), language) if path.is_file() else {}


def _places(data: Path, language: str) -> tuple[Path, Path]:
    return SCRIPTS / "lineage" / "site" / "words" / f"{language}.po", data / "translations" / f"{language}.po"


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def _mark_current(chosen_pages: list[Path]) -> int:
    """Says in the first line of some pages, or of all, that they are of the English of now."""
    pages = [page.resolve() for page in chosen_pages] or [
        page for language in LANGUAGES for page in paired_pages(language)
    ]
    paired = {page for language in LANGUAGES for page in paired_pages(language)}
    if wrong := [page for page in pages if page not in paired]:
        print(
            *(f"{page}: is no page in both languages; they lie in {TEMPLATES} and {BY_HAND}" for page in wrong),
            sep="\n",
        )
        return 1
    for page in pages:
        if write_file(page, with_stamp(page)):
            print(f"{page.name}: is of the English of now")
    return 0


if __name__ == "__main__":
    sys.exit(main())

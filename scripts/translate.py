"""Collects the words to translate: of the site into lineage/words/, of the records into data/translations/.

Translations that stand there stay; words that are gone leave with theirs. What is new has an empty "msgstr" to fill in.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.extract import extract_from_dir

from lineage.catalogues import catalogue_text, read_catalogue
from lineage.store import load_dataset, write_file
from lineage.translation import translatable

SCRIPTS = Path(__file__).parent
METHODS = [("hooks.py", "python"), ("lineage/**.py", "python"), ("lineage/templates/**.j2", "jinja2")]
OPTIONS = {"lineage/templates/**.j2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"say": None, "words": None, "gettext": None, "_": None}
LANGUAGES = ("zh",)
OF_THE_SITE = "The site's own words. Written by scripts/translate.py; fill in each msgstr."
OF_RECORDS = "Words of the records. Written by scripts/translate.py; pages show the English where a msgstr is empty."


def main(argv: list[str] | None = None) -> int:
    """0; with --check 1 where a file would change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SCRIPTS.parent / "data", help="the data folder")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    options = parser.parse_args(argv)
    dataset, problems = load_dataset(options.data)
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    wanted = {}
    for language in LANGUAGES:
        site = SCRIPTS / "lineage" / "words" / f"{language}.po"
        wanted[site] = catalogue_text(site_words(), known_words(site, language), language, OF_THE_SITE)
        records = options.data / "translations" / f"{language}.po"
        wanted[records] = catalogue_text(
            translatable(dataset), dataset.translations.get(language, {}), language, OF_RECORDS
        )
    if options.check:
        stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.parent.name}/{path.name}: is not what scripts/translate.py writes; run `make words`")
        return 1 if stale else 0
    for path, text in wanted.items():
        missing = text.count('msgstr ""\n\n')
        changed = write_file(path, text)
        print(f"{path.parent.name}/{path.name}: {'written' if changed else 'unchanged'}, {missing} to translate")
    return 0


def site_words() -> Iterator[tuple[str, str]]:
    """Every text that templates and code say, with the file that it stands in."""
    found = extract_from_dir(SCRIPTS, METHODS, OPTIONS, KEYWORDS, directory_filter=lambda _: True)
    for name, _, words, *_ in sorted(found, key=lambda one: (one[0], one[1])):
        if isinstance(words, str):
            yield words, name


def known_words(path: Path, language: str) -> Mapping[str, str]:
    """The translations that a catalogue of the site's words holds."""
    return read_catalogue(path.read_text("utf-8"), language) if path.is_file() else {}


if __name__ == "__main__":
    sys.exit(main())

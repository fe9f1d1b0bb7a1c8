"""data/, docs/ -> a folder of plain Markdown with its settings: the way out to another generator of sites.

It needs none of our code to be built. What only hooks.py does is not there: the content security policy, the second
wall against foreign HTML (allowed_html.py), our own search, the last lines of the footer, the links between the two
languages of one page, those to the feeds, what stands in the head of pages (structured data, tags and pictures for
those who share a link), the menu beside leaves, and the words of the page for no address.
"""

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from check import find_problems
from lineage.checks.report import report_lines
from lineage.records import Dataset, newest_day
from lineage.site.api import api_files
from lineage.site.asking import with_forms
from lineage.site.blocks.charts import chart_css
from lineage.site.blocks.table_room import table_css
from lineage.site.contact import with_contact
from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.menu import CASES
from lineage.site.out.feeds import build_feeds
from lineage.site.out.llms import llms_text
from lineage.site.out.markdown import with_blocks, with_front_matter
from lineage.site.out.packages import package_files
from lineage.site.pages import build_pages
from lineage.site.pages.cases.case import case_pages
from lineage.site.pages.notices import hand_written
from lineage.site.pages.sharing import completed
from lineage.site.settings_file import find_contact
from lineage.store.disk_words import in_words
from lineage.store.edition import Edition, find_edition, read_citation
from lineage.store.folder import list_files, published_bytes
from lineage.store.swap import replacing
from lineage.store.writing import write_file

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ("mkdocs.yml", "mkdocs.zh.yml")
_OURS = re.compile(r"^(hooks|watch):.*\n", re.MULTILINE)
_CASES = re.compile(rf"^( *)- (?:[^:\n]+: )?{re.escape(CASES)}(?: #.*)?\n", re.MULTILINE)
_LANGUAGE = re.compile(r"^  language: (\w+).*\n", re.MULTILINE)
_ALTERNATE = """\
  alternate:
    - {{ name: English, link: "{}", lang: en }}
    - {{ name: 简体中文, link: "{}", lang: zh }}
"""
_HOMES = {"en": ("./", "zh/"), "zh": ("../", "./")}  # of both languages, from the root of each


def plain_settings(text: str, cases: Sequence[str]) -> str:
    """Settings of MkDocs without what leads to our code: the pages of cases stand in the menu as lines.

    On every page stands a link to the other language.
    """
    text = _CASES.sub(lambda line: line[0] + "".join(f"{line[1]}- {page}\n" for page in cases), text, count=1)
    head, heading, settings = _OURS.sub("", text).partition("\nextra:\n")
    return head + heading + _LANGUAGE.sub(lambda line: _ALTERNATE.format(*_HOMES[line[1]]), settings, count=1)


def generated_files(data: Path, dataset: Dataset, edition: Edition, language: Language) -> Iterator[tuple[str, str]]:
    """Every generated file of a language, by its path from the docs folder of that language."""
    yield "assets/chart.css", chart_css()
    yield "assets/cards.css", table_css()
    if language == ENGLISH:
        yield "llms.txt", llms_text(dataset, edition)
        yield from chain(
            api_files(dataset, edition), package_files(data, dataset, edition), build_feeds(dataset, edition).items()
        )
    for page in build_pages(dataset, language):
        page = completed(page, edition, language)
        yield page.path, with_front_matter(with_blocks(page))
        yield from page.files.items()


def render_into(folder: Path, data: Path, dataset: Dataset) -> None:
    """Writes settings, hand-written and generated pages, and the data, into an empty folder."""
    edition = find_edition(ROOT, read_citation(ROOT), os.environ.get("SITE_URL", ""), os.environ)
    docs = folder / "docs"
    shutil.copytree(ROOT / "docs", docs)
    contact = find_contact(ROOT)
    for language in (ENGLISH, CHINESE):
        for page in (docs / language.folder).glob("*.md"):
            text = hand_written(page.read_text(encoding="utf-8"), page.name, language)
            write_file(page, with_contact(text, contact, language))
    shutil.copytree(ROOT / "docs" / "assets", docs / CHINESE.folder / "assets")
    for name in list_files(data):
        (docs / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / "data" / name).write_bytes(published_bytes(data, name))
    for language in (ENGLISH, CHINESE):
        for path, text in generated_files(data, dataset, edition, language):
            page_text = with_forms(text, contact, path) if path.endswith(".md") else text
            write_file(docs / language.folder / path, page_text)
    for name in SETTINGS:
        write_file(folder / name, plain_settings((ROOT / name).read_text(encoding="utf-8"), case_pages(dataset)))


def _say_waiting() -> None:
    print("another process writes beside that folder; waiting", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Writes the site as plain Markdown, for another generator of sites.")
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="the data folder (default: data/ here)")
    options = parser.parse_args(argv)
    folder: Path = options.folder.resolve()
    if folder.exists():
        print(f"{options.folder} is there already; name a new folder", file=sys.stderr)
        return 2

    dataset, problems = find_problems(options.data.resolve(), newest_day())
    if problems:
        print(*report_lines(problems, os.environ), sep="\n")
        return 1
    try:
        with replacing(folder, folder.parent / f".{folder.name}-build", _say_waiting) as new:
            render_into(new, options.data.resolve(), dataset)
    except OSError as error:
        print(f"nothing was written, since {in_words(error)}", file=sys.stderr)
        return 1
    print(f"{options.folder}: {' and '.join(SETTINGS)} with docs/; in it: properdocs build --config-file mkdocs.yml")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a case says, sentence by sentence, in its records and on its page, with the sources of each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import yaml
from markdown import Markdown
from pydantic import BaseModel

from lineage.site.pages import Page
from repository import ROOT

# Text fields that name something and state nothing. Every other text of a case needs a source.
NAMES = {
    *("id", "path", "kind", "title", "claimant", "claimant_role", "state", "direction", "language"),
    *(
        "file",
        "header",
        "subject",
        "reference",
        "reference_family",
        "subject_family",
        "relation",
        "family_models",
        "models",
        "answers",
        "date",
        "source",
    ),
    *("supersedes", "withdrawn_by", "copyright", "owner", "via", "looked_in"),
    *("score", "independent", "derivations", "reference_pairs", "method", "pairs", "table"),  # what a figure is made of
}
BLOCKS = ("p", "li", "dd", "dt", "td", "th", "blockquote", "h1", "h2", "h3")
HEADINGS = ("h1", "h2", "h3", "dt")
# Names above a statement that carries the marks, a pointer to a claim on this page, the lines of a file named above.
NAMING = ("woe-who", "woe-again", "woe-names")


@dataclass(frozen=True)
class Sentence:
    """A text of a record with the sources that it names."""

    where: str
    text: str
    sources: tuple[str, ...]


@dataclass
class Block:
    """A paragraph, list item or cell of a page: its words, and the sources that its marks lead to."""

    tag: str
    style: str
    text: str = ""
    marks: list[str] = field(default_factory=list)


def sentences(part: BaseModel, where: str) -> Iterator[Sentence]:
    """Every text in a record that states something, however deep."""
    for name, value in part:
        values = value if isinstance(value, tuple) else (value,)
        for place, inner in enumerate(values):
            if isinstance(inner, BaseModel):
                yield from sentences(inner, f"{where}.{name}[{place}]")
            elif isinstance(inner, str) and name not in NAMES and not name.endswith("sources") and name != "evidence":
                yield Sentence(f"{where}.{name}", inner, _sources(part, name))


def unsourced(records: Mapping[str, BaseModel], known: Mapping[str, Any]) -> list[str]:
    """Where a text names no source, or one that has no record."""
    found = [sentence for where, record in records.items() for sentence in sentences(record, where)]
    return [one.where for one in found if not one.sources or not set(one.sources) <= set(known)]


def uncited(page: Page, same_with_other_words: Page) -> list[str]:
    """The words of a page that come from a record and carry no mark that leads to its list of sources.

    Fixed words are those that stay when every text of the records is another.
    """
    listed = listed_sources(page)
    fixed = {block.text for block in blocks(same_with_other_words)}
    return [
        block.text
        for block in blocks(page)
        if block.text not in fixed and block.tag not in HEADINGS and block.style not in NAMING
        if not block.marks or not set(block.marks) <= set(listed)
    ]


def listed_sources(page: Page) -> dict[str, str]:
    """The id of each source in the list of a page, by the anchor that it stands at."""
    pattern = r'<li id="(source-\d+)"><a href="[^"]*sources/([^"/]+)/"'
    return {anchor: name for html in page.blocks.values() for anchor, name in re.findall(pattern, str(html))}


def blocks(page: Page) -> list[Block]:
    """Every paragraph, list item and cell of a page, in order; figures and long tables, put in later, are not in."""
    settings = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=_AnyTag)  # noqa: S506 - a SafeLoader
    extensions = [name if isinstance(name, str) else next(iter(name)) for name in settings["markdown_extensions"]]
    reader = _BlockReader()
    reader.feed(Markdown(extensions=extensions).convert(page.markdown))
    return [block for block in reader.found if block.text]


class _AnyTag(yaml.SafeLoader):
    """Reads mkdocs.yml, whose own tags mean nothing here."""


_AnyTag.add_multi_constructor("!", lambda *_: None)


class _BlockReader(HTMLParser):
    """Gives each word to the innermost block that it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self._open: list[Block] = []
        self._in_mark = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in BLOCKS:
            inherited = self._open[-1].style if self._open else ""
            self._open.append(Block(tag, values.get("class", "") or inherited))
            self.found.append(self._open[-1])
        elif tag == "sup":
            self._in_mark = True
        elif tag == "a" and self._in_mark and self._open:
            self._open[-1].marks.append(values["href"].removeprefix("#"))

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS and self._open:
            self._open.pop()
        elif tag == "sup":
            self._in_mark = False

    def handle_data(self, data: str) -> None:
        if self._open and not self._in_mark:
            self._open[-1].text = " ".join(f"{self._open[-1].text} {data}".split())


def _sources(part: BaseModel, name: str) -> tuple[str, ...]:
    own = getattr(part, f"{name}_sources", None)
    if own is None:
        own = getattr(part, "sources", None)
    return (getattr(part, "source"),) if own is None and hasattr(part, "source") else tuple(own or ())  # noqa: B009

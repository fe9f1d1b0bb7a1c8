"""Two built sites -> how what is published differs, file by file, and on pages sentence by sentence."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from lineage.site.out.manifest import NAME

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "button", "caption", "dd", "details", "div", "dl"),
        *("dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr"),
        *("html", "label", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "svg", "table"),
        *("tbody", "text", "thead", "title", "tr", "ul"),
    )
)
_CELLS = frozenset(("td", "th"))
_UNREAD = frozenset(("script", "style", "template"))
_SAID = ("alt", "title", "aria-label", "content", "placeholder")  # attributes that readers and machines get as words
_GROUPS = {"api": "the API", "feeds": "feeds", "data": "downloads", "search": "the search", "assets": "styles, scripts"}
_DIGITS = re.compile(r"\b[0-9a-f]{16,}\b|\d+(?:[.,\u202f]\d+)*")  # checksums and numbers


@dataclass(frozen=True)
class Sentence:
    """A block of words that stood on pages, stands there now, or both."""

    before: str
    after: str
    pages: tuple[str, ...]  # files of the site, in order

    @property
    def numbers_alone(self) -> bool:
        """Whether the same words stand around other numbers."""
        return bool(self.before and self.after) and _masked(self.before) == _masked(self.after)


@dataclass(frozen=True)
class SiteDifferences:
    """What differs between two built sites."""

    files: int  # of the later one
    size: tuple[int, int] = (0, 0)  # bytes of the pages, before and after
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # files that both have, with other bytes
    sentences: tuple[Sentence, ...] = ()
    unseen: tuple[str, ...] = ()  # pages with other bytes and the same words

    @property
    def changed(self) -> tuple[str, ...]:
        """Every file that differs, in order."""
        return tuple(sorted((*self.gone, *self.new, *self.others)))


def compare_sites(before: Path, after: Path) -> SiteDifferences:
    """Every file of two folders with a manifest, compared by its checksum; pages by their words too."""
    old, new = (json.loads((site / NAME).read_text(encoding="utf-8"))["files"] for site in (before, after))
    changed = tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name]))
    pages = [name for name in changed if name.endswith(".html")]
    moved = {name: _moved(_words(before / name), _words(after / name)) for name in pages}
    for name in sorted(old.keys() ^ new.keys()):
        if name.endswith(".html"):
            folders = (before, after)
            words = [_words(folder / name) if (folder / name).is_file() else [] for folder in folders]
            moved[name] = _moved(*words)
    return SiteDifferences(
        len(new),
        (_page_bytes(old), _page_bytes(new)),
        tuple(sorted(old.keys() - new.keys())),
        tuple(sorted(new.keys() - old.keys())),
        changed,
        tuple(_by_sentence(moved)),
        tuple(name for name in pages if not moved[name]),
    )


def _page_bytes(files: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(int(entry["size"]) for name, entry in files.items() if name.endswith(".html"))


def group_of(name: str) -> str:
    """What readers call a file of the site."""
    if name.endswith(".html"):
        return "pages in Chinese" if name.startswith("zh/") else "pages"
    first = name.removeprefix("zh/").partition("/")[0]
    return _GROUPS.get(first, "downloads" if name.endswith((".csv", ".json", ".svg")) else "other files")


def _by_sentence(moved: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[Sentence]:
    pages: dict[tuple[str, str], list[str]] = {}
    for name, pairs in moved.items():
        for pair in pairs:
            pages.setdefault(pair, []).append(name)
    yield from (Sentence(before, after, tuple(names)) for (before, after), names in pages.items())


def _moved(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """The blocks that one page has and the other has not, beside each other where one took the place of another."""
    lost, gained = Counter(old), Counter(new)
    gone = list(dict.fromkeys(block for block in old if lost[block] > gained[block]))
    waiting: dict[str, list[str]] = {}
    for block in dict.fromkeys(block for block in new if gained[block] > lost[block]):
        waiting.setdefault(_masked(block), []).append(block)
    alike = {block: beside.pop(0) for block in gone if (beside := waiting.get(_masked(block)))}
    alone = [block for block in gone if block not in alike]
    come = [block for left in waiting.values() for block in left]
    if len(alone) == len(come):
        alike |= dict(zip(alone, come, strict=True))
        come = []
    return [*((block, alike.get(block, "")) for block in gone), *(("", block) for block in come)]


def _masked(words: str) -> str:
    return _DIGITS.sub("0", words)


def _words(page: Path) -> list[str]:
    """The blocks of words of a page: what is read, where links lead, and what stands in its head."""
    parser = _Reader()
    parser.feed(page.read_text(encoding="utf-8", errors="replace"))
    parser.close()
    parser.end_block()
    return parser.blocks


@dataclass
class _Reader(HTMLParser):
    blocks: list[str] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)
    _unread: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        if tag in _BLOCKS:
            self.end_block()
        if tag in _CELLS and self._held:
            self._held.append(" · ")
        for key, value in attrs:
            if value and (key in _SAID or (key == "href" and "://" in value)):
                self._held.append(f" [{value}] ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD and self._unread:
            self._unread -= 1
        if tag in _BLOCKS:
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._held.append(data)

    def end_block(self) -> None:
        if words := " ".join("".join(self._held).split()):
            self.blocks.append(words)
        self._held.clear()

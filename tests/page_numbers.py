"""The numbers that a built page shows, each with what the page says of where it comes from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

_VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_INLINE = {"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup"}
_UNREAD = {"script", "style"}
_NUMBER = re.compile(
    r"(?<![\w.\-–⁻])(?:[−+]?\d{1,3}(?:[,\u202f]\d{3})+|[−+]?\d+)(?:\.\d+)?(?:e[-+−]?\d+)?(?:[⁻⁰¹²³⁴-⁹]+)?(?![\w\u202f]|-\w|\.\d)"
)


@dataclass(frozen=True)
class Mark:
    """What the elements around a text say of its numbers, the innermost last."""

    files: tuple[str, ...] = ()  # data-from: names from data/, or assets/ of the site
    rows: tuple[str, ...] = ()  # data-row, one for each element that has one
    computed: str = ""  # data-computed
    count: str = ""  # data-count
    fact: str = ""  # the address that a linked number leads to
    table: str = ""  # the id of the table
    row: int = -1  # its row in the body of the table
    pair: str = ""  # the pair that a link around it leads to
    classes: tuple[str, ...] = ()  # of all elements around it


@dataclass(frozen=True)
class Shown:
    """A number as it is printed, with the text of its block and its mark."""

    text: str
    start: int
    block: str
    mark: Mark

    @property
    def after(self) -> str:
        """The words that follow it."""
        return self.block[self.start + len(self.text) :]

    @property
    def around(self) -> str:
        """The words before and after it."""
        return f"…{self.block[max(0, self.start - 40) : self.start + len(self.text) + 25]}…"


@dataclass
class _Open:
    tag: str
    mark: Mark


@dataclass
class Block:
    parts: list[tuple[str, Mark]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


class _Page(HTMLParser):
    """Cuts the content of a page into blocks of text; inline elements do not cut."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = [Block()]
        self._open: list[_Open] = []
        self._rows: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        inside = bool(self._open) or (tag == "article" and "md-content__inner" in found.get("class", ""))
        if not inside:
            return
        if tag not in _INLINE:
            self.blocks.append(Block())
        if tag not in _VOID:
            self._open.append(_Open(tag, self._mark(tag, found)))

    def handle_endtag(self, tag: str) -> None:
        if not any(one.tag == tag for one in self._open):
            return
        while self._open.pop().tag != tag:
            pass
        if tag not in _INLINE:
            self.blocks.append(Block())

    def handle_data(self, data: str) -> None:
        if self._open and "cite" in self._open[-1].mark.classes:
            data = " "  # the number of a source in the list below
        if self._open and self._open[-1].tag not in _UNREAD:
            self.blocks[-1].parts.append((data, self._open[-1].mark))

    def _mark(self, tag: str, found: Mapping[str, str]) -> Mark:
        outer = self._open[-1].mark if self._open else Mark()
        table = found.get("id", outer.table) if tag == "table" else outer.table
        body_row = tag == "tr" and self._open[-1].tag == "tbody"
        if body_row:
            self._rows[table] = self._rows.get(table, -1) + 1
        is_fact = tag == "a" and "fact" in found.get("class", "").split()
        files = tuple(found["data-from"].split()) if "data-from" in found else outer.files
        return Mark(
            files,
            (*outer.rows, *found.get("data-row", "").split("|")) if "data-row" in found else outer.rows,
            found.get("data-computed", outer.computed),
            found.get("data-count", outer.count),
            found["href"] if is_fact else outer.fact,
            table,
            self._rows[table] if body_row else outer.row,
            _pair(found["href"])
            if tag == "a" and re.search(r"pairs/|compare/\?a=", found.get("href", ""))
            else outer.pair,
            (*outer.classes, *found.get("class", "").split()),
        )


def _pair(address: str) -> str:
    if "compare/?a=" in address:
        return "--".join(sorted(re.split("&b=", address.partition("compare/?a=")[2])))
    return address.partition("pairs/")[2].strip("/")


def text_blocks(html: str) -> list[Block]:
    """The blocks of text of a page's content, in order."""
    page = _Page()
    page.feed(html)
    return [block for block in page.blocks if block.text.strip()]


def shown_numbers(blocks: Sequence[Block], masks: Sequence[str | re.Pattern[str]]) -> Iterator[Shown]:
    """The numbers of the blocks of a page, but for those inside a text or a pattern that is masked."""
    for block in blocks:
        text = block.text
        if not re.search(r"\d", text):
            continue
        masked = _masked(text, masks)
        ends = [0]
        for part, _ in block.parts:
            ends.append(ends[-1] + len(part))
        for number in _NUMBER.finditer(masked):
            place = next(at for at, (low, high) in enumerate(pairwise(ends)) if low <= number.start() < high)
            yield Shown(number[0], number.start(), text, block.parts[place][1])


def _masked(text: str, masks: Sequence[str | re.Pattern[str]]) -> str:
    """The text with what is masked as spaces, so that places stay; white space counts as one kind."""
    flat = re.sub(r"[\n\t]", " ", text)
    for mask in masks:
        if isinstance(mask, str):
            if mask in flat:
                flat = flat.replace(mask, " " * len(mask))
        else:
            flat = mask.sub(lambda found: " " * len(found[0]), flat)
    return flat

"""How much room a table takes as a grid, and the style that makes a card of each row where there is less."""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from html import unescape

from lineage.site.templating import template_text

# Widths of the place of a table, in rem, from which on one stays a grid. From the last on each does, since readers
# compare columns: one that takes more room is moved sideways under its first column.
STEPS = (18, 22, 26, 30, 34)
_FITS = 17.0  # rem: the narrowest phone that pages are made for has so much
_CHARACTER = 0.45  # rem of a Latin one; a Chinese one takes two of these
_GAP, _NUMBER_GAP = 1.0, 1.6
_WIDEST = 20.0  # rem of a column, as in site.css
_LINES = 4  # into which a text is wrapped before a table of it is thought too narrow
_UNBROKEN = 16  # Latin characters: a shorter cell of a column of numbers stands on one line
_HEAD = 6.5  # rem: the least of a first column
_TAG = re.compile(r"<[^>]*>")
_PIECES = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|(?:[^\s\u2e80-\u9fff\uf900-\ufaff-]|[\u00a0\u202f])+-*|-+")
_TAGS = re.compile(r"(<[^>]*>)")
_NUMBER = "[−-]?[\\d.\u202f]*\\d"
_RANGE = re.compile(rf"[(（]?{_NUMBER} (?:to|至) {_NUMBER}(?:\u00a0%)?[)）]?")


def card_class(room: float) -> str:
    """The classes that turn the rows of a table of this width, in rem, into cards or let it scroll; "" if it fits."""
    if room <= _FITS:
        return ""
    if room > STEPS[-1]:
        return f"woe-stacked woe-from-{STEPS[-1]} woe-scrolled"
    return f"woe-stacked woe-from-{next(step for step in STEPS if room <= step)}"


def grid_room(headers: Sequence[str], numeric: Sequence[bool], rows: Iterable[Sequence[object]]) -> float:
    """The width in rem that a table needs as a readable grid."""
    widths = [_text_width(name, number=False) for name in headers]
    for row in rows:
        for column, cell in enumerate(row):
            widths[column] = max(widths[column], _text_width(str(cell), number=numeric[column]))
    widths[0] = max(widths[0], _HEAD)
    return sum(width + (_NUMBER_GAP if number else _GAP) for width, number in zip(widths, numeric, strict=True))


def ranged_class(numeric: Sequence[bool], rows: Iterable[Sequence[object]]) -> str:
    """The class of a table whose numbers have words beside them, as an interval, and so may take several lines."""
    columns = [column for column, number in enumerate(numeric) if number]
    texts = {str(row[column]) for row in rows for column in columns}
    return "woe-ranged" if any(_text_columns(text) >= _UNBROKEN for text in texts) else ""


def with_whole_ranges(html: str) -> str:
    """The HTML of a cell in which each range of numbers, as "0.28 to 0.50", stays on one line."""
    if " to " not in html and " 至 " not in html:
        return html
    pieces = _TAGS.split(html)  # text and tags by turns
    pieces[::2] = [_RANGE.sub(r'<span class="woe-range">\g<0></span>', text) for text in pieces[::2]]
    return "".join(pieces)


def _unbroken(text: str) -> str:
    """The text with no-break spaces in each range of numbers, by which its pieces are counted."""
    return _RANGE.sub(lambda found: found[0].replace(" ", "\u00a0"), text)


@cache
def table_css() -> str:
    """The style of tables whose rows become cards: where there is less room, and on paper, where nothing scrolls."""
    rules = template_text("cards.css")
    conditions = {f"woe-from-{step}": f"@container (max-width: {step}rem)" for step in STEPS}
    conditions["woe-scrolled"] = "@media print"
    container = ".woe-table { container-type: inline-size; }\n"
    return container + "".join(
        rules.replace("WHERE", where).replace("CARDS", name) for name, where in conditions.items()
    )


@lru_cache(maxsize=1 << 14)  # numbers and names stand in many rows
def _text_width(cell: str, *, number: bool) -> float:
    """The width of a cell in rem: of a whole number, or of the longest word and enough to need few lines."""
    pieces, whole = _pieces(cell), _text_columns(cell)
    if number and whole < _UNBROKEN:
        return whole * _CHARACTER
    longest = max(map(_columns, pieces), default=0)
    return min(max(longest, whole / _LINES) * _CHARACTER, _WIDEST)


def _pieces(cell: str) -> list[str]:
    text = _unbroken(unescape(_TAG.sub(" ", cell))).strip()  # a mark made inert is one character
    return _PIECES.findall(text)


@lru_cache(maxsize=1 << 14)  # numbers and names stand in many rows
def _text_columns(cell: str) -> int:
    """How wide a cell is on one line, in Latin characters."""
    pieces = _pieces(cell)
    return sum(map(_columns, pieces)) + max(len(pieces) - 1, 0)


def _columns(piece: str) -> int:
    """How wide a word is, in Latin characters."""
    return 2 if len(piece) == 1 and piece > "\u2e7f" else len(piece)

"""What every chart is: an SVG in two widths with its question, a sentence and its numbers; and its style."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from lineage.site.templating import template_text


class Letters(NamedTuple):
    """How many Latin letters fit in a line of a chart, by what the line says."""

    title: int
    note: int
    key: int
    axis: int


_WIDE, _NARROW = 700, 340  # pixels; the wide ones stand beside a table of contents with letters of 12
WIDTHS = {"wide": _WIDE, "narrow": _NARROW}
LETTERS = {
    _WIDE: Letters(title=82, note=99, key=95, axis=108),
    _NARROW: Letters(title=34, note=44, key=40, axis=46),
}
# What may begin a line: a word with the space before it, or one Chinese character with the marks that close it. A space
# that holds words together ("11 %") begins none.
_PIECES = re.compile(r"[ \n]*(?:[\u2e80-\u9fff\uf900-\ufaff][，。；：、）》”！？]*|[^ \n\u2e80-\u9fff\uf900-\ufaff]+)")
EDGE = 16.0  # empty space left and right of the plot, in pixels


@dataclass(frozen=True)
class Chart:
    """One chart: it answers one question."""

    id: str
    question: str
    description: str  # one sentence for people who do not see it, from the same numbers
    svg: Mapping[str, Markup]  # by width: "wide", "narrow"
    columns: Sequence[str]  # of the numbers behind it
    rows: Sequence[Sequence[object]]
    origin: Sequence[str] = ()  # files of the data folder that its numbers come from
    named: bool = False  # whether its dots have names, so that readers can walk through them

    def made_from(self, *files: str) -> "Chart":
        """The same chart, with the files of the data folder that its numbers come from."""
        return replace(self, origin=files)


@dataclass(frozen=True)
class Mark:
    """One value that stands out."""

    value: float
    label: str
    text: str


@cache
def chart_css() -> str:
    """The style of every chart, in the page and in a downloaded file alike."""
    return template_text("charts/chart.css")


def wrapped(text: str, characters: int) -> list[str]:
    """The text in lines of at most so many Latin characters, broken between words or Chinese characters."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and text_columns(lines[-1] + piece.rstrip()) > characters:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def text_columns(text: str) -> int:
    """How wide a text is, in Latin characters: a Chinese one takes two."""
    return len(text) + sum(character > "\u2e7f" for character in text)

"""Numbers -> small panels of curves, all on the same axes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from lineage.site.blocks.axes import LARGEST, Scale, few_ticks
from lineage.site.blocks.charts import EDGE, LETTERS, WIDTHS, Chart, text_columns, wrapped
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.templating import render_html

PANEL_COLUMNS = (words("role"), words("model"), words("depth"), words("value"))  # of panels of curves
_BOLD = 8.2  # pixels that a letter of a panel's title takes, on average
_LETTER = 7.0  # pixels that a letter beside a panel or in a key takes, and a little more
_LEVEL_LETTERS = 9  # Latin letters of one line beside a panel
_GAP = 16.0  # pixels between two panels
_SAMPLE = 32.0  # pixels of the line in a key


@dataclass(frozen=True)
class Curve:
    """A line in a panel."""

    panel: str
    name: str  # of what it shows, the same in every panel
    depths: np.ndarray  # in [0, 1]
    values: np.ndarray


@dataclass(frozen=True)
class Key:
    """What lines are called in the key of a chart, and how they look."""

    words: str
    names: tuple[str, ...]  # of the curves that are drawn so
    look: str  # a class of the style of charts


@dataclass(frozen=True)
class Axes:
    """The names of the two axes of panels, in words, and what stands at their ends."""

    across: str
    up: str
    across_ends: tuple[str, str] = ("first layer", "last")
    up_ends: tuple[str, str] = ("", "")
    columns: tuple[str, str, str, str] = PANEL_COLUMNS  # of the numbers as CSV
    language: Language = ENGLISH
    levels: tuple[tuple[float, str], ...] = ()  # values between the ends that have a line and words of their own
    mark: tuple[float, str] | None = None  # a place across that stands out, in [0, 1], and its words
    keys: tuple["Key", ...] = ()  # what the lines are called, where one key stands for all panels
    ticks: tuple[tuple[float, str], ...] = ()  # places across, in [0, 1], with their numbers, instead of the two ends
    unseen: tuple[tuple[float, float], ...] = ()  # stretches across, in [0, 1], where nothing was seen: drawn faintly

    def told(self) -> "Axes":
        """The axes with their words translated into their language."""
        across, up, *ends = (
            retold(text, self.language) for text in (self.across, self.up, *self.across_ends, *self.up_ends)
        )
        return replace(
            self,
            across=across,
            up=up,
            across_ends=(ends[0], ends[1]),
            up_ends=(ends[2], ends[3]),
            levels=tuple((value, retold(text, self.language)) for value, text in self.levels),
            mark=self.mark and (self.mark[0], retold(self.mark[1], self.language)),
            keys=tuple(replace(key, words=retold(key.words, self.language)) for key in self.keys),
        )

    @property
    def words(self) -> str:
        """One line that names both axes."""
        return self.language.say("Across: %(across)s. Up: %(up)s.", across=self.across, up=self.up)


def depth_axes(up: str, language: Language = ENGLISH) -> Axes:
    """Axes over the layers of a model; up says what is drawn."""
    ends = (language.say("first layer"), language.say("last"))
    return Axes(language.say("layers"), up, across_ends=ends, language=language)


def curves_chart(
    chart_id: str,
    question: str,
    description: str,
    curves: Sequence[Curve],
    captions: Mapping[str, str],
    axes: Axes,
) -> Chart:
    """Small panels of curves on named axes; captions gives the words over each panel."""
    language, axes = axes.language, axes.told()
    question, description = retold(question, language), retold(description, language)
    captions = {panel: retold(text, language) for panel, text in captions.items()}
    svg = {
        name: _curves_svg(f"{chart_id}-{name}", width, question, description, curves, captions, axes)
        for name, width in WIDTHS.items()
    }
    rows = [
        (curve.panel, curve.name, depth, value)
        for curve in curves
        for depth, value in zip(curve.depths.tolist(), curve.values.tolist(), strict=True)
    ]
    return Chart(chart_id, question, description, svg, axes.columns, rows)


@dataclass(frozen=True)
class _Grid:
    """Where panels stand on a chart: all of one size, in rows of so many."""

    across: int
    left: float
    top: float
    width: float
    height: float
    above: float  # room for the words over a panel

    def corner(self, index: int) -> tuple[float, float]:
        """The left and the upper edge of a panel."""
        row, column = divmod(index, self.across)
        return self.left + column * (self.width + _GAP), self.top + row * self._step

    def foot(self, panels: int) -> float:
        """The height at which the last row ends, with the words below it."""
        return self.top + -(-panels // self.across) * self._step + 16 - self.above

    @property
    def _step(self) -> float:
        return self.height + 34 + self.above


def _curves_svg(
    svg_id: str,
    width: int,
    question: str,
    description: str,
    curves: Sequence[Curve],
    captions: Mapping[str, str],
    axes: Axes,
) -> Markup:
    few = len(captions) <= 2
    across = (1 if few else 2) if width < 500 else (len(captions) if few else 4)
    low = min(float(curve.values.min()) for curve in curves)
    high = max(float(curve.values.max()) for curve in curves)
    levels = _named_levels(axes, low, high) if axes.up_ends[0] else _numbered_levels(low, high)
    margin = _LETTER * max((text_columns(line) for _, lines in levels for line in lines), default=0)  # once in a row
    panel_width = (width - 2 * EDGE - margin - _GAP * (across - 1)) / across
    titles = {panel: wrapped(caption, int(panel_width / _BOLD)) for panel, caption in captions.items()}
    keys, key_room = _key_lines(axes.keys, width)
    mark_room = 17.0 if axes.mark else 0.0
    above = 13.0 + mark_room + 17 * max(map(len, titles.values()), default=1)
    grid = _Grid(across, EDGE + margin, key_room + above, panel_width, 240.0 if few else 120.0, above)
    pad = (high / 2 - low / 2) * 0.12 or 1.0
    ends = (max(low - pad, -LARGEST), min(high + pad, LARGEST))
    axis_lines = wrapped(axes.words, LETTERS[width].axis)
    foot = grid.foot(len(captions))
    return render_html(
        "charts/curves.svg.j2",
        id=svg_id,
        width=width,
        height=round(foot + 4 + 14 * len(axis_lines)),
        named=axis_lines,
        foot=round(foot + 4),
        question=question,
        description=description,
        panels=[
            {"titles": title, **_panel(index, panel, curves, levels, ends, grid, axes)}
            for index, (panel, title) in enumerate(titles.items())
        ],
        keys=keys,
        mark_room=mark_room,
        panel_width=round(panel_width, 1),
        panel_height=grid.height,
        axes=axes,
    )


def _panel(
    index: int,
    panel: str,
    curves: Sequence[Curve],
    levels: Sequence[tuple[float, Sequence[str]]],
    ends: tuple[float, float],
    grid: _Grid,
    axes: Axes,
) -> dict[str, object]:
    """What the template draws of a panel; a curve looks as its key says, else by its place among all names."""
    left, top = grid.corner(index)
    x, y = Scale(0.0, 1.0, left + 4, left + grid.width - 4), Scale(*ends, top + grid.height, top)
    looks = {
        name: f"curve-{place}" for place, name in enumerate(dict.fromkeys(curve.name for curve in curves), start=1)
    }
    looks |= {name: key.look for key in axes.keys for name in key.names if key.look}
    own_curves = {curve.name: curve for curve in curves if curve.panel == panel}
    return {
        "left": round(left, 1),
        "top": top,
        "paths": [
            (look, faint, _path(part, x, y))
            for name, look in looks.items()
            if name in own_curves
            for faint, part in _parts(own_curves[name], axes.unseen)
        ],
        "lines": [(y(value), () if index % grid.across else lines) for value, lines in levels],
        "mark": axes.mark and (x(axes.mark[0]), axes.mark[1]),
        "ticks": [(x(place), number) for place, number in axes.ticks],
        "bands": [(x(start), round(x(end) - x(start), 1)) for start, end in axes.unseen],
    }


def _numbered_levels(low: float, high: float) -> list[tuple[float, list[str]]]:
    """Round values between two ends, each with its number in one line."""
    return [(value, [words]) for value, words in few_ticks(low, high)]


def _named_levels(axes: Axes, low: float, high: float) -> list[tuple[float, list[str]]]:
    """Both ends and the levels between them, each with its words in short lines."""
    levels = ((low, axes.up_ends[0]), *axes.levels, (high, axes.up_ends[1]))
    return [(value, wrapped(words, _LEVEL_LETTERS)) for value, words in levels]


def _key_lines(keys: Sequence[Key], width: int) -> tuple[list[dict[str, object]], float]:
    """Each key with its place, one after the other in as few lines as there is room for, and the room they take."""
    placed: list[dict[str, object]] = []
    x, line = EDGE, 0
    for key in keys:
        needed = _SAMPLE + _LETTER * text_columns(key.words) + 16.0
        if x > EDGE and x + needed > width - EDGE:
            x, line = EDGE, line + 1
        placed.append({"x": round(x, 1), "y": 14.0 + 18.0 * line, "look": key.look, "words": key.words})
        x += needed
    return placed, 18.0 * (line + 1) + 4.0 if placed else 0.0


def _parts(curve: Curve, unseen: Sequence[tuple[float, float]]) -> Iterator[tuple[bool, Curve]]:
    """The parts of a curve from left to right, each with whether nothing was seen there; the whole where all was."""
    ends = sorted({0.0, 1.0, *(end for stretch in unseen for end in stretch)})
    for start, end in pairwise(ends if unseen else ()):
        depths = np.array([start, *curve.depths[(curve.depths > start) & (curve.depths < end)], end])
        values = np.interp(depths, curve.depths, curve.values)
        yield (start, end) in unseen, replace(curve, depths=depths, values=values)
    if not unseen:
        yield False, curve


def _path(curve: Curve, x: Scale, y: Scale) -> str:
    """The SVG path of a curve."""
    return "M" + "L".join([f"{a} {b}" for a, b in zip(x.of_all(curve.depths), y.of_all(curve.values), strict=True)])

"""Numbers -> charts: static SVG in two widths, with the question, a sentence and the data behind it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from markupsafe import Markup

from lineage.site.blocks.axes import LARGEST, Scale, axis_of, bent, bent_axis, few_ticks
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.templating import render_html, score, template_text

STRIP_COLUMNS = (words("group"), words("score"))  # of the numbers behind a strip
NAMED = (words("pair"), words("tensor"), words("model"))  # what a dot with a name can be
COUNT = words("count")  # of the values in a heap
PANEL_COLUMNS = (words("role"), words("model"), words("depth"), words("value"))  # of panels of curves
WIDTHS = {"wide": 760, "narrow": 340}
# What may begin a line: a word with the space before it, or one Chinese character with the marks that close it.
_PIECES = re.compile(r"\s*(?:[\u2e80-\u9fff\uf900-\ufaff][，。；：、）》”！？]*|[^\s\u2e80-\u9fff\uf900-\ufaff]+)")
_EDGE = 16.0  # empty space left and right of the plot, in pixels
_BOLD = 8.2  # pixels that a letter of a panel's title takes, on average
_AIR, _BAR = 8.0, 54.0  # pixels above the highest dot of a lane; the height of one that has a bar with its number


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
class Lane:
    """A row of dots on the common axis, with its words."""

    title: str
    note: str
    values: Sequence[float]
    strong: Sequence[bool]  # dots drawn in full colour
    kind: str  # the class of its dots
    marked: Sequence[bool] = ()  # dots drawn as a diamond: what words call by that form; () for none
    key: Sequence[tuple[bool, str]] = ()  # what each form of dot is: whether it is marked, and the words
    names: Sequence[str] = ()  # of the dots; () where they have none
    heaps: Sequence[tuple[float, float, int]] = ()  # in place of dots: how many values lie from one to another
    colon: str = ": "  # between the name of a dot and its value

    @property
    def holds_any(self) -> bool:
        """Whether there is a value to draw."""
        return bool(self.values or self.heaps)


@dataclass(frozen=True)
class Curve:
    """A line in a panel."""

    panel: str
    name: str  # of what it shows, the same in every panel
    depths: np.ndarray  # in [0, 1]
    values: np.ndarray


@dataclass(frozen=True)
class Axes:
    """The names of the two axes of panels, in words, and what stands at their ends."""

    across: str
    up: str
    across_ends: tuple[str, str] = ("first layer", "last")
    up_ends: tuple[str, str] = ("", "")
    columns: tuple[str, str, str, str] = PANEL_COLUMNS  # of the numbers as CSV
    language: Language = ENGLISH

    def told(self) -> "Axes":
        """The same axes with their words in their language."""
        across, up, *ends = (
            retold(text, self.language) for text in (self.across, self.up, *self.across_ends, *self.up_ends)
        )
        return replace(self, across=across, up=up, across_ends=(ends[0], ends[1]), up_ends=(ends[2], ends[3]))

    @property
    def words(self) -> str:
        """One line that names both."""
        return self.language.say("Across: %(across)s. Up: %(up)s.", across=self.across, up=self.up)


def depth_axes(up: str, language: Language = ENGLISH) -> Axes:
    """Axes over the layers of a model; up says what is drawn."""
    ends = (language.say("first layer"), language.say("last"))
    return Axes(language.say("layers"), up, across_ends=ends, language=language)


@dataclass(frozen=True)
class Band:
    """The values from one to another, drawn behind every lane, with what they are."""

    low: float
    high: float
    text: str


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


def piled(
    values: Sequence[float], bin_width: float, most: int, highest: float = 1.0
) -> tuple[list[tuple[int, float]], list[tuple[float, float, int]]]:
    """Dots as (place in the values, dots below it in its bin), and bins too full for dots as (low, high, count).

    highest is the end of the axis, which the last bin holds.

    Neighbouring full bins are one, so that their numbers do not stand on each other.
    """
    inside = np.minimum(np.asarray(values), highest - bin_width * 5e-5)
    bins = np.floor(inside / bin_width + 1e-9).astype(int)
    names, counts = np.unique(bins, return_counts=True)
    full = {int(name): int(count) for name, count in zip(names, counts, strict=True) if count > most}
    seen: dict[int, int] = {}
    dots = []
    for place, name in enumerate(map(int, bins)):
        if name not in full:
            dots.append((place, float(seen.get(name, 0))))
            seen[name] = seen.get(name, 0) + 1
    bars: list[tuple[int, int, int]] = []
    for name, count in sorted(full.items()):
        if bars and bars[-1][1] == name:
            first, _, before = bars.pop()
            bars.append((first, name + 1, before + count))
        else:
            bars.append((name, name + 1, count))
    return dots, [(first * bin_width, end * bin_width, count) for first, end, count in bars]


def _tallest(values: Sequence[float], bin_width: float, highest: float) -> int:
    """How many values the fullest bin holds."""
    dots, _ = piled(values, bin_width, len(values), highest)
    return 1 + int(max((below for _, below in dots), default=-1))


def strip_chart(
    chart_id: str,
    question: str,
    description: str,
    lanes: Sequence[Lane],
    line: Mark | None,
    axis: str,
    band: Band | None = None,
    named: str = NAMED[0],
    language: Language = ENGLISH,
) -> Chart:
    """Lanes of dots over one axis of scores, with a line at one value; with a band, the axis is bent (bent_axis).

    named is what a dot with a name is, and heads the column of names.
    """
    question, description, axis = (retold(text, language) for text in (question, description, axis))
    lanes = [replace(lane, title=retold(lane.title, language), note=retold(lane.note, language)) for lane in lanes]
    svg = {
        name: _strip_svg(f"{chart_id}-{name}", width, question, description, lanes, line, axis, band)
        for name, width in WIDTHS.items()
    }
    columns, rows = _strip_rows(lanes, line, named)
    has_names = any(lane.names for lane in lanes)
    return Chart(chart_id, question, description, svg, columns, rows, named=has_names)


def strip_columns(named: str) -> tuple[str, str, str]:
    """The columns of the numbers behind a strip whose dots have names."""
    group, value = STRIP_COLUMNS
    return group, named, value


def heaped_columns(named: str) -> tuple[str, str, str, str]:
    """The columns of the numbers behind a strip with heaps."""
    group, value = STRIP_COLUMNS
    return group, named, COUNT, value


def _strip_rows(lanes: Sequence[Lane], line: Mark | None, named: str) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """The numbers behind lanes: by group, pair, how many and score, without what none of them has."""
    rows: list[tuple[str, str, int, float]] = []
    for lane in lanes:
        rows += [(lane.title, name, 1, value) for value, name in sorted(_named_values(lane))]
        rows += [(lane.title, f"{score(low, 2)} – {score(high, 2)}", count, low) for low, high, count in lane.heaps]
    rows += [(line.text, line.text, 1, line.value)] if line else []
    if any(lane.heaps for lane in lanes):
        return heaped_columns(named), list(rows)
    if any(lane.names for lane in lanes):
        return strip_columns(named), [(lane, name, number) for lane, name, _, number in rows]
    return STRIP_COLUMNS, [(lane, number) for lane, _, _, number in rows]


def _titles(lane: Lane) -> list[str]:
    """What is said of each dot with a name: the name and its value."""
    return [
        f"{name}{lane.colon}{score(value)}" for name, value in zip(lane.names, lane.values, strict=bool(lane.names))
    ]


def _named_values(lane: Lane) -> list[tuple[float, str]]:
    return list(zip(lane.values, lane.names or [""] * len(lane.values), strict=True))


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


def _strip_svg(
    svg_id: str,
    width: int,
    question: str,
    description: str,
    lanes: Sequence[Lane],
    line: Mark | None,
    axis: str,
    band: Band | None = None,
) -> Markup:
    narrow = width < 500
    radius, lane_height = (3.2, 64.0) if narrow else (5.0, 78.0)
    lanes = [replace(lane, names=_titles(lane)) for lane in lanes]  # with the values themselves, before any is bent
    drawn_values = [
        value for lane in lanes for value in (*lane.values, *(end for heap in lane.heaps for end in heap[:2]))
    ]
    if band:
        radius, lane_height = radius * 0.8, 84.0
        across = bent_axis([*drawn_values, band.low, band.high], int((width - 2 * _EDGE) / (2 * radius + 0.6)))
        lanes = [replace(lane, values=bent(lane.values)) for lane in lanes]
    else:
        across = axis_of([*drawn_values, *([line.value] if line else [])], narrow)
    scale = Scale(across.low, across.high, _EDGE, width - _EDGE)
    grid_top = 54.0 if line else 22.0 if band else 4.0
    top = grid_top + (4.0 if line else 2.0)
    drawn = []
    for lane in lanes:
        drawn.append(_drawn_lane(lane, top, scale, narrow, radius, lane_height, across.bin_width))
        top = drawn[-1]["baseline"] + 24
    return render_html(
        "charts/strip.svg.j2",
        id=svg_id,
        width=width,
        height=round(top + 28 + 14 * len(wrapped(axis, 46 if narrow else 118))),
        question=question,
        description=description,
        lanes=drawn,
        radius=radius,
        grid_top=grid_top,
        band=band and {"words": band.text, "start": scale(bent([band.low])[0]), "end": scale(bent([band.high])[0])},
        line=line and {"mark": line, "x": scale(line.value), "words": wrapped(line.text, 34 if narrow else 90)},
        axis={
            "y": top,
            "words": wrapped(axis, 46 if narrow else 118),
            "ticks": [(scale(tick), words) for tick, words in across.ticks],
            "end": scale.end,
        },
    )


def _drawn_lane(
    lane: Lane, top: float, scale: Scale, narrow: bool, radius: float, height: float, bin_width: float
) -> dict[str, Any]:
    """What the template needs of a lane whose words begin at top: lines of words, and where its dots and bars are."""
    step = 2 * radius + 0.6
    if any(lane.marked):  # every dot is drawn, so that no bar holds one that words call by its form
        height = min(max(height, step * _tallest(lane.values, bin_width, scale.high)), 3 * height)
    titles, notes = wrapped(lane.title, 34 if narrow else 90), wrapped(lane.note, 44 if narrow else 108)
    keys = [(marked, wrapped(words, 40 if narrow else 104)) for marked, words in lane.key]
    key_lines = sum(len(lines) for _, lines in keys)
    dots, bars = piled(lane.values, bin_width, int(height / step), scale.high)
    tallest = 1 + max((below for _, below in dots), default=0)
    height = min(height, max(step * tallest + _AIR, _BAR if bars or lane.heaps else 0))
    baseline = top + 8 + 17 * len(titles) + 15 * (len(notes) + key_lines) + height
    marked = lane.marked or [False] * len(lane.values)
    return {
        "kind": lane.kind,
        "top": top,
        "height": height,
        "titles": titles,
        "notes": notes,
        "key": keys,
        "baseline": baseline,
        "dots": [
            (
                scale(lane.values[place]),
                round(baseline - radius - 1 - below * step, 1),
                lane.strong[place],
                marked[place],
                lane.names[place] if lane.names else "",
            )
            for place, below in dots
        ],
        "bars": [(scale(start), scale(end), count, _all_strong(lane, start, end)) for start, end, count in bars],
        "heaps": _drawn_heaps(lane, scale, height),
    }


def _drawn_heaps(lane: Lane, scale: Scale, height: float) -> list[tuple[float, float, float, str]]:
    """Left, width and height of the bar of each heap, the fullest as high as the lane, and its words."""
    fullest = max((count for _, _, count in lane.heaps), default=1)
    return [
        (
            scale(low),
            round(scale(high) - scale(low), 1),
            round(max(count / fullest * (height - 12), 1.5), 1),
            f"{score(low, 2)} – {score(high, 2)}: {count}",
        )
        for low, high, count in lane.heaps
    ]


def _all_strong(lane: Lane, start: float, end: float) -> bool:
    """Whether every dot that a bar stands for would be drawn in full colour."""
    held = [strong for value, strong in zip(lane.values, lane.strong, strict=True) if start <= value <= end]
    return bool(held) and all(held)


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
    across = (1 if few else 2) if width < 500 else (2 if few else 4)
    panel_height, gap = 240.0 if few else 120.0, 16.0
    low = min(float(curve.values.min()) for curve in curves)
    high = max(float(curve.values.max()) for curve in curves)
    pad = (high / 2 - low / 2) * 0.12 or 1.0
    ticks = [] if axes.up_ends[0] else few_ticks(low, high)
    margin = 7.0 * max((len(words) for _, words in ticks), default=0)  # for the numbers of the axis, once in a row
    panel_width = (width - 2 * _EDGE - margin - gap * (across - 1)) / across
    names = list(dict.fromkeys(curve.name for curve in curves))
    drawn = {(curve.panel, curve.name): curve for curve in curves}
    titles = {role: wrapped(caption, int(panel_width / _BOLD)) for role, caption in captions.items()}
    above = 13.0 + 17 * max(map(len, titles.values()), default=1)  # for the words over a panel
    panels = []
    for place, (role, caption) in enumerate(titles.items()):
        row, column = divmod(place, across)
        left, top = _EDGE + margin + column * (panel_width + gap), above + row * (panel_height + 34 + above)
        x = Scale(0.0, 1.0, left + 4, left + panel_width - 4)
        y = Scale(max(low - pad, -LARGEST), min(high + pad, LARGEST), top + panel_height, top)
        paths = [_path(drawn.get((role, name)), x, y) for name in names]
        lines = [(y(value), words if column == 0 else "") for value, words in ticks]
        panels.append({"titles": caption, "left": round(left, 1), "top": top, "paths": paths, "lines": lines})
    named = wrapped(axes.words, 46 if width < 500 else 118)
    foot = above + (len(captions) + across - 1) // across * (panel_height + 34 + above) + 16 - above
    return render_html(
        "charts/curves.svg.j2",
        id=svg_id,
        width=width,
        height=round(foot + 4 + 14 * len(named)),
        named=named,
        foot=round(foot + 4),
        question=question,
        description=description,
        panels=panels,
        panel_width=round(panel_width, 1),
        panel_height=panel_height,
        axes=axes,
    )


def _path(curve: Curve | None, x: Scale, y: Scale) -> str:
    """The line of a curve; "" where there is none, as of a model that another panel shows."""
    if curve is None:
        return ""
    return "M" + "L".join([f"{a} {b}" for a, b in zip(x.of_all(curve.depths), y.of_all(curve.values), strict=True)])


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

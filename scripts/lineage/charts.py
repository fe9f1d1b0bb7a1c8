"""Numbers -> charts: static SVG in two widths, with the question, a sentence and the data behind it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from lineage.templating import render_html

WIDTHS = {"wide": 760, "narrow": 340}
# What may begin a line: a word with the space before it, or one Chinese character with the marks that close it.
_PIECES = re.compile(r"\s*(?:[\u2e80-\u9fff\uf900-\ufaff][，。；：、）》”！？]*|[^\s\u2e80-\u9fff\uf900-\ufaff]+)")
_EDGE = 16.0  # empty space left and right of the plot, in pixels


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


@dataclass(frozen=True)
class Curve:
    """A line in a panel."""

    panel: str
    name: str  # of what it shows, the same in every panel
    depths: np.ndarray  # in [0, 1]
    values: np.ndarray


@dataclass(frozen=True)
class Mark:
    """One value that stands out."""

    value: float
    label: str
    text: str


@dataclass(frozen=True)
class Scale:
    """A straight scale from data to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, with one decimal."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def of_all(self, values: np.ndarray) -> list[float]:
        """The pixel of each value."""
        shares = (values - self.low) / (self.high - self.low)
        pixels: list[float] = np.round(self.start + shares * (self.end - self.start), 1).tolist()
        return pixels


@cache
def chart_css() -> str:
    """The style of every chart, in the page and in a downloaded file alike."""
    return (Path(__file__).parent / "templates" / "charts" / "chart.css").read_text(encoding="utf-8")


def standalone_svg(chart: Chart) -> str:
    """The wide form of a chart as a file of its own, readable in light and dark."""
    head, _, rest = chart.svg["wide"].partition(">")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}><style>{chart_css()}</style>{rest}\n'


def piled(
    values: Sequence[float], bin_width: float, most: int, highest: float = 1.0
) -> tuple[list[tuple[int, float]], list[tuple[float, float, int]]]:
    """Dots as (place in the values, dots below it in its bin), and bins too full for dots as (low, high, count).

    highest is the end of the axis, which the last bin holds.

    Neighbouring full bins are one, so that their numbers do not stand on each other.
    """
    inside = np.minimum(np.asarray(values), highest - 1e-6)
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


def strip_chart(
    chart_id: str,
    question: str,
    description: str,
    lanes: Sequence[Lane],
    line: Mark | None,
    open_mark: Mark | None,
    axis: str,
) -> Chart:
    """Lanes of dots over one axis of scores, with a line at one value and an open mark for an unverified one."""
    svg = {
        name: _strip_svg(f"{chart_id}-{name}", width, question, description, lanes, line, open_mark, axis)
        for name, width in WIDTHS.items()
    }
    rows = [(lane.title, value) for lane in lanes for value in sorted(lane.values)]
    rows += [(mark.text, mark.value) for mark in (line, open_mark) if mark]
    return Chart(chart_id, question, description, svg, ("group", "score"), rows)


def curves_chart(
    chart_id: str,
    question: str,
    description: str,
    curves: Sequence[Curve],
    captions: Mapping[str, str],
    ends: tuple[str, str] = ("first layer", "last"),
) -> Chart:
    """Small panels, one a role, of curves over depth.

    captions gives the words over each panel, ends those at the two ends of its axis.
    """
    svg = {
        name: _curves_svg(f"{chart_id}-{name}", width, question, description, curves, captions, ends)
        for name, width in WIDTHS.items()
    }
    rows = [
        (curve.panel, curve.name, depth, value)
        for curve in curves
        for depth, value in zip(curve.depths.tolist(), curve.values.tolist(), strict=True)
    ]
    return Chart(chart_id, question, description, svg, ("role", "model", "depth", "value"), rows)


def _strip_svg(
    svg_id: str,
    width: int,
    question: str,
    description: str,
    lanes: Sequence[Lane],
    line: Mark | None,
    open_mark: Mark | None,
    axis: str,
) -> Markup:
    narrow = width < 500
    radius, lane_height, bin_width = (3.2, 64.0, 0.025) if narrow else (5.0, 78.0, 0.02)
    low = np.floor(min(value for lane in lanes for value in lane.values) * 10) / 10
    high = max(1.0, float(np.ceil(max(value for lane in lanes for value in lane.values) * 10 - 1e-2) / 10))
    scale = Scale(float(low), high, _EDGE, width - _EDGE)
    top = 58.0 if line else 6.0
    drawn = []
    for lane in lanes:
        drawn.append(_drawn_lane(lane, top, scale, narrow, radius, lane_height, bin_width))
        top = drawn[-1]["baseline"] + 24
    return render_html(
        "charts/strip.svg.j2",
        id=svg_id,
        width=width,
        height=round(top + 28 + 14 * len(_wrapped(axis, 46 if narrow else 118))),
        question=question,
        description=description,
        lanes=drawn,
        radius=radius,
        lane_height=lane_height,
        grid_top=54 if line else 4,
        line=line and {"mark": line, "x": scale(line.value), "words": _wrapped(line.text, 34 if narrow else 90)},
        open_mark=open_mark
        and {
            "x": scale(open_mark.value),
            "y": drawn[0]["baseline"],
            "words": _wrapped(f"{open_mark.label} {open_mark.text}", 34 if narrow else 60),
        },
        axis={
            "y": top,
            "words": _wrapped(axis, 46 if narrow else 118),
            "ticks": [(scale(tick), tick) for tick in _ticks(float(low), high)],
            "end": scale.end,
        },
    )


def _drawn_lane(
    lane: Lane, top: float, scale: Scale, narrow: bool, radius: float, height: float, bin_width: float
) -> dict[str, Any]:
    """What the template needs of a lane whose words begin at top: lines of words, and where its dots and bars are."""
    titles, notes = _wrapped(lane.title, 40 if narrow else 90), _wrapped(lane.note, 46 if narrow else 118)
    baseline = top + 8 + 17 * len(titles) + 15 * len(notes) + height
    step = 2 * radius + 0.6
    dots, bars = piled(lane.values, bin_width, int(height / step), scale.high)
    return {
        "kind": lane.kind,
        "top": top,
        "titles": titles,
        "notes": notes,
        "baseline": baseline,
        "dots": [
            (scale(lane.values[place]), round(baseline - radius - 1 - below * step, 1), lane.strong[place])
            for place, below in dots
        ],
        "bars": [(scale(start), scale(end), count) for start, end, count in bars],
    }


def _curves_svg(
    svg_id: str,
    width: int,
    question: str,
    description: str,
    curves: Sequence[Curve],
    captions: Mapping[str, str],
    ends: tuple[str, str],
) -> Markup:
    across = 2 if width < 500 else 4
    panel_width, panel_height, gap = (width - 2 * _EDGE - 16 * (across - 1)) / across, 120.0, 16.0
    low = min(float(curve.values.min()) for curve in curves)
    high = max(float(curve.values.max()) for curve in curves)
    pad = (high - low) * 0.06 or 1.0
    names = list(dict.fromkeys(curve.name for curve in curves))
    drawn = {(curve.panel, curve.name): curve for curve in curves}
    panels = []
    for place, (role, caption) in enumerate(captions.items()):
        row, column = divmod(place, across)
        left, top = _EDGE + column * (panel_width + gap), 30 + row * (panel_height + 64)
        x = Scale(0.0, 1.0, left + 4, left + panel_width - 4)
        y = Scale(low - pad, high + pad, top + panel_height, top)
        paths = [_path(drawn.get((role, name)), x, y) for name in names]
        panels.append({"caption": caption, "left": left, "top": top, "paths": paths})
    return render_html(
        "charts/curves.svg.j2",
        id=svg_id,
        width=width,
        height=round(30 + (len(captions) + across - 1) // across * (panel_height + 64) - 14),
        question=question,
        description=description,
        panels=panels,
        panel_width=round(panel_width, 1),
        panel_height=panel_height,
        ends=ends,
    )


def _path(curve: Curve | None, x: Scale, y: Scale) -> str:
    """The line of a curve; "" where there is none, as of a model that another panel shows."""
    if curve is None:
        return ""
    return "M" + "L".join([f"{a} {b}" for a, b in zip(x.of_all(curve.depths), y.of_all(curve.values), strict=True)])


def _ticks(low: float, high: float = 1.0) -> list[float]:
    return [round(tick, 1) for tick in np.arange(np.ceil(low * 5) / 5, high + 0.01, 0.2)]


def _wrapped(text: str, characters: int) -> list[str]:
    """The text in lines of at most so many Latin characters, broken between words or Chinese characters."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and _columns(lines[-1] + piece.rstrip()) > characters:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _columns(text: str) -> int:
    """How wide a text is, in Latin characters: a Chinese one takes two."""
    return len(text) + sum(character > "\u2e7f" for character in text)

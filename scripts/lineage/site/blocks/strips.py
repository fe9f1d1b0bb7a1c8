"""Numbers -> lanes of dots over one axis, with a line at the number that stands out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from markupsafe import Markup

from lineage.site.blocks.axes import Scale, axis_of, bent, bent_axis
from lineage.site.blocks.charts import EDGE, LETTERS, WIDTHS, Chart, Letters, Mark, wrapped
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.templating import render_html, score

STRIP_COLUMNS = (words("group"), words("score"))  # of the numbers behind a strip
NAMED = (words("pair"), words("tensor"), words("model"))  # what a dot with a name can be
COUNT = words("count")  # of the values in a heap
_WIDE = 500  # pixels from which on a drawing is wide
_AIR, _BAR = 8.0, 54.0  # pixels above the highest dot of a lane; the height of one that has a bar with its number


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
class Band:
    """The values from one to another, drawn behind every lane, with what they are."""

    low: float
    high: float
    text: str


def piled(
    values: Sequence[float], bin_width: float, most: int, highest: float = 1.0
) -> tuple[list[tuple[int, float]], list[tuple[float, float, int]]]:
    """Dots as (index of the value, number of dots below it), and bins too full for dots as bars (low, high, count).

    highest is the end of the axis; a value there belongs to the last bin. Neighbouring full bins are joined, so that
    their counts do not overlap.
    """
    inside = np.minimum(np.asarray(values), highest - bin_width * 5e-5)
    bins = np.floor(inside / bin_width + 1e-9).astype(int)
    names, counts = np.unique(bins, return_counts=True)
    full = {int(name): int(count) for name, count in zip(names, counts, strict=True) if count > most}
    seen: dict[int, int] = {}
    dots = []
    for index, name in enumerate(map(int, bins)):
        if name not in full:
            dots.append((index, float(seen.get(name, 0))))
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
    """The number of values in the fullest bin."""
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
    name_column: str = NAMED[0],
    language: Language = ENGLISH,
) -> Chart:
    """Lanes of dots over one axis of scores, with a line at one value; with a band, the axis is bent (bent_axis).

    name_column is what a dot with a name is, and heads the column of names.
    """
    question, description, axis = (retold(text, language) for text in (question, description, axis))
    lanes = [replace(lane, title=retold(lane.title, language), note=retold(lane.note, language)) for lane in lanes]
    svg = {
        name: _strip_svg(f"{chart_id}-{name}", width, question, description, lanes, line, axis, band)
        for name, width in WIDTHS.items()
    }
    columns, rows = _strip_rows(lanes, line, name_column)
    has_names = any(lane.names for lane in lanes)
    return Chart(chart_id, question, description, svg, columns, rows, named=has_names)


def strip_columns(name_column: str) -> tuple[str, str, str]:
    """The columns of the numbers behind a strip whose dots have names."""
    group, value = STRIP_COLUMNS
    return group, name_column, value


def heaped_columns(name_column: str) -> tuple[str, str, str, str]:
    """The columns of the numbers behind a strip with heaps."""
    group, value = STRIP_COLUMNS
    return group, name_column, COUNT, value


def _strip_rows(
    lanes: Sequence[Lane], line: Mark | None, name_column: str
) -> tuple[Sequence[str], list[tuple[object, ...]]]:
    """The columns and the rows of numbers behind lanes: group, name, count and score, as far as a lane has them."""
    rows: list[tuple[str, str, int, float]] = []
    for lane in lanes:
        rows += [(lane.title, name, 1, value) for value, name in sorted(_named_values(lane))]
        rows += [(lane.title, f"{score(low, 2)} – {score(high, 2)}", count, low) for low, high, count in lane.heaps]
    rows += [(line.text, line.text, 1, line.value)] if line else []
    if any(lane.heaps for lane in lanes):
        return heaped_columns(name_column), list(rows)
    if any(lane.names for lane in lanes):
        return strip_columns(name_column), [(lane, name, number) for lane, name, _, number in rows]
    return STRIP_COLUMNS, [(lane, number) for lane, _, _, number in rows]


def _titles(lane: Lane) -> list[str]:
    """The tooltip of each named dot: its name and value."""
    return [
        f"{name}{lane.colon}{score(value)}" for name, value in zip(lane.names, lane.values, strict=bool(lane.names))
    ]


def _named_values(lane: Lane) -> list[tuple[float, str]]:
    return list(zip(lane.values, lane.names or [""] * len(lane.values), strict=True))


def _room(width: int, *, banded: bool) -> tuple[float, float]:
    """The radius of a dot, and how high a lane may be, in pixels of a drawing so wide."""
    radius, height = (5.0, 78.0) if width >= _WIDE else (3.2, 64.0)
    return (radius * 0.8, 124.0) if banded else (radius, height)


def _dots_that_fit(*, banded: bool) -> tuple[int, int]:
    """How many dots fit on each other and side by side at every width, so that a bar stands for as many at each."""
    rooms = [(width, *_room(width, banded=banded)) for width in WIDTHS.values()]
    high = min(int(height / _step(radius)) for _, radius, height in rooms)
    return high, min(int((width - 2 * EDGE) / _step(radius)) for width, radius, _ in rooms)


def _step(radius: float) -> float:
    """From the middle of a dot to that of the next beside or on it."""
    return 2 * radius + 0.6


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
    letters, (radius, lane_height) = LETTERS[width], _room(width, banded=band is not None)
    most, abreast = _dots_that_fit(banded=band is not None)
    lanes = [replace(lane, names=_titles(lane)) for lane in lanes]  # with the values themselves, before any is bent
    drawn_values = [
        value for lane in lanes for value in (*lane.values, *(end for heap in lane.heaps for end in heap[:2]))
    ]
    if band:
        across = bent_axis([*drawn_values, band.low, band.high], abreast)
        lanes = [replace(lane, values=bent(lane.values)) for lane in lanes]
    else:
        across = axis_of([*drawn_values, *([line.value] if line else [])], narrow=width < _WIDE)
    scale = Scale(across.low, across.high, EDGE, width - EDGE)
    grid_top = 54.0 if line else 22.0 if band else 4.0
    top = grid_top + (4.0 if line else 2.0)
    lane_drawings = []
    for lane in lanes:
        lane_drawings.append(_drawn_lane(lane, top, scale, letters, radius, lane_height, across.bin_width, most))
        top = lane_drawings[-1]["baseline"] + 24
    return render_html(
        "charts/strip.svg.j2",
        id=svg_id,
        width=width,
        height=round(top + 28 + 14 * len(wrapped(axis, letters.axis))),
        question=question,
        description=description,
        lanes=lane_drawings,
        radius=radius,
        grid_top=grid_top,
        band=band and {"words": band.text, "start": scale(bent([band.low])[0]), "end": scale(bent([band.high])[0])},
        line=line and {"mark": line, "x": scale(line.value), "words": wrapped(line.text, letters.title)},
        axis={
            "y": top,
            "words": wrapped(axis, letters.axis),
            "ticks": [(scale(tick), words) for tick, words in across.ticks],
            "start": scale.start,
            "end": scale.end,
        },
    )


def _drawn_lane(
    lane: Lane, top: float, scale: Scale, letters: Letters, radius: float, height: float, bin_width: float, most: int
) -> dict[str, Any]:
    """What the template needs of a lane that begins at top: lines of words, and the positions of its dots and bars."""
    step = _step(radius)
    if any(lane.marked):  # every dot is drawn, so that no bar holds one that words call by its form
        most = min(max(most, _tallest(lane.values, bin_width, scale.high)), 3 * most)
        height = max(height, step * most)
    titles, notes = wrapped(lane.title, letters.title), wrapped(lane.note, letters.note)
    keys = [(marked, wrapped(words, letters.key)) for marked, words in lane.key]
    key_lines = sum(len(lines) for _, lines in keys)
    dots, bars = piled(lane.values, bin_width, most, scale.high)
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
                scale(lane.values[index]),
                round(baseline - radius - 1 - below * step, 1),
                lane.strong[index],
                marked[index],
                lane.names[index] if lane.names else "",
            )
            for index, below in dots
        ],
        "bars": [(scale(start), scale(end), count, _all_strong(lane, start, end)) for start, end, count in bars],
        "heaps": _drawn_heaps(lane, scale, height),
    }


def _drawn_heaps(lane: Lane, scale: Scale, height: float) -> list[tuple[float, float, float, str]]:
    """Left, width, height and label of the bar of each heap; the fullest is as high as the lane."""
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
    """Whether all dots that a bar stands for are drawn in full colour."""
    strengths = [strong for value, strong in zip(lane.values, lane.strong, strict=True) if start <= value <= end]
    return bool(strengths) and all(strengths)

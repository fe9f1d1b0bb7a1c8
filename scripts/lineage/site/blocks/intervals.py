"""Estimates with their errors -> a chart: a dot, its interval, and behind both the range of what was averaged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lineage.site.blocks.axes import Scale, axis_of, axis_within
from lineage.site.blocks.charts import EDGE, LETTERS, WIDTHS, Chart, Mark, wrapped
from lineage.site.languages import words
from lineage.site.templating import render_html, score

# Of the numbers behind it.
COLUMNS = (
    *(words("group"), words("what"), words("value")),
    *(words("low end"), words("high end"), words("lowest"), words("highest")),
)
_NUMBERS = 46.0  # room for the values at the right


@dataclass(frozen=True)
class Estimate:
    """One number of a chart; low and high are the ends of its interval, lowest and highest those of a range."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    lowest: float | None = None
    highest: float | None = None

    @property
    def numbers(self) -> list[float]:
        """Every number of the estimate that is known."""
        ends = (self.low, self.high, self.lowest, self.highest)
        return [self.value, *(end for end in ends if end is not None)]


@dataclass(frozen=True)
class EstimateGroup:
    """Estimates under one heading."""

    title: str
    note: str
    kind: str  # the class of its dots: "independent", "derived"
    estimates: Sequence[Estimate]


def interval_chart(
    chart_id: str,
    question: str,
    description: str,
    groups: Sequence[EstimateGroup],
    axis: str,
    line: Mark | None = None,
    *,
    scores: bool = True,
    none: str = "none",
) -> Chart:
    """Groups of estimates over one axis, with a line at a value; scores is False where 1 has no meaning of its own.

    none is the word that the table of numbers shows for an end which an estimate lacks.
    """
    svg = {
        name: render_html(
            "charts/intervals.svg.j2",
            id=f"{chart_id}-{name}",
            question=question,
            description=description,
            **_drawn(groups, width, axis, line, scores=scores),
        )
        for name, width in WIDTHS.items()
    }
    columns, rows = _numbers(groups, none)
    return Chart(chart_id, question, description, svg, columns, rows)


def _numbers(groups: Sequence[EstimateGroup], none: str) -> tuple[list[str], list[list[object]]]:
    """The header and the rows of the numbers behind a chart; a column that is empty for every estimate is left out."""
    rows = [
        [group.title, estimate.label, estimate.value, estimate.low, estimate.high, estimate.lowest, estimate.highest]
        for group in groups
        for estimate in group.estimates
    ]
    columns = [column for column in range(len(COLUMNS)) if any(row[column] is not None for row in rows)]
    return (
        [COLUMNS[column] for column in columns],
        [[none if row[column] is None else row[column] for column in columns] for row in rows],
    )


def _drawn(
    groups: Sequence[EstimateGroup], width: int, axis: str, line: Mark | None, *, scores: bool
) -> dict[str, Any]:
    """What the template needs: words and positions in pixels."""
    narrow, letters = width < 500, LETTERS[width]
    numbers = [number for group in groups for estimate in group.estimates for number in estimate.numbers]
    numbers += [line.value] if line else []
    across = axis_of(numbers, narrow) if scores else axis_within(numbers)
    labels = 0.0 if narrow else 210.0
    scale = Scale(across.low, across.high, EDGE + labels, width - EDGE - _NUMBERS)
    top = 54.0 if line else 6.0
    grid_top, group_drawings = top - 2, []
    for group in groups:
        titles, notes = wrapped(group.title, letters.title), wrapped(group.note, letters.note)
        at = top + (8 if narrow else 4) + 17 * len(titles) + 15 * (len(notes) if group.note else 0)
        rows = []
        for estimate in group.estimates:
            at += 34.0 if narrow else 25.0
            rows.append(_row(estimate, at, scale))
        group_drawings.append(
            {
                "kind": group.kind,
                "titles": titles,
                "notes": notes if group.note else [],
                "top": top,
                "rows": rows,
                "label_shift": -12.0 if narrow else 4.5,
            }
        )
        top = at + 26
    axis_lines = wrapped(axis, letters.axis)
    return {
        "width": width,
        "height": round(top + 28 + 14 * len(axis_lines)),
        "groups": group_drawings,
        "grid_top": grid_top,
        "number_at": width - EDGE,
        "line": line and {"mark": line, "x": scale(line.value), "words": wrapped(line.text, letters.title)},
        "axis": {
            "y": top,
            "words": axis_lines,
            "ticks": [(scale(tick), words) for tick, words in across.ticks],
            "zero": scale(0.0) if across.low < 0 < across.high else None,
            "end": scale.end,
        },
    }


def _row(estimate: Estimate, at: float, scale: Scale) -> dict[str, object]:
    def ends(low: float | None, high: float | None) -> tuple[float, float] | None:
        if low is None or high is None or not np.isfinite([low, high]).all():
            return None
        return scale(low), scale(high)

    return {
        "label": estimate.label,
        "y": at,
        "x": scale(estimate.value),
        "number": score(estimate.value, 2),
        "interval": ends(estimate.low, estimate.high),
        "range": ends(estimate.lowest, estimate.highest),
    }

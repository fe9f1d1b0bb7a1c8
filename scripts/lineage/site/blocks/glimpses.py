"""Lanes of dots, small and without words of their own: the picture of a phone's first screen."""

from collections.abc import Sequence

from markupsafe import Markup

from lineage.site.blocks.axes import Scale, axis_of
from lineage.site.blocks.charts import EDGE, WIDTHS
from lineage.site.blocks.strips import Lane, piled
from lineage.site.templating import render_html

_RADIUS, _LANE, _WORDS = 2.2, 35.0, 17.0  # pixels: of a dot; the height of a lane, and of the line of words above it


def glimpse(lanes: Sequence[tuple[str, Lane]], value: float, label: str) -> Markup:
    """A drawing, as wide as a phone, of lanes with their words and a line at a value with its name.

    It repeats a chart of the same page, which has the numbers, the names of the dots and what they are made from; so
    it is hidden from those who listen.
    """
    across = axis_of([value, *(number for _, lane in lanes for number in lane.values)], narrow=True)
    width, step = WIDTHS["narrow"], 2 * _RADIUS + 0.4
    scale = Scale(across.low, across.high, EDGE, width - EDGE)
    lane_drawings = []
    baseline = 0.0
    for words, lane in lanes:
        baseline += _WORDS + _LANE
        dots, bars = piled(lane.values, across.bin_width, int(_LANE / step), scale.high)
        lane_drawings.append(
            {
                "kind": lane.kind,
                "words": words,
                "baseline": baseline,
                "dots": [
                    (scale(lane.values[index]), round(baseline - _RADIUS - 1 - below * step, 1))
                    for index, below in dots
                ],
                "bars": [(scale(start), max(round(scale(end) - scale(start), 1), 5)) for start, end, _ in bars],
            }
        )
    return render_html(
        "charts/glimpse.svg.j2",
        width=width,
        height=round(baseline + 3),
        lanes=lane_drawings,
        radius=_RADIUS,
        lane_height=_LANE,
        words_height=_WORDS,
        end=scale.end,
        line=scale(value),
        named=label,
    )

"""Numbers -> small panels of curves, all on the same axes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from lineage.site.blocks.axes import LARGEST, Scale, few_ticks
from lineage.site.blocks.charts import EDGE, LETTERS, WIDTHS, Chart, wrapped
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.templating import render_html

PANEL_COLUMNS = (words("role"), words("model"), words("depth"), words("value"))  # of panels of curves
_BOLD = 8.2  # pixels that a letter of a panel's title takes, on average


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
        """The axes with their words translated into their language."""
        across, up, *ends = (
            retold(text, self.language) for text in (self.across, self.up, *self.across_ends, *self.up_ends)
        )
        return replace(self, across=across, up=up, across_ends=(ends[0], ends[1]), up_ends=(ends[2], ends[3]))

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
    panel_width = (width - 2 * EDGE - margin - gap * (across - 1)) / across
    names = list(dict.fromkeys(curve.name for curve in curves))
    curves_by_name = {(curve.panel, curve.name): curve for curve in curves}
    titles = {role: wrapped(caption, int(panel_width / _BOLD)) for role, caption in captions.items()}
    above = 13.0 + 17 * max(map(len, titles.values()), default=1)  # for the words over a panel
    panels = []
    for index, (role, caption) in enumerate(titles.items()):
        row, column = divmod(index, across)
        left, top = EDGE + margin + column * (panel_width + gap), above + row * (panel_height + 34 + above)
        x = Scale(0.0, 1.0, left + 4, left + panel_width - 4)
        y = Scale(max(low - pad, -LARGEST), min(high + pad, LARGEST), top + panel_height, top)
        paths = [_path(curves_by_name.get((role, name)), x, y) for name in names]
        lines = [(y(value), words if column == 0 else "") for value, words in ticks]
        panels.append({"titles": caption, "left": round(left, 1), "top": top, "paths": paths, "lines": lines})
    axis_lines = wrapped(axes.words, LETTERS[width].axis)
    foot = above + (len(captions) + across - 1) // across * (panel_height + 34 + above) + 16 - above
    return render_html(
        "charts/curves.svg.j2",
        id=svg_id,
        width=width,
        height=round(foot + 4 + 14 * len(axis_lines)),
        named=axis_lines,
        foot=round(foot + 4),
        question=question,
        description=description,
        panels=panels,
        panel_width=round(panel_width, 1),
        panel_height=panel_height,
        axes=axes,
    )


def _path(curve: Curve | None, x: Scale, y: Scale) -> str:
    """The SVG path of a curve; "" where a model has no curve in this panel."""
    if curve is None:
        return ""
    return "M" + "L".join([f"{a} {b}" for a, b in zip(x.of_all(curve.depths), y.of_all(curve.values), strict=True)])

"""The page on the weight of a score: likelihood ratios, their range, and their calibration."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.evidence.case_figures import drawn_case, find_figure, home_case, publisher_of
from lineage.methods.likelihood_ratio import LIKELIHOOD_RATIO
from lineage.methods.registry import METHODS
from lineage.records import Dataset
from lineage.site.blocks.axes import axis_of
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.curves import Axes, Curve, Key, curves_chart
from lineage.site.blocks.marks import set_mark
from lineage.site.blocks.tables import TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.menu import method_address
from lineage.site.pages.cases.null_figure import shape_names
from lineage.site.pages.methods.parameters import parameter_values
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import score

_TIPPETT_POINTS = 101
_TIGHT = 30.0  # rem of a table of seven columns, as "woe-tight" sets it


def weight_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The likelihood ratios of scores, from pairs with a documented relation."""
    method = LIKELIHOOD_RATIO
    writer = Writer(dataset, f"{method_address(method.id).removesuffix('/')}.md", language)
    weights = dataset.derived.get("weight.csv", pd.DataFrame())
    populations = weights[weights["abstained"].fillna("") == ""] if len(weights) else weights
    curves, trials = (dataset.derived.get(f"weight-{name}.csv", pd.DataFrame()) for name in ("curve", "trials"))
    return writer.page(
        f"methods/{method.id}.md.j2",
        writer.said(method.name),
        writer.said(method.description),
        method=method,
        populations=_judged(weights, dataset, language),
        left_out=_left_out(weights, dataset, language),
        curve=_curve_chart(populations, curves, trials, dataset, language),
        tippett=_tippett_chart(populations, trials, dataset, language),
        shape_names=shape_names(writer.drawn_case, dataset),
        **parameter_values(method.id, dataset, writer),
    )


def ratio_text(logarithm: float) -> str:
    """A likelihood ratio in two digits: "5.1", ".18"."""
    ratio = 10**logarithm
    return score(ratio, 2) if ratio < 1 else f"{float(f'{ratio:.2g}'):g}"


def _name(method: str, dataset: Dataset) -> str:
    if method in METHODS:
        return METHODS[method].name
    return dataset.published[method].method if method in dataset.published else method


def _judged(weights: pd.DataFrame, dataset: Dataset, language: Language) -> TableBlock:
    """What is given for every population that a ratio is given for."""
    say = language.say
    headers = (
        say("Method, and whose scores"),
        say("Independent roots"),
        say("Roots with derivations"),
        say("Ratios"),
        say("Cost within them"),
        say("Misleads, %%: independent"),
        say("Misleads, %%: derived"),
    )
    rows = weights[weights["abstained"].fillna("") == ""].to_dict("records") if len(weights) else []
    return TableBlock(
        "populations",
        say("For which scores is a likelihood ratio given?"),
        headers,
        (False, *(True,) * 6),
        [_judged_row(row, dataset, language) for row in rows],
        origin=["derived/weight.csv"],
        keys=[_key(row) for row in rows],
        computed="ratios of logarithms",
        look="woe-tight",
        room=_TIGHT,
        counted=words("populations"),
    )


def _left_out(weights: pd.DataFrame, dataset: Dataset, language: Language) -> TableBlock | None:
    """The populations that no ratio is given for, since their roots are too few; None where there is none."""
    rows = weights[weights["abstained"].fillna("") != ""].to_dict("records") if len(weights) else []
    if not rows:
        return None
    say = language.say
    return TableBlock(
        "populations-left-out",
        say("Too few roots for a ratio"),
        (say("Method, and whose scores"), say("Independent roots"), say("Roots with derivations")),
        (False, True, True),
        [_scored(row, dataset, language) for row in rows],
        origin=["derived/weight.csv"],
        keys=[_key(row) for row in rows],
        look="woe-tight",
        counted=words("populations"),
    )


def _key(row: Mapping[Hashable, Any]) -> str:
    return f"{row['method']}|{row['set']}"


def _scored(row: Mapping[Hashable, Any], dataset: Dataset, language: Language) -> tuple[object, ...]:
    """The method and the set of a population, and its roots of either kind."""
    name = retold(_name(str(row["method"]), dataset), language)
    title = Markup("{} {}").format(name, set_mark(str(row["set"]), language))
    return (title, row["roots"], row["roots_derived"])


def _judged_row(row: Mapping[Hashable, Any], dataset: Dataset, language: Language) -> tuple[object, ...]:
    none = sorted_as("", language.say("none"))
    cost = sorted_as(row["bounded_cost"], _with_ends(row, "bounded_cost", 1, 2, language))
    if row["lower"] == row["upper"]:
        alone = sorted_as(0, language.say(words("one alone")))
        return (*_scored(row, dataset, language), alone, cost, none, none)
    low, high = (ratio_text(row[end]) for end in ("lower", "upper"))
    spread = sorted_as(row["upper"], language.say(words("%(low)s to %(high)s"), low=low, high=high))
    misleads = (
        sorted_as(row[name], _with_ends(row, name, 100, 0, language))
        for name in ("misleading_independent", "misleading_derived")
    )
    return (*_scored(row, dataset, language), spread, cost, *misleads)


def unseen_stretches(scores: np.ndarray, disputed: float) -> list[tuple[float, float]]:
    """The stretch without a pair in which a disputed score lies, and every other that is as wide, from low to high.

    Empty where a pair has that very score, or where none scores lower or none higher.
    """
    seen = np.unique(scores)
    stretches = list(pairwise(seen.tolist()))
    around = next((high - low for low, high in stretches if low < disputed < high), None)
    return [] if around is None else [(low, high) for low, high in stretches if high - low >= around]


def _curve_chart(
    populations: pd.DataFrame, curves: pd.DataFrame, trials: pd.DataFrame, dataset: Dataset, language: Language
) -> Chart | None:
    """The likelihood ratio by score, within its bounds, for the method and the pairs of the case on the front page.

    Where no pair was seen around the disputed score, or as far elsewhere, the lines are faint.
    """
    case = home_case(dataset)
    drawing = drawn_case(case, dataset) if case else None
    population = drawing and (
        drawing.sources.method,
        f"published by {publisher_of(drawing.sources.independent, dataset)}",
    )
    row = next((row for row in populations.to_dict("records") if (row["method"], row["set"]) == population), None)
    if row is None or not row["lower"] < row["upper"] or row["slope"] <= 0:
        return None
    points, own_trials = (
        table[(table["method"] == row["method"]) & (table["set"] == row["set"])] for table in (curves, trials)
    )
    scores = points["score"].to_numpy(dtype=float)
    disputed = find_figure(dataset, drawing.sources.score) if drawing else None
    unseen = unseen_stretches(own_trials["score"].to_numpy(dtype=float), disputed.value) if disputed else []
    lines = {
        line: np.clip(points[column].to_numpy(dtype=float), row["lower"], row["upper"])
        for line, column in (("likelihood ratio", "log10_ratio"), ("low end", "low"), ("high end", "high"))
    }
    rising = scores[lines["likelihood ratio"] > row["lower"]].min()
    name = _name(str(row["method"]), dataset)
    sentences = [
        language.say(
            "%(pairs)s: level at %(low)s and %(high)s, the bounds, rising from a score of %(score)s on.",
            pairs=retold(f"{name}, pairs {row['set']}", language),
            low=ratio_text(row["lower"]),
            high=ratio_text(row["upper"]),
            score=score(rising, 2),
        ),
        *([language.say("Where the lines are faint, no pair was seen.")] if unseen else []),
    ]
    return curves_chart(
        "weight-by-score",
        words("How much more often do derived pairs have a score than independent ones?"),
        language.joined(sentences),
        [Curve("ratio", line, _across(scores, scores), values) for line, values in lines.items()],
        {"ratio": f"{name}, pairs {row['set']}"},
        _curve_axes(scores, row, disputed.value if disputed else None, unseen, language),
    ).made_from("derived/weight-curve.csv", "derived/weight-trials.csv", "derived/weight.csv")


def _across(values: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Where values lie between the lowest and the highest of some scores, in [0, 1] inside."""
    placed: np.ndarray = (values - scores.min()) / (scores.max() - scores.min() or 1)
    return placed


def _curve_axes(
    scores: np.ndarray,
    row: Mapping[Hashable, Any],
    disputed: float | None,
    unseen: Sequence[tuple[float, float]],
    language: Language,
) -> Axes:
    """The axes of the chart of ratios, with the disputed score where it lies among the others."""
    low, high = scores.min(), scores.max()
    ticks = [(tick, number) for tick, number in axis_of([low, high], narrow=False).ticks if low <= tick <= high]
    mark = None
    if disputed is not None and low <= disputed <= high:
        said = language.say("the score in dispute: %(score)s", score=score(disputed))
        mark = (_across(np.array(disputed), scores).item(), said)
    return Axes(
        words("score, from the lowest of these pairs to the highest"),
        words("likelihood ratio, in powers of ten; level where too few pairs are on record to say more"),
        up_ends=(f"{ratio_text(row['lower'])} times as often", f"{ratio_text(row['upper'])} times as often"),
        columns=(words("population"), words("line"), words("place"), "log10_ratio"),
        language=language,
        levels=((0.0, words("1: says nothing")),),
        mark=mark,
        keys=(
            Key(words("likelihood ratio"), ("likelihood ratio",), "curve-1"),
            Key(words("ends of its 95\u00a0% interval"), ("low end", "high end"), "curve-bound"),
            *([Key(words("no pair was seen here"), (), "unseen")] if unseen else []),
        ),
        ticks=tuple((_across(np.array(tick), scores).item(), number) for tick, number in ticks),
        unseen=tuple((start, end) for start, end in _across(np.array(unseen).reshape(-1, 2), scores).tolist()),
    )


def _tippett_chart(
    populations: pd.DataFrame, trials: pd.DataFrame, dataset: Dataset, language: Language
) -> Chart | None:
    """Tippett's plot: the share of derived and of independent pairs with at least a given ratio."""
    rows = [row for row in populations.to_dict("records") if row["lower"] < row["upper"]]
    if not rows:
        return None
    curves = [curve for row in rows for curve in _tippett(row, trials)]
    panels = {_panel(row): retold(_name(str(row["method"]), dataset), language) for row in rows}
    return curves_chart(
        "weight-tippett",
        words("How often does a ratio mislead?"),
        language.say(
            "Tippett plot: the share of derived and of independent pairs whose cross-validated ratio, kept within its "
            "bounds, is at least so large; %(methods)s.",
            methods=language.say("; ").join(panels.values()),
        ),
        curves,
        panels,
        Axes(
            words("likelihood ratio, from the lower bound to the upper one, in powers of ten"),
            words("share of pairs whose ratio is at least that"),
            (words("lower bound"), words("upper")),
            (words("none"), words("all")),
            ("population", "pairs", "place", words("share")),
            language,
            keys=(
                Key(words("derived pairs"), ("derived pairs",), "curve-1"),
                Key(words("independent pairs"), ("independent pairs",), "curve-apart"),
            ),
        ),
    ).made_from("derived/weight-trials.csv", "derived/weight.csv")


def _panel(row: Mapping[Hashable, Any]) -> str:
    return f"{row['method']}, {row['set']}"


def _tippett(row: Mapping[Hashable, Any], trials: pd.DataFrame) -> Iterator[Curve]:
    rows = trials[(trials["method"] == row["method"]) & (trials["set"] == row["set"])]
    grid = np.linspace(row["lower"], row["upper"], _TIPPETT_POINTS)
    for relation in ("derived", "independent"):
        chosen = rows[rows["relation"] == relation]
        ratios = np.clip(chosen["log10_ratio"].to_numpy(dtype=float), row["lower"], row["upper"])
        weights = chosen["weight"].to_numpy(dtype=float)
        shares = (weights[:, None] * (ratios[:, None] >= grid - 1e-9)).sum(axis=0) / weights.sum()
        yield Curve(_panel(row), f"{relation} pairs", np.linspace(0, 1, _TIPPETT_POINTS), shares)


def _with_ends(row: Mapping[Hashable, Any], name: str, factor: float, digits: int, language: Language) -> str:
    """A number with its 95 % interval."""
    value, low, high = (score(factor * row[f"{name}{end}"], digits) for end in ("", "_low", "_high"))
    return language.say("%(value)s (%(low)s to %(high)s)", value=value, low=low, high=high)

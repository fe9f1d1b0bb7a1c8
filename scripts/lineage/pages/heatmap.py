"""The pages of all pairs at once: one method a page, similar models side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.clustering import cluster_order
from lineage.controls.known import TRAINED
from lineage.methods import METHODS
from lineage.methods.exact import PERMUTATION_TEST
from lineage.methods.method import Method
from lineage.pages.compare_models import MARKS, model_name
from lineage.pages.methods import method_address
from lineage.pages.pair_words import position_text
from lineage.pages.writer import Page, Writer
from lineage.pairs import Rows, compare_address, rows_by_pair
from lineage.provenance import MEASURED
from lineage.records import Dataset, model_slug
from lineage.templating import power_of_ten, render_html, score

HEAT_METHODS: Mapping[str, Method] = {**METHODS, PERMUTATION_TEST.id: PERMUTATION_TEST}
STEPS = 10
_SETS = {MEASURED: "Released models", TRAINED: "Models trained here"}
_FIRST = next(iter(HEAT_METHODS))


@dataclass(frozen=True)
class Cell:
    """One pair of a heat map."""

    text: str  # the score with two digits, or "none"
    step: int  # 0 to STEPS - 1, or -1 where there is no score
    say: str  # p and n, or why there is none
    address: str


@dataclass(frozen=True)
class HeatMap:
    """The pairs of one set by one method; the row of a model holds its pairs with those above it."""

    mark: str
    names: Sequence[str]
    addresses: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def heatmap_pages(dataset: Dataset) -> Iterator[Page]:
    """One page a method; the first is the one that the menu leads to."""
    scores = dataset.derived.get("scores.csv")
    positions = dataset.derived.get("positions.csv")
    for method in HEAT_METHODS.values():
        writer = Writer(dataset, heatmap_address(method.id).removesuffix("/") + ".md")
        if method.id == _FIRST:
            writer = Writer(dataset, "heatmap/index.md")
        yield _page(method, _rows_of(scores, method), _rows_of(positions, method), writer)


def heatmap_address(method_id: str) -> str:
    """The address of a method's page from the root of the site."""
    return "heatmap/" if method_id == _FIRST else f"heatmap/{method_id.replace('_', '-')}/"


def heat_step(value: float) -> int:
    """The step of colour of a score in [-1, 1]: what is at or below 0 has the first."""
    return int(np.clip(np.floor(value * STEPS), 0, STEPS - 1))


def ordered_names(names: Sequence[str], scores: Rows) -> list[str]:
    """The models by average linkage of their scores, similar ones together."""
    similarity = np.full((len(names), len(names)), np.nan)
    for i, one in enumerate(names):
        for j, other in enumerate(names[:i]):
            for row in scores.get(frozenset((one, other)), []):
                similarity[i, j] = similarity[j, i] = row["similarity"]
    return [names[place] for place in cluster_order(similarity)]


def _page(method: Method, scores: Rows, positions: Rows, writer: Writer) -> Page:
    maps = [
        (title, _block(_heat_map(mark, scores, positions, writer), title, method) if found else Markup(), reasons)
        for mark, title in _SETS.items()
        for found, reasons in [_summary(mark, scores)]
    ]
    first = method.id == _FIRST
    title = "All pairs at once" if first else f"All pairs at once: {method.name[0].lower()}{method.name[1:]}"
    return writer.page(
        "heatmap.md.j2",
        title,
        f"Every measured pair by the {method.name[0].lower()}{method.name[1:]}, similar models side by side.",
        method=method,
        method_address=method_address(method.id),
        exact=method.id == PERMUTATION_TEST.id,
        maps=maps,
        switch=render_html(
            "heatmap-switch.html.j2",
            methods=[
                (one.name, writer.address(heatmap_address(one.id)), one.id == method.id)
                for one in HEAT_METHODS.values()
            ],
        ),
        script=render_html("module.html.j2", address=writer.address("assets/js/heatmap.js")),
    )


def _rows_of(table: pd.DataFrame | None, method: Method) -> Rows:
    return rows_by_pair(table[table["method"] == method.id] if table is not None else None)


def _summary(mark: str, scores: Rows) -> tuple[int, list[str]]:
    """How many pairs of a set have a score, and the reasons why the others have none."""
    rows = [row for found in scores.values() for row in found if row["set"] == mark]
    return sum(not row["not_testable"] for row in rows), sorted({row["not_testable"] for row in rows} - {""})


def _heat_map(mark: str, scores: Rows, positions: Rows, writer: Writer) -> HeatMap:
    dataset = writer.dataset
    chosen = {key: rows for key, rows in scores.items() if rows[0]["set"] == mark}
    names = ordered_names(sorted({name for key in chosen for name in key}, key=str.lower), chosen)
    cells = [
        [_cell(one, other, chosen, positions, writer) for other in names[:place]] for place, one in enumerate(names)
    ]
    addresses = [
        writer.address(f"models/{model_slug(name)}/" if name in dataset.models else "controls/") for name in names
    ]
    return HeatMap(MARKS[mark], [model_name(name, dataset) for name in names], addresses, cells)


def _cell(one: str, other: str, scores: Rows, positions: Rows, writer: Writer) -> Cell:
    key, address = frozenset((one, other)), writer.address(compare_address(one, other))
    rows = scores.get(key, [])
    if not rows:
        return Cell("none", -1, "no row on record: the two were not put under this method", address)
    if rows[0]["not_testable"]:
        return Cell("none", -1, f"not testable: {rows[0]['not_testable']}", address)
    value = float(rows[0]["similarity"])
    return Cell(score(value, 2), heat_step(value), _standing(rows[0], positions.get(key, [])), address)


def _standing(row: Mapping[str, Any], positions: Sequence[Mapping[str, Any]]) -> str:
    """P and n of a score, or that there is none on record."""
    if row["log10_p"] == row["log10_p"] and row["log10_p"] is not None:
        return f"p {power_of_ten(row['log10_p'])}, exact"
    among = [position_text(one) for one in positions if one["matched_on"] == "nothing"]
    return among[0] if among else "p: not computed for models made here"


def _block(heat: HeatMap, title: str, method: Method) -> Markup:
    return render_html("heatmap.html.j2", heat=heat, title=title, method=method, steps=range(STEPS))

"""The page of the controls: what was trained here and what was derived here from real models."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.records import Dataset
from lineage.site.blocks.charts import Axes, Chart, Curve, curves_chart
from lineage.site.blocks.tables import Facet, TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.mixtures import mixtures_table
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped, score

_LOSS_COLUMNS = ("kind", "run", "share_of_steps", "loss")  # of the chart, as CSV
_KINDS = {"seed": "independent", "shared_initialisation": "shared initialisation"}


def controls_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every run and every synthetic derivation, with loss curves."""
    writer = Writer(dataset, "controls.md", language)
    tables = dataset.control_tables
    runs = tables.get("runs.csv", pd.DataFrame())
    ladder = tables.get("ladder.csv", pd.DataFrame())
    kinds = list(runs["kind"]) if len(runs) else []
    return writer.page(
        "controls.md.j2",
        "Controls",
        "Models whose history is known, because they were trained or derived here.",
        seeds=kinds.count("seed"),
        orders=kinds.count("shared_initialisation"),
        runs=_runs_table(runs),
        texts=_texts_table(tables.get("texts.csv", pd.DataFrame())),
        curves=_loss_chart(tables.get("loss-curves.csv"), runs),
        ladder=_ladder_table(ladder, writer),
        mixtures=mixtures_table(writer, language),
        bases=ladder["base_model"].nunique() if len(ladder) else 0,
    )


def _runs_table(runs: pd.DataFrame) -> TableBlock:
    rows = [
        (
            run["run"],
            f"{_kind(run)}; from {run['parent'] or 'random weights'}, {run['steps']} steps",
            sorted_as(
                run["final_heldout_loss"],
                f"{score(run['first_heldout_loss'], 2)} to {score(run['final_heldout_loss'], 2)}",
            ),
        )
        for run in _in_order(runs)
    ]
    headers = ("Run", "How it was made", "Held-out loss")
    return TableBlock(
        "runs",
        "Runs, with losses in nats a byte, first to last",
        headers,
        (False, False, True),
        rows,
        origin=["controls/runs.csv"],
        keys=[run["run"] for run in _in_order(runs)],
        facets=[Facet("kind", "How it was made", [_kind(run) for run in _in_order(runs)])],
        counted="runs",
    )


def _kind(run: Mapping[Hashable, Any]) -> str:
    """How a run was made, in words."""
    return _KINDS.get(run["kind"], str(run["kind"]).replace("_", " "))


def _in_order(runs: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The runs: independent ones, those of shared initial weights, derivations."""
    kinds = [*_KINDS]
    records = runs.to_dict("records")
    return sorted(records, key=lambda run: kinds.index(run["kind"]) if run["kind"] in kinds else len(kinds))


def _texts_table(texts: pd.DataFrame) -> TableBlock:
    rows = [
        (
            Markup("{}<br><small>{}</small>").format(text["title"], text["package"]),
            grouped(text["train_bytes"]),
            f"{score(text['unigram_loss'], 2)} by bytes, {score(text['bigram_loss'], 2)} by pairs",
        )
        for text in texts.to_dict("records")
    ]
    headers = ("Text, and the package that ships it", "Bytes", "Loss without a model")
    return TableBlock(
        "texts",
        "Texts, and the loss of guessing by counts alone",
        headers,
        (False, True, True),
        rows,
        origin=["controls/texts.csv"],
        key="in order",
    )


def _loss_chart(curves: pd.DataFrame | None, runs: pd.DataFrame) -> Chart | None:
    """The held-out loss of every run over its steps, a panel a kind."""
    if curves is None or runs.empty:
        return None
    kinds = dict(zip(runs["run"], (_KINDS.get(kind, "derivations") for kind in runs["kind"]), strict=True))
    longest = curves["step"].max()
    drawn = [
        Curve(kinds[run], str(run), found["step"].to_numpy() / longest, found["heldout_loss"].to_numpy())
        for run, found in curves.groupby("run", sort=False)
        if run in kinds
    ]
    last = np.array([curve.values[-1] for curve in drawn])
    return curves_chart(
        "loss-curves",
        "Did the models trained here learn anything?",
        f"Held-out loss of {len(last)} runs over their steps, from {curves['heldout_loss'].max():.2f} to between "
        f"{last.min():.2f} and {last.max():.2f} nats a byte.",
        drawn,
        {kind: kind for kind in (*_KINDS.values(), "derivations")},
        Axes("steps of training", "held-out loss, in nats a byte", ("first step", "last"), columns=_LOSS_COLUMNS),
    ).made_from("controls/loss-curves.csv")


def _ladder_table(ladder: pd.DataFrame, writer: Writer) -> TableBlock:
    rungs = ladder.to_dict("records")
    rows = [
        (
            writer.model_link(rung["base_model"]),
            rung["rung"].replace("-", " "),
            "not graded" if pd.isna(rung["level"]) else f"{rung['level']:g}",
            rung["function_preserving"],
            rung["expected"],
        )
        for rung in rungs
    ]
    headers = ("Made from", "What was done", "How much", "Computes the same", "Expected of the permutation test")
    return TableBlock(
        "ladder",
        "Synthetic derivations",
        headers,
        (False, False, True, False, False),
        rows,
        origin=["controls/ladder.csv"],
        key="in order",
        facets=[
            Facet("base", "Made from", [rung["base_model"] for rung in rungs]),
            Facet("rung", "What was done", [rung["rung"].replace("-", " ") for rung in rungs]),
            Facet("computes", "Computes the same", [rung["function_preserving"] for rung in rungs]),
            Facet("expected", "Expected", [rung["expected"] for rung in rungs]),
        ],
        counted="derivations",
    )

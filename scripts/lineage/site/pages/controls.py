"""The page of the controls: what was trained here and what was derived here from real models."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from lineage.records import Dataset
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.curves import Axes, Curve, curves_chart
from lineage.site.blocks.tables import Facet, TableBlock, sorted_as
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.geometry.sentences import geometry_words
from lineage.site.pages.mixtures import mixtures_table
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold
from lineage.site.templating import grouped, score
from lineage.site.translation import in_english

_LOSS_COLUMNS = ("kind", "run", "share_of_steps", "loss")  # of the chart, as CSV
_KINDS = {"seed": words("independent"), "shared_initialisation": words("shared initialisation")}
_DERIVATIONS = words("derivations")


def controls_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every run and every synthetic derivation, with loss curves."""
    writer = Writer(dataset, "controls.md", language)
    tables = dataset.control_tables
    runs = tables.get("runs.csv", pd.DataFrame())
    ladder = tables.get("ladder.csv", pd.DataFrame())
    kinds = list(runs["kind"]) if len(runs) else []
    return writer.page(
        "controls.md.j2",
        language.say("Controls"),
        language.say("Models whose history is known, because they were trained or derived here."),
        seeds=kinds.count("seed"),
        orders=kinds.count("shared_initialisation"),
        runs=_runs_table(runs, language),
        texts=_texts_table(tables.get("texts.csv", pd.DataFrame()), language),
        curves=_loss_chart(tables.get("loss-curves.csv"), runs, language),
        ladder=_ladder_table(ladder, writer),
        geometry=geometry_words(writer, language),
        mixtures=mixtures_table(writer, language),
        bases=ladder["base_model"].nunique() if len(ladder) else 0,
    )


def _runs_table(runs: pd.DataFrame, language: Language) -> TableBlock:
    rows = [
        (
            run["run"],
            language.say(
                "%(kind)s; from %(parent)s, %(steps)s steps",
                kind=retold(_kind(run), language),
                parent=run["parent"] or language.say("random weights"),
                steps=run["steps"],
            ),
            sorted_as(
                run["final_heldout_loss"],
                language.say(
                    "%(first)s to %(last)s",
                    first=score(run["first_heldout_loss"], 2),
                    last=score(run["final_heldout_loss"], 2),
                ),
            ),
        )
        for run in _in_order(runs)
    ]
    headers = (words("Run"), words("How it was made"), words("Held-out loss"))
    return TableBlock(
        "runs",
        words("Runs, with losses in nats a byte, first to last"),
        headers,
        (False, False, True),
        rows,
        origin=["controls/runs.csv"],
        keys=[run["run"] for run in _in_order(runs)],
        facets=[Facet("kind", words("How it was made"), [_kind(run) for run in _in_order(runs)])],
        counted=words("runs"),
    )


def _kind(run: Mapping[Hashable, Any]) -> str:
    """The kind of a run in words."""
    return _KINDS.get(run["kind"], str(run["kind"]).replace("_", " "))


def _in_order(runs: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The runs in order: independent ones, those of shared initial weights, derivations."""
    kinds = [*_KINDS]
    records = runs.to_dict("records")
    return sorted(records, key=lambda run: kinds.index(run["kind"]) if run["kind"] in kinds else len(kinds))


def _texts_table(texts: pd.DataFrame, language: Language) -> TableBlock:
    rows = [
        (
            Markup("{}<br><small>{}</small>").format(in_english(text["title"], language.folder), text["package"]),
            grouped(text["train_bytes"]),
            language.say(
                "%(bytes)s by bytes, %(pairs)s by pairs",
                bytes=score(text["unigram_loss"], 2),
                pairs=score(text["bigram_loss"], 2),
            ),
        )
        for text in texts.to_dict("records")
    ]
    headers = (words("Text, and the package that ships it"), words("Bytes"), words("Loss without a model"))
    return TableBlock(
        "texts",
        words("Texts, and the loss of guessing by counts alone"),
        headers,
        (False, True, True),
        rows,
        origin=["controls/texts.csv"],
        key="in order",
    )


def _loss_chart(curves: pd.DataFrame | None, runs: pd.DataFrame, language: Language) -> Chart | None:
    """The held-out loss of every run over its steps, in a panel for each kind."""
    if curves is None or runs.empty:
        return None
    kinds = dict(zip(runs["run"], (_KINDS.get(kind, _DERIVATIONS) for kind in runs["kind"]), strict=True))
    longest = curves["step"].max()
    lines = [
        Curve(kinds[run], str(run), points["step"].to_numpy() / longest, points["heldout_loss"].to_numpy())
        for run, points in curves.groupby("run", sort=False)
        if run in kinds
    ]
    last = np.array([curve.values[-1] for curve in lines])
    return curves_chart(
        "loss-curves",
        language.say("Did the models trained here learn anything?"),
        language.say(
            "Held-out loss of %(runs)s runs over their steps, from %(first)s to between %(low)s and %(high)s nats a "
            "byte.",
            runs=len(last),
            first=f"{curves['heldout_loss'].max():.2f}",
            low=f"{last.min():.2f}",
            high=f"{last.max():.2f}",
        ),
        lines,
        {kind: language.say(kind) for kind in (*_KINDS.values(), _DERIVATIONS)},
        Axes(
            words("steps of training"),
            words("held-out loss, in nats a byte"),
            (words("first step"), words("last")),
            columns=_LOSS_COLUMNS,
            language=language,
        ),
    ).made_from("controls/loss-curves.csv")


def _ladder_table(ladder: pd.DataFrame, writer: Writer) -> TableBlock:
    rungs = ladder.to_dict("records")
    rows = [
        (
            writer.model_link(rung["base_model"]),
            rung["rung"].replace("-", " "),
            words("not graded") if pd.isna(rung["level"]) else f"{rung['level']:g}",
            rung["function_preserving"],
            rung["expected"],
        )
        for rung in rungs
    ]
    headers = (
        *(words("Made from"), words("What was done"), words("How much"), words("Computes the same")),
        words("Expected of the permutation test"),
    )
    return TableBlock(
        "ladder",
        words("Synthetic derivations"),
        headers,
        (False, False, True, False, False),
        rows,
        origin=["controls/ladder.csv"],
        key="in order",
        facets=[
            Facet("base", words("Made from"), [rung["base_model"] for rung in rungs]),
            Facet("rung", words("What was done"), [rung["rung"].replace("-", " ") for rung in rungs]),
            Facet("computes", words("Computes the same"), [rung["function_preserving"] for rung in rungs]),
            Facet("expected", words("Expected"), [rung["expected"] for rung in rungs]),
        ],
        counted=words("derivations"),
    )

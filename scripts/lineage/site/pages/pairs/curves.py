"""The chart of a pair: the curves of both models, layer by layer."""

import json
from functools import partial

import numpy as np

from lineage.evidence.pairs import Pair, measured_row
from lineage.methods.std_profile import ROLES
from lineage.records import Dataset
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.curves import Curve, curves_chart, depth_axes
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.models.curves import ROLE_NAMES, curve_file
from lineage.site.pages.pair_words import pair_title
from lineage.site.pages.pairs.measured import row_number
from lineage.site.pages.writer import Drawn, Writer
from lineage.site.templating import score


def kept_chart(pair: Pair, dataset: Dataset, writer: Writer) -> Drawn | None:
    """The chart of a pair's curves, kept from the last build where they are the same."""
    models = (pair.model_a, pair.model_b)
    made_from = [text for model in models for text in (model.name, _digest(model.id, dataset))]
    row = measured_row(dataset, *(model.id for model in models))
    return writer.kept_chart([*made_from, json.dumps(row)], partial(pair_chart, pair, dataset, writer.language))


def _digest(model: str, dataset: Dataset) -> str:
    sampled = dataset.sampled_only.get(model)
    return sampled.digest if sampled else dataset.fingerprints[model].digest


def pair_chart(pair: Pair, dataset: Dataset, language: Language = ENGLISH) -> Chart:
    """The curves of two measured models, each standardised over depth, in a panel for each role."""
    measured = measured_row(dataset, pair.model_a.id, pair.model_b.id) or {}
    alike = pair.model_a.name == pair.model_b.name
    curves = [
        _standardised(role, model.id if alike else model.name, curve)
        for model in (pair.model_a, pair.model_b)
        for role, curve in dataset.profiles[model.id].curves.items()
    ]
    say = language.say
    captions = {role: f"{say(ROLE_NAMES[role])}: {score(row_number(measured, role), 2)}" for role in ROLES}
    worded = ", ".join(f"{role.upper()} {score(row_number(measured, role), 2)}" for role in ROLES)
    return curves_chart(
        f"curves-{pair.slug}",
        say("Do the attention weights of %(pair)s spread alike from layer to layer?", pair=pair_title(pair, language)),
        say(
            "Curves of %(one)s (solid) and %(other)s (dashed) over depth; their correlations are %(correlations)s.",
            one=pair.model_a.name,
            other=pair.model_b.name,
            correlations=worded,
        ),
        curves,
        captions,
        depth_axes(say("standard deviation, standardised in each model"), language),
    ).made_from(
        *(curve_file(model, dataset) for model in (pair.model_a, pair.model_b)), "derived/std-profile-pairs.csv"
    )


def _standardised(role: str, name: str, curve: np.ndarray) -> Curve:
    return Curve(role, name, np.linspace(0, 1, len(curve)), (curve - curve.mean()) / curve.std())

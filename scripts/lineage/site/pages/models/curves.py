"""The chart of a model: how widely its attention weights are spread, layer by layer."""

from functools import partial

import numpy as np

from lineage.methods.std_profile import ROLES
from lineage.records import Dataset, Model, Profile, Shape
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.curves import Curve, curves_chart, depth_axes
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Drawn, Writer

ROLE_NAMES = {
    "q": words("Query (Q)"),
    "k": words("Key (K)"),
    "v": words("Value (V)"),
    "o": words("Output (O)"),
}


def curve_file(model: Model, dataset: Dataset) -> str:
    """The table in data/ with the curves of a model."""
    return f"{'sampled' if model.id in dataset.sampled_only else 'fingerprints'}/{model.slug}.csv"


def kept_profile(model: Model, dataset: Dataset, writer: Writer) -> Drawn | None:
    """The chart of a model's curves, kept from the last build where they are the same; None where there are none."""
    fingerprint, sampled = dataset.fingerprints.get(model.id), dataset.sampled_only.get(model.id)
    if sampled:
        chart = partial(
            profile_chart, model, sampled.profile, sampled.shape, f"sampled/{model.slug}.csv", writer.language
        )
        return writer.kept_chart([model.name, sampled.digest, "sampled"], chart)
    if not fingerprint:
        return None
    outline = fingerprint.outline
    chart = partial(
        profile_chart, model, outline.profile, outline.shape, f"fingerprints/{model.slug}.csv", writer.language
    )
    return writer.kept_chart([model.name, fingerprint.digest], chart)


def profile_chart(
    model: Model, profile: Profile, shape: Shape, file: str, language: Language = ENGLISH
) -> Chart | None:
    """The four curves of a model over its layers with attention.

    None unless q, k, v and o each have one matrix in at least two layers, as many of each, of one stack.
    """
    deviations = profile.curves
    layers = shape.layers or 0
    one_a_layer = set(deviations) == set(ROLES) and all(len(curve) == layers for curve in deviations.values())
    if layers < 2 or not one_a_layer or "+" in (shape.stack or ""):
        return None
    curves = [
        Curve(role, model.name, np.arange(layers) / (layers - 1), deviations[role]) for role in sorted(deviations)
    ]
    low, high = min(curve.min() for curve in deviations.values()), max(curve.max() for curve in deviations.values())
    say = language.say
    description = say(
        "Standard deviation of the query, key, value and output matrices of %(name)s in each of its %(layers)s layers "
        "with attention; it runs from %(low)s to %(high)s.",
        name=model.name,
        layers=layers,
        low=f"{low:.3g}",
        high=f"{high:.3g}",
    )
    return curves_chart(
        f"profile-{model.slug}",
        say("How widely are the attention weights of %(name)s spread, layer by layer?", name=model.name),
        description,
        curves,
        {role: say(ROLE_NAMES[role]) for role in ROLES},
        depth_axes(say("standard deviation of the weights of a layer"), language),
    ).made_from(file)

"""The pages of models: the index, and one page each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from markupsafe import Markup

from lineage.charts import Chart, Curve, curves_chart
from lineage.marks import mark_html, measure_html
from lineage.methods.std_profile import ROLES
from lineage.pages.writer import Page, Writer, ordered_models
from lineage.pairs import compare_address, neighbours_of, pairs_by_model, scores_of
from lineage.provenance import MEASURED
from lineage.records import Dataset, Fingerprint, Model
from lineage.tables import UNKNOWN, Facet, TableBlock, architecture_rows, sorted_as
from lineage.templating import amount, day, figure_text, score

ROLE_NAMES = {"q": "Query (Q)", "k": "Key (K)", "v": "Value (V)", "o": "Output (O)"}

RELATIONS = {
    "finetune": "a fine-tune of",
    "continued_pretraining": "a continued pre-training of",
    "distillation_finetune": "a fine-tune, on another model's answers, of",
    "upcycling": "a mixture of experts made from",
    "pruning": "a pruned form of",
    "depth_upscaling": "a deeper form of",
    "merge": "a merge with",
    "quantized": "a quantised copy of",
    "adapter": "an adapter for",
}


_MEASURED_HERE = "measured here"
_SIZE_CLASSES = ("under 1 billion", "1 to 10 billion", "10 to 100 billion", "100 billion and more", UNKNOWN)


def models_page(dataset: Dataset) -> Page:
    """Every model on record, in order of maker."""
    writer = Writer(dataset, "models/index.md")
    rows = [
        (
            writer.model_link(model.id),
            model.maker,
            sorted_as(model.released, day(model.released)),
            sorted_as(model.parameters.total, amount(model.parameters.total)),
            _shape(model),
            _standing(model, dataset),
        )
        for model in ordered_models(dataset)
    ]
    table = TableBlock(
        "models-table",
        "Models on record",
        ("Model", "Maker", "Released", "Parameters", "Layers × hidden size", "Weights"),
        (False, False, False, True, True, False),
        rows,
        origin=["models/"],
        keys=[model.id for model in ordered_models(dataset)],
        computed="counts",
        facets=_facets(ordered_models(dataset), dataset),
        counted="models",
    )
    description = "The models on record: who made them, their shape, and whether their weights were measured here."
    return writer.page("models.md.j2", "Models", description, models_table=table)


def _facets(models: Sequence[Model], dataset: Dataset) -> list[Facet]:
    """What models can be filtered by."""
    kinds = [model.architecture.kind if model.architecture else UNKNOWN for model in models]
    weights = [str(_weights(model, dataset)) for model in models]
    return [
        Facet("maker", "Maker", [model.maker for model in models]),
        Facet("family", "Family", [model.root or UNKNOWN for model in models]),
        Facet("size", "Parameters", [_size_class(model.parameters.total) for model in models], _SIZE_CLASSES),
        Facet("kind", "Architecture", [kind or UNKNOWN for kind in kinds]),
        Facet("weights", "Weights", weights),
    ]


def _size_class(parameters: int | None) -> str:
    """Which of the classes a number of parameters falls into."""
    if parameters is None:
        return _SIZE_CLASSES[-1]
    return _SIZE_CLASSES[sum(parameters >= bound for bound in (1e9, 10e9, 100e9))]


def model_page(model: Model, dataset: Dataset) -> Page:
    """One model: what its maker says, its shape, what was measured, and its pairs."""
    writer = Writer(dataset, f"models/{model.slug}.md")
    shape = TableBlock(
        "shape-table",
        f"{model.name}, as its documents give it",
        ("", "Value"),
        (False, False),
        architecture_rows(model.architecture),
        origin=[f"models/{model.slug}.toml"],
    )
    published = [
        (
            writer.model_link(other),
            figure_text(found.value),
            measure_html(found.measure, found.unverified),
            writer.cited_link(f"published/#{found.anchor}", found.published.title, found.sources),
        )
        for other, found in scores_of(dataset, model.id)
    ]
    fingerprint = dataset.fingerprints.get(model.id)
    return writer.page(
        "model.md.j2",
        model.name,
        f"{model.name} by {model.maker}: what is documented and what was measured.",
        record=model,
        compare=f"compare/?a={model.slug}",
        relation=RELATIONS.get(model.base_model_relation or "", ""),
        shape=shape,
        fingerprint=fingerprint,
        untestable=dataset.not_testable.get(model.id),
        profile=fingerprint
        and writer.kept_chart([model.name, fingerprint.digest], partial(profile_chart, model, fingerprint)),
        pairs=pairs_by_model(dataset).get(model.id, ()),
        published=TableBlock(
            "published-scores",
            "Published scores that name this model",
            ("Other model", "Value", "What it is", "Where"),
            (False, True, False, False),
            published,
            origin=sorted({found.file for _, found in scores_of(dataset, model.id)}),
        ),
        neighbours=_neighbours_table(model, dataset, writer),
        family=[other for other in _families(dataset).get(model.root or "", ()) if other is not model],
        cases=[case for case in dataset.cases.values() if model.id in (case.subject, case.reference)],
    )


def _neighbours_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock | None:
    """The models whose profiles score highest with it; None where every pair of it has a page."""
    rows = neighbours_of(dataset).get(model.id)
    if rows is None:
        return None
    return TableBlock(
        "neighbours",
        f"Highest scores of {model.name}",
        ("Model", "Score", "Side by side"),
        (False, True, False),
        [
            (writer.model_link(other), score(value), writer.link(compare_address(model.id, other), "Compare"))
            for other, value in rows
        ],
        origin=["derived/neighbours.csv"],
        key=model.id,
        keys=[other for other, _ in rows],
    )


def profile_chart(model: Model, fingerprint: Fingerprint) -> Chart | None:
    """The four curves of a measured model over its layers with attention, in their order.

    None unless q, k, v and o each have one matrix in at least two layers, as many of each, of one stack.
    """
    shape, found = fingerprint.outline.shape, fingerprint.outline.profile.curves
    layers = shape.layers or 0
    one_a_layer = set(found) == set(ROLES) and all(len(curve) == layers for curve in found.values())
    if layers < 2 or not one_a_layer or "+" in (shape.stack or ""):
        return None
    curves = [Curve(role, model.name, np.arange(layers) / (layers - 1), found[role]) for role in sorted(found)]
    low, high = min(curve.min() for curve in found.values()), max(curve.max() for curve in found.values())
    description = (
        f"Standard deviation of the query, key, value and output matrices of {model.name} "
        f"in each of its {layers} layers with attention; it runs from {low:.3g} to {high:.3g}."
    )
    return curves_chart(
        f"profile-{model.slug}",
        f"How widely are the attention weights of {model.name} spread, layer by layer?",
        description,
        curves,
        {role: ROLE_NAMES[role] for role in ROLES},
    ).made_from(f"fingerprints/{model.slug}.csv")


@lru_cache(maxsize=2)
def _families(dataset: Dataset) -> Mapping[str, Sequence[Model]]:
    """The models of each root, in the order of their files."""
    found: dict[str, list[Model]] = defaultdict(list)
    for model in dataset.models.values():
        if model.root:
            found[model.root].append(model)
    return found


def _standing(model: Model, dataset: Dataset) -> Markup | str:
    weights = _weights(model, dataset)
    return mark_html(MEASURED) if weights == _MEASURED_HERE else weights


def _weights(model: Model, dataset: Dataset) -> str:
    """Whether the weights of a model were read here, in words."""
    if model.id in dataset.fingerprints:
        return _MEASURED_HERE
    return "not testable" if model.id in dataset.not_testable else "not measured here"


def _shape(model: Model) -> str:
    shape = model.architecture
    if shape is None or shape.layers is None or shape.hidden_size is None:
        return UNKNOWN
    return f"{shape.layers} × {shape.hidden_size:,}".replace(",", "\u202f")

"""The pages of models: the index, and one page each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial

import numpy as np
from markupsafe import Markup

from lineage.evidence.listed_models import commonness
from lineage.evidence.named_models import NamedModel, named_models
from lineage.evidence.pairs import compare_address, neighbours_of, pairs_by_model, scores_of
from lineage.evidence.reproductions import Level, level_of, level_words, reproduction_of
from lineage.evidence.sampling import sampling_error
from lineage.methods.std_profile import ROLES
from lineage.records import RELATIONS, RELATIONS_OF_SEVERAL, Dataset, Fingerprint, Model, Profile, Shape
from lineage.records.model_facts import ACTIVE, PARAMETERS, known_facts
from lineage.records.provenance import measured_words, roots_of
from lineage.site.asking import ask_button
from lineage.site.blocks.charts import Chart, Curve, curves_chart, depth_axes
from lineage.site.blocks.marks import level_mark, measure_html
from lineage.site.blocks.tables import UNKNOWN, Facet, TableBlock, sorted_as
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.known_facts import (
    Said,
    origin_words,
    released_said,
    said_of,
    shape_cell,
    shape_rows,
    size_cell,
    size_of,
)
from lineage.site.pages.methods.sampling import sampled_table
from lineage.site.pages.writer import Drawn, Page, Writer, ordered_models
from lineage.site.templating import figure_text, score

ROLE_NAMES = {
    "q": words("Query (Q)"),
    "k": words("Key (K)"),
    "v": words("Value (V)"),
    "o": words("Output (O)"),
}

_SIZE_CLASSES = (
    words("under 1 billion"),
    words("1 to 10 billion"),
    words("10 to 100 billion"),
    words("100 billion and more"),
    UNKNOWN,
)


def models_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every model on record, in order of maker."""
    writer = Writer(dataset, "models/index.md", language)
    say = language.say
    rows = [
        (
            writer.model_link(model.id),
            model.maker,
            sorted_as(model.released, day(model.released, language)),
            sorted_as(size_of(model, dataset), _cell(size_cell(model, dataset), writer)),
            _cell(shape_cell(model, dataset), writer),
            _standing(model, dataset, language),
        )
        for model in ordered_models(dataset)
    ]
    table = TableBlock(
        "models-table",
        say("Models on record"),
        (say("Model"), say("Maker"), say("Released"), say("Parameters"), say("Layers × hidden size"), say("Weights")),
        (False, False, False, True, True, False),
        rows,
        origin=["models/"],
        keys=[model.id for model in ordered_models(dataset)],
        computed="known facts",
        facets=_facets(ordered_models(dataset), dataset),
        counted=words("models"),
    )
    description = say("The models on record: who made them, their shape, and whether their weights were measured here.")
    return writer.page(
        "models.md.j2", say("Models"), description, models_table=table, named_table=_named_table(dataset, writer)
    )


def _named_table(dataset: Dataset, writer: Writer) -> TableBlock:
    """The models that others name and that have no record, with who names each."""
    say, apart = writer.language.say, Markup(writer.language.say("; "))  # noqa: S704 - our own words
    named: list[NamedModel] = list(named_models(dataset).values())
    return TableBlock(
        "named-table",
        say("Models that others name, without a record here"),
        (say("Model"), say("Account"), say("Named in")),
        (False, False, False),
        [
            (
                writer.model_link(one.id),
                one.id.partition("/")[0],
                apart.join(_set_link(name, writer) for name in one.named_in),
            )
            for one in named
        ],
        origin=["published/"],
        keys=[one.id for one in named],
        computed="named models",
        facets=[
            Facet("account", say("Account"), [one.id.partition("/")[0] for one in named]),
            Facet("set", say("Named in"), [dataset.published[one.named_in[0]].title for one in named]),
        ],
        counted=words("named models"),
    )


def _set_link(name: str, writer: Writer) -> Markup:
    return writer.link(f"published/#{name}", writer.dataset.published[name].title)


def _cell(values: Sequence[tuple[str, str]], writer: Writer) -> Markup | str:
    """Values, each with where it is known from on a line of its own."""
    shown = [
        Markup('{} <span class="woe-origin">{}</span>').format(writer.said(value), writer.said(note))
        if note
        else Markup("{}").format(writer.said(value))
        for value, note in values
    ]
    return Markup(" ").join(shown) if shown else writer.language.say(UNKNOWN)


def _facets(models: Sequence[Model], dataset: Dataset) -> list[Facet]:
    """What models can be filtered by."""
    kinds = [model.architecture.kind if model.architecture else UNKNOWN for model in models]
    weights = [str(_weights(model, dataset)) for model in models]
    return [
        Facet("maker", words("Maker"), [model.maker for model in models]),
        Facet("family", words("Family"), [" and ".join(roots_of(model.id, dataset)) or UNKNOWN for model in models]),
        Facet("size", words("Parameters"), [_size_class(size_of(model, dataset)) for model in models], _SIZE_CLASSES),
        Facet("kind", words("Architecture"), [kind or UNKNOWN for kind in kinds]),
        Facet("weights", words("Weights"), weights),
        Facet("again", words("Measured again"), [_made_again(model, dataset) for model in models]),
    ]


def _size_class(parameters: int | None) -> str:
    """Which of the classes a number of parameters falls into."""
    if parameters is None:
        return _SIZE_CLASSES[-1]
    return _SIZE_CLASSES[sum(parameters >= bound for bound in (1e9, 10e9, 100e9))]


def model_page(model: Model, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """One model: what its maker says, its shape, what was measured, and its pairs."""
    writer = Writer(dataset, f"models/{model.slug}.md", language)
    say = language.say
    fingerprint = dataset.fingerprints.get(model.id)
    sampled = dataset.sampled.get(model.id)
    facts = known_facts(model, dataset)
    return writer.page(
        "model.md.j2",
        model.name,
        say("%(name)s by %(maker)s: what is documented and what was measured.", name=model.name, maker=model.maker),
        record=model,
        compare=f"compare/?a={model.slug}",
        relation=_relation(model),
        parents=model.weighted_parents,
        roots=roots_of(model.id, dataset),
        shape=_shape_table(model, dataset, writer),
        sizes=[_told(said, model, dataset, writer) for said in said_of(PARAMETERS, facts)],
        actives=[_told(said, model, dataset, writer) for said in said_of(ACTIVE, facts)],
        numbers_read=fingerprint.outline.numbers if fingerprint else None,
        released=[(model.released, said.sources) for said in released_said(model, dataset)],
        fingerprint=fingerprint,
        measured_words=measured_words([model.id], dataset),
        stored=_stored(fingerprint) if fingerprint else (),
        level=level_of(model.id, dataset),
        made_again=level_words(level_of(model.id, dataset), reproduction_of(model.id, dataset)),
        reproduction=reproduction_of(model.id, dataset),
        untestable=dataset.not_testable.get(model.id),
        ask=None if fingerprint or model.id in dataset.not_testable else ask_button(model, language),
        queued=bool(model.wanted) or model.id in dataset.requests,
        profile=_kept_profile(model, dataset, writer),
        sampled=sampled,
        sampled_only=model.id in dataset.sampled_only,
        sampled_roles=sampled_table(model, dataset, language),
        sampling=sampling_error(dataset),
        common=commonness(model, dataset),
        pairs=pairs_by_model(dataset).get(model.id, ()),
        published=_published_table(model, dataset, writer),
        neighbours=_neighbours_table(model, dataset, writer),
        family=_relatives(model, dataset),
        cases=[case for case in dataset.cases.values() if model.id in (case.subject, case.reference)],
    )


def _shape_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock | None:
    """Each field of the shape with where it is known from; None where nothing of it is known."""
    if not any(said for _, said in shape_rows(model, dataset)):
        return None
    say = writer.language.say
    return TableBlock(
        "shape-table",
        say("The shape of %(name)s", name=model.name),
        ("", say("Value"), say("Known from")),
        (False, False, False),
        _shape_cells(model, dataset, writer),
        origin=[f"models/{model.slug}.toml", *_measured_files(model, dataset)],
        computed="known facts",
    )


def _published_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock:
    """What others published of the model and another, a row a score."""
    say = writer.language.say
    scores = list(scores_of(dataset, model.id))
    rows = [
        (
            writer.model_link(other),
            figure_text(found.value),
            measure_html(found.measure, found.unverified, writer.language),
            writer.cited_link(f"published/#{found.anchor}", found.published.title, found.sources),
        )
        for other, found in scores
    ]
    return TableBlock(
        "published-scores",
        say("Published scores that name this model"),
        (say("Other model"), say("Value"), say("What it is"), say("Where")),
        (False, True, False, False),
        rows,
        origin=sorted({found.file for _, found in scores}),
        counted="scores",
    )


def _shape_cells(model: Model, dataset: Dataset, writer: Writer) -> list[tuple[str, object, object]]:
    """Each field with its values and where each is known from; "unknown" where nothing gives it."""
    say, apart = writer.language.say, Markup(writer.language.say("; "))  # noqa: S704 - our own words
    return [
        (
            title,
            apart.join(writer.said(said.value) for said in values) if values else UNKNOWN,
            apart.join(_known_from(said, model, dataset, writer, alone=len(values) == 1) for said in values)
            or say("not on record"),
        )
        for title, values in shape_rows(model, dataset)
    ]


def _known_from(said: Said, model: Model, dataset: Dataset, writer: Writer, *, alone: bool) -> Markup:
    origin = writer.said(origin_words(said, model, dataset))
    colon = writer.language.say(": ")
    shown = Markup("{}").format(origin) if alone else Markup("{}{}{}").format(writer.said(said.value), colon, origin)
    return shown + writer.citations.cite(said.sources)


def _told(said: Said, model: Model, dataset: Dataset, writer: Writer) -> Markup:
    """A value with where it is known from, and its sources."""
    origin, comma = writer.said(origin_words(said, model, dataset)), writer.language.say(", ")
    return Markup("{}{}{}").format(writer.said(said.value), comma, origin) + writer.citations.cite(said.sources)


def _measured_files(model: Model, dataset: Dataset) -> list[str]:
    return [f"fingerprints/{model.slug}.toml"] if model.id in dataset.fingerprints else []


def _stored(fingerprint: Fingerprint) -> list[tuple[str, str, int, bool]]:
    """The share of the numbers of the layers that each type holds, its name, its bits, and whether it lacks scales."""
    stored = fingerprint.measurement.stored
    every = sum(one.numbers for one in stored)
    return [(f"{100 * one.numbers / every:.2g}\u00a0%", one.type, one.bits, one.unscaled) for one in stored]


def _neighbours_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock | None:
    """The models whose profiles score highest with it; None where every pair of it has a page."""
    say = writer.language.say
    rows = neighbours_of(dataset).get(model.id)
    if rows is None:
        return None
    return TableBlock(
        "neighbours",
        say("Highest scores of %(name)s", name=model.name),
        (say("Model"), say("Score"), say("Side by side")),
        (False, True, False),
        [
            (writer.model_link(other), score(value), writer.link(compare_address(model.id, other), say("Compare")))
            for other, value in rows
        ],
        origin=["derived/neighbours.csv"],
        key=model.id,
        keys=[other for other, _ in rows],
    )


def curve_file(model: Model, dataset: Dataset) -> str:
    """The table from data/ that the curves of a model stand in."""
    return f"{'sampled' if model.id in dataset.sampled_only else 'fingerprints'}/{model.slug}.csv"


def _kept_profile(model: Model, dataset: Dataset, writer: Writer) -> Drawn | None:
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
    """The four curves of a model over its layers with attention, in their order.

    None unless q, k, v and o each have one matrix in at least two layers, as many of each, of one stack.
    """
    found = profile.curves
    layers = shape.layers or 0
    one_a_layer = set(found) == set(ROLES) and all(len(curve) == layers for curve in found.values())
    if layers < 2 or not one_a_layer or "+" in (shape.stack or ""):
        return None
    curves = [Curve(role, model.name, np.arange(layers) / (layers - 1), found[role]) for role in sorted(found)]
    low, high = min(curve.min() for curve in found.values()), max(curve.max() for curve in found.values())
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


def _relation(model: Model) -> str:
    """What stands between a model and what it was made from, after "is"; "" where nothing is documented."""
    if model.base_model_relation is None:
        return ""
    return (RELATIONS_OF_SEVERAL if len(model.parents) > 1 else RELATIONS)[model.base_model_relation]


def _relatives(model: Model, dataset: Dataset) -> list[Model]:
    """The other models that share a root with it, in the order of their files."""
    roots = roots_of(model.id, dataset)
    shared = {other.id for root in roots for other in _families(dataset).get(root, ())} - {model.id}
    return [other for other in dataset.models.values() if other.id in shared]


@lru_cache(maxsize=2)
def _families(dataset: Dataset) -> Mapping[str, Sequence[Model]]:
    """The models of each root, in the order of their files."""
    found: dict[str, list[Model]] = defaultdict(list)
    for model in dataset.models.values():
        for root in roots_of(model.id, dataset):
            found[root].append(model)
    return found


def _standing(model: Model, dataset: Dataset, language: Language) -> Markup | str:
    weights = _weights(model, dataset)
    if model.id in dataset.fingerprints or model.id in dataset.sampled_only:
        return level_mark(level_of(model.id, dataset), weights, language)
    return weights


def _weights(model: Model, dataset: Dataset) -> str:
    """Whether the weights of a model were read here, in words."""
    if model.id in dataset.fingerprints or model.id in dataset.sampled_only:
        level = level_of(model.id, dataset)
        return str(level) if level == Level.REPORTED else measured_words([model.id], dataset)
    record = dataset.not_testable.get(model.id)
    return ("partly measured" if record.partial else "not testable") if record else "not measured here"


def _made_again(model: Model, dataset: Dataset) -> str:
    """The level of its measurement, or that there is none."""
    known = model.id in dataset.fingerprints or model.id in dataset.not_testable
    return str(level_of(model.id, dataset)) if known else "not measured"

"""The table of all models, and that of the models that others name."""

from collections.abc import Sequence

from markupsafe import Markup

from lineage.evidence.named_models import NamedModel, named_models
from lineage.evidence.reproductions import Level, level_of
from lineage.records import Dataset, Model
from lineage.records.provenance import measured_words, roots_of
from lineage.site.blocks.marks import level_mark
from lineage.site.blocks.tables import UNKNOWN, Facet, TableBlock, sorted_as
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.known_facts import shape_cell, size_cell, size_of
from lineage.site.pages.writer import Page, Writer, ordered_models

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
    """Models that others name and that have no record, with the sets that name them."""
    say, apart = writer.language.say, Markup(writer.language.say("; "))  # noqa: S704 - our own words
    models: list[NamedModel] = list(named_models(dataset).values())
    return TableBlock(
        "named-table",
        say("Models that others name, without a record here"),
        (say("Model"), say("Account"), say("Named in")),
        (False, False, False),
        [
            (
                writer.model_link(model.id),
                model.id.partition("/")[0],
                apart.join(_set_link(name, writer) for name in model.named_in),
            )
            for model in models
        ],
        origin=["published/"],
        keys=[model.id for model in models],
        computed="named models",
        facets=[
            Facet("account", say("Account"), [model.id.partition("/")[0] for model in models]),
            Facet("set", say("Named in"), [dataset.published[model.named_in[0]].title for model in models]),
        ],
        counted=words("named models"),
    )


def _set_link(name: str, writer: Writer) -> Markup:
    return writer.link(f"published/#{name}", writer.dataset.published[name].title)


def _cell(values: Sequence[tuple[str, str]], writer: Writer) -> Markup | str:
    """Values, each with its origin on a line of its own; of several each names one."""
    several = len(values) > 1
    lines = [
        Markup('{} <span class="woe-origin">{}</span>').format(writer.said(value), writer.said(note))
        if (note := said or ("as published" if several else ""))
        else Markup("{}").format(writer.said(value))
        for value, said in values
    ]
    if several:
        lines = [Markup('<span class="woe-each">{}</span>').format(line) for line in lines]
    return Markup(" ").join(lines) if lines else writer.language.say(UNKNOWN)


def _facets(models: Sequence[Model], dataset: Dataset) -> list[Facet]:
    """The filters of the table of models."""
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
    """The class of size of a number of parameters."""
    if parameters is None:
        return _SIZE_CLASSES[-1]
    return _SIZE_CLASSES[sum(parameters >= bound for bound in (1e9, 10e9, 100e9))]


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
    """How far the measurement of a model was repeated, or that there is no measurement."""
    measured = model.id in dataset.fingerprints or model.id in dataset.not_testable
    return str(level_of(model.id, dataset)) if measured else "not measured"

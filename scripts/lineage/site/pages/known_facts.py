"""The size, release date and shape of a model in words, each value with its origin."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lineage.evidence.listed_models import listed_row
from lineage.records import Dataset, Model
from lineage.records.model_facts import (
    ACTIVE,
    NUMBERS_READ,
    PARAMETERS,
    RELEASED,
    KnownFact,
    Origin,
    Value,
    facts_about,
    known_facts,
)
from lineage.records.provenance import measured_words
from lineage.site.blocks.tables import FIELDS, UNKNOWN, applies, value_words
from lineage.site.days_and_amounts import amount
from lineage.site.languages import words

TITLES = {
    PARAMETERS: words("Parameters"),
    ACTIVE: words("Parameters used for a token"),
    NUMBERS_READ: words("Numbers read"),
} | dict(FIELDS)
_LISTED = ("layers", "hidden_size", "heads", "kv_heads", "ffn_width", "vocabulary", "max_positions", "rope_theta")
_AMOUNTS = (PARAMETERS, ACTIVE, NUMBERS_READ)


@dataclass(frozen=True)
class Said:
    """A value of a field with all its origins."""

    value: str
    origins: tuple[Origin, ...]
    sources: tuple[str, ...]  # ids, of what is published


def said_of(field: str, facts: Sequence[KnownFact]) -> list[Said]:
    """The values of a field, each once, published ones first; a documented value replaces one from the model's name."""
    about = facts_about(field, facts)
    if any(fact.origin == Origin.DOCUMENTS for fact in about):
        about = [fact for fact in about if fact.origin != Origin.NAME]
    values: dict[str, list[KnownFact]] = {}
    for fact in about:
        words = fact_value(fact)
        values.setdefault(
            next((spelling for spelling in values if spelling.casefold() == words.casefold()), words), []
        ).append(fact)
    return [
        Said(
            words,
            tuple(dict.fromkeys(fact.origin for fact in same)),
            tuple(dict.fromkeys(source for fact in same for source in fact.sources)),
        )
        for words, same in values.items()
    ]


def fact_value(fact: KnownFact) -> str:
    """A value in words."""
    if fact.field in _AMOUNTS:
        return amount(int(fact.value))
    value: Value = (
        float(f"{fact.value:.6g}") if isinstance(fact.value, float) else fact.value
    )  # 9.99999997e-07 is 1e-06
    return value_words(value)


def origin_words(statement: Said, model: Model, dataset: Dataset) -> str:
    """Every origin of a value: "as published; measured here, from a 4-bit file". Pages cite the sources behind it."""
    words = {
        Origin.DOCUMENTS: "as published",
        Origin.CONFIGURATION: "in the configuration beside the weights",
        Origin.MEASURED: measured_words([model.id], dataset),
        Origin.SAMPLED: str(Origin.SAMPLED),
        Origin.NAME: "as its name says",
    }
    return "; ".join(words[origin] for origin in statement.origins)


def short_origin(statement: Said, model: Model, dataset: Dataset) -> str:
    """The strongest origin of a value in a few words, for a cell; the model's page names all origins."""
    if Origin.MEASURED in statement.origins:
        return measured_words([model.id], dataset)
    if Origin.DOCUMENTS in statement.origins:
        return f"as published by {_publishers(statement, dataset)}"
    if Origin.CONFIGURATION in statement.origins:
        return "as its configuration says"
    return str(Origin.SAMPLED) if Origin.SAMPLED in statement.origins else "as its name says"


def _publishers(statement: Said, dataset: Dataset) -> str:
    """The first publisher of a value, and how many more there are."""
    names = list(
        dict.fromkeys(dataset.sources[name].publisher for name in statement.sources if name in dataset.sources)
    )
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0] if names else 'others'}{more}"


def fact_rows(fields: Iterable[str], model: Model, dataset: Dataset) -> list[tuple[str, str, str]]:
    """Title, values and origins of each field, for a comparison of two models."""
    facts = known_facts(model, dataset)
    return [_fact_row(field, facts, model, dataset) for field in fields]


def _fact_row(field: str, facts: Sequence[KnownFact], model: Model, dataset: Dataset) -> tuple[str, str, str]:
    statements = said_of(field, facts)
    if not statements:
        return TITLES[field], "none" if _out_of_place(field, facts) else UNKNOWN, ""
    values = "; ".join(statement.value for statement in statements)
    if len(statements) == 1:
        return TITLES[field], values, short_origin(statements[0], model, dataset)
    return (
        TITLES[field],
        values,
        "; ".join(f"{statement.value}: {short_origin(statement, model, dataset)}" for statement in statements),
    )


def shape_rows(model: Model, dataset: Dataset) -> Iterator[tuple[str, Sequence[Said]]]:
    """Every field that this kind of model has, with its values; [] where a field is unknown."""
    facts = known_facts(model, dataset)
    for field, title in FIELDS:
        if not _out_of_place(field, facts):
            yield title, said_of(field, facts)


def size_cell(model: Model, dataset: Dataset) -> list[tuple[str, str]]:
    """The size of a model: each value with its origin, "" for a published one; [] where the size is unknown."""
    facts = known_facts(model, dataset)
    cell = [(statement.value, _unless_published(statement, model, dataset)) for statement in said_of(PARAMETERS, facts)]
    return cell + [(statement.value, "numbers read here") for statement in said_of(NUMBERS_READ, facts)]


def size_words(model: Model, dataset: Dataset) -> str:
    """The size of a model in one line, or "unknown"."""
    return in_one_line(size_cell(model, dataset))


def in_one_line(cell: Sequence[tuple[str, str]]) -> str:
    """Values with their origins: "500 million, as its name says; 630 million numbers read here"."""
    values = [f"{value}{' ' if note.startswith('numbers') else ', '}{note}" if note else value for value, note in cell]
    return "; ".join(values) or UNKNOWN


def size_of(model: Model, dataset: Dataset) -> int | None:
    """The number of parameters, roughly, to sort and filter by: published, from the name, or of the numbers read."""
    facts = known_facts(model, dataset)
    counts = [*facts_about(PARAMETERS, facts), *facts_about(NUMBERS_READ, facts)]
    return int(counts[0].value) if counts else None


def shape_cell(model: Model, dataset: Dataset) -> list[tuple[str, str]]:
    """Layers and hidden size, "48 × 5 120", each pair with its origin, "" for a published one; [] where unknown."""
    facts = known_facts(model, dataset)
    layers, widths = said_of("layers", facts), said_of("hidden_size", facts)
    if layers and widths:
        return [
            (f"{layer_count.value} × {width.value}", _unless_published(layer_count, model, dataset))
            for layer_count, width in zip(layers, widths, strict=False)
        ]
    dimensions = [(statement, "layers, width unknown") for statement in layers] + [
        (statement, "wide, layers unknown") for statement in widths
    ]
    return [
        (f"{statement.value} {note}", _unless_published(statement, model, dataset)) for statement, note in dimensions
    ]


def released_said(model: Model, dataset: Dataset) -> list[Said]:
    """The day of release, with its sources."""
    return said_of(RELEASED, known_facts(model, dataset))


def _unless_published(statement: Said, model: Model, dataset: Dataset) -> str:
    measured = Origin.MEASURED in statement.origins
    return short_origin(statement, model, dataset) if measured or Origin.DOCUMENTS not in statement.origins else ""


def _out_of_place(field: str, facts: Sequence[KnownFact]) -> bool:
    """Whether a model of this kind does not have a field; False where the kind is unknown."""
    kinds = [str(fact.value) for fact in facts_about("kind", facts)]
    return bool(kinds) and not applies(kinds[0], field)


def listed_facts(model: str, dataset: Dataset) -> list[tuple[str, str]]:
    """The facts in a list of configurations of models, as title and value; [] where it does not list the model."""
    row = listed_row(model, dataset) or {}
    cells = [(TITLES[name], row[name]) for name in _LISTED if name in row and row[name] == row[name]]
    return [(title, value_words(int(value) if float(value).is_integer() else value)) for title, value in cells]

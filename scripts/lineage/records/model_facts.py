"""What is known of a model's size, date and shape, and from where: documents, its files, measurements, tools, its name.

A fact that nothing gives is not there: unknown stays unknown. Where two origins give different values, both stand.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lineage.records.dataset import Dataset, Fingerprint
from lineage.records.measured.measurements import ConfigFacts
from lineage.records.written import Architecture, Model

Value = int | float | bool | str
PARAMETERS, ACTIVE, RELEASED = "parameters", "active_parameters", "released"
NUMBERS_READ = "numbers_read"  # no count of parameters: a file may leave some out, or hold a tied matrix twice


class Origin(StrEnum):
    """Where a fact comes from, in the order in which pages name them. The value is what the API prints."""

    DOCUMENTS = "published"
    CONFIGURATION = "configuration beside the weights"
    MEASURED = "measured here"
    SAMPLED = "as modelDNA says"
    NAME = "name of the model"


@dataclass(frozen=True)
class KnownFact:
    """One thing that one origin says of a model."""

    field: str  # parameters, active_parameters, numbers_read, released, or a field of Architecture
    value: Value
    origin: Origin  # where it is known from
    sources: tuple[str, ...] = ()  # ids of the sources, of what is published
    quantised_bits: int | None = None  # of a number in the file that was measured, where they are fewer than 16


def known_facts(model: Model, dataset: Dataset) -> list[KnownFact]:
    """Everything that is known of a model's size, date and shape."""
    fingerprint = dataset.fingerprints.get(model.id)
    untested = dataset.not_testable.get(model.id)
    curves = dataset.sampled_only.get(model.id)
    config = fingerprint.measurement.config if fingerprint else untested.config if untested else None
    return [
        *_documented(model),
        *(_configured(config) if config else ()),
        *(_measured(fingerprint) if fingerprint else ()),
        *(_configured(curves.record.config, Origin.SAMPLED) if curves else ()),
        *_named(model.name),
    ]


def facts_about(field: str, facts: Sequence[KnownFact]) -> list[KnownFact]:
    """The facts about one field, in the order given: what is published first."""
    return [fact for fact in facts if fact.field == field]


def _documented(model: Model) -> Iterator[KnownFact]:
    sources = model.parameters.sources or model.sources
    for field, value in ((PARAMETERS, model.parameters.total), (ACTIVE, model.parameters.active)):
        if value is not None:
            yield KnownFact(field, value, Origin.DOCUMENTS, sources)
    if model.released is not None:
        yield KnownFact(RELEASED, str(model.released), Origin.DOCUMENTS, model.released_sources or model.sources)
    if model.architecture:
        for field in Architecture.model_fields:
            value = getattr(model.architecture, field)
            if field != "sources" and value is not None:
                yield KnownFact(field, value, Origin.DOCUMENTS, model.architecture.sources)


def _configured(config: ConfigFacts, origin: Origin = Origin.CONFIGURATION) -> Iterator[KnownFact]:
    for field in Architecture.model_fields:
        value = getattr(config, field, None)
        if value is not None:
            yield KnownFact(field, value, origin)


def _measured(fingerprint: Fingerprint) -> Iterator[KnownFact]:
    outline = fingerprint.outline
    dense = outline.numbers is not None  # else the widest matrix may be that of an expert
    values = {
        NUMBERS_READ: outline.numbers,
        "stack": outline.shape.stack,
        "layers": outline.shape.layers,
        "hidden_size": outline.shape.width,
        "ffn_width": outline.units if dense else None,
        "vocabulary": outline.vocabulary,
    }
    for field, value in values.items():
        if value is not None:
            yield KnownFact(field, value, Origin.MEASURED, quantised_bits=fingerprint.measurement.quantised_bits)


_BILLIONS = re.compile(r"(?<![\dA-Za-z._])(\d+(?:[._]\d+)?)[Bb](?![A-Za-z\d])")  # 14B, 1_8B, 0.5B; not 8x7B
_MILLIONS = re.compile(r"(?<![\dA-Za-z._])(\d{2,})[Mm](?![A-Za-z\d])")  # 270M; a context of 1M has one digit
_ACTIVE = re.compile(r"(?<![A-Za-z\d])A(\d+(?:[._]\d+)?)[Bb](?![A-Za-z\d])")  # A2.7B: for each token
_LAYERS = re.compile(r"(?<![A-Za-z\d])L(\d+)(?![A-Za-z\d])")  # MiniLM-L12-H384
_WIDTH = re.compile(r"(?<![A-Za-z\d])H(\d{2,})(?![A-Za-z\d])")


def _named(name: str) -> Iterator[KnownFact]:
    """What the name of a model says of it, as makers write names: "Qwen2.5-14B", "30B-A3B", "MiniLM-L12-H384"."""
    size = _BILLIONS.search(name)
    millions = None if size else _MILLIONS.search(name)
    if size:
        yield KnownFact(PARAMETERS, _times(size.group(1), 10**9), Origin.NAME)
    elif millions:
        yield KnownFact(PARAMETERS, _times(millions.group(1), 10**6), Origin.NAME)
    if active := _ACTIVE.search(name):
        yield KnownFact(ACTIVE, _times(active.group(1), 10**9), Origin.NAME)
    if layers := _LAYERS.search(name):
        yield KnownFact("layers", int(layers.group(1)), Origin.NAME)
    if width := _WIDTH.search(name):
        yield KnownFact("hidden_size", int(width.group(1)), Origin.NAME)


def _times(number: str, unit: int) -> int:
    return round(float(number.replace("_", ".")) * unit)

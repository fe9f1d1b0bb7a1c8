"""Models that published tables and figures name: those on record under every spelling, and those without a record."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from lineage.records import Dataset, Published, model_slug
from lineage.records.fields import ReleasedId

_NAMING = ("model", "model_a", "model_b", "base_model", "derived_model", "root", "root_a", "root_b")
_ID = TypeAdapter(ReleasedId)


@dataclass(frozen=True)
class NamedModel:
    """A model without a record of its own, and who names it."""

    id: str  # as most write it
    spellings: tuple[str, ...]  # every other way in which it is written, in order
    named_in: tuple[str, ...]  # ids of the published sets that name it, in order

    @property
    def slug(self) -> str:
        """The name of the model in file names and addresses."""
        return model_slug(self.id)

    @property
    def name(self) -> str:
        """Its name without that of its account."""
        return self.id.partition("/")[2]


@lru_cache(maxsize=2)
def named_models(dataset: Dataset) -> Mapping[str, NamedModel]:
    """Every model that a published set names and that is not on record, by id, in order of id.

    Ids that differ in capitals are one model, as they are on the hub. Words of which none is an id name no model.
    """
    slugs_on_record = {model_slug(model) for model in (*dataset.models, *dataset.controls)}
    models = [
        NamedModel(
            _usual(spellings),
            _others(spellings),
            tuple(sorted({set_id for sets in spellings.values() for set_id in sets})),
        )
        for slug, spellings in _written(dataset).items()
        if slug not in slugs_on_record and any(map(is_model_id, spellings))
    ]
    return {model.id: model for model in sorted(models, key=lambda model: model.id.lower())}


@lru_cache(maxsize=4)
def named_slugs(dataset: Dataset) -> frozenset[str]:
    """The slug of every model of named_models, as addresses have it."""
    return frozenset(model.slug for model in named_models(dataset).values())


@lru_cache(maxsize=2)
def spellings_on_record(dataset: Dataset) -> Mapping[str, tuple[str, ...]]:
    """The ways other than its id in which published sets write each model on record."""
    spellings_by_slug = _written(dataset)
    spellings = {model: spellings_by_slug.get(model_slug(model), {}) for model in dataset.models}
    return {model: tuple(sorted(ways.keys() - {model})) for model, ways in spellings.items() if ways.keys() - {model}}


@lru_cache(maxsize=2)
def _written(dataset: Dataset) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By the slug of a model each spelling of its id, with the ids of the sets that write it so."""
    by_slug: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in dataset.published.values():
        for text in _names_in(record, dataset):
            if is_model_id(text):
                by_slug[model_slug(text)][text].add(record.id)
        for row in _listings(record, dataset):
            by_slug[model_slug(row[0])][row[1]].add(record.id)
    return {slug: {way: frozenset(sets) for way, sets in spellings.items()} for slug, spellings in by_slug.items()}


def _names_in(record: Published, dataset: Dataset) -> Iterator[str]:
    for figure in record.figures:
        yield from (figure.model_a, figure.model_b)
    for model in record.models:
        yield model.model
    for shape in record.shapes:
        yield shape.model
    for table in record.tables:
        frame = dataset.tables.get(table.file)
        for column in table.columns if frame is not None else ():
            if column.kind == "text" and column.name in _NAMING:
                yield from map(str, frame[column.name].unique())  # type: ignore[index]


def _listings(record: Published, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """The id of each model in a list that writes it in another way, and that way."""
    for table in record.tables:
        frame = dataset.tables.get(table.file)
        if frame is not None and {"model", "listed_as"} <= {*frame}:
            yield from zip(frame["model"].astype(str), frame["listed_as"].astype(str), strict=True)


@lru_cache(maxsize=4096)
def is_model_id(text: str) -> bool:
    """Whether a text is the id of a released model, "maker/name"."""
    try:
        _ID.validate_python(text)
    except ValidationError:
        return False
    return True


def _usual(spellings: Mapping[str, frozenset[str]]) -> str:
    """The spelling that most sets have; among equals the first in order. An id alone can be one."""
    ids = [way for way in spellings if is_model_id(way)]
    return min(ids, key=lambda way: (-len(spellings[way]), way))


def _others(spellings: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    usual = _usual(spellings)
    return tuple(sorted(way for way in spellings if way != usual))

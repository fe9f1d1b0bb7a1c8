"""Which two models belong on a page together, and what is known of both."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import pandas as pd

from lineage.evidence.compared_models import measured_pairs
from lineage.records import Dataset, Figure, Model, Published, model_slug, pair_slug

PAIR_TABLE = "std-profile-pairs.csv"
Key = frozenset[str]  # the ids of two models
Rows = Mapping[Key, list[dict[str, Any]]]


@dataclass(frozen=True)
class Pair:
    """Two models in order of id, and why they have a page."""

    model_a: Model
    model_b: Model
    cases: tuple[str, ...] = ()  # cases that name the two
    documented: str = ""  # the one of the two that is said to be made from the other, by its maker or by others
    measured: bool = False

    @property
    def key(self) -> Key:
        """The ids of the two."""
        return frozenset((self.model_a.id, self.model_b.id))

    @property
    def slug(self) -> str:
        """The name of the pair in addresses."""
        return pair_slug(self.model_a.id, self.model_b.id)


_ENDS = "minimum", "maximum"  # columns beside that of a median


@dataclass(frozen=True)
class PublishedScore:
    """A number that a source gives for a pair."""

    published: Published
    anchor: str  # where it stands on the page of published results
    measure: str
    value: float
    where: str
    file: str  # of the data folder, that holds it
    sources: tuple[str, ...]  # ids of what it rests on
    unverified: bool = False
    spread: tuple[float, ...] = ()  # lowest and highest of the scores whose median the value is


def find_pairs(dataset: Dataset) -> list[Pair]:
    """Every pair that has a page, in order of address: of a case, of a child and its parent, and of matched models.

    While few models are measured, every two of them have one too (lineage.evidence.compared_models).
    """
    models = dataset.models
    cases: dict[Key, tuple[str, ...]] = {}
    for case in dataset.cases.values():
        if case.subject is None or case.reference is None:
            continue  # it names no two models
        key = frozenset((case.subject, case.reference))
        cases[key] = (*cases.get(key, ()), case.id)
    documented = {
        frozenset((model.id, parent)): model.id
        for model in models.values()
        for parent in model.parents
        if parent in models
    }
    measured_keys = {frozenset(pair) for pair in measured_pairs(dataset)}
    matched_keys = {
        key for match in dataset.matches.values() if (key := frozenset((match.a.model, match.b.model))) <= {*models}
    }
    pairs = [
        Pair(
            models[min(key, key=str.lower)],
            models[max(key, key=str.lower)],
            cases=cases.get(key, ()),
            documented=documented.get(key, ""),
            measured=all(name in dataset.profiles or name in dataset.fingerprints for name in key),
        )
        for key in {*cases, *documented, *measured_keys, *matched_keys}
    ]
    return sorted(pairs, key=lambda pair: pair.slug)


@lru_cache(maxsize=2)
def pairs_by_model(dataset: Dataset) -> Mapping[str, Sequence[Pair]]:
    """The pairs of each model that have a page, in order of address."""
    by_model: dict[str, list[Pair]] = defaultdict(list)
    for pair in find_pairs(dataset):
        by_model[pair.model_a.id].append(pair)
        by_model[pair.model_b.id].append(pair)
    return by_model


@lru_cache(maxsize=2)
def neighbours_of(dataset: Dataset) -> Mapping[str, Sequence[tuple[str, float]]]:
    """The models that score highest with each by the profile, and the scores; empty while all pairs are compared."""
    table = dataset.derived.get("neighbours.csv")
    by_model: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in table.to_dict("records") if table is not None else []:
        by_model[row["model"]].append((row["other"], row["similarity"]))
    return dict(by_model)


@lru_cache(maxsize=16)
def derived_rows(dataset: Dataset, name: str) -> Rows:
    """The rows of a derived table by the two models that they are about."""
    return rows_by_pair(dataset.derived.get(name))


def rows_by_pair(table: pd.DataFrame | None) -> Rows:
    """The rows of a table by the two models that they are about."""
    by_pair: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in table.to_dict("records") if table is not None else []:
        by_pair[frozenset((row["model_a"], row["model_b"]))].append({str(name): value for name, value in row.items()})
    return dict(by_pair)


def compare_address(model_a: str, model_b: str = "") -> str:
    """The address of a comparison from the root of the site; the order of the two does not matter."""
    first, *second = sorted(model_slug(name) for name in (model_a, model_b) if name)
    return f"compare/?a={first}" + "".join(f"&b={name}" for name in second)


def measured_row(dataset: Dataset, model_a: str, model_b: str) -> Mapping[str, object] | None:
    """The row of the derived table for two models, or None where they were not compared."""
    rows = derived_rows(dataset, PAIR_TABLE).get(frozenset((model_a, model_b)), [])
    return rows[0] if rows else None


def published_scores(dataset: Dataset, model_a: str, model_b: str) -> Sequence[PublishedScore]:
    """Every published number about two models, in either order."""
    return _published_index(dataset).get(frozenset((model_a, model_b)), ())


def scores_of(dataset: Dataset, model: str) -> Iterator[tuple[str, PublishedScore]]:
    """Every published number about one model, with the other model that it is about."""
    for second_model in _named_with(dataset).get(model, ()):
        for score in published_scores(dataset, model, second_model):
            yield second_model, score


@lru_cache(maxsize=2)
def _published_index(dataset: Dataset) -> Mapping[Key, Sequence[PublishedScore]]:
    scores: dict[Key, list[PublishedScore]] = defaultdict(list)
    for record in dataset.published.values():
        for key, score in chain(_figure_scores(record), _table_scores(record, dataset)):
            scores[key].append(score)
    return dict(scores)


@lru_cache(maxsize=2)
def _named_with(dataset: Dataset) -> Mapping[str, Sequence[str]]:
    """The models with which a published number names each, in order of id."""
    partners: dict[str, set[str]] = defaultdict(set)
    for key in _published_index(dataset):
        for model in key:
            partners[model] |= key - {model}
    return {model: sorted(partner_ids, key=str.lower) for model, partner_ids in partners.items()}


def _figure_scores(record: Published) -> Iterator[tuple[Key, PublishedScore]]:
    for figure in record.figures:
        yield frozenset((str(figure.model_a), str(figure.model_b))), _score_of_figure(record, figure)


def _table_scores(record: Published, dataset: Dataset) -> Iterator[tuple[Key, PublishedScore]]:
    """A number of each row of the tables whose key is two models: the median of several scores, or the first number."""
    for table in record.tables:
        numbers = {column.name: column for column in table.columns if column.kind == "number"}
        if len(table.key) != 2 or table.file not in dataset.tables or not numbers:
            continue
        column = numbers.get("median") or next(iter(numbers.values()))
        rows = dataset.tables[table.file].dropna(subset=[column.name])
        ends = _ENDS if column.name == "median" and rows.columns.isin(_ENDS).sum() == len(_ENDS) else ()
        anchor, file = table.file.removesuffix(".csv"), f"published/{table.file}"
        for row in rows.to_dict("records"):
            a, b = (str(row[name]) for name in table.key)
            if a != b:
                locator, value = table.where, float(row[column.name])
                spread = tuple(float(row[end]) for end in ends)
                sources = (record.source,)
                score = PublishedScore(record, anchor, column.title, value, locator, file, sources, spread=spread)
                yield frozenset((a, b)), score


def _score_of_figure(record: Published, figure: Figure) -> PublishedScore:
    anchor, file = f"{record.id}-{figure.id}", f"published/{record.id}.toml"
    return PublishedScore(
        record, anchor, figure.measure, figure.value, figure.where, file, figure.sources, figure.unverified
    )

"""Which two models belong on a page together, and what is known of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from lineage.records import Dataset, Figure, Model, Published, pair_slug

PAIR_TABLE = "std-profile-pairs.csv"


@dataclass(frozen=True)
class Pair:
    """Two models in order of id, and why they have a page."""

    model_a: Model
    model_b: Model
    cases: tuple[str, ...] = ()  # cases that name the two
    documented: str = ""  # "b from a" or "a from b": the relation that its maker documents
    measured: bool = False

    @property
    def slug(self) -> str:
        """The name of the pair in addresses."""
        return pair_slug(self.model_a.id, self.model_b.id)


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


def find_pairs(dataset: Dataset) -> list[Pair]:
    """Every pair that a case names, a maker documents, or that was measured here, in order of address."""
    models = dataset.models
    cases: dict[frozenset[str], tuple[str, ...]] = {}
    for case in dataset.cases.values():
        if case.reference is None:
            continue  # it names no one model
        key = frozenset((case.subject, case.reference))
        cases[key] = (*cases.get(key, ()), case.id)
    documented = {
        frozenset((model.id, model.base_model)): model.id
        for model in models.values()
        if model.base_model and model.base_model in models
    }
    measured = {frozenset(pair) for pair in combinations(dataset.released, 2)}
    found = [
        Pair(
            models[min(key, key=str.lower)],
            models[max(key, key=str.lower)],
            cases=cases.get(key, ()),
            documented=documented.get(key, ""),
            measured=key in measured,
        )
        for key in {*cases, *documented, *measured}
    ]
    return sorted(found, key=lambda pair: pair.slug)


def measured_row(dataset: Dataset, model_a: str, model_b: str) -> Mapping[str, object] | None:
    """The row of the derived table for two models, or None where they were not compared."""
    table = dataset.derived.get(PAIR_TABLE)
    if table is None:
        return None
    rows = table[table["model_a"].isin((model_a, model_b)) & table["model_b"].isin((model_a, model_b))]
    rows = rows[rows["model_a"] != rows["model_b"]]
    return {str(name): value for name, value in rows.iloc[0].items()} if len(rows) else None


def published_scores(dataset: Dataset, model_a: str, model_b: str) -> Iterator[PublishedScore]:
    """Every published number about two models, in either order."""
    wanted = {model_a, model_b}
    for published in dataset.published.values():
        for figure in published.figures:
            if {figure.model_a, figure.model_b} == wanted:
                yield _score_of_figure(published, figure)
        for table in published.tables:
            numbers = [column for column in table.columns if column.kind == "number"]
            if len(table.key) == 2 and table.file in dataset.tables:
                rows = _rows_of(dataset.tables[table.file], table.key, wanted)
                for column in numbers[:1]:
                    for value in rows[column.name].dropna():
                        anchor = table.file.removesuffix(".csv")
                        file, sources = f"published/{table.file}", (published.source,)
                        yield PublishedScore(published, anchor, column.title, float(value), table.where, file, sources)


def scores_of(dataset: Dataset, model: str) -> Iterator[tuple[str, PublishedScore]]:
    """Every published number about one model, with the other model that it is about."""
    others = {
        other
        for published in dataset.published.values()
        for pair in _named_pairs(dataset, published)
        if model in pair
        for other in pair
        if other != model
    }
    for other in sorted(others, key=str.lower):
        for score in published_scores(dataset, model, other):
            yield other, score


def _score_of_figure(published: Published, figure: Figure) -> PublishedScore:
    anchor, file = f"{published.id}-{figure.id}", f"published/{published.id}.toml"
    return PublishedScore(
        published, anchor, figure.measure, figure.value, figure.where, file, figure.sources, figure.unverified
    )


def _named_pairs(dataset: Dataset, published: Published) -> Iterator[tuple[str, str]]:
    for figure in published.figures:
        yield figure.model_a, figure.model_b
    for table in published.tables:
        if len(table.key) == 2 and table.file in dataset.tables:
            first, second = (dataset.tables[table.file][name].astype(str) for name in table.key)
            yield from zip(first, second, strict=True)


def _rows_of(table: pd.DataFrame, key: tuple[str, ...], wanted: set[str]) -> pd.DataFrame:
    first, second = key
    return table[table[first].isin(wanted) & table[second].isin(wanted) & (table[first] != table[second])]

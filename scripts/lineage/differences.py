"""Two versions of the record -> what a reader of the site would see change, the gravest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import BaseModel

from lineage.checks import every_record
from lineage.citations import inner_parts
from lineage.pages import Page, build_pages
from lineage.records import Dataset
from lineage.templating import score

# What changes, the gravest first, with the words for one and for many.
KINDS: Mapping[str, tuple[str, str]] = {
    "page gone": ("page is gone", "pages are gone"),
    "record removed": ("record is removed", "records are removed"),
    "finding": ("finding is another", "findings are others"),
    "source lost": ("statement loses a source", "statements lose a source"),
    "state": ("state is another", "states are others"),
    "null": ("number of the null moves", "numbers of the null move"),
    "score": ("score moves", "scores move"),
    "source gained": ("statement gains a source", "statements gain a source"),
    "record changed": ("record is changed", "records are changed"),
    "record added": ("record is new", "records are new"),
    "page new": ("page is new", "pages are new"),
}
_MOVED = 5e-4  # a score that moves less is printed with the same three digits
_PAIR = ["method", "model_a", "model_b"]


@dataclass(frozen=True)
class Change:
    """One thing that readers would see change."""

    kind: str  # of KINDS
    what: str
    before: str = ""
    after: str = ""


def differences(before: Dataset, after: Dataset) -> list[Change]:
    """Every change that readers would see, in the order of KINDS."""
    found = [
        *_pages(before, after),
        *_records(before, after),
        *_findings(before, after),
        *_sources(before, after),
        *_states(before, after),
        *_null(before, after),
        *_scores(before, after),
    ]
    order = list(KINDS)
    return sorted(found, key=lambda change: (order.index(change.kind), change.what))


def page_bytes(dataset: Dataset) -> int:
    """How many bytes of words and blocks the generated pages hold, in all."""
    return sum(map(_size, build_pages(dataset)))


def _size(page: Page) -> int:
    return len(page.markdown.encode()) + sum(len(str(block).encode()) for block in page.blocks.values())


def _pages(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = ({page.path for page in build_pages(dataset)} for dataset in (before, after))
    yield from (Change("page gone", path) for path in old - new)
    yield from (Change("page new", path) for path in new - old)


def _records(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = ({record.path: record for record in every_record(dataset)} for dataset in (before, after))
    yield from (Change("record removed", path) for path in old.keys() - new.keys())
    yield from (Change("record added", path) for path in new.keys() - old.keys())
    for path in old.keys() & new.keys():
        if old[path] != new[path]:
            yield Change("record changed", path, after=", ".join(_changed_keys(old[path], new[path])))


def _changed_keys(old: BaseModel, new: BaseModel) -> list[str]:
    values = dict(old)
    return [name for name, value in new if values.get(name) != value]


def _findings(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "findings.csv", ["model_a", "model_b"], "status") for dataset in (before, after))
    for pair in old.keys() & new.keys():
        if old[pair] != new[pair]:
            yield Change("finding", " and ".join(pair), old[pair], new[pair])


def _scores(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "scores.csv", _PAIR, "similarity") for dataset in (before, after))
    for key in old.keys() & new.keys():
        one, other = float(old[key]), float(new[key])
        if (one == one) != (other == other) or abs(one - other) >= _MOVED:
            yield Change("score", f"{key[1]} and {key[2]} ({key[0]})", score(one), score(other))


def _null(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "facts.csv", ["name"], "value") for dataset in (before, after))
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change("null", name[0], f"{old[name]:.6g}", f"{new[name]:.6g}")


def _states(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_stated(dataset) for dataset in (before, after))
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change("state", name, old[name], new[name])


def _stated(dataset: Dataset) -> dict[str, str]:
    claims = {claim.path: claim.state for claims in dataset.claims.values() for claim in claims}
    return {**claims, **{source.path: source.state for source in dataset.sources.values()}}


def _sources(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (dict(_sourced(dataset)) for dataset in (before, after))
    for key in old.keys() & new.keys():
        lost, gained = old[key] - new[key], new[key] - old[key]
        if lost:
            yield Change("source lost", f"{key[0]}: {key[1][:80]}", ", ".join(sorted(lost)))
        if gained:
            yield Change("source gained", f"{key[0]}: {key[1][:80]}", after=", ".join(sorted(gained)))


def _sourced(dataset: Dataset) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """Every statement of people's records, by its path and words, with the sources that it names."""
    for record in every_record(dataset):
        for part in _parts(record):
            words = getattr(part, "text", None) or getattr(part, "statement", None)
            if words and hasattr(part, "sources"):
                yield (record.path, words), frozenset(part.sources)


def _parts(part: BaseModel) -> Iterator[BaseModel]:
    yield part
    for _, value in part:
        for inner in inner_parts(value):
            yield from _parts(inner)


def _by(dataset: Dataset, file: str, key: list[str], value: str) -> dict[tuple[str, ...], Any]:
    """One column of a derived table by the others that name its rows."""
    table = dataset.derived.get(file, pd.DataFrame(columns=[*key, value]))
    return {tuple(map(str, row[:-1])): row[-1] for row in table[[*key, value]].itertuples(index=False, name=None)}

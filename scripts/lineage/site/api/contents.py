"""What stands in each file under api/v1/."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pandas as pd
from pydantic import TypeAdapter

from lineage.evidence.named_models import named_models
from lineage.evidence.reproductions import level_of, match_level, sampled_level
from lineage.evidence.standing import reproductions, standing, state_standing
from lineage.methods.method import Method
from lineage.methods.registry import METHODS
from lineage.records import Claim, Column, Dataset, Fingerprint, Model, model_slug, pair_slug
from lineage.records.model_facts import known_facts
from lineage.site.api.kinds import (
    CASES,
    CLAIMS,
    CONTROLS,
    MATCHES_OF,
    MATRICES,
    MEASUREMENTS,
    METHOD_ENTRIES,
    MODELS,
    NAMED,
    NUMBERS,
    PAIRS_OF,
    POWERS,
    PUBLISHED_TABLE,
    RATES,
    SAMPLED_CURVES,
    SAMPLES,
    WRITTEN,
    Kind,
)
from lineage.site.claim_states import claim_states
from lineage.site.out.strict_json import plain_number

_DERIVED = {"error-rates.csv": RATES, "power.csv": POWERS, "facts.csv": NUMBERS}
_PAIR_TABLES = {  # part of an entry: the derived table, and whether a pair has one row of it or several
    "finding": ("findings.csv", True),
    "scores": ("scores.csv", False),
    "positions": ("positions.csv", False),
    "std_profile": ("std-profile-pairs.csv", True),
}


@dataclass(frozen=True)
class Contents:
    """One file: its kind, its path from api/v1/, what it is about, and its records in a fixed order."""

    kind: Kind
    path: str
    records: Sequence[Mapping[str, Any]]
    of: str | None = None  # the model or the table, where there is a file for each


def build_contents(dataset: Dataset) -> Iterator[Contents]:
    """Every file but those of fingerprints. Pairs are split into a file a model, so that no file holds all of them."""
    yield Contents(MODELS, MODELS.path, [_model(model, dataset) for model in dataset.models.values()])
    entries = [{**_plain(model), "slug": model.slug} for model in named_models(dataset).values()]
    yield Contents(NAMED, NAMED.path, entries)
    for name, kind in WRITTEN.items():
        yield Contents(kind, kind.path, [_plain(record) for record in getattr(dataset, name).values()])
    yield Contents(
        CASES, CASES.path, [_plain(case) | {"subject": case.subject or ""} for case in dataset.cases.values()]
    )
    yield Contents(CLAIMS, CLAIMS.path, list(_claims(dataset)))
    for published in dataset.published.values():
        for table in published.tables:
            if table.file in dataset.tables:
                stem = table.file.removesuffix(".csv")
                rows = table_rows(dataset.tables[table.file], table.columns)
                yield Contents(PUBLISHED_TABLE, f"published/{stem}.json", rows, of=stem)
    yield _measurements(dataset)
    yield from _sampled(dataset)
    yield from _pairs(dataset)
    yield from _matches(dataset)
    yield Contents(METHOD_ENTRIES, METHOD_ENTRIES.path, list(_methods()))
    for name, kind in _DERIVED.items():
        yield Contents(kind, kind.path, table_rows(dataset.derived.get(name), kind.columns))
    for name, kind in CONTROLS.items():
        yield Contents(kind, kind.path, table_rows(dataset.control_tables.get(name), kind.columns))


def _model(model: Model, dataset: Dataset) -> dict[str, Any]:
    base = model.parents[0] if len(model.parents) == 1 else None
    parents = [_plain(parent) for parent in model.weighted_parents]
    return {
        **_plain(model),
        "base_model": base,
        "parents": parents,
        "known": [_plain(fact) for fact in known_facts(model, dataset)],
        "slug": model.slug,
    }


def table_rows(frame: pd.DataFrame | None, columns: Iterable[Column]) -> list[dict[str, Any]]:
    """The rows of a table as JSON: whole numbers as integers, an empty cell as null; [] where there is no table."""
    if frame is None:
        return []
    column_list = list(columns)
    return [
        {column.name: _cell(row[column.name], column) for column in column_list} for row in frame.to_dict("records")
    ]


def table_columns(frame: pd.DataFrame, columns: Iterable[Column]) -> dict[str, list[Any]]:
    """The values of a table as JSON, a list for each column."""
    return {column.name: _cells(frame[column.name], column) for column in columns}


def _cells(series: pd.Series, column: Column) -> list[Any]:
    """The values of one column as JSON; whole columns are converted at once where their type allows it."""
    values: list[Any] = series.tolist()
    if column.kind == "text":
        return [None if value == "" else value for value in values] if column.optional else values
    if series.dtype.kind not in "if":
        return [_cell(value, column) for value in values]
    if series.dtype.kind == "f" and column.kind == "integer":
        return [None if value != value else int(value) for value in values]  # NaN alone differs from itself
    return [None if value != value else value for value in values] if series.hasnans else values


def _cell(value: Any, column: Column) -> Any:
    cell = plain_number(value)
    if cell is None or (column.optional and cell == ""):
        return None
    return int(cell) if column.kind == "integer" else cell


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    """What writes records of a class as plain values; making it takes far longer than using it."""
    return TypeAdapter(kind)


def _plain(record: Any) -> dict[str, Any]:
    content: dict[str, Any] = _adapter(record.__class__).dump_python(record, mode="json")
    return content


def _claims(dataset: Dataset) -> Iterator[dict[str, Any]]:
    for case, claims in sorted(dataset.claims.items()):
        states = claim_states(claims)
        for claim in claims:
            words = {"state": claim.state, "state_words": states[claim.id]}
            again = {"reproductions": reproductions(claim, dataset)}
            yield {**_plain(claim), "case": case, **words, **_standings(claim), **again}


def _standings(claim: Claim) -> dict[str, Any]:
    return {"standing": standing(claim), "state_standing": state_standing(claim)}


def _methods() -> Iterator[dict[str, Any]]:
    for method in METHODS.values():
        yield _plain(Method(**{field.name: getattr(method, field.name) for field in fields(Method)}))


def fingerprint_contents(model: str, fingerprint: Fingerprint) -> Contents:
    """The file of one fingerprint."""
    tables = {"matrices": fingerprint.matrices, "vectors": fingerprint.vectors}
    record = {name: table_columns(table, MATRICES.parts[name]) for name, table in tables.items()}
    return Contents(MATRICES, fingerprint_path(model), [record], of=model)


def fingerprint_path(model: str) -> str:
    """Where the file of one fingerprint stands, from api/v1/."""
    return f"fingerprints/{model_slug(model)}.json"


def _measurements(dataset: Dataset) -> Contents:
    measurements = [
        *(fingerprint.measurement for fingerprint in dataset.fingerprints.values()),
        *dataset.not_testable.values(),
    ]
    records = [
        {**_plain(record), "slug": model_slug(record.model), "level": str(level_of(record.model, dataset))}
        for record in sorted(measurements, key=lambda record: record.model)
    ]
    return Contents(MEASUREMENTS, MEASUREMENTS.path, records)


def _sampled(dataset: Dataset) -> Iterator[Contents]:
    """What tools of others sampled: a list, and the curves of each model."""
    samples = sorted(dataset.sampled.items())
    records = [
        {**_plain(sample.record), "slug": model_slug(model), "level": str(sampled_level(sample.record))}
        for model, sample in samples
    ]
    yield Contents(SAMPLES, SAMPLES.path, records)
    for model, sample in samples:
        curves = {"curves": table_columns(sample.table, SAMPLED_CURVES.parts["curves"])}
        yield Contents(SAMPLED_CURVES, f"sampled/{model_slug(model)}.json", [curves], of=model)


def _pairs(dataset: Dataset) -> Iterator[Contents]:
    """A file for each compared model, with an entry for each model that it was compared with."""
    rows = {section: _by_pair(dataset, section) for section in _PAIR_TABLES}
    pairs = {pair for by_pair in rows.values() for pair in by_pair}
    partners: dict[str, set[str]] = {}
    for model_a, model_b in pairs:
        partners.setdefault(model_a, set()).add(model_b)
        partners.setdefault(model_b, set()).add(model_a)
    for model, names in sorted(partners.items()):
        entries = [_pair(model, other_model, rows, dataset) for other_model in sorted(names)]
        yield Contents(PAIRS_OF, f"pairs/{model_slug(model)}.json", entries, of=model)


def _pair(
    model: str, other_model: str, rows: Mapping[str, Mapping[Any, list[Any]]], dataset: Dataset
) -> dict[str, Any]:
    first, second = sorted((model, other_model))
    slug = pair_slug(model, other_model)
    match = dataset.matches.get(slug)
    entry: dict[str, Any] = {
        "model": other_model,
        "slug": slug,
        "match": f"../matches/{model_slug(match.a.model)}.json" if match else None,
    }
    for section, (_, single) in _PAIR_TABLES.items():
        pair_rows = rows[section].get((first, second), [])
        entry[section] = (pair_rows[0] if pair_rows else None) if single else pair_rows
    return entry


def _by_pair(dataset: Dataset, section: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in table_rows(dataset.derived.get(_PAIR_TABLES[section][0]), PAIRS_OF.parts[section]):
        first, second = sorted((row["model_a"], row["model_b"]))
        rows.setdefault((first, second), []).append(row)
    return rows


def _matches(dataset: Dataset) -> Iterator[Contents]:
    """A file for each model with its matches; a match stands with the first model of its pair only."""
    matches: dict[str, list[dict[str, Any]]] = {}
    for slug, match in sorted(dataset.matches.items()):
        matches.setdefault(match.a.model, []).append(
            {**_plain(match), "slug": slug, "level": str(match_level(match, dataset))}
        )
    for model, records in sorted(matches.items()):
        yield Contents(MATCHES_OF, f"matches/{model_slug(model)}.json", records, of=model)

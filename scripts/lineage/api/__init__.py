"""Dataset -> api/v1/: the whole data set as JSON, with its schemas and an index."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from lineage.api.contents import Contents, build_contents
from lineage.api.json_schemas import json_schema
from lineage.edition import Edition
from lineage.records import Dataset
from lineage.strict_json import json_text

__all__ = ["FOLDER", "SCHEMA_VERSION", "api_files", "build_api"]

FOLDER = "api/v1"
# Major: something goes or changes its meaning; minor: something is added; patch: words. The data page says so.
SCHEMA_VERSION = "1.0.0"


def build_api(dataset: Dataset, edition: Edition) -> dict[str, str]:
    """Every file by its path from the root of the site. The index alone changes where only the commit does."""
    return dict(api_files(dataset, edition))


def api_files(dataset: Dataset, edition: Edition) -> Iterator[tuple[str, str]]:
    """The same one file after another, so that no more than one need be in memory; the index comes last."""
    listed: dict[str, Mapping[str, Any]] = {}
    for one in build_contents(dataset):
        schema = f"schema/{one.kind.name}.json"
        about = {"kind": one.kind.name, "schema": schema, "records": len(one.records)}
        if schema not in listed:
            text = json_text(json_schema(one.kind))
            listed[schema] = {"path": schema, **_size(text)}
            yield f"{FOLDER}/{schema}", text
        text = json_text(_enveloped(one))
        listed[one.path] = {"path": one.path, **_size(text), **about}
        yield f"{FOLDER}/{one.path}", text
    yield f"{FOLDER}/index.json", json_text(_index([entry for _, entry in sorted(listed.items())], edition))


def _size(text: str) -> Mapping[str, Any]:
    return {"bytes": len(text.encode()), "sha256": sha256(text.encode()).hexdigest()}


def _enveloped(one: Contents) -> Mapping[str, Any]:
    return {"schema_version": SCHEMA_VERSION, "kind": one.kind.name, "of": one.of, "records": one.records}


def _index(listed: Sequence[Mapping[str, Any]], edition: Edition) -> Mapping[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "title": edition.title,
        "version": edition.version,
        "commit": edition.commit or None,
        "commit_date": edition.day.isoformat() if edition.day else None,
        "files_differ_from_commit": edition.changed,
        "licence": edition.licences[0],
        "files": listed,
    }

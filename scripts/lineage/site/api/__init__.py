"""Dataset -> api/v1/: the whole data set as JSON, with its schemas and an index."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import chain
from typing import Any

from lineage.records import Dataset, Fingerprint
from lineage.site.api.contents import Contents, build_contents, fingerprint_contents, fingerprint_path
from lineage.site.api.json_schemas import json_schema
from lineage.site.api.kinds import KINDS, MATRICES, Kind
from lineage.site.out.strict_json import json_text
from lineage.store.cache import kept
from lineage.store.edition import Edition

__all__ = ["FOLDER", "SCHEMA_VERSION", "api_files", "build_api"]

FOLDER = "api/v1"
# Major: something goes or changes its meaning; minor: something is added; patch: words. The data page says so.
SCHEMA_VERSION = "1.7.0"


def build_api(dataset: Dataset, edition: Edition) -> dict[str, str]:
    """The text of every file of the API by its path from the site's root; a new commit alone changes only the index."""
    return dict(api_files(dataset, edition))


def api_files(dataset: Dataset, edition: Edition) -> Iterator[tuple[str, str]]:
    """Path and text of every file of the API, one at a time, so that memory holds only one; the index comes last."""
    entries: dict[str, Mapping[str, Any]] = {}
    for kind in KINDS:
        described = json_text(json_schema(kind))
        entries[_schema(kind)] = {"path": _schema(kind), **_size(described)}
        yield f"{FOLDER}/{_schema(kind)}", described
    for kind, path, records, text in chain(map(_written, build_contents(dataset)), _fingerprints(dataset)):
        entries[path] = {"path": path, **_size(text), "kind": kind.name, "schema": _schema(kind), "records": records}
        yield f"{FOLDER}/{path}", text
    yield f"{FOLDER}/index.json", json_text(_index([entry for _, entry in sorted(entries.items())], edition))


def _schema(kind: Kind) -> str:
    """The path of the schema of a kind. A schema is written for every kind, even one that has no file."""
    return f"schema/{kind.name}.json"


def _written(contents: Contents) -> tuple[Kind, str, int, str]:
    """Kind, path, number of records and text of one file."""
    return contents.kind, contents.path, len(contents.records), json_text(_enveloped(contents))


def _fingerprints(dataset: Dataset) -> Iterator[tuple[Kind, str, int, str]]:
    """Kind, path, number of records and text of the file of every fingerprint."""
    for model, fingerprint in sorted(dataset.fingerprints.items()):
        text = kept("api file", [model, fingerprint.digest], partial(_fingerprint_text, model, fingerprint))
        yield MATRICES, fingerprint_path(model), 1, text


def _fingerprint_text(model: str, fingerprint: Fingerprint) -> str:
    return json_text(_enveloped(fingerprint_contents(model, fingerprint)))


def _size(text: str) -> Mapping[str, Any]:
    return {"bytes": len(text.encode()), "sha256": sha256(text.encode()).hexdigest()}


def _enveloped(contents: Contents) -> Mapping[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": contents.kind.name,
        "of": contents.of,
        "records": contents.records,
    }


def _index(entries: Sequence[Mapping[str, Any]], edition: Edition) -> Mapping[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "title": edition.title,
        "version": edition.version,
        "commit": edition.commit or None,
        "commit_date": edition.day.isoformat() if edition.day else None,
        "files_differ_from_commit": edition.changed if edition.commit else None,
        "licence": edition.licences[0],
        "files": entries,
    }

"""Dataset -> api/v1/: the whole data set as JSON, with its schemas and an index."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from lineage.api.contents import Contents, build_contents
from lineage.api.json_schemas import json_schema
from lineage.edition import Edition
from lineage.records import Dataset
from lineage.strict_json import json_text

__all__ = ["FOLDER", "SCHEMA_VERSION", "build_api"]

FOLDER = "api/v1"
# Major: something goes or changes its meaning; minor: something is added; patch: words. The data page says so.
SCHEMA_VERSION = "1.0.0"


def build_api(dataset: Dataset, edition: Edition) -> dict[str, str]:
    """Every file by its path from the root of the site. The index alone changes where only the commit does."""
    contents = list(build_contents(dataset))
    files = {one.path: json_text(_enveloped(one)) for one in contents}
    files |= {f"schema/{one.kind.name}.json": json_text(json_schema(one.kind)) for one in contents}
    index = json_text(_index(contents, files, edition))
    return {f"{FOLDER}/{path}": text for path, text in {**files, "index.json": index}.items()}


def _enveloped(one: Contents) -> Mapping[str, Any]:
    return {"schema_version": SCHEMA_VERSION, "kind": one.kind.name, "of": one.of, "records": one.records}


def _index(contents: list[Contents], files: Mapping[str, str], edition: Edition) -> Mapping[str, Any]:
    of_file = {one.path: one for one in contents}
    listed = []
    for path, text in sorted(files.items()):
        entry: dict[str, Any] = {"path": path, "bytes": len(text.encode()), "sha256": sha256(text.encode()).hexdigest()}
        if path in of_file:
            one = of_file[path]
            entry |= {"kind": one.kind.name, "schema": f"schema/{one.kind.name}.json", "records": len(one.records)}
        listed.append(entry)
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

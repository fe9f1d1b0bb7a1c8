"""JSON Schemas of the files under api/v1/, made from the records and the columns of tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

import lineage.records as all_records
from lineage.evidence.named_models import NamedModel
from lineage.methods.method import Method
from lineage.records import Column
from lineage.records.meanings import field_meaning
from lineage.records.model_facts import KnownFact
from lineage.site.api.kinds import PARTS, Kind

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"text": "string", "yes or no": "string", "integer": "integer", "number": "number"}
_SINGLE = {"finding", "std_profile"}  # parts of a pair of which there is one or none


def json_schema(kind: Kind) -> dict[str, Any]:
    """The schema (draft 2020-12) of a kind of file."""
    row = _row(kind)
    shared = row.pop("$defs", {})
    return {
        "$schema": _DIALECT,
        "title": kind.name,
        "description": kind.about,
        "type": "object",
        "required": ["schema_version", "kind", "of", "records"],
        "additionalProperties": False,
        "properties": {
            "schema_version": {"type": "string", "pattern": r"^1\.\d+\.\d+$"},
            "kind": {"const": kind.name},
            "of": {"type": ["string", "null"], "description": "what the file is about, where there is one for each"},
            "records": {"type": "array", "items": row},
        },
        **({"$defs": shared} if shared else {}),
    }


def record_schema(record: type) -> dict[str, Any]:
    """The schema of a class, every field with its meaning."""
    schema = TypeAdapter(record).json_schema(mode="serialization")
    _describe(schema, record)
    for name, definition in schema.get("$defs", {}).items():
        if "properties" in definition:
            _describe(definition, getattr(all_records, name))
    return schema


def columns_schema(columns: Sequence[Column]) -> dict[str, Any]:
    """The schema of a row with these columns."""
    return {
        "type": "object",
        "required": [column.name for column in columns],
        "additionalProperties": False,
        "properties": {column.name: _column(column) for column in columns},
    }


def _row(kind: Kind) -> dict[str, Any]:
    if kind.record:
        schema = record_schema(kind.record)
    elif kind.columns:
        schema = columns_schema(kind.columns)
    elif kind.parts:
        schema = columns_schema(())
        schema["properties"] = {
            name: {"description": PARTS[name], **(_arrays(columns) if kind.columnar else _part(name, columns))}
            for name, columns in kind.parts.items()
        }
        schema["required"] = list(kind.parts)
    else:  # the columns of a published table are data: published.json names them
        return {"type": "object", "additionalProperties": {"type": ["string", "number", "null"]}}
    for name, (record_type, meaning) in kind.lists.items():
        inner = record_schema(record_type)
        schema.setdefault("$defs", {}).update(inner.pop("$defs", {}))
        schema["properties"][name] = {"type": "array", "description": meaning, "items": inner}
    for name, (value_type, meaning) in kind.other_types.items():
        schema["properties"][name] = {
            "description": meaning,
            **TypeAdapter(value_type).json_schema(mode="serialization"),
        }
    schema["properties"] |= dict(_extras(kind.extra))
    for name, meaning in kind.texts.items():
        schema["properties"][name] = {"type": "array", "description": meaning, "items": {"type": "string"}}
    schema["required"] = sorted({*schema.get("required", ()), *kind.extra, *kind.lists, *kind.texts})
    return schema


def _part(name: str, columns: Sequence[Column]) -> dict[str, Any]:
    row = columns_schema(columns)
    return {"anyOf": [row, {"type": "null"}]} if name in _SINGLE else {"type": "array", "items": row}


def _arrays(columns: Sequence[Column]) -> dict[str, Any]:
    schema = columns_schema(columns)
    arrays = {name: {"type": "array", "items": cell} for name, cell in schema["properties"].items()}
    for array in arrays.values():
        array["description"] = array["items"].pop("description")
    return schema | {"properties": arrays}


def _extras(extra: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, meaning in extra.items():
        yield name, {"type": ["string", "null"] if "null" in meaning else "string", "description": meaning}


def _column(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": column.title, "type": _TYPES[column.kind]}
    if column.optional:
        schema["type"] = [schema["type"], "null"]
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    return schema | {name: limit for name, limit in limits.items() if limit is not None}


def _describe(schema: dict[str, Any], record: type) -> None:
    """Puts the meaning of each field into a schema, and takes out the titles that only repeat names."""
    schema.pop("title", None)
    if not issubclass(record, BaseModel | Method | KnownFact | NamedModel):
        return
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)
        field["description"] = field_meaning(record, name)

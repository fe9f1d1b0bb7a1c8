"""The data dictionary: each kind of file, each field with its type, its range and its meaning, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lineage.site.api.json_schemas import json_schema
from lineage.site.api.kinds import KINDS, Kind

_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "null": "null"}
_LIMITS = {
    "minimum": "at least {:g}",
    "exclusiveMinimum": "more than {:g}",
    "maximum": "at most {:g}",
    "exclusiveMaximum": "less than {:g}",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
}


@dataclass(frozen=True)
class Described:
    """A field with its type and meaning in words."""

    name: str  # "finding.status" for a field of a table inside a record
    type: str
    meaning: str


def kind_fields(kind: Kind) -> list[Described]:
    """The fields of the records of a kind of file."""
    return list(_fields(json_schema(kind)["properties"]["records"]["items"], ""))


def shared_parts() -> dict[str, list[Described]]:
    """The fields of every class that is nested in records, by the name of the class."""
    schemas: dict[str, Any] = {}
    for kind in KINDS:
        schemas |= json_schema(kind).get("$defs", {})
    return {name: list(_fields(schema, "")) for name, schema in sorted(schemas.items())}


def type_words(schema: Mapping[str, Any]) -> str:
    """The type and range of a value in words: "whole number, more than 0; or null"."""
    if "anyOf" in schema:
        return "; or ".join(dict.fromkeys(map(type_words, schema["anyOf"])))
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return f"one of: {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return f"always {schema['const']}"
    kinds = schema.get("type", "object")
    if kinds == "array":
        return _list_words(schema)
    type_names = [_WORDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    if schema.get("format") == "date":
        type_names[0] = "day, as YYYY-MM-DD"
    limits = [words.format(schema[name]) for name, words in _LIMITS.items() if name in schema]
    return "; or ".join([", ".join([type_names[0], *limits]), *type_names[1:]])


def _list_words(schema: Mapping[str, Any]) -> str:
    items = schema.get("items") or {"anyOf": schema.get("prefixItems", [{}])}
    least = f", {_LIMITS['minItems'].format(schema['minItems'])}" if "minItems" in schema else ""
    return f"list of {type_words(items)}{least}"


def _fields(schema: Mapping[str, Any], prefix: str) -> Iterator[Described]:
    for name, field in schema.get("properties", {}).items():
        inner = _inner(field)
        words = _object_words(field) if inner else type_words(field)
        yield Described(f"{prefix}{name}", words, field.get("description", ""))
        if inner:
            yield from _fields(inner, f"{prefix}{name}.")


def _object_words(field: Mapping[str, Any]) -> str:
    return "object, or null" if "anyOf" in field else "list of objects" if "items" in field else "object"


def _inner(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the nested object that a field holds; empty where it holds none."""
    candidates = [field, field.get("items", {}), *field.get("anyOf", ())]
    return next(
        (candidate for candidate in candidates if isinstance(candidate, dict) and "properties" in candidate), {}
    )

"""JSON Schemas of the records that people write, for editors: made from the same classes as the checks."""

import json
from typing import Any

from pydantic import BaseModel

from lineage.records.descriptions import field_notes, field_types, part_of, record_classes


def schema_texts() -> dict[str, str]:
    """The text of each schema by its file name."""
    return {
        f"{kind.__name__.lower()}.json": json.dumps(record_schema(kind), indent=2, ensure_ascii=False) + "\n"
        for kind in record_classes().values()
    }


def record_schema(kind: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a file of a kind, with the comments of the class as descriptions."""
    schema = kind.model_json_schema()
    schema["properties"].pop("path", None)  # the store adds it; it never stands in a file
    schema["required"] = [name for name in schema.get("required", []) if name != "path"]
    _describe(schema, kind)
    sections = {section.__name__: section for section in _parts(kind)}
    for name, part_schema in schema.get("$defs", {}).items():
        if name in sections:
            _describe(part_schema, sections[name])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _describe(schema: dict[str, Any], kind: type[BaseModel]) -> None:
    """Puts the comment of each field into its schema, in place."""
    for name, note in field_notes(kind).items():
        if name in schema["properties"]:
            schema["properties"][name]["description"] = note


def _parts(kind: type[BaseModel]) -> set[type[BaseModel]]:
    sections = {section for section in map(part_of, field_types(kind).values()) if section is not None}
    return sections.union(*map(_parts, sections))

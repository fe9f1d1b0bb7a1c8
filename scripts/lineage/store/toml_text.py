"""Records that our own stages write, as TOML. Whatever stands in a text, it is one text of the file."""

import json
from collections.abc import Mapping, Sequence
from datetime import date


def toml_lines(
    values: Mapping[str, object], tables: Mapping[str, Mapping[str, object] | Sequence[Mapping[str, object]]] = {}
) -> str:
    """Keys with their values, None left out, then a table for each mapping and one for each in a list of them."""
    lines = list(_lines(values))
    for name, held in tables.items():
        for table in [held] if isinstance(held, Mapping) else held:
            head = f"[{name}]" if isinstance(held, Mapping) else f"[[{name}]]"
            lines += ["", head, *_lines(table)]
    return "\n".join(lines) + "\n"


def _lines(values: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Records that our own stages write, as TOML. Whatever stands in a text, it is one text of the file."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")  # how JSON writes a character beyond 16 bits


def ascii_toml(value: object) -> str:
    """A text, a number or a list of them as TOML in ASCII."""
    text = _PAIR.sub(lambda pair: f"\\U{ord(json.loads(chr(34) + pair[0] + chr(34))):08x}", json.dumps(value))
    return text.replace("\x7f", "\\u007f")


def toml_lines(
    values: Mapping[str, object], tables: Mapping[str, Mapping[str, object] | Sequence[Mapping[str, object]]] = {}
) -> str:
    """Keys with their values, None left out, then a table for each mapping and one for each in a list of them."""
    lines = list(_lines(values))
    for name, content in tables.items():
        for table in [content] if isinstance(content, Mapping) else content:
            head = f"[{name}]" if isinstance(content, Mapping) else f"[[{name}]]"
            lines += ["", head, *_lines(table)]
    return "\n".join(lines) + "\n"


def _lines(values: Mapping[str, object]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in values.items() if value is not None]


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

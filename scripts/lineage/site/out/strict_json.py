"""Values -> JSON text that every parser reads alike: finite, sorted, and inert inside HTML."""

import json
import math
from typing import Any

_INERT = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"})


def json_text(value: Any) -> str:
    """One line of JSON with sorted keys; ValueError where a number is not finite.

    "<", ">" and "&" stand as escapes, so that "</script>" ends no script element. They stand in strings alone.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_INERT) + "\n"


def plain_number(value: Any) -> Any:
    """A cell of a table as JSON has it: None where there is no number, Python's own types for NumPy's."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and math.isnan(value) else value

"""A TOML text -> the record that it holds."""

import re
import tomllib
from typing import Any, TypeVar

from pydantic import ValidationError

from lineage.records import Problem, Record
from lineage.store.parsing.faults import DataError, refuse_conflict
from lineage.store.parsing.record_faults import record_problems
from lineage.store.parsing.toml_faults import not_toml

R = TypeVar("R", bound=Record)  # Python 3.11 has no "def f[R]"
_MOST_DOTS = 20  # of a key: the TOML reader takes time by the square of their number
_NAME = r"""(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_LONG_KEY = re.compile(rf"(?:{_NAME}[ \t]*+\.[ \t]*+){{{_MOST_DOTS}}}")


def parse_record(text: str, kind: type[R], path: str) -> R:
    """The record that a TOML text holds; a DataError that lists everything wrong with it."""
    refuse_conflict(text, path, "keep of both sides what is right, and take the marks out")
    if key_match := _LONG_KEY.search(text):
        message = f"is not TOML that is read here: a name has more than {_MOST_DOTS} parts with dots between them"
        raise DataError([Problem(path, message, text.count("\n", 0, key_match.start()) + 1)])
    try:
        content = _frozen(tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # of numbers with too many digits, the reader says no line
        raise DataError([not_toml(error, text, path)]) from None
    if "path" in content:
        raise DataError([Problem(path, "unknown key 'path'; remove it", key=("path",))])
    try:
        return kind.model_validate(content | {"path": path})
    except ValidationError as error:
        raise DataError(record_problems(error.errors(include_url=False), content, kind, path)) from None


def _frozen(value: Any) -> Any:
    """The same content with tuples for lists, as frozen records hold them."""
    if isinstance(value, dict):
        return {name: _frozen(element) for name, element in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value

"""Text of a data file -> record or table; every fault becomes a problem in plain words."""

import csv
import difflib
import io
import math
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineage.plain_csv import CELLS, NO_FORMULA, VISIBLE, read_plain
from lineage.records import Column, Problem, Record
from lineage.records.fields import MOST_LINE

R = TypeVar("R", bound=Record)  # Python 3.11 has no "def f[R]"

_LARGEST = sys.float_info.max
_RAW_CHECKS = CELLS | {"yes or no": "(?:yes|no)", "text": f"{NO_FORMULA}{VISIBLE}"}
_WANTED = {
    "text": f"write visible text of at most {MOST_LINE} characters that no spreadsheet takes for a formula",
    "number": "write a finite number such as 0.927",
    "integer": "write a whole number",
    "yes or no": 'write "yes" or "no"',
}


class DataError(Exception):
    """A file under data/ cannot be used. Carries every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def decode(content: bytes, path: str) -> str:
    """The text of a file; a DataError where it is empty or not UTF-8."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError([Problem(path, "is not UTF-8; save the file as UTF-8", line)]) from None
    if not text.strip():
        raise DataError([Problem(path, "is empty; CONTRIBUTING.md shows what belongs here")])
    if text.startswith("\ufeff"):
        raise DataError([Problem(path, "starts with a byte order mark; save the file as plain UTF-8", 1)])
    return text


def parse_record(text: str, kind: type[R], path: str) -> R:
    """The record that a TOML text holds; a DataError that lists everything wrong with it."""
    try:
        content = _frozen(tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # of numbers with too many digits, the reader says no line
        raise DataError([_not_toml(error, text, path)]) from None
    if "path" in content:
        raise DataError([Problem(path, "unknown key 'path'; remove it", key=("path",))])
    try:
        return kind.model_validate(content | {"path": path})
    except ValidationError as error:
        details = [one for one in error.errors() if not _follows(one, error.errors())]
        raise DataError([Problem(path, _in_words(one, kind), key=one["loc"]) for one in details]) from None


def parse_table(text: str, columns: Sequence[Column], key: Sequence[str], path: str) -> pd.DataFrame:
    """The rows of a CSV text, typed as the columns say; a DataError that lists everything wrong with it."""
    typed = read_plain(text, columns)
    if typed is not None and _values_are_sound(typed, columns, key):
        return typed
    rows = list(_read_rows(text, path))
    header = [column.name for column in columns]
    if problems := [*_header_problems(rows[0], header, path)] or [*_width_problems(rows, path)]:
        raise DataError(problems)
    raw = pd.DataFrame(rows[1:], columns=rows[0], dtype=str)[header]
    if raw.empty:
        raise DataError([Problem(path, "has a header and no rows; nothing found is an error here")])
    # A schema takes a hundred times as long to find nothing, and most tables are sound: it only names what is wrong.
    if not _cells_are_sound(raw, columns) and (problems := _schema_problems(_raw_schema(columns), raw, path)):
        raise DataError(problems)
    typed = pd.DataFrame({column.name: _typed(raw[column.name], column) for column in columns})
    sound = _values_are_sound(typed, columns, key)
    if not sound and (problems := _schema_problems(_typed_schema(columns, key), typed, path)):
        raise DataError(problems)
    return typed


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because an item of it was refused."""
    place = detail["loc"]
    inside = any(one["loc"][: len(place)] == place and one["loc"] != place for one in details)
    return detail["type"] == "too_short" and inside


def _not_toml(error: Exception, text: str, path: str) -> Problem:
    """What the TOML reader says of a text that it cannot read, at the line that it names."""
    known = {RecursionError: "it is nested too deeply", ValueError: "a number has too many digits"}
    reason, _, place = known.get(type(error), str(error)).rstrip(")").partition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    line, where = (int(found[1]), f", column {found[2]}") if found else (text.rstrip().count("\n") + 1, "")
    hint = 'a text stands in double quotes on one line, as in title = "Some words"'
    return Problem(path, f"is not TOML: {reason[0].lower()}{reason[1:]}{where}; {hint}", line)


def _frozen(value: Any) -> Any:
    """The same content with tuples for lists, as frozen records hold them."""
    if isinstance(value, dict):
        return {name: _frozen(inner) for name, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _in_words(detail: ErrorDetails, kind: type[BaseModel]) -> str:
    *parents, last = detail["loc"]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        if hint := getattr(kind, "moved_keys", {}).get(where):
            return f"unknown key {where!r}; {hint}"
        known = _keys_at(kind, parents)
        close = difflib.get_close_matches(str(last), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
        return f"unknown key {where!r}; {hint}"
    if detail["type"] == "missing":
        return f"the key {where!r} is missing"
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        wrong = f"{detail['input']!r} does not have the form {detail['ctx']['pattern']}"
        message = wrong if detail["input"] else "is empty; write it, or leave the key out"
    if detail["type"] == "too_short":
        message = f"is empty; write at least {detail['ctx']['min_length']}"
    if detail["type"] == "date_type":
        message = "is no date; write a day such as 2025-07-05, without quotes"
    return f"{where}: {message[0].lower()}{message[1:]}"


def _keys_at(kind: type[BaseModel], parents: Sequence[int | str]) -> list[str]:
    for part in parents:
        if isinstance(part, str) and (found := kind.model_fields.get(part)):
            kind = _model_in(found.annotation) or kind
    return sorted(name for name in kind.model_fields if name != "path")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, getattr(annotation, "__args__", ()))), None)


def _read_rows(text: str, path: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise DataError([Problem(path, f"is not CSV: {error}", reader.line_num)]) from None


def _header_problems(found: Sequence[str], wanted: Sequence[str], path: str) -> Iterator[Problem]:
    for name in wanted:
        if name not in found:
            yield Problem(path, f"the column {name!r} is missing; the header would be: {','.join(wanted)}", 1)
    for name in found:
        if name not in wanted:
            yield Problem(path, f"unknown column {name!r}; the header would be: {','.join(wanted)}", 1)
        elif found.count(name) > 1:
            yield Problem(path, f"the column {name!r} stands in the header {found.count(name)} times", 1)


def _width_problems(rows: Sequence[Sequence[str]], path: str) -> Iterator[Problem]:
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            yield Problem(path, f"has {len(row)} cells, the header has {len(rows[0])}", line)


def _cell_pattern(column: Column) -> str:
    return rf"(?:{_RAW_CHECKS[column.kind]}){'?' if column.optional else ''}\Z"


def _cells_are_sound(raw: pd.DataFrame, columns: Sequence[Column]) -> bool:
    return all(all(map(re.compile(_cell_pattern(column)).match, raw[column.name])) for column in columns)


def _values_are_sound(typed: pd.DataFrame, columns: Sequence[Column], key: Sequence[str]) -> bool:
    if not all(_column_is_sound(typed[column.name].to_numpy(), column) for column in columns):
        return False
    return not typed.duplicated(list(key)).any()


def _column_is_sound(values: np.ndarray, column: Column) -> bool:
    if column.kind in ("text", "yes or no"):
        return column.optional or not pd.isna(values).any()
    low, high = column.minimum, column.maximum
    given = values[~np.isnan(values)]
    return (
        (column.optional or len(given) == len(values))
        and not np.isinf(given).any()  # as 1e400 is
        and (low is None or not (given < low).any())
        and (high is None or not (given > high).any())
    )


def _raw_schema(columns: Sequence[Column]) -> pa.DataFrameSchema:
    """What each cell must look like before it is read as a number."""

    def cell(column: Column) -> pa.Column:
        return pa.Column(str, pa.Check.str_matches(_cell_pattern(column), error=_WANTED[column.kind]))

    return pa.DataFrameSchema({column.name: cell(column) for column in columns})


def _typed_schema(columns: Sequence[Column], key: Sequence[str]) -> pa.DataFrameSchema:
    def cell(column: Column) -> pa.Column:
        checks = [] if column.kind in ("text", "yes or no") else [*_bounds(column)]
        return pa.Column(None, checks, nullable=column.optional)

    return pa.DataFrameSchema({column.name: cell(column) for column in columns}, unique=list(key))


def _bounds(column: Column) -> Iterator[pa.Check]:
    """Between which numbers a cell lies: those of its column, else all that are finite."""
    low, high = column.minimum, column.maximum
    wanted = _WANTED["number"]
    yield pa.Check.ge(-_LARGEST, error=wanted) if low is None else pa.Check.ge(low, error=f"it is at least {low:g}")
    yield pa.Check.le(_LARGEST, error=wanted) if high is None else pa.Check.le(high, error=f"it is at most {high:g}")


def _typed(cells: pd.Series, column: Column) -> pd.Series:
    if column.kind == "number" or (column.kind == "integer" and column.optional):
        return pd.Series([float(cell) if cell else math.nan for cell in cells], dtype=float)
    return cells.astype(int) if column.kind == "integer" else cells


def _schema_problems(schema: pa.DataFrameSchema, frame: pd.DataFrame, path: str) -> list[Problem]:
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases: list[Mapping[str, Any]] = error.failure_cases.to_dict("records")
        return _unique(_cell_problem(case, path) for case in cases)
    return []


def _cell_problem(case: Mapping[str, Any], path: str) -> Problem:
    if case["check"] == "multiple_fields_uniqueness":
        return Problem(path, "repeats an earlier row; keep one", case["index"] + 2)
    line, name, value = case["index"] + 2, case["column"], case["failure_case"]
    return Problem(path, f"column {name!r}: {value!r} cannot stand here; {case['check']}", line)


def _unique(problems: Iterator[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))

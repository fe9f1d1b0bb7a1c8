"""Text of a data file -> record or table; every fault becomes a problem in plain words."""

import csv
import difflib
import io
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineage.records import Column, Problem, Record
from lineage.records.fields import MOST_LINE
from lineage.store.plain_csv import CELLS, NO_FORMULA, VISIBLE, read_plain

if TYPE_CHECKING:  # a quarter of a second to import, and only a table with a fault asks for it
    import pandera.pandas as pa

R = TypeVar("R", bound=Record)  # Python 3.11 has no "def f[R]"

MOST_PROBLEMS = 100  # of one file that are told one by one
_MOST_DOTS = 20  # of a key: the TOML reader takes time by the square of their number
_NAME = r"""(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_CONFLICT = re.compile(r"(?m)^<{7} .*$|^>{7} .*$")  # as git marks one
_LONG_KEY = re.compile(rf"(?:{_NAME}[ \t]*+\.[ \t]*+){{{_MOST_DOTS}}}")
_LARGEST = 1e15  # that a number of a table may be where its column says nothing, as of a value in a record
_RAW_CHECKS = CELLS | {"yes or no": "(?:yes|no)", "text": f"{NO_FORMULA}{VISIBLE}"}
_LIST = "tuple["  # how pydantic names the form of a field that is a list, where it takes another form too
_BRANCHES = (_LIST, "function-after[", "constrained-str")
_OF_NAME = "[key]"  # where pydantic says that the name of an entry is wrong, and not its value
_BOUNDS = {  # what is said of a number by the reader's word for what is wrong with it
    "greater_than": "is too small; it is more than {}",
    "greater_than_equal": "is too small; it is at least {}",
    "less_than": "is too large; it is less than {}",
    "less_than_equal": "is too large; it is at most {}",
}
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


def refuse_conflict(text: str, path: str, what: str) -> None:
    """A DataError that says what to do where git has left both sides of a merge in a text."""
    if mark := _CONFLICT.search(text):
        line = text.count("\n", 0, mark.start()) + 1
        raise DataError([Problem(path, f"holds both sides of a merge; {what}", line)])


def _of_the_branch_meant(details: Sequence[ErrorDetails], content: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """The faults; of a field that takes one value or a list, those of the form that was written, under its own name."""
    for detail in details:
        depth = next((at for at, name in enumerate(detail["loc"]) if str(name).startswith(_BRANCHES)), None)
        if depth is None:
            yield detail
            continue
        written: Any = content
        for name in detail["loc"][:depth]:
            written = written[name]
        if isinstance(written, list | tuple) == str(detail["loc"][depth]).startswith(_LIST):
            named = detail.copy()
            named["loc"] = (*detail["loc"][:depth], *detail["loc"][depth + 1 :])
            yield named


def parse_record(text: str, kind: type[R], path: str) -> R:
    """The record that a TOML text holds; a DataError that lists everything wrong with it."""
    refuse_conflict(text, path, "keep of both sides what is right, and take the marks out")
    if long := _LONG_KEY.search(text):
        message = f"is not TOML that is read here: a name has more than {_MOST_DOTS} parts with dots between them"
        raise DataError([Problem(path, message, text.count("\n", 0, long.start()) + 1)])
    try:
        content = _frozen(tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # of numbers with too many digits, the reader says no line
        raise DataError([_not_toml(error, text, path)]) from None
    if "path" in content:
        raise DataError([Problem(path, "unknown key 'path'; remove it", key=("path",))])
    try:
        return kind.model_validate(content | {"path": path})
    except ValidationError as error:
        details = list(_of_the_branch_meant(error.errors(include_url=False), content))
        # refused as names of a table
        names = {detail["loc"][:-1] for detail in details if detail["loc"][-1:] == (_OF_NAME,)}
        told = [
            detail
            for detail in details
            if (detail["type"] != "too_short" or not _follows(detail, details))
            and (detail["loc"][-1] == _OF_NAME or not any(detail["loc"][: len(name)] == name for name in names))
        ]
        problems = [Problem(path, _in_words(detail, kind), key=detail["loc"]) for detail in told[:MOST_PROBLEMS]]
        raise DataError([*problems, *_further(len(told), path)]) from None


def parse_table(text: str, columns: Sequence[Column], key: Sequence[str], path: str) -> pd.DataFrame:
    """The rows of a CSV text, typed as the columns say; a DataError that lists everything wrong with it."""
    is_derived = "/derived/" in path
    what = "run `make derive`, which writes it anew" if is_derived else "take one side whole, as it was written"
    refuse_conflict(text, path, f"{what}, and commit that")
    typed = read_plain(text, columns)
    if typed is not None and _values_are_sound(typed, columns, key):
        return typed
    rows = list(_read_rows(text, path))
    if len(rows[0]) == 1 and (separator := re.search("[;\t|]", rows[0][0])) and len(columns) > 1:
        sign = {"\t": "a tab"}.get(separator[0], f"{separator[0]!r}")
        raise DataError([Problem(path, f"has {sign} between its cells; save it with commas, and points in numbers", 1)])
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


def limited(problems: Sequence[Problem]) -> list[Problem]:
    """The first problems of each file, and a line for the rest of it: nobody reads thousands, nor waits for them."""
    by_path: dict[str, list[Problem]] = {}
    for problem in problems:
        by_path.setdefault(problem.path, []).append(problem)
    return [one for path, found in by_path.items() for one in (*found[:MOST_PROBLEMS], *_further(len(found), path))]


def _further(count: int, path: str) -> Iterator[Problem]:
    """A line for the problems of a file that are not told one by one."""
    if count > MOST_PROBLEMS:
        yield Problem(path, f"has {count - MOST_PROBLEMS:,} more problems; mend these first")


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because an item of it was refused."""
    location = detail["loc"]
    return any(one["loc"][: len(location)] == location and one["loc"] != location for one in details)


def _not_toml(error: Exception, text: str, path: str) -> Problem:
    """What the TOML reader says of a text that it cannot read, at the line that it names."""
    known = {RecursionError: "it is nested too deeply", ValueError: "a number has too many digits"}
    reason, _, position = known.get(type(error), str(error)).rstrip(")").partition(" (at ")
    match = re.match(r"line (\d+), column (\d+)", position)
    line, where = (int(match[1]), f", column {match[2]}") if match else (text.rstrip().count("\n") + 1, "")
    if repeated := _repeated_key(text):
        key, first, line = repeated
        return Problem(path, f"is not TOML: the key {key!r} stands in line {first} already; keep one of them", line)
    written = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    return Problem(path, f"is not TOML: {reason[0].lower()}{reason[1:]}{where}; {_toml_hint(written)}", line)


# What people write in the place of a value, and what TOML would have.
_MISTAKES = (
    (r"[^=\[\]#]*:.*", 'a key and its value have "=" between them, as in kind = "primary"'),
    (r"\s*", "write the value, or leave the key out"),
    (r"[0-9]{4}-[0-9]{1,2}", 'a month stands in quotes, as in "2025-07"; a day does not, as in 2025-07-05'),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?", "there is no such day; look it up again"),
    (
        r"[0-9]{1,4}[./\u2010-\u2015年-][0-9]{1,2}[./\u2010-\u2015月-][0-9]{1,4}日?",
        "a day is written without quotes as year, month and day: 2025-07-05",
    ),
    (
        r"(?i:[0-9]{0,2}\.? ?[a-z]{3,9}\.? [0-9]{0,2},? ?[0-9]{4})",
        'a day is written as in 2025-07-05, a month as in "2025-07"',
    ),
    (r"(?i:true|false|yes|no|on|off)", "write true or false, in small letters and without quotes"),
    (r"(?i:none|null|nil|nan|n/a|unknown|[-?]+)", "leave the key out where nothing is known"),
    (
        r"[-+]?[0-9]{1,3}(?:[,.'\u2019 \u00a0][0-9]{3})+",
        "a number has no separators of thousands; write 1100000, or 1_100_000",
    ),
    (r"[-+]?[0-9]+,[0-9]+", "a number has a decimal point, as in 0.927"),
    (r"[-+]?(?:\.[0-9]+|[0-9]+\.)", "a number has a digit before and after its point, as in 0.5"),
    (r"[-+]?0[0-9]+", "a number does not start with 0"),
    (r"[-+]?[0-9.]+ ?%", "write the number alone: 0.5 or 50, as the key wants it"),
    (r"[\u2018-\u201f\u00ab\u00bb\u300c].*", 'quotes are straight, as in title = "Some words"'),
    (r"\[.*", 'a list ends in "]" and has commas between its items, as in sources = ["one", "two"]'),
)


def _toml_hint(line: str) -> str:
    """What would be right in place of a line that is not TOML."""
    key, sign, value = line.partition("=")
    value = (value if sign else key).split(" #")[0].strip()
    for pattern, hint in _MISTAKES[0 if not sign else 1 :]:
        if re.fullmatch(pattern, value):
            return hint
    return 'a text stands in double quotes on one line, as in title = "Some words"'


def _repeated_key(text: str) -> tuple[str, int, int] | None:
    """The first key that stands twice in one table, and its two lines; None where none does."""
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            seen = {}
        elif assignment := re.match(r"([A-Za-z0-9_-]+)[ \t]*=", line):
            if assignment[1] in seen:
                return assignment[1], seen[assignment[1]], number
            seen[assignment[1]] = number
    return None


def _frozen(value: Any) -> Any:
    """The same content with tuples for lists, as frozen records hold them."""
    if isinstance(value, dict):
        return {name: _frozen(inner) for name, inner in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


_OF_A_KIND = {
    "tuple_type": 'is no list; write it in brackets, as in sources = ["one", "two"]',
    "model_type": "is no table; write its keys below a line with its name in brackets, as in [architecture]",
    "model_attributes_type": "is no table; write its keys below a line with its name in brackets, as in [architecture]",
    "string_type": 'is no text; write it in double quotes, as in title = "Some words"',
    "bool_type": "is neither true nor false; write one of them, in small letters and without quotes",
}


def _in_words(detail: ErrorDetails, kind: type[BaseModel]) -> str:
    *parents, last = detail["loc"]
    if last == _OF_NAME:
        where = ".".join(map(str, parents[:-1]))
        return f"{where}: the name {parents[-1]!r} cannot stand there; {detail['msg'][0].lower()}{detail['msg'][1:]}"
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
    if "leave the key out" in message and not _may_be_left_out(kind, detail["loc"]):
        message = "is empty; write it"
    if bound := _BOUNDS.get(detail["type"]):
        message = bound.format(f"{next(iter(detail['ctx'].values())):,.15g}")
    if detail["type"] == "too_short":
        message = f"is empty; write at least {detail['ctx']['min_length']}"
    message = _OF_A_KIND.get(detail["type"], message)
    if detail["type"] == "date_type":
        message = "is no date; write a day such as 2025-07-05, without quotes"
    return f"{where}: {message[0].lower()}{message[1:]}"


def _may_be_left_out(kind: type[BaseModel], location: Sequence[int | str]) -> bool:
    """Whether a record, or a part of one, may leave out the key at a location; entries of a list have no key."""
    *parents, last = location
    for parent in parents:
        if isinstance(parent, str) and (parent_field := kind.model_fields.get(parent)):
            kind = _model_in(parent_field.annotation) or kind
    field = kind.model_fields.get(str(last))
    return field is not None and not field.is_required()


def _keys_at(kind: type[BaseModel], parents: Sequence[int | str]) -> list[str]:
    for parent in parents:
        if isinstance(parent, str) and (field := kind.model_fields.get(parent)):
            kind = _model_in(field.annotation) or kind
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


def _header_problems(header: Sequence[str], wanted: Sequence[str], path: str) -> Iterator[Problem]:
    for name in wanted:
        if name not in header:
            yield Problem(path, f"the column {name!r} is missing; the header would be: {','.join(wanted)}", 1)
    for name in header:
        if name not in wanted:
            yield Problem(path, f"unknown column {name!r}; the header would be: {','.join(wanted)}", 1)
        elif header.count(name) > 1:
            yield Problem(path, f"the column {name!r} stands in the header {header.count(name)} times", 1)


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
    low, high = _range_of(column)
    given = values[~np.isnan(values)]  # 1e400 is infinite
    return (column.optional or len(given) == len(values)) and not ((given < low) | (given > high)).any()


def _range_of(column: Column) -> tuple[float, float]:
    """Between which numbers a cell lies: those of its column, else all of which sums and squares are sound."""
    low, high = column.minimum, column.maximum
    return (-_LARGEST if low is None else low, _LARGEST if high is None else high)


def _raw_schema(columns: Sequence[Column]) -> "pa.DataFrameSchema":
    """What each cell must look like before it is read as a number."""
    import pandera.pandas as pa

    def cell(column: Column) -> "pa.Column":
        return pa.Column(str, pa.Check.str_matches(_cell_pattern(column), error=_WANTED[column.kind]))

    return pa.DataFrameSchema({column.name: cell(column) for column in columns})


def _typed_schema(columns: Sequence[Column], key: Sequence[str]) -> "pa.DataFrameSchema":
    import pandera.pandas as pa

    def cell(column: Column) -> "pa.Column":
        checks = [] if column.kind in ("text", "yes or no") else [*_bounds(column)]
        return pa.Column(None, checks, nullable=column.optional)

    return pa.DataFrameSchema({column.name: cell(column) for column in columns}, unique=list(key))


def _bounds(column: Column) -> "Iterator[pa.Check]":
    """The checks that refuse a cell outside the range of its column."""
    import pandera.pandas as pa

    low, high = _range_of(column)
    yield pa.Check.ge(low, error=f"it is at least {low:g}")
    yield pa.Check.le(high, error=f"it is at most {high:g}")


def _typed(cells: pd.Series, column: Column) -> pd.Series:
    if column.kind == "number" or (column.kind == "integer" and column.optional):
        return pd.Series([float(cell) if cell else math.nan for cell in cells], dtype=float)
    return cells.astype(int) if column.kind == "integer" else cells


def _schema_problems(schema: "pa.DataFrameSchema", frame: pd.DataFrame, path: str) -> list[Problem]:
    import pandera.pandas as pa

    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases: list[Mapping[str, Any]] = error.failure_cases.to_dict("records")
        return limited(_unique(_cell_problem(case, path) for case in cases))
    return []


def _cell_problem(case: Mapping[str, Any], path: str) -> Problem:
    if case["check"] == "multiple_fields_uniqueness":
        return Problem(path, "repeats an earlier row; keep one", case["index"] + 2)
    line, name, value = case["index"] + 2, case["column"], case["failure_case"]
    return Problem(path, f"column {name!r}: {value!r} cannot stand here; {case['check']}", line)


def _unique(problems: Iterator[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))

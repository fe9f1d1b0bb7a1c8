"""What may stand in the cells of a column, and a table with a fault -> problems in plain words, each with its line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lineage.records import Column, Problem
from lineage.records.fields import MOST_LINE
from lineage.store.parsing.faults import limited
from lineage.store.parsing.plain_csv import CELLS, NO_FORMULA, VISIBLE

if TYPE_CHECKING:  # a quarter of a second to import, and only a table with a fault asks for it
    import pandera.pandas as pa

_LARGEST = 1e15  # that a number of a table may be where its column says nothing, as of a value in a record
_RAW_CHECKS = CELLS | {"yes or no": "(?:yes|no)", "text": f"{NO_FORMULA}{VISIBLE}"}
_WANTED = {
    "text": f"write visible text of at most {MOST_LINE} characters that no spreadsheet takes for a formula",
    "number": "write a finite number such as 0.927",
    "integer": "write a whole number",
    "yes or no": 'write "yes" or "no"',
}


def cell_pattern(column: Column) -> str:
    """The pattern that every cell of a column fits before it is read as a number."""
    return rf"(?:{_RAW_CHECKS[column.kind]}){'?' if column.optional else ''}\Z"


def range_of(column: Column) -> tuple[float, float]:
    """The lowest and the highest number of a column; 1e15 either way, whose squares are sound, where it says none."""
    low, high = column.minimum, column.maximum
    return (-_LARGEST if low is None else low, _LARGEST if high is None else high)


def cell_problems(raw: pd.DataFrame, columns: Sequence[Column], path: str) -> list[Problem]:
    """The cells of a table of texts that are not written as their columns want them."""
    return _schema_problems(_raw_schema(columns), raw, path)


def value_problems(table: pd.DataFrame, columns: Sequence[Column], key: Sequence[str], path: str) -> list[Problem]:
    """The values of a typed table that lie outside the range of their columns, and rows with the key of another."""
    return _schema_problems(_typed_schema(columns, key), table, path)


def _raw_schema(columns: Sequence[Column]) -> "pa.DataFrameSchema":
    """What each cell must look like before it is read as a number."""
    import pandera.pandas as pa

    def cell(column: Column) -> "pa.Column":
        return pa.Column(str, pa.Check.str_matches(cell_pattern(column), error=_WANTED[column.kind]))

    return pa.DataFrameSchema({column.name: cell(column) for column in columns})


def _typed_schema(columns: Sequence[Column], key: Sequence[str]) -> "pa.DataFrameSchema":
    """Between which numbers the cells of each column lie, and which columns tell rows apart; a key may name others."""
    import pandera.pandas as pa

    def cell(column: Column) -> "pa.Column":
        checks = [] if column.kind in ("text", "yes or no") else [*_bounds(column)]
        return pa.Column(None, checks, nullable=column.optional)

    cells = {column.name: cell(column) for column in columns}
    return pa.DataFrameSchema(cells, unique=[name for name in key if name in cells])


def _bounds(column: Column) -> "Iterator[pa.Check]":
    """The checks that refuse a cell outside the range of its column."""
    import pandera.pandas as pa

    low, high = range_of(column)
    yield pa.Check.ge(low, error=f"it is at least {low:g}")
    yield pa.Check.le(high, error=f"it is at most {high:g}")


def _schema_problems(schema: "pa.DataFrameSchema", table: pd.DataFrame, path: str) -> list[Problem]:
    """What a schema says is wrong with a table, each problem once; none where it is sound."""
    import pandera.pandas as pa

    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases: list[Mapping[str, Any]] = error.failure_cases.to_dict("records")
        return limited(list(dict.fromkeys(_cell_problem(case, path) for case in cases)))
    return []


def _cell_problem(case: Mapping[str, Any], path: str) -> Problem:
    """One cell that a schema refuses, or a row that repeats an earlier one, with its line."""
    if case["check"] == "multiple_fields_uniqueness":
        return Problem(path, "repeats an earlier row; keep one", case["index"] + 2)
    line, name, value = case["index"] + 2, case["column"], case["failure_case"]
    return Problem(path, f"column {name!r}: {value!r} cannot stand here; {case['check']}", line)

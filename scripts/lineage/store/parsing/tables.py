"""A CSV text -> the table that it holds, each column of its kind."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from lineage.records import Column, Problem
from lineage.store.parsing.faults import DataError, refuse_conflict
from lineage.store.parsing.plain_csv import read_plain
from lineage.store.parsing.table_faults import cell_pattern, cell_problems, range_of, value_problems


def parse_table(text: str, columns: Sequence[Column], key: Sequence[str], path: str) -> pd.DataFrame:
    """The rows of a CSV text, typed as the columns say; a DataError that lists everything wrong with it."""
    is_derived = "/derived/" in path
    advice = "run `make derive`, which writes it anew" if is_derived else "take one side whole, as it was written"
    refuse_conflict(text, path, f"{advice}, and commit that")
    table = read_plain(text, columns)
    if table is not None and _values_are_sound(table, columns, key):
        return table
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
    if not _cells_are_sound(raw, columns) and (problems := cell_problems(raw, columns, path)):
        raise DataError(problems)
    table = pd.DataFrame({column.name: _typed(raw[column.name], column) for column in columns})
    sound = _values_are_sound(table, columns, key)
    if not sound and (problems := value_problems(table, columns, key, path)):
        raise DataError(problems)
    return table


def _read_rows(text: str, path: str) -> Iterator[list[str]]:
    """The rows of a CSV text as texts, the header first; a DataError where it is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise DataError([Problem(path, f"is not CSV: {error}", reader.line_num)]) from None


def _header_problems(header: Sequence[str], names: Sequence[str], path: str) -> Iterator[Problem]:
    """A problem for each column that a header lacks, repeats, or has beside those of these names."""
    for name in names:
        if name not in header:
            yield Problem(path, f"the column {name!r} is missing; the header would be: {','.join(names)}", 1)
    for name in header:
        if name not in names:
            yield Problem(path, f"unknown column {name!r}; the header would be: {','.join(names)}", 1)
        elif header.count(name) > 1:
            yield Problem(path, f"the column {name!r} stands in the header {header.count(name)} times", 1)


def _width_problems(rows: Sequence[Sequence[str]], path: str) -> Iterator[Problem]:
    """A problem for each row that has more or fewer cells than the header."""
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            yield Problem(path, f"has {len(row)} cells, the header has {len(rows[0])}", line)


def _cells_are_sound(raw: pd.DataFrame, columns: Sequence[Column]) -> bool:
    """Whether every cell is written as its column wants it."""
    return all(all(map(re.compile(cell_pattern(column)).match, set(raw[column.name]))) for column in columns)


def _values_are_sound(table: pd.DataFrame, columns: Sequence[Column], key: Sequence[str]) -> bool:
    """Whether every value lies in the range of its column, and no two rows have the same key."""
    if not all(_column_is_sound(table[column.name].to_numpy(), column) for column in columns):
        return False
    known = [name for name in key if name in table]  # a rule about published records names the others
    return not (known and table.duplicated(known).any())


def _column_is_sound(values: np.ndarray, column: Column) -> bool:
    """Whether a column has no empty cell that it may not have, and no number outside its range."""
    if column.kind in ("text", "yes or no"):
        return column.optional or not pd.isna(values).any()
    low, high = range_of(column)
    numbers = values[~np.isnan(values)]  # 1e400 is infinite
    return (column.optional or len(numbers) == len(values)) and not ((numbers < low) | (numbers > high)).any()


def _typed(cells: pd.Series, column: Column) -> pd.Series:
    """The cells of a column as its kind: floats, NaN for an empty one; whole numbers; or text."""
    if column.kind == "number" or (column.kind == "integer" and column.optional):
        return pd.Series([float(cell) if cell else math.nan for cell in cells], dtype=float)
    return cells.astype(int) if column.kind == "integer" else cells

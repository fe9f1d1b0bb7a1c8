"""Every file under data/ as rows of cells and numbers, read with the standard library alone."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """The cells of a row as text, and those that are numbers."""

    cells: frozenset[str]
    numbers: tuple[float, ...]


@cache
def rows_of(path: Path) -> tuple[Row, ...]:
    """The rows of a CSV file, of a TOML file (one for each table), or of a folder (one for each record)."""
    if path.is_dir():
        return tuple(_merged(rows_of(file)) for file in sorted(path.rglob("*.toml")))
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(_csv_row(row) for row in csv.DictReader(file))
    return tuple(_toml_rows(tomllib.loads(path.read_text(encoding="utf-8"))))


def strings_of(path: Path) -> Iterator[str]:
    """Every text in a TOML file or a CSV file, keys left out."""
    if path.suffix == ".toml":
        yield from _strings(tomllib.loads(path.read_text(encoding="utf-8")))
    else:
        for row in rows_of(path):
            yield from row.cells


def _csv_row(row: dict[str, str]) -> Row:
    cells = set(filter(None, row.values()))
    if row.get("model_a") and row.get("model_b"):
        slugs = sorted(name.lower().replace("/", "_") for name in (row["model_a"], row["model_b"]))
        cells.add("--".join(slugs))
    return Row(frozenset(cells), tuple(number for cell in row.values() if (number := _number(cell)) is not None))


def _toml_rows(table: dict[str, Any]) -> Iterator[Row]:
    scalars = [one for value in table.values() for one in (value if isinstance(value, list) else [value])]
    texts = frozenset(one for one in scalars if isinstance(one, str))
    yield Row(texts, tuple(float(one) for one in scalars if isinstance(one, int | float) and not isinstance(one, bool)))
    for one in scalars:
        if isinstance(one, dict):
            yield from _toml_rows(one)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _merged(rows: tuple[Row, ...]) -> Row:
    return Row(frozenset().union(*(row.cells for row in rows)), tuple(one for row in rows for one in row.numbers))


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None

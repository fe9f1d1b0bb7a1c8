"""One file of a data folder -> its record or table, with every problem kept; the same text is parsed once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

import pandas as pd

from lineage.records import Column, Problem, Record
from lineage.store.limits import size_problem
from lineage.store.parsing.faults import DataError, decode
from lineage.store.parsing.records import parse_record
from lineage.store.parsing.tables import parse_table

R = TypeVar("R", bound=Record)
T = TypeVar("T")

# Records and tables that one process reads once, however many folders hold them: a base and a change of it hold mostly
# the same.
_RECORDS_AT_ONCE = 2_048
_TABLES_AT_ONCE = 128  # those of measurements are not among them
_LONGEST = 100_000  # letters of such a record or table; most are much shorter, so that all of them are a few MB


@dataclass
class Reader:
    """Reads files of one data folder, and keeps every problem of them."""

    data: Path
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # by name from data/: bytes and sha256
    problems: list[Problem] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # paths that could not be used

    def name(self, path: Path) -> str:
        """The path as records and problems write it, whatever the folder is called."""
        return f"data/{path.relative_to(self.data).as_posix()}"

    def attempt(self, path: Path, parse: Callable[[str, str], T]) -> T | None:
        """What parse makes of the text of a file, or None with its problems kept."""
        name = self.name(path)
        try:
            return parse(decode(_content(path, name), name), name)
        except DataError as error:
            self.problems.extend(error.problems)
            self.refused.add(name)
            return None

    def table(self, path: Path, columns: Sequence[Column], key: Sequence[str]) -> pd.DataFrame | None:
        """The rows of a CSV file, typed as the columns say, or None with its problems kept."""
        return self.attempt(path, lambda text, name: _parsed_table(text, columns, key, name))

    def record(self, path: Path, kind: type[R]) -> R | None:
        """The record of a TOML file, or None with its problems kept."""
        return self.attempt(path, lambda text, name: _parsed_record(text, kind, name))

    def records(self, folder: str, kind: type[R]) -> Iterator[R]:
        """The records of a folder that can be read, in order of their files."""
        for path in sorted((self.data / folder).glob("*.toml")):
            if record := self.record(path, kind):
                yield record


def _parsed_record(text: str, kind: type[R], name: str) -> R:
    """The record that a TOML text holds; the same one for the same text, since nothing changes a record."""
    if len(text) > _LONGEST:
        return parse_record(text, kind, name)
    return cast("R", _record_once(text, kind, name))


def _parsed_table(text: str, columns: Sequence[Column], key: Sequence[str], name: str) -> pd.DataFrame:
    """The rows of a CSV text, which the caller may change: they are copied where it does."""
    if len(text) > _LONGEST:
        return parse_table(text, columns, key, name)
    return _table_once(text, tuple(columns), tuple(key), name).copy(deep=False)


@lru_cache(maxsize=_TABLES_AT_ONCE)
def _table_once(text: str, columns: tuple[Column, ...], key: tuple[str, ...], name: str) -> pd.DataFrame:
    return parse_table(text, columns, key, name)


@lru_cache(maxsize=_RECORDS_AT_ONCE)
def _record_once(text: str, kind: type[Record], name: str) -> Record:
    return parse_record(text, kind, name)


def _content(path: Path, name: str) -> bytes:
    if path.is_symlink():
        raise DataError([Problem(name, "is a symbolic link; put the file itself here")])
    try:
        if problem := size_problem(name, path.stat().st_size):
            raise DataError([problem])
        return path.read_bytes()
    except OSError as error:
        raise DataError([Problem(name, f"cannot be read: {error.strerror}")]) from None

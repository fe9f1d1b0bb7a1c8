"""Small data folders with a few generated changes, made from the record classes: sound ones have to build."""

import csv
import io
import shutil
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

from hostile_data import kind_of
from lineage.records.descriptions import field_types
from record_examples import Key, accepts, example, toml_text, with_value
from repository import RECORD

NUMBERS = (
    *(0, 1, 2, 3, 12, 100, 9_999, 10**6, 10**9, 10**12, 10**15, 10**16, 10**18, -1, -(10**15)),
    *(0.0, 0.5, -0.5, 1.0, -1.0, 1e-300, -1e-300, 1e-15, 0.3, 2.5, 1e6, -1e9, 1e15, -1e15, 1e300, 5e-324),
)
TEXTS = (
    *("a", "-", "x" * 300, "行" * 250, "&<>|`*_[](){}#!$\\", "%s %(x)s {{ x }} {% x %}", "a: b", "<!--block 1-->"),
    *("Some words", "independent", "e\u0301" * 40, "𝟘" * 90, "1e400", "nan", "A" * 80, "unverified " * 25),
    *("a/b", "a", "data/a.toml", "a.csv", "https://example.org/" + "a" * 200, "0" * 64, "0" * 40, "0" * 12, "cases/"),
)
DAYS = (date(1900, 1, 1), date(2026, 11, 25), date(2025, 7, 5), "1900-01", "2026-11")
CELLS = ("0", "1", "-1", "0.5", "1e15", "-1e15", "1e-300", "5e-324", "", "999999999", "yes", "no", "x" * 300)
COPIES = (0, 2, 3, 60)


def write_base(data: Path) -> None:
    """The tiny record, without what is derived of it and written about it elsewhere."""
    shutil.copytree(
        RECORD, data, ignore=shutil.ignore_patterns("derived", "reproductions", "benchmarks", "translations")
    )


@st.composite
def changes(draw: st.DrawFn, data: Path) -> tuple[str, str]:
    """The name of a file of a folder, and its text with one generated change."""
    name = draw(st.sampled_from(sorted(path.relative_to(data).as_posix() for path in data.rglob("*.*"))))
    text = (data / name).read_text(encoding="utf-8")
    if name.endswith(".csv"):
        return name, draw(_changed_table(text))
    content = tomllib.loads(text)
    key, value = draw(_changed_value(content, kind_of(data / name, data)))
    return name, toml_text(with_value(content, key, value))


@st.composite
def _changed_value(draw: st.DrawFn, content: dict[str, Any], kind: type[BaseModel]) -> tuple[Key, Any]:
    """A place in a record, deep or not, and what shall stand there."""
    name = draw(st.sampled_from(sorted(field_types(kind))))
    annotation, held = field_types(kind)[name], content.get(name)
    shape = _shape(annotation)
    if held is None:
        return (name,), example(kind)[name]
    if get_origin(shape) is tuple and held:
        if draw(st.booleans()):
            return (name,), held * draw(st.sampled_from(COPIES))
        place = draw(st.integers(0, len(held) - 1))
        inner, value = draw(_changed_item(held[place], get_args(shape)[0]))
        return (name, place, *inner), value
    inner, value = draw(_changed_item(held, shape))
    return (name, *inner), value


def _changed_item(held: Any, annotation: Any) -> st.SearchStrategy[tuple[Key, Any]]:
    shape = _shape(annotation)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return _changed_value(held, shape)
    choices: Sequence[object] = get_args(shape) if get_origin(shape) is Literal else (*NUMBERS, *TEXTS, *DAYS, True)
    accepted = [value for value in choices if accepts(shape, value)]
    return st.sampled_from(accepted or [held]).map(lambda value: ((), value))


@st.composite
def _changed_table(draw: st.DrawFn, text: str) -> str:
    """A table with another value in one cell, or with two by turns in a whole column."""
    header, *rows = csv.reader(io.StringIO(text))
    column = draw(st.integers(0, len(header) - 1))
    values = draw(st.tuples(st.sampled_from(CELLS), st.sampled_from(CELLS)))
    places = range(len(rows)) if draw(st.booleans()) else [draw(st.integers(0, len(rows) - 1))]
    for place in places:
        rows[place][column] = values[place % 2]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def _shape(annotation: Any) -> Any:
    """An annotation without None and without the rules of a list."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not NoneType]
        return _shape(rest[0]) if len(rest) == 1 else annotation
    inner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return inner if get_origin(inner) is tuple else annotation

"""A sound example of each class of record, every field filled, made from the classes, so no new field is missed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from lineage import records
from lineage.records import Record
from lineage.records.descriptions import field_types

Key = tuple[str | int, ...]

# Each leaf takes the first of these that its own type accepts.
_VALUES = (
    *(
        "Some words",
        "a",
        "a/b",
        "data/a.toml",
        "a.csv",
        "matches/a.toml",
        "hub:a/b",
        "github.com/a/b",
        "fingerprints/a.csv",
        "lineage.a",
        "https://example.org/a",
        "cases/",
        "layers.{layer}.",
    ),
    *("0" * 12, "0" * 40, "0" * 64, date(2025, 7, 5), True, 3, 300, 0.5, -0.5),
)
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)
_MARKUP = '<b title="x">x</b> [x](y)'


def record_kinds() -> dict[str, type[Record]]:
    """Every class of record, by name."""
    found = {name: kind for name, kind in vars(records).items() if isinstance(kind, type) and issubclass(kind, Record)}
    return {name: kind for name, kind in found.items() if kind is not Record}


def example(kind: type[BaseModel]) -> dict[str, Any]:
    """The content of a sound file of a kind, with one item in each list."""
    return {name: _value(annotation) for name, annotation in field_types(kind).items()}


def leaves(kind: type[BaseModel], above: Key = ()) -> Iterator[tuple[Key, type[BaseModel], str, Any]]:
    """Each single value in an example: where it stands, the class and field that it belongs to, and its type."""
    for name, annotation in field_types(kind).items():
        yield from _leaves((*above, name), kind, name, annotation)


def text_fields() -> set[tuple[str, str]]:
    """Every text in which anything may stand, as (class, field)."""
    every = (leaf for kind in record_kinds().values() for leaf in leaves(kind))
    return {(kind.__name__, name) for _, kind, name, annotation in every if is_text(annotation)}


def is_text(annotation: Any) -> bool:
    """Whether a field is text in which anything may stand."""
    return accepts(annotation, _MARKUP)


def accepts(annotation: Any, value: object) -> bool:
    """Whether a value may stand in a field of this type."""
    try:
        _adapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def with_value(content: Any, key: Key, value: object) -> Any:
    """The same content with another value at a place."""
    if not key:
        return value
    if isinstance(content, list):
        return [with_value(item, key[1:], value) if place == key[0] else item for place, item in enumerate(content)]
    return content | {key[0]: with_value(content.get(key[0], {}), key[1:], value)}


def toml_text(content: Mapping[str, Any]) -> str:
    """The content as TOML, one line for each key at the top."""
    return "".join(f"{_key(name)} = {_toml(value)}\n" for name, value in content.items())


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _toml(name)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)} = {_toml(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool | float) else str(value)


def _leaves(key: Key, kind: type[BaseModel], name: str, annotation: Any) -> Iterator[tuple[Key, Any, str, Any]]:
    shape = _shape(annotation)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield from leaves(shape, key)
    elif get_origin(shape) is tuple:
        yield from _leaves((*key, 0), kind, name, get_args(shape)[0])
    else:
        yield key, kind, name, shape


def _shape(annotation: Any) -> Any:
    """An annotation without None, and a list without its rules."""
    if get_origin(annotation) in (Union, UnionType):
        rest = [part for part in get_args(annotation) if part is not NoneType]
        return _shape(rest[0]) if len(rest) == 1 else annotation
    inner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return inner if get_origin(inner) is tuple else annotation


def _value(annotation: Any) -> Any:
    shape = _shape(annotation)
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return example(shape)
    if get_origin(shape) is tuple:
        return [_value(part) for part in get_args(shape) if part is not Ellipsis]
    if get_origin(shape) is Mapping:
        return {_value(part): _value(held) for part, held in [get_args(shape)]}
    choices = get_args(shape) if get_origin(shape) is Literal else _VALUES
    return next(value for value in choices if accepts(shape, value))


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=_STRICT)

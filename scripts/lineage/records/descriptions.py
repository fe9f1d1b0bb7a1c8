"""What the record classes say of their own fields: the comment beside each, its parts, and what may stand there."""

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from lineage import records
from lineage.records import Record, fields

# What people write, and the class of each; a kind works as soon as its class is in lineage.records.
_CLASSES = {
    "model": "Model",
    "source": "Source",
    "case": "Case",
    "claim": "Claim",
    "response": "Claim",
    "correction": "Correction",
    "removal": "Removal",
    "identity": "Identity",
    "request": "Request",
    "published": "Published",
    "family": "Family",
}
_COMMENTED = re.compile(r"^ {4}(\w+):.*?  # (.+)$", re.MULTILINE)
_WORDS = {
    "Line": "one line",
    "Prose": "a sentence or two",
    "LongText": "paragraphs, between two lines of three double quotes",
    "QuotedText": "fewer than 25 words, exactly as the source has them",
    "Url": "an http(s) address",
    "AccountUrl": "the https address of an account",
    "DataPath": 'the path of a record, such as "data/sources/qwen2.5-blog.toml"',
    "PageAddress": 'the address of a page from the root of the site, such as "cases/pangu-qwen/"',
    "Domain": 'a domain such as "example.org"',
    "Slug": "an id: lower case letters, digits, dots, hyphens",
    "ModelId": '"maker/name"',
    "ReleasedId": '"maker/name"',
    "HubAddress": '"hub:maker/name", "modelscope:maker/name", or one of these with ":" and the name of a file',
    "Commit": "the 40 letters of a full commit",
    "When": 'a day such as 2025-07-05 without quotes, or "2025-07"',
}
_PLAIN = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def record_classes() -> dict[str, type[Record]]:
    """The class of each kind of record that people write, by the word for the kind."""
    classes = {kind: getattr(records, name, None) for kind, name in _CLASSES.items()}
    return {kind: record_class for kind, record_class in classes.items() if record_class is not None}


@cache
def field_notes(kind: type[BaseModel]) -> dict[str, str]:
    """The comment beside each field in the source of a class and of those that it is made from."""
    notes: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, BaseModel) and base.__module__.startswith("lineage."):
            notes |= dict(_COMMENTED.findall(inspect.getsource(base)))
    return notes


@cache
def field_types(kind: type[BaseModel]) -> dict[str, Any]:
    """The type of each field of a file, as its class names it."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hints[name] for name in kind.model_fields if name != "path"}


def part_of(annotation: Any) -> type[BaseModel] | None:
    """The class of a part that a field holds, alone or repeated; None for texts, numbers and lists of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(part_of, get_args(annotation))), None)


def is_list(annotation: Any) -> bool:
    """Whether a field holds any number of values."""
    return get_origin(annotation) is tuple or any(get_origin(element) is tuple for element in get_args(annotation))


def is_mapping(annotation: Any) -> bool:
    """Whether a field holds values under names that its author chooses."""
    return get_origin(annotation) is Mapping or any(get_origin(element) is Mapping for element in get_args(annotation))


def wanted_words(annotation: Any) -> str:
    """What may stand in a field, in a few words: its choices, its form or its type."""
    return " or ".join(dict.fromkeys(filter(None, _words(annotation))))


def plain_type(annotation: Any) -> type:
    """The type under a field's rules: bool, int, float or str; what is none of these is written as a text."""
    if annotation in _PLAIN:
        return annotation  # type: ignore[no-any-return]
    return next((element for element in map(plain_type, _inner(annotation)) if element is not str), str)


def _words(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield " | ".join(f'"{choice}"' for choice in get_args(annotation))
    elif name := next((name for name, alias in vars(fields).items() if alias is annotation and name in _WORDS), None):
        yield _WORDS[name]
    elif annotation in _PLAIN:
        yield _PLAIN[annotation]
    elif getattr(annotation, "__name__", "") == "date":
        yield "a day such as 2025-07-05 without quotes"
    else:
        for element in _inner(annotation):
            yield from _words(element)


def _inner(annotation: Any) -> tuple[Any, ...]:
    """What an annotation is made of, without rules, None and the dots of tuples."""
    arguments = get_args(annotation)[:1] if hasattr(annotation, "__metadata__") else get_args(annotation)
    return tuple(element for element in arguments if element not in (NoneType, Ellipsis))

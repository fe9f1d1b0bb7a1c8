"""A record to fill in, made from its class: what must be written is empty, what may be is commented out."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from lineage.records import Record
from lineage.records.descriptions import (
    field_notes,
    field_types,
    is_list,
    is_mapping,
    part_of,
    plain_type,
    wanted_words,
)

_EMPTY = {bool: "false", int: "0", float: "0.0", str: '""'}
_HOW = "Fill in what is empty. A line that starts with # is left out: remove the # to use it, or delete the line."


def blank_record(kind: type[Record], schema: str, values: Mapping[str, str], keys_to_ask: Collection[str] = ()) -> str:
    """The TOML of a new record, with the address of its schema, the values that are known, and empty places.

    keys_to_ask are optional keys that are wanted all the same.
    """
    types = field_types(kind)
    simple = [name for name in types if part_of(types[name]) is None and not is_mapping(types[name])]
    lines = [f"#:schema {schema}", f"# {_first_line(kind)}", f"# {_HOW}", ""]
    for name in simple:
        needed = name in keys_to_ask or kind.model_fields[name].is_required()
        lines.append(_line(kind, name, values.get(name), needed or name in values, keys_to_ask))
    for name in (name for name in types if is_mapping(types[name])):
        lines += ["", f"# [{name}]{_comment(field_notes(kind).get(name, ''))}", '# "..." = "..."']
    for name in (name for name in types if part_of(types[name]) is not None):
        lines += ["", *_table(kind, name, needed=name in keys_to_ask or kind.model_fields[name].is_required())]
    return "\n".join(lines) + "\n"


def _table(kind: type[BaseModel], name: str, *, needed: bool, above: Sequence[str] = ()) -> Iterator[str]:
    """A part of a record as a table, with its own parts after it."""
    annotation = field_types(kind)[name]
    section = part_of(annotation)
    assert section is not None  # noqa: S101 - only parts are given here
    path, types = [*above, name], field_types(section)
    head = f"[[{'.'.join(path)}]]" if is_list(annotation) else f"[{'.'.join(path)}]"
    yield f"{head if needed else f'# {head}'}{_comment(field_notes(kind).get(name) or _first_line(section))}"
    for key in types:
        if part_of(types[key]) is None:
            required = section.model_fields[key].is_required()
            yield _line(section, key, None, required) if needed else "# " + _line(section, key, None, needed=True)
    for key in types:
        if part_of(types[key]) is not None:
            yield from _table(section, key, needed=needed and section.model_fields[key].is_required(), above=path)


def _line(kind: type[BaseModel], name: str, value: str | None, needed: bool, keys_to_ask: Collection[str] = ()) -> str:
    annotation: Any = field_types(kind)[name]
    empty = _EMPTY[plain_type(annotation)]
    if is_list(annotation):
        empty = f"[{empty}]" if name in keys_to_ask else "[]"  # a class may take no element where the checks want one
    literal = empty if value is None else json.dumps(value, ensure_ascii=False)
    words = "" if value is not None else _words(name, annotation)
    note = "; ".join(filter(None, (field_notes(kind).get(name, ""), words)))
    return f"{'' if needed else '# '}{name} = {literal}{_comment(note)}"


def _words(name: str, annotation: Any) -> str:
    if name == "sources" or name.endswith("_sources"):
        return 'a list of ids from data/sources/, such as ["qwen2.5-blog"]'
    words = wanted_words(annotation)
    return f'a list such as ["...", "..."], each {words}' if is_list(annotation) else words


def _comment(note: str) -> str:
    return f"  # {note}" if note else ""


def _first_line(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").split("\n")[0]

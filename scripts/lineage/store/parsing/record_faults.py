"""What pydantic says is wrong with a record -> problems in plain words, each with its key."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from lineage.records import Problem
from lineage.store.parsing.faults import MOST_PROBLEMS, further

_LIST = "tuple["  # how pydantic names the form of a field that is a list, where it takes another form too
_BRANCHES = (_LIST, "function-after[", "constrained-str")
_OF_NAME = "[key]"  # where pydantic says that the name of an entry is wrong, and not its value
_BOUNDS = {  # what is said of a number by the reader's word for what is wrong with it
    "greater_than": "is too small; it is more than {}",
    "greater_than_equal": "is too small; it is at least {}",
    "less_than": "is too large; it is less than {}",
    "less_than_equal": "is too large; it is at most {}",
}
_OF_A_KIND = {
    "tuple_type": 'is no list; write it in brackets, as in sources = ["one", "two"]',
    "model_type": "is no table; write its keys below a line with its name in brackets, as in [architecture]",
    "model_attributes_type": "is no table; write its keys below a line with its name in brackets, as in [architecture]",
    "string_type": 'is no text; write it in double quotes, as in title = "Some words"',
    "bool_type": "is neither true nor false; write one of them, in small letters and without quotes",
}


def record_problems(
    faults: Sequence[ErrorDetails], content: Mapping[str, Any], kind: type[BaseModel], path: str
) -> list[Problem]:
    """The first problems of a record, and a line for the rest; faults are what pydantic says of its content."""
    details = list(_of_the_form_written(faults, content))
    refused_names = {detail["loc"][:-1] for detail in details if detail["loc"][-1:] == (_OF_NAME,)}
    telling = [
        detail
        for detail in details
        if (detail["type"] != "too_short" or not _follows(detail, details))
        and (detail["loc"][-1] == _OF_NAME or not any(detail["loc"][: len(name)] == name for name in refused_names))
    ]
    problems = [Problem(path, _in_words(detail, kind), key=detail["loc"]) for detail in telling[:MOST_PROBLEMS]]
    return [*problems, *further(len(telling), path)]


def _of_the_form_written(details: Sequence[ErrorDetails], content: Mapping[str, Any]) -> Iterator[ErrorDetails]:
    """The faults, but of a field that takes one value or a list only those of the form that the record has.

    pydantic tries both forms and puts the name of each into the location; here it is taken out again.
    """
    for detail in details:
        depth = next((at for at, name in enumerate(detail["loc"]) if str(name).startswith(_BRANCHES)), None)
        if depth is None:
            yield detail
            continue
        value: Any = content
        for name in detail["loc"][:depth]:
            value = value[name]
        if isinstance(value, list | tuple) == str(detail["loc"][depth]).startswith(_LIST):
            renamed = detail.copy()
            renamed["loc"] = (*detail["loc"][:depth], *detail["loc"][depth + 1 :])
            yield renamed


def _follows(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called too short only because an item of it was refused."""
    location = detail["loc"]
    return any(
        detail_inside["loc"][: len(location)] == location and detail_inside["loc"] != location
        for detail_inside in details
    )


def _in_words(detail: ErrorDetails, kind: type[BaseModel]) -> str:
    """One fault in words: the key, what is wrong with it, and what would be right."""
    *parents, last = detail["loc"]
    if last == _OF_NAME:
        key = ".".join(map(str, parents[:-1]))
        return f"{key}: the name {parents[-1]!r} cannot stand there; {detail['msg'][0].lower()}{detail['msg'][1:]}"
    key = ".".join(str(step + 1) if isinstance(step, int) else step for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        if hint := getattr(kind, "moved_keys", {}).get(key):
            return f"unknown key {key!r}; {hint}"
        keys = _keys_at(kind, parents)
        guesses = difflib.get_close_matches(str(last), keys, n=1)
        hint = f"did you mean {guesses[0]!r}?" if guesses else f"known keys: {', '.join(keys)}"
        return f"unknown key {key!r}; {hint}"
    if detail["type"] == "missing":
        return f"the key {key!r} is missing"
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
    return f"{key}: {message[0].lower()}{message[1:]}"


def _may_be_left_out(kind: type[BaseModel], location: Sequence[int | str]) -> bool:
    """Whether a record, or a part of one, may leave out the key at a location; entries of a list have no key."""
    *parents, last = location
    field = _model_at(kind, parents).model_fields.get(str(last))
    return field is not None and not field.is_required()


def _keys_at(kind: type[BaseModel], parents: Sequence[int | str]) -> list[str]:
    """The keys that may stand in a part of a record, sorted."""
    return sorted(name for name in _model_at(kind, parents).model_fields if name != "path")


def _model_at(kind: type[BaseModel], parents: Sequence[int | str]) -> type[BaseModel]:
    """The class of the part of a record at a location; the innermost that is known."""
    for parent in parents:
        if isinstance(parent, str) and (field := kind.model_fields.get(parent)):
            kind = _model_in(field.annotation) or kind
    return kind


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The class of a part that a field holds, alone or in a list; None where it holds no part."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, getattr(annotation, "__args__", ()))), None)

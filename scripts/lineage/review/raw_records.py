"""What the TOML files of one version of data/ hold, whatever their schema was then, and what a field of them says."""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

Held = Mapping[str, Any]
Raw = Mapping[str, Held]  # what each TOML file holds, by its path, whatever its schema was at the time
_FILES_AT_ONCE = 4_096  # what files hold that one process reads once
_NAMES = ("id", "name", "file", "title", "date", "text", "value")  # what tells one entry of a list from another


def read_raw(files: Mapping[str, bytes]) -> Raw:
    """What each TOML file holds; one that is no TOML is left out."""
    records: dict[str, Held] = {}
    for path, content in files.items():
        with suppress(ValueError, RecursionError):
            records[path] = _held(content)
    return records


@lru_cache(maxsize=_FILES_AT_ONCE)
def _held(content: bytes) -> Held:
    """What a TOML file holds, read once: a base and a change of it hold mostly the same files, and are asked often."""
    return tomllib.loads(content.decode("utf-8"))


def said(value: Any) -> str:
    """What a field says, on one line: of a part its text, of a list its items; "" where it is left out."""
    if isinstance(value, Mapping):
        if "text" in value:
            return said(value["text"])
        return "; ".join(f"{key} = {said(inner)}" for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " · ".join(map(said, value))
    return " ".join(str(value).split()) if value is not None else ""


def folded(value: Any) -> Any:
    """A value, of a text without line breaks and repeated spaces: two that differ in nothing else are the same."""
    return " ".join(value.split()) if isinstance(value, str) else value


def whole_text(value: Any) -> str:
    """What a field says with all its parts, and not its text alone."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {whole_text(inner)}" for key, inner in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(whole_text, value))
    return said(value)


def entry_name(entry: Any) -> str:
    """What tells an entry of a list from the others, such as its id or its title; "" where nothing does."""
    if not isinstance(entry, Mapping):
        return said(entry)[:60]
    return next((said(entry[key])[:60] for key in _NAMES if entry.get(key)), "")


def state_of(record: Held) -> str:
    """The state that the last event with one gives a record; "open" where none does."""
    return next((said(event["state"]) for event in reversed(record.get("history", ())) if event.get("state")), "open")

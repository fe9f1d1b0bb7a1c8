"""Where in the text of a data file a key, or what a message quotes, stands: a line number."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

Key = tuple[int | str, ...]  # ("figures", 0, "value"), as pydantic gives it

# One statement is read again with each line that it takes; what is longer than any field may be is not looked into.
_MOST_LINES = 200
_MOST_CHARACTERS = 20_000
_QUOTED = re.compile(r"'([^'\n]+)'|(?<![\w-])(\d{4}-\d\d(?:-\d\d)?)(?![\w-])")


def line_of_key(text: str, key: Sequence[int | str]) -> int:
    """The line, from 1, of a key in sound TOML; that of the table that should hold it where it is missing."""
    lines = _lines_by_key(text)
    location = tuple(key)
    prefix = next(location[:size] for size in range(len(location), -1, -1) if location[:size] in lines)
    line, statement = lines[prefix]
    index = location[len(prefix)] if len(location) > len(prefix) else None
    return line + _lines_before(statement, index) if isinstance(index, int) else line


@lru_cache(maxsize=2)  # problems come file by file
def _lines_by_key(text: str) -> Mapping[Key, tuple[int, str]]:
    """The line and the text of the first statement at each path."""
    lines: dict[Key, tuple[int, str]] = {(): (1, "")}
    for path, line, statement in _statements(text):
        lines.setdefault(path, (line, statement))
    return lines


def line_of_words(text: str, message: str) -> int | None:
    """The line, from 1, of the first thing that a message names ("key: ...", 'text', a date) and the text holds."""
    key = re.match(r"([a-z_]+): ", message)
    words = [key[1]] if key else []
    words += [quotation or day for quotation, day in _QUOTED.findall(message)]
    lines = text.split("\n")
    for word in words:
        pattern = re.compile(_standing(word))
        for number, line in enumerate(lines, start=1):
            if pattern.search(line):
                return number
    return None


def _standing(word: str) -> str:
    """A pattern that finds a word in TOML where it is a key, the name of a table, a text or a date."""
    exact = re.escape(word)
    return rf"""^\s*{exact}\s*=|^\s*\[+\s*{exact}\s*\]|"{exact}"|'{exact}'|=\s*{exact}\s*(#|$)"""


def _statements(text: str) -> Iterator[tuple[Key, int, str]]:
    """Each table head and each key of a sound TOML text: its path, its line, and its own text."""
    counts: dict[Key, int] = {}
    table: Key = ()
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        pending.append(line)
        statement = "\n".join(pending)
        if len(pending) > _MOST_LINES or len(statement) > _MOST_CHARACTERS:
            return
        content = _parsed(statement)
        if content is None:
            continue
        start = number - len(pending) + 1
        pending = []
        if line.lstrip().startswith("[") and start == number:
            table = _table(content, counts)
            yield table, start, ""
        elif content:
            yield (*table, *_names(content)), start, statement


def _parsed(statement: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(statement)
    except (ValueError, RecursionError):
        return None


def _names(content: Any) -> Iterator[str]:
    """The keys on the way to the one value of a statement."""
    while isinstance(content, dict) and len(content) == 1:
        name, content = next(iter(content.items()))
        yield name


def _table(content: dict[str, Any], counts: dict[Key, int]) -> Key:
    """The path of a table head, with the place of each repeated table on it, counted in counts."""
    names = list(_names(content))
    path: Key = ()
    for name in names[:-1]:
        path = (*path, name)
        path = (*path, counts[path]) if path in counts else path
    path = (*path, names[-1])
    last: Any = content
    for name in names:
        last = last[name]
    if isinstance(last, list):
        counts[path] = counts.get(path, -1) + 1
    return (*path, counts[path]) if path in counts else path


def _lines_before(statement: str, index: int) -> int:
    """How many lines of a statement stand before the element of its list that has an index."""
    lines = statement.split("\n")
    for count in range(1, len(lines)):
        content = _parsed("\n".join([*lines[:count], "]"]))
        value = next(iter(content.values()), None) if content else None
        if isinstance(value, list) and len(value) > index:
            return count - 1
    return 0

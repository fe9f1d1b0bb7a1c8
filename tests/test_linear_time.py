"""What reads a stranger's text takes time by its length, and not by the square of it."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lineage.checks.wording import account_names, printed_problems
from lineage.records import Source
from lineage.store.comments import without_comments
from lineage.store.parsing.faults import DataError
from lineage.store.parsing.records import parse_record
from lineage.web.foreign_text import inert_markdown, plain_markdown

ROOMS = ("checks", "store", "web", "review", "records")
SHORT = 4_000  # characters; by the square, four times as many take 16 times as long
MOST = 9.0  # times as long; a straight line takes 4
WHOLE = 100_000  # bytes of a file that people write
NOTICED = 0.01  # seconds of the long text; below this there is nothing to compare
REPEATED = (
    *("a", "A", "0", " ", "\t", "\n", "_", "-", ".", "@", "$", '"', "'", "“", "「", "`", "~", "<", "#", "[", "(", "\\"),
    *("/", "=", "|", "&", ";", ":", "!", ">", "+", "*", ",", "é", "中", "年", "\u0301", "\uff3f", "a-", "a.", "a "),
    *("a_", "a1", "a\n", " \n", "<a", "</", "<!--", " #", '"a', 'a"', "](", "a.a@", "@a", "http://", "a = ", "a,"),
    *('",', "0.", "0,", "1 ", "Aa ", "A. ", "is ", "a b ", "# ", "- ", "&a", "{", "}}", '\\"', "'''", '"""'),
    *("copy ", "\u0301\u0323"),
)


def seconds(work: Callable[[str], object], text: str) -> float:
    before = time.thread_time()
    work(text)
    return time.thread_time() - before


def grows_by_the_square(work: Callable[[str], object], unit: str, end: str = "", short: int = SHORT) -> bool:
    """Whether four times the text takes much more than four times as long, each time that it is tried."""

    def text(length: int) -> str:
        return (unit * (length // len(unit) + 1))[:length] + end

    tries = ((seconds(work, text(short)), seconds(work, text(4 * short))) for _ in range(3))
    return all(after > NOTICED and after > MOST * before for before, after in tries)


def literal_patterns(path: Path) -> Iterator[re.Pattern[str]]:
    """The patterns that a module writes where it uses them; those for re.match are tried at one place only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr="compile" | "sub" | "findall" | "search" | "split"),
                args=[ast.Constant(value=str(pattern)), *_],
            ):
                yield re.compile(pattern)


def as_read(pattern: re.Pattern[Any], text: str) -> str | bytes:
    """A text, or its bytes for a pattern of bytes."""
    return text if isinstance(pattern.pattern, str) else text.encode()


def places(pattern: re.Pattern[Any], text: str) -> int:
    """How often a pattern stands in a text."""
    return sum(1 for _ in pattern.finditer(as_read(pattern, text)))


def whole(pattern: re.Pattern[Any], text: str) -> bool:
    """Whether a pattern is the whole of a text."""
    return pattern.fullmatch(as_read(pattern, text)) is not None


def whole_only(path: Path) -> set[str]:
    """The names of patterns that a module tries at the beginning of a text alone."""
    uses: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            uses.setdefault(node.value.id, set()).add(node.attr)
    return {name for name, verbs in uses.items() if verbs <= {"fullmatch", "match"}}


def patterns(room: str) -> dict[str, Callable[[str], object]]:
    """By name how each pattern of a room and of those in it is tried: everywhere in a text, or at its beginning."""
    package = importlib.import_module(f"lineage.{room}")
    named: dict[str, Callable[[str], object]] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        path = Path(str(module.__file__))
        at_the_beginning = whole_only(path)
        held = {name: one for name, one in vars(module).items() if isinstance(one, re.Pattern)}
        for name, pattern in held.items():
            tried = whole if name in at_the_beginning else places
            named.setdefault(f"{info.name}.{name}", partial(tried, pattern))
        for pattern in set(literal_patterns(path)) - set(held.values()):
            named.setdefault(f"{info.name} {pattern.pattern[:60]}", partial(places, pattern))
    return named


@pytest.mark.parametrize("room", ROOMS)
def test_no_pattern_takes_time_by_the_square_of_a_text(room: str) -> None:
    tried = patterns(room)
    slow = {(name, unit) for name, work in tried.items() for unit in REPEATED if grows_by_the_square(work, unit, "!")}

    assert tried
    assert slow == set()


def test_the_measure_itself_knows_a_slow_pattern() -> None:
    former = re.compile(r"[^\W_@$]*(?:[^\W\d_][0-9@$]|[0-9@$][^\W\d_])[\w@$]*")

    assert grows_by_the_square(partial(places, former), "a", short=1_000)


READERS: dict[str, Callable[[str], object]] = {
    "words": lambda text: printed_problems(text, theirs=False, quoted=frozenset()),
    "accounts": lambda text: account_names(text, frozenset({"somebody"})),
    "comments": lambda text: without_comments(text, "case.toml"),
    "comments of translations": lambda text: without_comments(text, "zh.po"),
    "a comment of the report": inert_markdown,
    "a cell of the report": plain_markdown,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "unit", ["a", " ", "a1", "_", "\uff3f", "a-", "“", '\\"', "\u0301", "\u0301\u0323", "中 ", "x = "]
)
def test_whole_files_of_one_sign_are_read_in_linear_time(reader: str, unit: str) -> None:
    assert not grows_by_the_square(READERS[reader], unit, "!")
    assert seconds(READERS[reader], unit * (WHOLE // len(unit))) < 20  # by the square: minutes


@pytest.mark.parametrize("text", ["a" * WHOLE, " " * WHOLE, "a." * (WHOLE // 2), '"' + '\\"' * (WHOLE // 2)])
def test_a_file_of_one_sign_is_refused_as_a_record(text: str) -> None:
    with pytest.raises(DataError):
        parse_record(text, Source, "data/sources/a.toml")


def test_comments_end_where_they_did() -> None:
    record = 'a = "x # y"   # gone\n  # gone too\nb = """one # kept\n"""\nc = \'#\'\t# gone\nd = "\\"#"\n'

    assert without_comments(record, "a.toml") == 'a = "x # y"\nb = """one # kept\n"""\nc = \'#\'\nd = "\\"#"\n'

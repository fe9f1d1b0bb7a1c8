"""What is wrong with a file under data/, as problems in plain words; and what every file must be: text, no merge."""

import re
from collections.abc import Iterator, Sequence

from lineage.records import Problem

MOST_PROBLEMS = 100  # of one file that are told one by one
_CONFLICT = re.compile(r"(?m)^<{7} .*$|^>{7} .*$")  # as git marks one


class DataError(Exception):
    """A file under data/ cannot be used. Carries every problem found in it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def decode(content: bytes, path: str) -> str:
    """The text of a file; a DataError where it is empty or not UTF-8."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError([Problem(path, "is not UTF-8; save the file as UTF-8", line)]) from None
    if not text.strip():
        raise DataError([Problem(path, "is empty; CONTRIBUTING.md shows what belongs here")])
    if text.startswith("\ufeff"):
        raise DataError([Problem(path, "starts with a byte order mark; save the file as plain UTF-8", 1)])
    return text


def refuse_conflict(text: str, path: str, advice: str) -> None:
    """A DataError that says what to do where git has left both sides of a merge in a text."""
    if mark := _CONFLICT.search(text):
        line = text.count("\n", 0, mark.start()) + 1
        raise DataError([Problem(path, f"holds both sides of a merge; {advice}", line)])


def limited(problems: Sequence[Problem]) -> list[Problem]:
    """The first problems of each file, and a line for the rest of it: nobody reads thousands, nor waits for them."""
    by_path: dict[str, list[Problem]] = {}
    for problem in problems:
        by_path.setdefault(problem.path, []).append(problem)
    return [
        problem
        for path, problems_of_file in by_path.items()
        for problem in (*problems_of_file[:MOST_PROBLEMS], *further(len(problems_of_file), path))
    ]


def further(count: int, path: str) -> Iterator[Problem]:
    """A problem that says how many more a file has than are told one by one; none where all are told."""
    if count > MOST_PROBLEMS:
        yield Problem(path, f"has {count - MOST_PROBLEMS:,} more problems; mend these first")

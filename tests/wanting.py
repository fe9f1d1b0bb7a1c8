"""What a run of the tests reports and does not require: the end of the run prints it; a release has to have it."""

import os
from collections.abc import Callable, Iterable

import pytest

WANTING = "wanting"  # a property of a test, which reports bring along from other processes
RELEASE = bool(os.environ.get("COMPLETE"))  # `make test-data COMPLETE=1`, before a release


def report(record: Callable[[str, object], None], what: str, lines: Iterable[str]) -> None:
    """Notes what is missing, to be printed at the end of the run; fails where a release is tested and any is."""
    found = list(dict.fromkeys(lines))
    record(WANTING, (what, found))
    assert not (RELEASE and found), f"{what}, which a release has to have: {found}"


def wanting_of(reports: Iterable[object]) -> list[tuple[str, list[str]]]:
    """What each test noted, in whatever order the tests ended; without what nothing is missing from."""
    ran = [one for one in reports if isinstance(one, pytest.TestReport) and one.when == "call"]
    noted = [held for one in ran for name, held in one.user_properties if name == WANTING]
    return sorted((what, list(lines)) for what, lines in noted if lines)

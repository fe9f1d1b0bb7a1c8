"""The lines of the table of budgets, which the tests of them add and the end of the run prints."""

from collections.abc import Iterable

import pytest

Row = tuple[str, str, str, str]  # page, what, measured, budget or ""
BUDGET = "budget"  # a property of a test, which reports bring along from other processes


def rows_of(reports: Iterable[object]) -> list[Row]:
    """The rows that tests noted, those of a page together, in whatever order the tests ended."""
    ran = [one for one in reports if isinstance(one, pytest.TestReport) and one.when == "call"]
    ran.sort(key=lambda one: (one.location[1] or 0, one.nodeid))
    rows = [tuple(row) for one in ran for name, row in one.user_properties if name == BUDGET]
    return sorted(rows, key=lambda row: row[0])


def table_lines(rows: list[Row]) -> list[str]:
    """The table as text, in columns."""
    table = [("page", "what", "measured", "budget"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]

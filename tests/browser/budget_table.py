"""The lines of the table of budgets, which the tests of them add and the end of the run prints."""

import pytest

Row = tuple[str, str, str, str]  # page, what, measured, budget or ""
BUDGETS = pytest.StashKey[list[Row]]()


def table_lines(rows: list[Row]) -> list[str]:
    """The table as text, in columns."""
    table = [("page", "what", "measured", "budget"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]

"""Of the committed record too, pages are listed as they are written."""

from lineage.site.pages.listing import titles_of_records
from repository import committed
from test_listing import written


def test_they_are_those_that_are_written() -> None:
    assert titles_of_records(committed()) == written(committed())

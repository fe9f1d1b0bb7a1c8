"""Sentences of records that say something of all or of none: what each rests on is listed by whoever merges them."""

from collections.abc import Callable

from lineage.checks.universal_claims import listed_sentences
from repository import committed
from universal_sentences import of_records
from wanting import report


def test_what_is_not_listed_is_reported(record_property: Callable[[str, object], None]) -> None:
    listed = listed_sentences()

    new = [f"{found.where}: {found.sentence}" for found in of_records(committed()) if found.sentence not in listed]

    report(record_property, "sentences of all or of none that words/universal.toml does not list", new)

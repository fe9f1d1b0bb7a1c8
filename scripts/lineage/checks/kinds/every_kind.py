"""Rules that records of every kind keep: their names, the models and sources that they name, and their dates."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import PurePosixPath

from pydantic import BaseModel

from lineage.records import (
    Dataset,
    Event,
    Problem,
    Record,
    RequestEvent,
    SourceEvent,
    When,
    first_day,
    last_day,
    model_slug,
)
from lineage.site.citations import cited_sources, inner_parts

_FIRST_YEAR = 1900


def named_after(record: Record, record_id: str, stem: str) -> Iterator[Problem]:
    file = PurePosixPath(record.path)
    if file.stem != stem:
        yield Problem(record.path, f"holds the id {record_id!r}, so the file is named {stem}{file.suffix}")


def known_model(record: Record, key: str, model_id: str, dataset: Dataset) -> Iterator[Problem]:
    if (
        model_id not in dataset.models
        and model_id not in dataset.controls
        and f"data/models/{model_slug(model_id)}.toml" not in dataset.refused
    ):
        yield Problem(record.path, f"{key}: the model {model_id!r} has no record in data/models/")


def in_order(record: Record, events: Iterable[Event | SourceEvent | RequestEvent]) -> Iterator[Problem]:
    for earlier, later in pairwise(events):
        if last_day(later.date) < first_day(earlier.date):
            yield Problem(record.path, f"the event of {later.date} stands after that of {earlier.date}; sort by date")


def check_citations(record: Record, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each source that a record cites and data/sources/ does not hold."""
    for name in sorted(set(cited_sources(record))):
        if name not in dataset.sources and f"data/sources/{name}.toml" not in dataset.refused:
            yield Problem(record.path, f"cites {name!r}, which has no record in data/sources/")


def check_dates(record: Record, today: date) -> Iterator[Problem]:
    """A problem for each date in a record that lies in the future, or before anything recorded here began."""
    for when in _dates(record):
        if first_day(when).year < _FIRST_YEAR:
            yield Problem(record.path, f"the date {when} is before {_FIRST_YEAR}; write the year with its century")
        if first_day(when) > today:
            yield Problem(record.path, f"the date {when} is in the future (today is {today})")


def _dates(record: BaseModel) -> Iterator[When]:
    """Every date in a record, however deep."""
    for name, value in record:
        if isinstance(value, date) or (value and name in ("date", "published", "released")):
            yield value
        for inner in inner_parts(value):
            yield from _dates(inner)

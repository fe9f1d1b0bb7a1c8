"""Records of what can be cited: where it is, what it shows, and what became of it."""

from datetime import date
from functools import reduce
from typing import ClassVar

from lineage.records.fields import (
    AccountUrl,
    Line,
    Part,
    Positive,
    Prose,
    Record,
    RelayForm,
    Sha256,
    Slug,
    SourceKind,
    SourceReading,
    SourceState,
    Url,
    When,
)

# States in which a source no longer stands as it was cited.
FALLEN: tuple[SourceState, ...] = ("removed", "withdrawn", "unavailable for legal reasons")


class SourceEvent(Part):
    """What was found at the address of a source on a day, by whoever reports it or by one of us."""

    date: When  # the day it was seen, or the first day that a report gives
    state: SourceState
    reported_by: tuple[Slug, ...] = ()  # the sources that say so; left out where one of us opened the address
    opened_by: AccountUrl | None = None  # the account of somebody else who opened the address; not one of us
    note: Line | None = None
    text_sha256: Sha256 | None = None  # of its text as scripts/recheck.py normalises it
    text_characters: Positive | None = None


class Relay(Part):
    """What a source is where it carries the words of somebody else, at another place than theirs."""

    form: RelayForm  # how it carries them
    by: Line  # the account, site or package that carries them
    source: Slug | None = None  # the source that it carries, where that is on record
    same_party: Line | None = None  # what is known of whether the two are one party


class Source(Record):
    """One thing that can be cited: data/sources/<id>.toml. Its state follows from its history."""

    folder: ClassVar[str] = "sources"

    id: Slug
    title: Line
    title_ours: bool = False  # whether the title is our description of what has none, and no title of a work
    publisher: Line
    url: Url | None = None
    package: Line | None = None  # "name==version", for what a Python package ships
    address_withheld: Line | None = None  # why no address is given
    archive_url: Url | None = None
    read: SourceReading  # how it was read for this site
    quoted_in: tuple[Slug, ...] = ()  # the sources that quote or describe it, where it was not read itself
    copy_url: Url | None = None  # public address of the archived copy that was read
    copy_withheld: Line | None = None  # why no address of that copy is given
    relay: Relay | None = None
    published: When | None = None
    kind: SourceKind  # primary: the thing itself; secondary: a report of it; unverified: origin not established
    shows: Prose  # what it is cited for
    note: Prose | None = None
    history: tuple[SourceEvent, ...] = ()  # in order of date; added to, never edited

    @property
    def state(self) -> SourceState:
        """What the events come to, the later ones over the earlier; "unchecked" where nothing happened."""
        return reduce(_after, self.history, "unchecked")

    @property
    def opened(self) -> bool:
        """Whether one of us opened the thing itself: its address, or the package that holds it."""
        return self.read == "package opened here" or self.last_look is not None

    @property
    def last_look(self) -> SourceEvent | None:
        """The last event in which one of us opened the address, or None."""
        return next((event for event in reversed(self.history) if not event.reported_by and not event.opened_by), None)

    @property
    def checked(self) -> date | None:
        """The day on which one of us last opened the address, or None."""
        return self.last_look.date if self.last_look and isinstance(self.last_look.date, date) else None


def _after(state: SourceState, event: SourceEvent) -> SourceState:
    """The state after an event: a failed request undoes nothing, and only a report undoes a withdrawal."""
    if event.state == "unreachable" and state in FALLEN:
        return state
    return state if state == "withdrawn" and not event.reported_by else event.state

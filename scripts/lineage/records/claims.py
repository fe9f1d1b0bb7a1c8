"""Records of what somebody said: claims, the responses to them, and replies in full."""

import re
from collections.abc import Mapping
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    AccountUrl,
    Cited,
    ClaimantRole,
    ClaimState,
    ClaimSubject,
    Event,
    Line,
    LongText,
    ModelId,
    Part,
    Prose,
    Quote,
    Record,
    Slug,
    Url,
    When,
)


class ClaimEvent(Event):
    """What happened to a claim, and the state that it has since."""

    state: ClaimState | None = None  # left out where the event changes no state
    identity: Slug | None = None  # of data/identities/: the party that posted it here; left out where sources report it


class Checkable(Part):
    """What could check a claim, and whether anything public has."""

    could: Cited
    found: Cited | None = None  # a public check; left out where none was found
    looked: date  # when somebody last looked for one
    looked_in: Line  # and in what


class LicencePoint(Part):
    """A licence header: whose code it names, what it implies for the code, and that it implies nothing for weights."""

    file: Line
    header: tuple[Line, ...]  # empty where its lines were not read
    copyright: tuple[Line, ...] = Field(min_length=1)  # the holders that the header names
    for_code: Cited
    for_weights: Cited


class Reply(Part):
    """What an account sent here, in full; only its owner may change it."""

    text: LongText  # paragraphs with an empty line between them
    owner: AccountUrl  # the account that may change it
    received: date
    via: Url | None = None  # where it was sent; a pull request that is not sent yet has none
    identity: Slug | None = None  # of data/identities/: whose the account is; left out where nobody has verified it

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the text, in order."""
        return tuple(paragraph.strip() for paragraph in re.split(r"\n\s*\n", self.text) if paragraph.strip())


class Claim(Record):
    """What somebody said, or answered: data/cases/<case>/<id>.toml."""

    moved_keys: ClassVar[Mapping[str, str]] = {"state": "it follows from the last event in 'history' that has one"}

    id: Slug
    kind: Literal["claim", "response"]
    subject: ClaimSubject | None = None  # what it is about; a response may leave it out
    title: Line
    claimant: Line
    claimant_role: ClaimantRole
    date: When | None = None  # left out where it is not known
    models: tuple[ModelId, ...] = ()  # one at least, but where weights cannot decide the case and none is named
    statement: Prose  # in our words, attributed
    quote: Quote | None = None
    answers: tuple[Slug, ...] = ()  # claims and responses of the same case
    supersedes: tuple[Slug, ...] = ()  # earlier ones of the same claimant that this one takes the place of
    withdrawn_by: tuple[Slug, ...] = ()  # later ones in which the claimant takes this one back
    evidence: tuple[Line, ...] = ()  # figures that it rests on, as "<published>/<figure>"
    licence: LicencePoint | None = None
    check: Checkable | None = None
    reply: Reply | None = None
    sources: tuple[Slug, ...] = ()  # one at least; a reply in full is a source of its own, and may leave them out
    history: tuple[ClaimEvent, ...] = ()  # what happened to it since, in order of date; only ever added to

    @property
    def state(self) -> ClaimState:
        """The state that the last event gives which gives one; "open" before any does."""
        return next((event.state for event in reversed(self.history) if event.state), "open")

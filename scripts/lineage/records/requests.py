"""Records of measurements that somebody asked for: the queue, but for what a model's own record says is wanted."""

from datetime import date
from typing import ClassVar, Literal

from lineage.records.fields import AccountUrl, Commit, HubAddress, Part, Positive, Prose, Record, ReleasedId, Slug, Url

RequestState = Literal["waiting", "on hold", "declined"]


class RequestEvent(Part):
    """What became of a request on a day."""

    date: date
    state: RequestState  # waiting: to be measured; on hold: not tried until something changes; declined: not measured
    text: Prose  # why, in a sentence
    sources: tuple[Slug, ...] = ()


class RequestSize(Part):
    """What measuring would read, as the headers of the files said."""

    bytes: Positive  # of tensors that are read
    files: Positive  # bytes of all files of weights
    asked: date  # the day on which the headers were read


class Request(Record):
    """A measurement that somebody asked for: data/requests/<maker_name>.toml."""

    folder: ClassVar[str] = "requests"

    id: ReleasedId  # the model
    address: HubAddress | None = None  # on a hub that is read by ranges; left out where it is on none
    revision: Commit | None = None  # the full commit that was asked for; left out: whichever is newest
    reason: Prose  # why measuring it would help
    sources: tuple[Slug, ...] = ()  # what the reason rests on; left out where it is the words of whoever asks
    asked: date  # the day on which it was asked for
    asked_by: AccountUrl | None = None  # the account that asked; left out where this site's own maintainers did
    thread: Url | None = None  # where it was asked, in public
    priority: Literal["first", "usual", "last"] = "usual"  # among those that wait, as a maintainer sets it
    size: RequestSize | None = None  # left out while nobody has read the headers
    history: tuple[RequestEvent, ...] = ()  # in order of date; added to, never edited

    @property
    def state(self) -> RequestState:
        """The state after the last event; a request waits from the start."""
        return self.history[-1].state if self.history else "waiting"

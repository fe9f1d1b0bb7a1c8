"""The queue of measurements: what somebody asked for and what records say is wanted, in order, with what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lineage.checkpoints.places import hub_kind, hub_name
from lineage.records import Address, Dataset, Model, Request, measurement_of, model_slug
from lineage.records.model_facts import PARAMETERS, facts_about, known_facts
from lineage.wanted.rates import RECORDED, way_of

HUB_KINDS = ("hub", "modelscope")  # of addresses that are read by ranges
BYTES_A_NUMBER = 2  # of what most models are stored in
State = Literal["waiting", "on hold", "declined", "measured"]
NO_ADDRESS = "none of its addresses on record is one that is read here by ranges"
_PRIORITIES = ("first", "usual", "last")


@dataclass(frozen=True)
class Queued:
    """One measurement of the queue."""

    model: str  # its id
    address: str  # "hub:maker/name", with "@" and the commit where one was asked for; "" where it is on no hub
    note: str  # what the record says of that address, such as that it is a re-upload; "" where it says nothing
    reason: str
    sources: tuple[str, ...]
    asked_by: str | None  # the account; None where the record of the model says that it is wanted
    thread: str | None
    asked: date | None
    priority: str
    state: State
    why: str  # the state is what it is; "" where nothing was said
    bytes: int | None  # that measuring reads; None: unknown
    exact: bool  # the headers of the files said so; else from the number of parameters
    file: str  # of data/ that it stands in


def measuring_queue(dataset: Dataset) -> list[Queued]:
    """Every measurement that was asked for, those that wait first and in the order in which they are worked off.

    By priority; then what a case names, then by the day it was asked for, those that no day is known of last; then by
    id. What was measured in the meantime comes last.
    """
    disputed = {name for case in dataset.cases.values() for name in (case.subject, case.reference)}
    states = ("waiting", "on hold", "declined", "measured")
    return sorted(
        (*_asked_for(dataset), *_said_to_be_wanted(dataset)),
        key=lambda queued: (
            states.index(queued.state),
            _PRIORITIES.index(queued.priority),
            queued.model not in disputed,
            queued.asked or date.max,
            queued.model.lower(),
        ),
    )


def is_measured(model: str, revision: str | None, dataset: Dataset) -> bool:
    """Whether a model was measured here, at that revision where one is named; also where it is not testable."""
    record = measurement_of(model, dataset)
    return record is not None and revision in (None, record.revision)


def reading_seconds(size: int, dataset: Dataset) -> float | None:
    """CPU time, in seconds, to measure so many bytes at the rate that was measured; None where none was."""
    row = way_of(dataset, "reading", RECORDED, 1)
    return row.cpu_seconds * size / row.input_bytes if row else None


def hub_place(model: Model | None, address: str = "") -> Address | None:
    """The place of a model's weights on a hub by its record: the first, or that of a given address; None without."""
    hub_addresses = [place for place in model.addresses if place.kind in HUB_KINDS] if model else []
    matches = [place for place in hub_addresses if (place.kind, place.value) == (hub_kind(address), hub_name(address))]
    return next(iter(matches if address else hub_addresses), None)


def hub_address(model: Model) -> str:
    """The first address on a hub as a text, with the revision that the record gives; "" where there is none."""
    hub = hub_place(model)
    return f"{hub.kind}:{hub.value}{f'@{hub.revision}' if hub.revision else ''}" if hub else ""


def pinned_address(address: str | None, revision: str | None) -> str:
    """An address with a commit in its place: "hub:maker/name@commit:file"; "" where there is no address."""
    if not address:
        return ""
    kind, _, name_and_file = address.partition(":")
    name, _, file = name_and_file.partition(":")
    return f"{kind}:{name}{f'@{revision}' if revision else ''}{f':{file}' if file else ''}"


def _asked_for(dataset: Dataset) -> Iterator[Queued]:
    for request in dataset.requests.values():
        size, exact = _size(request, dataset.models.get(request.id), dataset)
        has_measurement = is_measured(request.id, request.revision, dataset)
        yield Queued(
            model=request.id,
            address=pinned_address(request.address, request.revision),
            note=_note(dataset.models.get(request.id), request.address or ""),
            reason=request.reason,
            sources=request.sources,
            asked_by=request.asked_by,
            thread=request.thread,
            asked=request.asked,
            priority=request.priority,
            state="measured" if has_measurement else request.state,
            why=request.history[-1].text if request.history and not has_measurement else "",
            bytes=size,
            exact=exact,
            file=f"requests/{model_slug(request.id)}.toml",
        )


def _said_to_be_wanted(dataset: Dataset) -> Iterator[Queued]:
    """The models whose own record says so, unless somebody asked for them or they were measured."""
    for model in dataset.models.values():
        if model.wanted is None or model.id in dataset.requests or is_measured(model.id, None, dataset):
            continue
        address = hub_address(model)
        size, exact = _size(None, model, dataset)
        yield Queued(
            model=model.id,
            address=address,
            note=_note(model, address),
            reason=model.wanted.text,
            sources=model.wanted.sources,
            asked_by=None,
            thread=None,
            asked=None,
            priority="usual",
            state="waiting" if address else "on hold",
            why="" if address else NO_ADDRESS,
            bytes=size,
            exact=exact,
            file=f"models/{model.slug}.toml",
        )


def _note(model: Model | None, address: str) -> str:
    hub = hub_place(model, address) if address else None
    return (hub.note or "") if hub else ""


def _size(request: Request | None, model: Model | None, dataset: Dataset) -> tuple[int | None, bool]:
    """Bytes that measuring reads, and whether headers said so."""
    if request and request.size:
        return request.size.bytes, True
    counts = facts_about(PARAMETERS, known_facts(model, dataset)) if model else []
    return (BYTES_A_NUMBER * int(counts[0].value) if counts else None), False

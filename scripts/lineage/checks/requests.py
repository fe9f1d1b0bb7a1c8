"""Rules for measurements that somebody asked for."""

from collections.abc import Iterator

from lineage.records import Dataset, Problem
from lineage.records.requests import Request


def check_request(request: Request, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a request: who gives the reason, where the weights are, and that its history is one."""
    if not (request.asked_by or request.sources):
        message = "says neither who asked nor what the reason rests on; write 'asked_by', or name 'sources'"
        yield Problem(request.path, message)
    if request.thread and not request.asked_by:
        yield Problem(request.path, "has a 'thread' and no 'asked_by'; write the account that asked there")
    if not request.address and request.state == "waiting":
        message = "has no 'address' and waits; write where the weights are, or an event \"on hold\" that says why"
        yield Problem(request.path, message)
    if request.revision and not request.address:
        yield Problem(request.path, "has a 'revision' and no 'address'; write where it is")
    if request.size and request.size.bytes > request.size.files:
        message = f"size: {request.size.bytes:,} bytes would be read of {request.size.files:,}; at most all of them are"
        yield Problem(request.path, message)
    if request.size and request.size.asked < request.asked:
        message = f"size: was asked on {request.size.asked}, before the measurement was, on {request.asked}"
        yield Problem(request.path, message)
    yield from _address_on_record(request, dataset)
    for event in request.history:
        if event.date < request.asked:
            yield Problem(request.path, f"the event of {event.date} is before the day of the request, {request.asked}")


def _address_on_record(request: Request, dataset: Dataset) -> Iterator[Problem]:
    """A problem where the record of the model has the weights somewhere else."""
    model = dataset.models.get(request.id)
    if not (model and request.address):
        return
    kind, _, rest = request.address.partition(":")
    known = [one for one in model.addresses if (one.kind, one.value) == (kind, rest.partition(":")[0])]
    if not known:
        message = (
            f"{request.address!r} is no address in {model.path}; add it there with its source, or write one of those"
        )
        yield Problem(request.path, message)
    elif request.revision and all(one.revision and not request.revision.startswith(one.revision) for one in known):
        yield Problem(request.path, f"the commit {request.revision!r} is not the revision in {model.path}")

"""Rules for measurements that somebody asked for."""

from collections.abc import Iterator

from lineage.records import Dataset, Problem, model_slug
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
    """A problem where the record of the model, or the address itself, says that the weights are another model's."""
    if not request.address:
        return
    kind, _, name_and_file = request.address.partition(":")
    same = [
        earlier.id
        for earlier in dataset.requests.values()
        if earlier.address == request.address and earlier.id < request.id
    ]
    if same:
        yield Problem(request.path, f"{request.address!r} is asked for as {same[0]!r} too; leave one of the two")
    model = dataset.models.get(request.id)
    if model is None:
        if model_slug(name_and_file.partition(":")[0]) != model_slug(request.id):
            message = f"{request.address!r} names another model; write a record of {request.id!r} with that address"
            yield Problem(request.path, f"{message} and its source, or ask for the model that is there")
        return
    addresses = [
        address
        for address in model.addresses
        if (address.kind, address.value) == (kind, name_and_file.partition(":")[0])
    ]
    if not addresses:
        message = (
            f"{request.address!r} is no address in {model.path}; add it there with its source, or write one of those"
        )
        yield Problem(request.path, message)
    elif request.revision and all(
        address.revision and not request.revision.startswith(address.revision) for address in addresses
    ):
        yield Problem(request.path, f"the commit {request.revision!r} is not the revision in {model.path}")

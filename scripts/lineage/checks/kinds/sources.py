"""Rules for sources: how each was read, and what became of it."""

from collections.abc import Iterator
from datetime import date

from lineage.checks.kinds.every_kind import in_order, named_after
from lineage.records import Problem, Source, SourceEvent, first_day


def check_source(source: Source) -> Iterator[Problem]:
    """What must hold for a source by itself."""
    yield from named_after(source, source.id, source.id)
    if not (source.url or source.package or source.address_withheld):
        yield Problem(
            source.path, "has no 'url'; write it, or the 'package' that ships it, or why it is 'address_withheld'"
        )
    if source.checked and source.published and source.checked < first_day(source.published):
        yield Problem(source.path, f"checked on {source.checked}, before it was published on {source.published}")
    yield from _check_reading(source)
    yield from in_order(source, source.history)
    for event in source.history:
        yield from _check_source_event(source, event)


def _check_reading(source: Source) -> Iterator[Problem]:
    """What must hold for how a source was read."""
    is_archived = "archived copy" in source.read
    if is_archived and bool(source.copy_url) == bool(source.copy_withheld):
        message = "was read as an archived copy; write its 'copy_url', or in 'copy_withheld' why there is none"
        yield Problem(source.path, message)
    if not is_archived and (source.copy_url or source.copy_withheld):
        yield Problem(source.path, f"names a copy that was read, and 'read' says {source.read!r}; change one")
    if bool(source.quoted_in) != (source.read == "quoted in another source"):
        message = f"'quoted_in' goes with read = \"quoted in another source\", and 'read' says {source.read!r}"
        yield Problem(source.path, f"{message}; write both or neither")
    if source.read == "package opened here" and not source.package:
        yield Problem(source.path, "was opened as a package and has no 'package'; write \"name==version\"")
    if source.read == "opened at its address" and not source.last_look:
        yield Problem(source.path, "was opened at its address, and no event in 'history' says when; add it")
    if source.id in (*source.quoted_in, source.relay and source.relay.source):
        yield Problem(source.path, "names itself as what quotes it or as what it carries; name another source")


def _check_source_event(source: Source, event: SourceEvent) -> Iterator[Problem]:
    where = f"history of {event.date}"
    if event.state == "unchecked":
        yield Problem(source.path, f"{where}: nothing happened; leave the event out until somebody opens the address")
    if event.reported_by and event.opened_by:
        yield Problem(source.path, f"{where}: 'reported_by' and 'opened_by' say two things; write one of them")
    if source.id in event.reported_by:
        yield Problem(source.path, f"{where}: the source reports on itself; name another in 'reported_by'")
    if not event.reported_by and not isinstance(event.date, date):
        message = f"{where}: give the day on which you opened the address, or the sources in 'reported_by'"
        yield Problem(source.path, message)
    if bool(event.text_sha256) != bool(event.text_characters):
        yield Problem(source.path, f"{where}: 'text_sha256' and 'text_characters' go together; write both or neither")

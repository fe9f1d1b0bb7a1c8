"""Statements and events that are gone or changed, though no event or correction says so."""

from collections.abc import Iterator, Mapping

from lineage.records import Problem
from lineage.review.raw_records import Held, folded, said

_SAID = ("title", "statement")  # our words for a claim: a new event may say why they are others
_WHO_AND_WHEN = ("claimant", "claimant_role", "date", "quote")  # what a source says: a correction alone changes it


def lost_events(path: str, before: Held, after: Held, quoted: set[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each event that is gone or edited, unless a correction quotes it (its field and its text)."""
    for key in ("history", "events"):
        events = list(after.get(key, ()))
        for event in before.get(key, ()):
            text = said(event.get("text") or event.get("note") or event.get("state", ""))
            if event not in events and (key, text) not in quoted:
                when = event.get("date", "no date")
                message = f"the event of {when} ({text[:60]!r}) was removed or edited; events are only ever added"
                yield Problem(path, f"{message}: put it back, or quote it in 'edits' of a record in data/corrections/")


def changed_words(path: str, before: Held, after: Held, quoted: set[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each field of a claim that is another, unless a new event says why or a correction quotes it."""
    if "statement" not in before:
        return
    explained = len(after.get("history", ())) > len(before.get("history", ()))
    for key in (*_SAID, *_WHO_AND_WHEN):
        same = said(before.get(key)) == said(after.get(key)) and folded(before.get(key)) == folded(after.get(key))
        if (
            same
            or (explained and key in _SAID)
            or (key, said(before.get(key))) in quoted
            or _placed(key, before, after)
        ):
            continue
        event = "add a dated event to its history that says why, or " if key in _SAID else ""
        message = f"{key!r} is another than before; {event}quote what stood there in 'edits' of a record in"
        yield Problem(path, f"{message} data/corrections/ that names this file")


def _placed(key: str, before: Held, after: Held) -> bool:
    """Whether all that happened to a quotation is that it got its place in the source."""
    old, new = before.get(key), after.get(key)
    if key != "quote" or not isinstance(old, Mapping) or not isinstance(new, Mapping) or "where" in old:
        return False
    return {name: value for name, value in new.items() if name != "where"} == old


def placeless_quotation(path: str, before: Held, after: Held) -> Iterator[Problem]:
    """A problem for a quotation where none stood that does not say its place: whoever sends it has seen it."""
    quote = after.get("quote")
    if isinstance(quote, Mapping) and quote.get("where") == "not recorded" and not before.get("quote"):
        yield Problem(path, "quote: is new, and 'where' is not recorded; write its page or section")

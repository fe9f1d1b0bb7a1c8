"""What is cited: sources that fell or stand again, numbers of others, quotations."""

from collections.abc import Iterator, Mapping, Sequence

from lineage.records.sources import FALLEN
from lineage.review.raw_records import Held, entry_name, said, state_of, whole_text
from lineage.review.serious.concern import ADMITS, CITES, SAYS, Concern


def fallen_concerns(path: str, before: Held, after: Held) -> Iterator[Concern]:
    """A concern for each new event by which a source fell, such as a retraction, or stands again."""
    fell = state_of(before) in FALLEN
    for event in after.get("history", ()):
        new = isinstance(event, Mapping) and event not in before.get("history", ())
        if new and (event.get("state") in FALLEN or (fell and event.get("state") != "unreachable")):
            by = said(event.get("reported_by")) or said(event.get("opened_by")) or "whoever opened it"
            why = f"the source is now {event.get('state')}, as {by} says"
            key = f"history of {event.get('date')}"
            yield Concern(ADMITS, path, key, why, state_of(before), whole_text(event), sort="fallen")


def number_concerns(
    path: str, before: Held, after: Held, models: set[str], disputed: Sequence[frozenset[str]]
) -> Iterator[Concern]:
    """A concern for each new figure of others: of the pair of a case, or else of a model on record."""
    ids = {said(figure.get("id")) for figure in before.get("figures", ()) if isinstance(figure, Mapping)}
    for figure in after.get("figures", ()):
        if not isinstance(figure, Mapping) or said(figure.get("id")) in ids:
            continue
        pair = pair_of(figure, "model_a", "model_b")
        if pair in disputed:
            why = "new, a number of others of the pair of a case"
            yield Concern(SAYS, path, f"figures, {entry_name(figure)}", why, after=whole_text(figure))
        elif pair & models:
            why = "new, a number of others of a model on record"
            yield Concern(CITES, path, f"figures, {entry_name(figure)}", why, after=whole_text(figure))


def pair_of(record: Held, first: str, second: str) -> frozenset[str]:
    """The models that a record names under two keys; one or none where it leaves a key out."""
    return frozenset(str(record[key]) for key in (first, second) if record.get(key))


def quotation_concern(path: str, before: Held, after: Held) -> Concern:
    """The line that asks to look up the quotation of a record, with its source and its place there."""
    quote = after["quote"]
    where = f"from {quote.get('source')}, place: {quote.get('where', 'not given')}"
    why = f"a quotation to look up, {where}"
    return Concern(SAYS, path, "quote", why, said(before.get("quote")), said(quote), sort="quotation")

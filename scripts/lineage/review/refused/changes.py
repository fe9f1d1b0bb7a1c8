"""Two versions of data/ -> every problem of a change that the check refuses."""

from collections.abc import Iterator, Mapping

from lineage.records import Correction, Problem, Removal
from lineage.records.reading_amendments import removed_path
from lineage.review.raw_records import Raw, said
from lineage.review.refused.admissions import lost_admissions
from lineage.review.refused.amendments import lost_pairs, misquoted_edits, needless_removals, untold_removal
from lineage.review.refused.authors import foreign_identities, foreign_openings, foreign_repeats, reply_problems
from lineage.review.refused.statements import changed_words, lost_events, placeless_quotation


def check_changes(
    base: Raw,
    now: Raw,
    author: str | None,
    corrections: Mapping[str, Correction],
    removals: Mapping[str, Removal],
) -> Iterator[Problem]:
    """A problem for each record, event, statement or reply that is gone or another than in the base.

    Author is the address of the account that makes the change. A new correction that names a field and quotes what
    stood there allows its edit, and no other.
    """
    fresh = [record for record in corrections.values() if record.path not in base]
    quoted = {(edit.record, edit.field, said(edit.was)) for record in fresh for edit in record.edits}
    removed = {removed_path(removal) for removal in removals.values()}
    for path, before in sorted(base.items()):
        after = now.get(path)
        yield from reply_problems(path, before, after or {}, author)
        if after is None:
            yield from untold_removal(path, before, removed)
            continue
        quotes = {(field, was) for record, field, was in quoted if record == path}
        yield from lost_events(path, before, after, quotes)
        yield from changed_words(path, before, after, quotes)
        yield from lost_admissions(path, before, after, quotes)
    for path, after in sorted(now.items()):
        yield from placeless_quotation(path, base.get(path, {}), after)
    for record in fresh:
        yield from misquoted_edits(record, base, now)
    yield from needless_removals(base, removals)
    yield from lost_pairs(base, now, removals)
    yield from foreign_identities(base, now, author)
    yield from foreign_openings(base, now, author)
    yield from foreign_repeats(base, now, author)

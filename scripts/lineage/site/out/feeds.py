"""Dataset -> Atom feeds: what was measured, what was said, and what was corrected."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from markupsafe import Markup

from lineage.evidence.standing import standing
from lineage.records import Claim, Dataset, first_day, model_slug
from lineage.site.claim_states import claim_states
from lineage.site.days_and_amounts import day
from lineage.site.templating import relative_address
from lineage.store.edition import Edition

_ATOM = "http://www.w3.org/2005/Atom"
# Ids are made of this and of the id of a record, so they stay the same wherever the site stands.
_IDS = UUID("6f2c7f0e-3b60-5d55-9f0e-2f1d1b6c8a41")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FEEDS = {
    "measurements": "Measurements of released models, and tests of pairs of them",
    "claims": "Claims and responses",
    "corrections": "Corrections and removals",
}


@dataclass(frozen=True)
class Entry:
    """One thing that a reader of a feed is told."""

    id: str  # of its record, the same for ever
    title: str
    updated: date
    target: str  # the address of its page from the root of the site
    summary: str


def build_feeds(dataset: Dataset, edition: Edition) -> dict[str, str]:
    """The feeds as XML text, by path from the root of the site: "feeds/claims.atom"."""
    since = last_change(dataset)
    entries = {
        "measurements": measurement_entries(dataset),
        "claims": claim_entries(dataset),
        "corrections": correction_entries(dataset),
    }
    return {_path(name): feed_text(name, feed_entries, edition, since) for name, feed_entries in entries.items()}


def feed_links(page: str) -> Markup:
    """What stands in the head of a page ("cases/x.md"), so that readers of feeds find them."""
    return Markup("").join(
        Markup('<link rel="alternate" type="application/atom+xml" title="{}" href="{}">').format(
            title, relative_address(page, _path(name))
        )
        for name, title in FEEDS.items()
    )


def feed_text(name: str, entries: Iterable[Entry], edition: Edition, since: date) -> str:
    """A feed with its newest entry first (RFC 4287); since is the day of a feed without entries."""
    ordered_entries = sorted(entries, key=lambda entry: entry.id)
    ordered_entries.sort(key=lambda entry: entry.updated, reverse=True)
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "id", f"urn:uuid:{uuid5(_IDS, f'feeds/{name}')}")
    _add(feed, "title", f"{edition.title.partition(':')[0]}: {FEEDS[name]}")
    _add(feed, "updated", _moment(max((entry.updated for entry in ordered_entries), default=since)))
    _add(feed, "rights", ", ".join(edition.licences))
    for author in edition.authors:
        _add(ET.SubElement(feed, "author"), "name", author)
    base = edition.address or "../"
    ET.SubElement(feed, "link", {"rel": "self", "href": base + _path(name), "type": "application/atom+xml"})
    ET.SubElement(feed, "link", {"rel": "alternate", "href": base, "type": "text/html"})
    for entry in ordered_entries:
        _add_entry(feed, entry, base)
    ET.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def measurement_entries(dataset: Dataset) -> Iterator[Entry]:
    """What was read or tested here of models that somebody released."""
    records = [*(fingerprint.measurement for fingerprint in dataset.released.values()), *dataset.not_testable.values()]
    for record in records:
        name = dataset.models[record.model].name if record.model in dataset.models else record.model
        result = f"Not testable: {why}." if (why := record.why_not_compared) else f"{record.matrices} rows."
        words = f"Read on {day(record.date)} from {record.address}. {result}"
        target = f"models/{model_slug(record.model)}/"
        yield Entry(f"fingerprints/{record.model}", f"Measured: {name}", record.date, target, words)
    for match in dataset.matches.values():
        pair = [dataset.models.get(side.model) for side in (match.a, match.b)]
        if pair[0] and pair[1]:
            title = f"Tested: {pair[0].name} and {pair[1].name}"
            words = f"The exact permutation test of the two, run on {day(match.date)}; the page says what it found."
            yield Entry(f"matches/{match.id}", title, match.date, f"pairs/{match.id}/", words)


def claim_entries(dataset: Dataset) -> Iterator[Entry]:
    """What was said, dated by the last thing that happened to it; where no date is known, by its case's review."""
    for case in dataset.cases.values():
        claims = dataset.claims.get(case.id, ())
        states = claim_states(claims)
        for claim in claims:
            dates = [first_day(when) for when in (claim.date, *(event.date for event in claim.history)) if when]
            date_words = day(claim.date) if claim.date else "date unknown"
            words = f"{_speaker(claim)}, {date_words}: {claim.statement} State: {states[claim.id]}."
            title = f"{claim.kind.capitalize()}: {claim.title}"
            target = f"cases/{case.id}/#{claim.id}"
            yield Entry(f"cases/{case.id}/{claim.id}", title, max(dates, default=case.reviewed), target, words)


def _speaker(claim: Claim) -> str:
    """Who speaks, or who an account says that it speaks for."""
    if standing(claim) == "not verified":
        return f"Posted by an account that says it speaks for {claim.claimant}, not verified"
    return claim.claimant


def correction_entries(dataset: Dataset) -> Iterator[Entry]:
    """What was wrong here and is not any more, and what stood here and went."""
    for correction in dataset.corrections.values():
        words = f"What was wrong: {correction.wrong} What stands there now: {correction.changed}"
        yield Entry(
            f"corrections/{correction.id}",
            f"Corrected: {correction.title}",
            correction.corrected,
            "corrections/",
            words,
        )
    for removal in dataset.removals.values():
        words = f"What stood there: {removal.stood} Why it went: {removal.why}"
        yield Entry(f"removals/{removal.id}", f"Removed: {removal.name}", removal.date, "corrections/", words)


def last_change(dataset: Dataset) -> date:
    """The latest day on which anything on record was measured or gone through; the first of 1970 without any."""
    measured = [fingerprint.measurement.date for fingerprint in dataset.fingerprints.values()]
    reviewed = [case.reviewed for case in dataset.cases.values()]
    return max([*measured, *reviewed], default=date(1970, 1, 1))


def _path(name: str) -> str:
    return f"feeds/{name}.atom"


def _moment(when: date) -> str:
    return f"{when.isoformat()}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _NOT_XML.sub("\ufffd", text)


def _add_entry(feed: ET.Element, entry: Entry, base: str) -> None:
    element = ET.SubElement(feed, "entry")
    _add(element, "id", f"urn:uuid:{uuid5(_IDS, entry.id)}")
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.updated))
    ET.SubElement(element, "link", {"rel": "alternate", "href": base + entry.target, "type": "text/html"})
    _add(element, "summary", entry.summary)

"""Atom feeds: what RFC 4287 asks for, read by a real XML parser, with dates from the data."""

from dataclasses import replace
from datetime import date, datetime
from xml.etree import ElementTree as ET

import pytest

from lineage.site.out.feeds import FEEDS, Entry, build_feeds, claim_entries, feed_links, feed_text, last_change
from lineage.store.edition import Edition
from repository import committed

ATOM = "{http://www.w3.org/2005/Atom}"
EDITION = Edition("A record: of things", ("Its maintainers",), "1.2.3", ("CC-BY-4.0",), "What it is.")
SINCE = date(2026, 1, 2)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - our own feed


def texts(parent: ET.Element, tag: str) -> list[str]:
    return [element.text or "" for element in parent.findall(f"{ATOM}{tag}")]


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_has_all_that_the_standard_asks_for(name: str) -> None:
    feed = parsed(build_feeds(committed(), EDITION)[f"feeds/{name}.atom"])

    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for tag in ("id", "title", "updated"):
            (value,) = texts(element, tag)
            assert value.strip(), tag
        assert texts(element, "id")[0].startswith("urn:uuid:")
        assert datetime.fromisoformat(texts(element, "updated")[0]).utcoffset() is not None
        relations = [link.get("rel") for link in element.findall(f"{ATOM}link")]
        assert relations.count("alternate") == 1
    assert [author.findtext(f"{ATOM}name") for author in feed.findall(f"{ATOM}author")] == ["Its maintainers"]
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        f"../feeds/{name}.atom"
    ]
    ids = [texts(entry, "id")[0] for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    days = [texts(entry, "updated")[0] for entry in feed.findall(f"{ATOM}entry")]
    assert days == sorted(days, reverse=True)
    assert texts(feed, "updated")[0] == max(days, default=f"{last_change(committed())}T00:00:00Z")


def test_every_claim_and_every_measured_model_has_an_entry() -> None:
    dataset = committed()
    feeds = build_feeds(dataset, EDITION)

    claims = parsed(feeds["feeds/claims.atom"]).findall(f"{ATOM}entry")
    measured = parsed(feeds["feeds/measurements.atom"]).findall(f"{ATOM}entry")

    assert len(claims) == sum(map(len, dataset.claims.values()))
    assert len(measured) > len(dataset.released)


def test_ids_stay_the_same_wherever_the_site_stands_and_links_follow_it() -> None:
    here, there = (
        parsed(build_feeds(committed(), edition)["feeds/claims.atom"])
        for edition in (EDITION, replace(EDITION, address="https://example.org/x/", commit="ab" * 20))
    )

    assert [texts(entry, "id") for entry in here] == [texts(entry, "id") for entry in there]
    link = there.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None
    assert (link.get("href") or "").startswith("https://example.org/x/cases/")


def test_the_id_of_a_claim_is_fixed() -> None:
    entries = [Entry("cases/a/b", "x", SINCE, "cases/a/#b", "y")]

    (entry,) = parsed(feed_text("claims", entries, EDITION, SINCE)).findall(f"{ATOM}entry")

    assert texts(entry, "id") == ["urn:uuid:80d4dc7f-065b-5c41-b0f9-21efbdf08aa9"]


def test_hostile_words_stay_words() -> None:
    attack = ']]></title><script>alert(1)</script>&amp; \x00\x0b\ufffe "x"'
    entries = [Entry("a", attack, SINCE, 'cases/"><x>/', attack)]

    (entry,) = parsed(feed_text("claims", entries, EDITION, SINCE)).findall(f"{ATOM}entry")

    assert {element.tag for element in entry} == {
        f"{ATOM}{tag}" for tag in ("id", "title", "updated", "link", "summary")
    }
    assert texts(entry, "summary") == [']]></title><script>alert(1)</script>&amp; \ufffd\ufffd\ufffd "x"']


def test_a_claim_is_dated_by_what_happened_last_and_never_by_the_clock() -> None:
    dataset = committed()
    dated = {
        f"cases/{case.id}/{claim.id}": claim for case in dataset.cases.values() for claim in dataset.claims[case.id]
    }

    for entry in claim_entries(dataset):
        claim = dated[entry.id]
        if claim.date is None and not claim.history:
            assert entry.updated == dataset.cases[entry.id.split("/")[1]].reviewed
        elif isinstance(claim.date, date) and not claim.history:
            assert entry.updated == claim.date


def test_an_empty_feed_is_whole_too() -> None:
    feed = parsed(feed_text("corrections", [], EDITION, SINCE))

    assert texts(feed, "updated") == ["2026-01-02T00:00:00Z"]


def test_pages_link_to_the_feeds_from_any_depth() -> None:
    assert 'href="../../feeds/claims.atom"' in feed_links("cases/pangu-qwen.md")
    assert feed_links("index.md").count('type="application/atom+xml"') == len(FEEDS)

"""What a reviewer is shown first: grave changes, with both texts."""

from datetime import date
from typing import Any

import pytest

from lineage.review.refused.changes import check_changes
from lineage.review.serious.changes import serious_changes
from lineage.review.serious.concern import Concern
from repository import ROOT

CLAIM = "data/cases/c/claim-one.toml"
MEASURED = {"fingerprints", "matches"}  # told as measurements
SOURCE = "data/sources/s.toml"
PARAMETERS = "data/parameters/m.toml"
PUBLISHED = "data/published/p.toml"
BASE: dict[str, dict[str, Any]] = {
    CLAIM: {
        "id": "claim-one",
        "title": "Alike",
        "claimant": "A group",
        "claimant_role": "accuser",
        "date": date(2025, 7, 2),
        "statement": "The group says so.",
        "quote": {"text": "very alike", "source": "s", "where": "page 2"},
        "history": [{"date": date(2025, 7, 5), "text": "It is answered.", "sources": ["s"], "state": "answered"}],
    },
    SOURCE: {
        "id": "s",
        "url": "https://news.example.org/1",
        "kind": "unverified",
        "publisher": "News",
        "history": [],
    },
    PARAMETERS: {
        "id": "m",
        "version": "1",
        "informed_by": "Three pairs.",
        "parameters": [{"name": "seed", "value": 7}],
        "exceptions": [{"text": "The cut came later."}],
    },
    PUBLISHED: {"id": "p", "figures": [{"id": "one", "value": 0.927}], "limits": [{"text": "It misleads."}]},
    "data/identities/party.toml": {"id": "party", "kind": "party", "accounts": ["https://github.com/party"]},
    "data/identities/keeper.toml": {"id": "keeper", "kind": "maintainer", "accounts": ["https://github.com/keeper"]},
}
REPLY = {"text": "We answer.", "owner": "https://github.com/x", "via": "https://github.com/o/r/pull/1"}


def changed(path: str, **fields: object) -> dict[str, dict[str, Any]]:
    return {**BASE, path: {**BASE.get(path, {}), **fields}}


def told(now: dict[str, dict[str, Any]], author: str | None = None) -> list[Concern]:
    return serious_changes(BASE, now, author)


def test_nothing_changed_gives_no_line() -> None:
    assert told(BASE) == []


@pytest.mark.parametrize(
    ("path", "key", "value", "before", "after"),
    [
        (CLAIM, "statement", "The group denies it.", "The group says so.", "The group denies it."),
        (CLAIM, "claimant", "Another group", "A group", "Another group"),
        (CLAIM, "claimant_role", "maker", "accuser", "maker"),
        (CLAIM, "date", date(2024, 7, 2), "2025-07-02", "2024-07-02"),
        (SOURCE, "kind", "primary", "unverified", "primary"),
        (SOURCE, "publisher", "Reuters", "News", "Reuters"),
        (SOURCE, "url", "https://news.example.com/1", "https://news.example.org/1", "https://news.example.com/1"),
        (PARAMETERS, "informed_by", "Nothing.", "Three pairs.", "Nothing."),
    ],
)
def test_another_value_is_named_with_both_texts(path: str, key: str, value: object, before: str, after: str) -> None:
    found = [line for line in told(changed(path, **{key: value})) if line.key == key]

    assert [(line.path, line.before, line.after) for line in found][:1] == [(path, before, after)]
    assert found[0].rank < 4


@pytest.mark.parametrize(
    ("path", "key", "gone"),
    [
        (CLAIM, "history", "It is answered."),
        (PARAMETERS, "exceptions", "The cut came later."),
        (PARAMETERS, "parameters", "seed"),
        (PUBLISHED, "limits", "It misleads."),
        (PUBLISHED, "figures", "0.927"),
    ],
)
def test_what_is_taken_from_a_list_is_named_whole(path: str, key: str, gone: str) -> None:
    [line] = told(changed(path, **{key: []}))

    assert gone in line.before
    assert line.after == ""


def test_an_added_event_or_note_is_lighter_than_one_that_is_another() -> None:
    event = {"date": date(2025, 8, 1), "text": "More came.", "sources": ["s"]}
    added = told(changed(CLAIM, history=[*BASE[CLAIM]["history"], event]))
    edited = told(changed(CLAIM, history=[{**BASE[CLAIM]["history"][0], "text": "It is not answered."}]))

    assert [line.after for line in added] == ["date: 2025-08-01; text: More came.; sources: s"]
    assert min(line.rank for line in edited) < min(line.rank for line in added)
    assert "It is answered." in edited[0].before
    assert "It is not answered." in edited[0].after


@pytest.mark.parametrize("state", ["acknowledged_by_maker", "acknowledged_in_part", "withdrawn_by_claimant"])
def test_a_state_that_only_a_party_can_cause_comes_first(state: str) -> None:
    event = {"date": date(2025, 8, 1), "text": "x", "sources": ["s"], "state": state}
    found = told(changed(CLAIM, title="Other words", history=[*BASE[CLAIM]["history"], event]))

    assert found[0].rank == 0
    assert "as sources report, and not the party itself" in found[0].why
    assert found[0].before == "answered"


def test_a_reply_says_whether_its_account_is_verified_and_who_makes_the_change() -> None:
    assert "not verified, and nobody said who makes this change" in told(changed(CLAIM, reply=REPLY))[0].why
    assert "not verified, by https://x.example/y" in told(changed(CLAIM, reply=REPLY), "https://x.example/y")[0].why
    own = {**REPLY, "owner": "https://github.com/party", "identity": "party"}
    stranger = told(changed(CLAIM, reply=own), "https://github.com/stranger")
    party = told(changed(CLAIM, reply=own), "https://github.com/Party/")
    assert any("speaks as party; this change is by https://github.com/stranger" in line.why for line in stranger)
    assert not any("speaks as party;" in line.why for line in party)


def test_another_owner_is_named_with_both() -> None:
    base = changed(CLAIM, reply=REPLY)
    now = {**base, CLAIM: {**base[CLAIM], "reply": {**REPLY, "owner": "https://github.com/thief"}}}
    [line] = [
        line for line in serious_changes(base, now, None) if line.key == "reply.owner" and "may change" in line.why
    ]

    assert (line.before, line.after) == ("https://github.com/x", "https://github.com/thief")


def test_one_of_us_opened_it_is_told_unless_a_maintainer_says_so() -> None:
    now = changed(SOURCE, history=[{"date": date(2026, 11, 1), "state": "live"}])

    def us(author: str | None) -> list[str]:
        return [line.why for line in told(now, author) if "one of us opened" in line.why]

    assert "nobody said who makes this change" in us(None)[0]
    assert "by https://github.com/stranger" in us("https://github.com/stranger")[0]
    assert us("https://github.com/keeper") == []


@pytest.mark.parametrize("url", ["https://news.exomple.org/1", "https://news.example.net/1"])
def test_a_new_host_that_is_nearly_one_on_record_is_told(url: str) -> None:
    now = {**BASE, "data/sources/t.toml": {"id": "t", "url": url}}

    assert any("is nearly example.org" in line.why for line in told(now))


@pytest.mark.parametrize("folder", ["identities", "removals", "corrections"])
def test_records_about_the_record_are_told_whole(folder: str) -> None:
    path = f"data/{folder}/new.toml"

    assert any(line.path == path and line.rank <= 1 for line in told({**BASE, path: {"id": "new", "title": "T"}}))


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in (ROOT / "data").glob("*/*.toml")} - MEASURED))
def test_a_record_of_any_folder_that_goes_is_told(folder: str) -> None:
    path = f"data/{folder}/x.toml"
    [line] = serious_changes({path: {"id": "x"}}, {}, None)

    assert (line.path, line.rank < 4) == (path, True)


@pytest.mark.parametrize(
    ("base", "now", "before", "after"),
    [
        ([{"value": "A"}], [{"value": "B"}], "value: A", "value: B"),
        ([{"value": "A"}, {"value": "C"}], [{"value": "C"}, {"value": "B"}], "value: A", "value: B"),
        ([{"value": "A"}], [], "value: A", ""),
        ([], [{"value": "B"}], "", "value: B"),
    ],
)
def test_an_entry_that_takes_anothers_place_stands_beside_it(
    base: list[dict[str, str]], now: list[dict[str, str]], before: str, after: str
) -> None:
    path = "data/models/m.toml"
    told = serious_changes({path: {"id": "m", "addresses": base}}, {path: {"id": "m", "addresses": now}}, None)

    assert [(line.before, line.after) for line in told] == [(before, after)]


def test_one_entry_of_a_table_of_names_is_told_alone() -> None:
    path = "data/families/f.toml"
    roles = {"q_proj": "q", "k_proj": "k"}
    [line] = serious_changes({path: {"roles": roles}}, {path: {"roles": {**roles, "q_proj": "v"}}}, None)

    assert (line.key, line.before, line.after) == ("roles, q_proj", "q", "v")


REPEATED = "data/reproductions/m.toml"
FILES = [{"name": "fingerprints/m.csv", "sha256": "0" * 64}]
KEEPER, PARTY, STRANGER = (f"https://github.com/{name}" for name in ("keeper", "party", "stranger"))


def made_again(by: str, account: str = "") -> dict[str, object]:
    return {"by": by, "date": date(2026, 11, 28), **({"account": account} if account else {})}


@pytest.mark.parametrize(
    ("repeat", "author", "refused"),
    [
        (made_again("maintainer"), KEEPER, False),
        (made_again("continuous integration"), f"{KEEPER}/", False),
        (made_again("maintainer"), STRANGER, True),
        (made_again("continuous integration"), PARTY, True),
        (made_again("second person", STRANGER), STRANGER, False),
        (made_again("second person", STRANGER), PARTY, True),
        (made_again("second person", STRANGER), KEEPER, True),
    ],
)
def test_whoever_made_it_again_says_so(repeat: dict[str, object], author: str, refused: bool) -> None:
    base = {**BASE, REPEATED: {"measured": "fingerprints/m", "files": FILES, "repeats": []}}
    now = {**base, REPEATED: {**base[REPEATED], "repeats": [repeat]}}
    found = list(check_changes(base, now, author, {}, {}))
    told = [line for line in serious_changes(base, now, author) if line.rank == 0]

    assert bool(found) == bool(told) == refused
    assert all(f"this change is by {author}" in str(problem) for problem in (*found, *told))
    assert list(check_changes(base, now, None, {}, {})) == []


def test_what_was_made_again_stays_and_who_made_weights_here_is_a_maintainers_word() -> None:
    held = {"measured": "fingerprints/m", "files": FILES, "repeats": [made_again("maintainer")]}
    base = {**BASE, REPEATED: held}
    later = {**base, REPEATED: {**held, "repeats": [{**made_again("maintainer"), "date": date(2026, 11, 29)}]}}
    here = {**BASE, REPEATED: {"measured": "fingerprints/m", "files": FILES, "made_here": True}}

    assert ["only added to" in str(found) for found in check_changes(base, later, KEEPER, {}, {})] == [True]
    assert ["is gone" in str(found) for found in check_changes(base, BASE, STRANGER, {}, {})] == [True]
    assert list(check_changes(base, BASE, KEEPER, {}, {})) == []
    assert ["made the weights" in str(found) for found in check_changes(BASE, here, STRANGER, {}, {})] == [True]
    assert list(check_changes(BASE, here, KEEPER, {}, {})) == []


def test_a_quotation_is_told_with_its_place() -> None:
    quote = {"text": "not alike", "source": "s", "where": "page 9"}
    found = told(changed(CLAIM, quote=quote))

    assert any("place: page 9" in line.why and line.before == "very alike" for line in found)


def test_a_source_that_falls_or_stands_again_is_told_and_a_look_is_lighter() -> None:
    def ranks(*events: tuple[str, str]) -> list[int]:
        history = [
            {"date": date(2026, 11, day), "state": state, "reported_by": [by]}
            for day, (state, by) in enumerate(events, start=1)
        ]
        base = {**BASE, SOURCE: {**BASE[SOURCE], "history": history[:-1]}}
        now = {**BASE, SOURCE: {**BASE[SOURCE], "history": history}}
        return [line.rank for line in serious_changes(base, now, None) if "the source is now" in line.why]

    assert ranks(("withdrawn", "s")) == ranks(("removed", "s")) == [1]
    assert ranks(("withdrawn", "s"), ("live", "s")) == [1]
    assert ranks(("live", "s")) == ranks(("withdrawn", "s"), ("unreachable", "s")) == []


def test_an_address_that_is_taken_away_is_told_and_one_that_moves_in_its_record_is_not() -> None:
    bare = {key: value for key, value in BASE[SOURCE].items() if key != "url"}
    taken = [line for line in told({**BASE, SOURCE: bare}) if "taken away" in line.why]
    moved = told({**BASE, SOURCE: {**bare, "archive_url": BASE[SOURCE]["url"]}})

    assert [(line.key, line.before, line.rank < 4) for line in taken] == [("url", BASE[SOURCE]["url"], True)]
    assert not any("taken away" in line.why for line in moved)


@pytest.mark.parametrize("path", [PUBLISHED, "data/published/q.toml"])
def test_a_new_number_is_as_grave_as_its_models_are_on_record(path: str) -> None:
    base = {
        **BASE,
        "data/models/a.toml": {"id": "a"},
        "data/models/b.toml": {"id": "b"},
        "data/cases/c/case.toml": {"subject": "a", "reference": "b"},
    }
    shown = list(base.get(path, {}).get("figures", []))
    figures = [
        {"id": f"{one}-{other}", "model_a": one, "model_b": other, "value": 0.9} for one, other in ("ba", "ax", "xy")
    ]
    now = {**base, path: {**base.get(path, {}), "figures": [*shown, *figures]}}
    found = {line.key: line.why for line in serious_changes(base, now, None) if line.rank < 4}

    assert found == {
        "figures, b-a": "new, a number of others of the pair of a case",
        "figures, a-x": "new, a number of others of a model on record",
    }


@pytest.mark.parametrize("field", ["thresholds", "limits", "tables", "shapes"])
def test_what_a_new_set_says_beside_its_numbers_is_told(field: str) -> None:
    found = told({**BASE, "data/published/q.toml": {"id": "q", field: [{"text": "Above it they are alike."}]}})

    assert [(line.key.partition(",")[0], line.after) for line in found if line.rank < 4] == [
        (field, "text: Above it they are alike.")
    ]


@pytest.mark.parametrize("folder", ["benchmarks", "designs", "families"])
def test_a_new_record_of_what_was_fixed_or_measured_here_is_told_whole(folder: str) -> None:
    [line] = told({**BASE, f"data/{folder}/x.toml": {"id": "x", "seconds": 7}})

    assert (line.rank < 4, line.before, line.after) == (True, "", "id: x; seconds: 7")


def test_replies_of_many_are_of_one_sort() -> None:
    reply = {"kind": "response", "statement": "Thanks.", "claimant_role": "user"}
    names = [f"data/cases/c/reply-{place}.toml" for place in range(3)]
    now = {**BASE, **{name: {**reply, "claimant": name, "reply": {**REPLY, "owner": name}} for name in names}}

    assert {line.sort for line in told(now) if line.rank == 0} == {"reply"}


@pytest.mark.parametrize(("who", "role", "grave"), [("M", "maker", True), ("M", "user", True), ("U", "user", False)])
def test_what_a_maker_is_made_to_say_comes_first(who: str, role: str, grave: bool) -> None:
    response = {"kind": "response", "claimant": who, "claimant_role": role, "statement": "It began from others."}
    base = {**BASE, CLAIM: {**BASE[CLAIM], "claimant": "M", "claimant_role": "maker"}}
    found = serious_changes(base, {**base, "data/cases/c/r.toml": response}, None)

    assert [(line.rank, line.after) for line in found] == ([(0, "It began from others.")] if grave else [])

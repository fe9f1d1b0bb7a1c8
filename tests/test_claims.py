"""Claims and responses: links that hold together, states that follow from history, and what each must carry."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from lineage.checks.rules import check_dataset
from lineage.evidence.standing import reproductions
from lineage.records import Claim, ClaimEvent, ClaimState, Dataset, first_day
from lineage.site.claim_states import STATES, UNDISPUTED, claim_states
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.cases.claims import ROLES, claim_links, exchanges, first_voices, role_words
from repository import TODAY, committed

CASE = "pangu-qwen"
SIMILARITY, STATEMENT, GITHUB = "claim-similarity", "response-statement", "response-github"


@pytest.fixture(scope="module")
def sound() -> Dataset:
    return committed()


def changed(dataset: Dataset, **changes: dict[str, object]) -> Dataset:
    """The data set with fields of some claims replaced; "_" stands for "-" in their ids."""
    wanted = {name.replace("_", "-"): fields for name, fields in changes.items()}
    claims = tuple(claim.model_copy(update=wanted.get(claim.id, {})) for claim in dataset.claims[CASE])
    return replace(dataset, claims={**dataset.claims, CASE: claims})


def event(day: str, state: str | None = None) -> ClaimEvent:
    return ClaimEvent(date=date.fromisoformat(day), text="x", sources=("noahs-ark-statement",), state=state)


BROKEN: dict[str, tuple[dict[str, dict[str, object]], list[str]]] = {
    "supersedes itself": (
        {"claim_similarity": {"supersedes": (SIMILARITY,)}},
        ["claim-similarity.toml: supersedes itself"],
    ),
    "supersedes nobody": (
        {"claim_similarity": {"supersedes": ("claim-none",)}},
        ["claim-similarity.toml: supersedes 'claim-none', which is not in data/cases/pangu-qwen/"],
    ),
    "supersedes a later one": (
        {"claim_hardware": {"supersedes": ("response-licences",)}},
        [
            "claim-hardware.toml: is dated 2025-05-28, before 'response-licences', which it supersedes, of 2025-07-05",
            "claim-hardware.toml: only the claimant supersedes a claim; 'response-licences' is of another ('Huawei, "
            "the Pangu team' and \"Huawei, the Pangu team of Noah's Ark Lab\"), or no identity says that they are one",
        ],
    ),
    "supersedes what another said": (
        {"response_statement": {"supersedes": (GITHUB,)}},
        [
            "response-statement.toml: only the claimant supersedes a claim; 'response-github' has another role "
            "(maker and third_party)"
        ],
    ),
    "withdrawn by an earlier one, without an event": (
        {"response_licences": {"withdrawn_by": ("claim-hardware",)}},
        [
            "response-licences.toml: is dated 2025-07-05, after 'claim-hardware', which withdraws it, of 2025-05-28",
            "response-licences.toml: only the claimant takes back a claim; 'claim-hardware' is of another (\"Huawei, "
            "the Pangu team of Noah's Ark Lab\" and 'Huawei, the Pangu team'), or no identity says that they are one",
            "response-licences.toml: names 'withdrawn_by'; add a dated event with its source and state = "
            '"withdrawn_by_claimant"',
        ],
    ),
    "a circle of two": (
        {
            "response_statement": {"answers": (SIMILARITY, "claim-further-curves", "response-licences")},
            "response_licences": {"answers": ("claim-licence-header", STATEMENT)},
        },
        [
            "response-licences.toml: its links lead round in a circle "
            "(response-licences → response-statement → response-licences); remove the one that is not so"
        ],
    ),
    "answered, and nobody answers": (
        {"claim_hardware": {"history": (event("2025-07-05", "answered"),)}},
        ["claim-hardware.toml: its history says 'answered', and no record of the case names it in 'answers'"],
    ),
    "answered, and no event says so": (
        {"claim_further_curves": {"history": ()}},
        [
            "claim-further-curves.toml: 'response-statement' answers it; add a dated event with its source and "
            "state = \"answered\" to 'history'"
        ],
    ),
    "history before the claim": (
        {"claim_hardware": {"history": (event("2025-01-01"),)}},
        ["claim-hardware.toml: the event of 2025-01-01 in 'history' is before the claim itself"],
    ),
    "claim without a subject": (
        {"claim_further_curves": {"subject": None}},
        ["claim-further-curves.toml: has no 'subject'; write similarity, hardware, training, licence or other"],
    ),
    "a claim of each side that says of no check": (
        {"claim_hardware": {"check": None}, "claim_similarity": {"check": None}, "response_github": {"check": None}},
        [
            f"{name}.toml: has no [check]; say what could check it, whether anything public has, and where you looked"
            for name in ("claim-hardware", "claim-similarity", "response-github")
        ],
    ),
    "response to nothing": (
        {"response_github": {"answers": ()}},
        ["response-github.toml: is a response and answers nothing; name the claims in 'answers'"],
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_broken_claim_gives_exactly_its_lines(kind: str, sound: Dataset) -> None:
    changes, expected = BROKEN[kind]

    problems = sorted(map(str, check_dataset(changed(sound, **changes), TODAY)))

    assert problems == sorted(f"data/cases/{CASE}/{line}" for line in expected)


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ((), "open"),
        ((event("2025-07-05"),), "open"),
        ((event("2025-07-05", "answered"),), "answered"),
        ((event("2025-07-05", "answered_in_general"),), "answered_in_general"),
        ((event("2025-07-05", "declined"),), "declined"),
        ((event("2025-07-05", "answered"), event("2026-01-01")), "answered"),
        ((event("2025-07-05", "answered"), event("2026-01-01", "withdrawn_by_claimant")), "withdrawn_by_claimant"),
    ],
)
def test_the_state_is_that_of_the_last_event_that_gives_one(
    history: tuple[ClaimEvent, ...], state: str, sound: Dataset
) -> None:
    claim = sound.claims[CASE][0].model_copy(update={"history": history})

    assert claim.state == state


def test_whoever_made_a_claim_and_speaks_again_made_it_before(sound: Dataset) -> None:
    claim = sound.claims[CASE][0].model_copy(update={"claimant_role": "accuser", "reply": None})
    roles = [role_words(claim.model_copy(update={"kind": kind})) for kind in ("claim", "response")]

    assert roles == ["makes the claim", "made the claim that this is about"]


NO_REPLY = "no reply to this response was found"


def test_a_state_says_what_was_looked_for(sound: Dataset) -> None:
    for claims in sound.claims.values():
        states = claim_states(claims)
        for claim in claims:
            answered = any(claim.id in other.answers for other in claims)
            words = states[claim.id]
            withdrawn = any(one.state == "withdrawn_by_claimant" and one.id in claim.answers for one in claims)
            if claim.kind == "response" and not answered:
                expected = "the claim that it answers was withdrawn by the claimant" if withdrawn else NO_REPLY
                assert words == expected
            if claim.kind == "claim" and not answered:
                by_maker = claim.claimant_role == "maker"
                assert words == (UNDISPUTED if by_maker else "open; no public answer to this claim was found")
            assert ("was found" in words) != (answered or withdrawn)
    assert STATES["claim"].keys() == STATES["response"].keys() == set(get_args(ClaimState))


def test_that_a_number_was_reproduced_follows_from_what_is_published(sound: Dataset) -> None:
    claim = next(one for one in sound.claims[CASE] if one.id == SIMILARITY)
    own = sound.published["honestagi"]
    assert reproductions(claim, sound) == []

    again = own.figures[0].model_copy(update={"id": "again", "sources": ("redhat-aibom",)})
    swapped = again.model_copy(update={"id": "swapped", "model_a": again.model_b, "model_b": again.model_a})
    other_measure = again.model_copy(update={"id": "other-measure", "measure": "something else"})
    same_source = again.model_copy(update={"id": "same-source", "sources": own.figures[0].sources})
    unverified = again.model_copy(update={"id": "unverified", "unverified": True})
    unknown = next(name for name, source in sorted(sound.sources.items()) if source.kind == "unverified")
    of_unknown_origin = again.model_copy(update={"id": "of-unknown-origin", "sources": (unknown,)})
    figures = (again, swapped, other_measure, same_source, unverified, of_unknown_origin)
    other = own.model_copy(update={"id": "other", "figures": figures})
    more = replace(sound, published={**sound.published, "other": other})

    assert reproductions(claim, more) == ["other/again", "other/swapped"]
    text = case_page(sound.cases[CASE], more).markdown
    assert "The same measure of the same pair, from another source" in text
    assert text.count("Nobody is known to have reproduced") + 1 == case_page(sound.cases[CASE], sound).markdown.count(
        "Nobody is known to have reproduced"
    )


def linked(claims: tuple[Claim, ...]) -> dict[str, dict[str, list[str]]]:
    return {
        name: {words: [one.id for one in others] for words, others in found}
        for name, found in claim_links(claims).items()
    }


def test_every_link_is_shown_from_both_ends(sound: Dataset) -> None:
    claims = sound.claims[CASE]

    links = {
        name: {words: [one.id for one in others] for words, others in found}
        for name, found in claim_links(claims).items()
    }

    for claim in claims:
        for answered in claim.answers:
            assert claim.id in links[answered]["Response"]
            assert answered in links[claim.id]["Responds to"]


def test_withdrawing_and_superseding_are_shown_from_both_ends(sound: Dataset) -> None:
    claims = changed(
        sound,
        claim_further_curves={"supersedes": (SIMILARITY,)},
        claim_similarity={"withdrawn_by": ("claim-further-curves",)},
    ).claims[CASE]

    links = {
        name: {words: [one.id for one in others] for words, others in found}
        for name, found in claim_links(claims).items()
    }

    assert links["claim-further-curves"]["Supersedes"] == [SIMILARITY]
    assert links[SIMILARITY]["Superseded by"] == ["claim-further-curves"]
    assert links[SIMILARITY]["Withdrawn by"] == ["claim-further-curves"]
    assert links["claim-further-curves"]["Withdraws"] == [SIMILARITY]


def test_a_response_to_a_response_stands_beside_the_claim(sound: Dataset) -> None:
    claims = changed(sound, response_other_pair={"answers": (STATEMENT,)}).claims[CASE]

    found = next(one for one in exchanges(claims) if one.claim.id == SIMILARITY)

    assert {one.id for one in found.responses} == {GITHUB, STATEMENT, "response-other-pair"}


def test_the_makers_response_stands_first_then_those_in_order_of_date(sound: Dataset) -> None:
    makers = []
    for exchange in exchanges(sound.claims[CASE]):
        order = [
            (role_words(one) != ROLES["maker"], first_day(one.date) if one.date else date.max)
            for one in exchange.responses
        ]
        assert order == sorted(order)
        makers += [others for others, _ in order]
    assert {*makers} == {True, False}


def test_a_reader_in_a_hurry_is_told_of_the_first_claim_and_of_the_makers_first_response() -> None:
    voices = first_voices(committed().claims["pangu-qwen"])

    assert [voice.id for voice in voices] == ["claim-similarity", "response-statement"]
    assert first_voices(()) == []

"""Claims and responses as a case page shows them: who stands beside whom, and every link in both directions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.records import Claim

# What each state of a claim means to a reader.
STATES = {
    "open": "open; no public answer found",
    "answered": "answered; see the response",
    "withdrawn_by_claimant": "withdrawn by the claimant",
    "acknowledged_by_maker": "acknowledged by the maker",
    "acknowledged_in_part": "acknowledged in part",
}
UNDATED = "open; answered, on a day that is not known"
ROLES = {
    "accuser": "makes the claim",
    "maker": "maker of the model",
    "third_party": "third party",
    "user": "user",
}
SUBJECTS = {
    "similarity": "similarity of the weights",
    "hardware": "hardware",
    "training": "training",
    "licence": "licence",
    "other": "other",
}


@dataclass(frozen=True)
class Exchange:
    """A claim and the responses to it, those to its responses included."""

    claim: Claim
    responses: tuple[Claim, ...]


def exchanges(claims: tuple[Claim, ...]) -> list[Exchange]:
    """Each claim with its responses: those that were answered first, in order of date."""
    found = [Exchange(claim, _responses(claim, claims)) for claim in claims if claim.kind == "claim"]
    return sorted(found, key=lambda exchange: not exchange.responses)


def claim_states(claims: Sequence[Claim]) -> dict[str, str]:
    """By claim: its state in words. An answer without a date changes no state, and is named all the same."""
    answered = {name for other in claims for name in other.answers}
    return {
        claim.id: UNDATED if claim.state == "open" and claim.id in answered else STATES[claim.state] for claim in claims
    }


def claim_links(claims: Sequence[Claim]) -> dict[str, list[tuple[str, list[Claim]]]]:
    """By claim: what it answers, supersedes and withdraws, and what does so to it, each with its words."""
    return {claim.id: [(words, found) for words, found in _links(claim, claims) if found] for claim in claims}


def _links(claim: Claim, claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    def where(holds: Callable[[Claim], bool]) -> list[Claim]:
        return [other for other in claims if holds(other)]

    return [
        ("Answers", where(lambda other: other.id in claim.answers)),
        ("Answered by", where(lambda other: claim.id in other.answers)),
        ("Supersedes", where(lambda other: other.id in claim.supersedes)),
        ("Superseded by", where(lambda other: claim.id in other.supersedes)),
        ("Withdrawn by", where(lambda other: other.id in claim.withdrawn_by)),
        ("Withdraws", where(lambda other: claim.id in other.withdrawn_by)),
    ]


def _responses(claim: Claim, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The responses to a claim and to those responses, in order of date."""
    reached = {claim.id}
    while more := {other.id for other in claims if reached & set(other.answers)} - reached:
        reached |= more
    return tuple(other for other in claims if other.id in reached and other.kind == "response")

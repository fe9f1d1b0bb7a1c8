"""Claims and responses as a case page shows them: who stands beside whom, and every link in both directions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.languages import words
from lineage.records import Claim

# What each state of a claim means to a reader.
STATES = {
    "open": words("open; no public answer found"),
    "answered": words("answered; see the response"),
    "withdrawn_by_claimant": words("withdrawn by the claimant"),
    "acknowledged_by_maker": words("acknowledged by the maker"),
    "acknowledged_in_part": words("acknowledged in part"),
}
UNDATED = words("open; answered, on a day that is not known")
ROLES = {
    "accuser": words("makes the claim"),
    "maker": words("maker of the model"),
    "third_party": words("third party"),
    "user": words("user"),
}
SUBJECTS = {
    "similarity": words("similarity of the weights"),
    "hardware": words("hardware"),
    "training": words("training"),
    "licence": words("licence"),
    "other": words("other"),
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
    return {claim.id: [(said, found) for said, found in _links(claim, claims) if found] for claim in claims}


def _links(claim: Claim, claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    def where(holds: Callable[[Claim], bool]) -> list[Claim]:
        return [other for other in claims if holds(other)]

    return [
        (words("Answers"), where(lambda other: other.id in claim.answers)),
        (words("Answered by"), where(lambda other: claim.id in other.answers)),
        (words("Supersedes"), where(lambda other: other.id in claim.supersedes)),
        (words("Superseded by"), where(lambda other: claim.id in other.supersedes)),
        (words("Withdrawn by"), where(lambda other: other.id in claim.withdrawn_by)),
        (words("Withdraws"), where(lambda other: claim.id in other.withdrawn_by)),
    ]


def _responses(claim: Claim, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The responses to a claim and to those responses, in order of date."""
    reached = {claim.id}
    while more := {other.id for other in claims if reached & set(other.answers)} - reached:
        reached |= more
    return tuple(other for other in claims if other.id in reached and other.kind == "response")

"""Claims and responses as a case page shows them: each claim with its responses, and the links between them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lineage.evidence.standing import standing
from lineage.records import Claim
from lineage.site.languages import words

ROLES = {
    "accuser": words("makes the claim"),
    "maker": words("maker of the model"),
    "third_party": words("third party"),
    "user": words("user"),
}
EARLIER = words("made the claim that this is about")  # whoever made a claim, in a response
# What stands beside somebody whose account nobody has verified.
UNVERIFIED_ROLES = {
    "accuser": words("says that it made the claim; not verified"),
    "maker": words("says that it is the maker of the model; not verified"),
    "third_party": words("third party; not verified"),
    "user": words("user; not verified"),
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
    """Each claim with its responses: answered claims first, then in order of date."""
    in_order = (Exchange(claim, _responses(claim, claims)) for claim in claims if claim.kind == "claim")
    return sorted(in_order, key=lambda exchange: not exchange.responses)


def first_voices(claims: tuple[Claim, ...]) -> list[Claim]:
    """The first claim, and the first response to it, that of the maker where there is one: both sides in short."""
    return [voice for first in exchanges(claims)[:1] for voice in (first.claim, *first.responses[:1])]


def role_words(claim: Claim) -> str:
    """The role of a speaker in a dispute, in words that say so where it is unverified.

    Whoever made a claim and speaks again in a response made it before.
    """
    if claim.kind == "response" and claim.claimant_role == "accuser" and standing(claim) != "not verified":
        return EARLIER
    return (UNVERIFIED_ROLES if standing(claim) == "not verified" else ROLES)[claim.claimant_role]


def claim_links(claims: Sequence[Claim]) -> dict[str, list[tuple[str, list[Claim]]]]:
    """By the id of each claim, the claims that it answers, supersedes or withdraws, and those that do so to it."""
    return {
        claim.id: [(phrase, linked_claims) for phrase, linked_claims in _links(claim, claims) if linked_claims]
        for claim in claims
    }


def _links(claim: Claim, claims: Sequence[Claim]) -> list[tuple[str, list[Claim]]]:
    def where(holds: Callable[[Claim], bool]) -> list[Claim]:
        return [linked for linked in claims if holds(linked)]

    return [
        (words("Responds to"), where(lambda linked: linked.id in claim.answers)),
        (words("Response"), where(lambda linked: claim.id in linked.answers)),
        (words("Supersedes"), where(lambda linked: linked.id in claim.supersedes)),
        (words("Superseded by"), where(lambda linked: claim.id in linked.supersedes)),
        (words("Withdrawn by"), where(lambda linked: linked.id in claim.withdrawn_by)),
        (words("Withdraws"), where(lambda linked: claim.id in linked.withdrawn_by)),
    ]


def _responses(claim: Claim, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The direct and indirect responses to a claim: those of the maker concerned first, then in order of date."""
    reached = {claim.id}
    while more := {response.id for response in claims if reached & set(response.answers)} - reached:
        reached |= more
    responses = [response for response in claims if response.id in reached and response.kind == "response"]
    return tuple(sorted(responses, key=lambda response: not _is_of_maker(response)))


def _is_of_maker(claim: Claim) -> bool:
    """Whether the maker of the model speaks; an unverified account does not count."""
    return claim.claimant_role == "maker" and standing(claim) != "not verified"

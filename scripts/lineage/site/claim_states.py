"""The state of a claim or a response in words: what was looked for, and whether it was found."""

from collections.abc import Mapping, Sequence, Set

from lineage.evidence.standing import state_standing
from lineage.records import Claim
from lineage.site.languages import words

# What each state means to a reader, by the kind of the statement: a response that stands open is no silence of its
# author; what was not found is a reply to it.
STATES: Mapping[str, Mapping[str, str]] = {
    "claim": {
        "open": words("open; no public answer to this claim was found"),
        "answered": words("answered; see the response"),
        "answered_in_general": words("a general statement was made; it does not address this claim"),
        "declined": words("asked, and declined to say; see the response"),
        "withdrawn_by_claimant": words("withdrawn by the claimant"),
        "acknowledged_by_maker": words("acknowledged by the maker"),
        "acknowledged_in_part": words("acknowledged in part"),
    },
    "response": {
        "open": words("no reply to this response was found"),
        "answered": words("replied to; see the reply"),
        "answered_in_general": words("replied to in general; the reply does not address this response"),
        "declined": words("asked about it, and declined to say; see the reply"),
        "withdrawn_by_claimant": words("withdrawn by whoever gave it"),
        "acknowledged_by_maker": words("acknowledged by the maker"),
        "acknowledged_in_part": words("acknowledged in part"),
    },
}
# The same where sources say so, and the party itself did not post it here.
REPORTED: Mapping[str, Mapping[str, str]] = {
    "claim": {
        "withdrawn_by_claimant": words("withdrawn by the claimant, as a source reports"),
        "acknowledged_by_maker": words("acknowledged by the maker, as a source reports"),
        "acknowledged_in_part": words("acknowledged in part, as a source reports"),
    },
    "response": {
        "withdrawn_by_claimant": words("withdrawn by whoever gave it, as a source reports"),
        "acknowledged_by_maker": words("acknowledged by the maker, as a source reports"),
        "acknowledged_in_part": words("acknowledged in part, as a source reports"),
    },
}
# A maker's own statement that nobody disputes is no open question.
UNDISPUTED = words("a maker's statement; no dispute of it was found")
# A response to a claim that was taken back wants no reply.
WITHDRAWN_SINCE = words("the claim that it answers was withdrawn by the claimant")
UNDATED = {
    "claim": words("open; answered, on a day that is not known"),
    "response": words("replied to, on a day that is not known"),
}


def claim_states(claims: Sequence[Claim]) -> dict[str, str]:
    """By the id of each claim, its state in words. An answer without a date is named, but changes no state."""
    answered = {name for claim in claims for name in claim.answers}
    withdrawn = frozenset(claim.id for claim in claims if claim.state == "withdrawn_by_claimant")
    return {claim.id: _state_words(claim, claim.id in answered, withdrawn) for claim in claims}


def _state_words(claim: Claim, answered: bool, withdrawn: Set[str]) -> str:
    if claim.state == "open" and answered:
        return UNDATED[claim.kind]
    if claim.state == "open" and claim.kind == "response" and withdrawn & {*claim.answers}:
        return WITHDRAWN_SINCE
    if claim.state == "open" and claim.kind == "claim" and claim.claimant_role == "maker":
        return UNDISPUTED
    wordings = REPORTED if state_standing(claim) == "as sources report" else STATES
    return wordings[claim.kind][claim.state]

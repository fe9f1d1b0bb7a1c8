"""Who says what is on record: a party itself, with a verified account, or sources that report it."""

from lineage.records import Claim, ClaimEvent, Standing

# States that nobody but the maker, or the claimant, can bring about.
OF_PARTIES = frozenset({"withdrawn_by_claimant", "acknowledged_by_maker", "acknowledged_in_part"})


def standing(claim: Claim) -> Standing:
    """Whether whoever speaks in a record is known: verified, not verified, or as sources report."""
    if claim.reply is None:
        return "as sources report"
    return "verified" if claim.reply.identity else "not verified"


def state_standing(claim: Claim) -> Standing | None:
    """Who says that a claim has its state: the party itself, or sources; None for states that need no party."""
    event = state_event(claim)
    if event is None or event.state not in OF_PARTIES:
        return None
    return "verified" if event.identity else "as sources report"


def state_event(claim: Claim) -> ClaimEvent | None:
    """The last event that gives a state, or None."""
    return next((event for event in reversed(claim.history) if event.state), None)

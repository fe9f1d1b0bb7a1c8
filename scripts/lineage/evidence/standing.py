"""Who stands behind a claim: a party itself or sources that report it, and whether anybody else found the same."""

from lineage.records import Claim, ClaimEvent, Dataset, Figure, Standing

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


def reproductions(claim: Claim, dataset: Dataset) -> list[str]:
    """Published figures of the same pair by the same measure as those that a claim rests on, from other sources.

    None that is unverified, or rests on sources of unknown origin alone, repeats anything. Each as
    "<published>/<figure>", in order.
    """
    figures = {f"{record.id}/{figure.id}": figure for record in dataset.published.values() for figure in record.figures}
    claimed_figures = [figures[name] for name in claim.evidence if name in figures]
    checked_sources = {name for name, source in dataset.sources.items() if source.kind != "unverified"}
    sound = {
        name: figure
        for name, figure in figures.items()
        if not figure.unverified and checked_sources & {*figure.sources}
    }
    return sorted(
        name
        for name, figure in sound.items()
        if any(_repeats(figure, figure_claimed) for figure_claimed in claimed_figures)
    )


def _repeats(figure: Figure, of: Figure) -> bool:
    pairs = [{side.model_a, side.model_b} for side in (figure, of)]
    return pairs[0] == pairs[1] and figure.measure == of.measure and not {*figure.sources} & {*of.sources}

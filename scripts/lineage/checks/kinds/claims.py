"""Rules for claims and responses: their links, their states, and what they must carry."""

from collections.abc import Collection, Iterator, Sequence, Set
from graphlib import CycleError, TopologicalSorter

from lineage.checks.lookalikes import plain_form
from lineage.records import ANSWERED, Claim, Problem, first_day, last_day

# Each link, how a sentence says it, and whether the one that is named comes later.
_LINKS = {
    "answers": ("answers", "which it answers", False),
    "supersedes": ("supersedes", "which it supersedes", False),
    "withdrawn_by": ("is withdrawn by", "which withdraws it", True),
}


def check_links(
    claim: Claim, case_id: str, claims: Sequence[Claim], refused: Set[str], parties: Collection[Set[str]] = ()
) -> Iterator[Problem]:
    """A problem for each link that leads nowhere, to the claim itself, to what another said, or against the dates.

    Parties are the names of claimants that are one, as identities on record say.
    """
    by_id = {other_claim.id: other_claim for other_claim in claims}
    for link, (says, which, later) in _LINKS.items():
        for name in getattr(claim, link):
            if f"data/cases/{case_id}/{name}.toml" in refused:
                continue
            if name == claim.id:
                yield Problem(claim.path, f"{says} itself")
            elif name not in by_id:
                yield Problem(claim.path, f"{says} {name!r}, which is not in data/cases/{case_id}/")
            else:
                yield from _in_time(claim, by_id[name], which, later)
                yield from _same_claimant(claim, by_id[name], link, parties)
    if claim.kind == "response" and not claim.answers:
        yield Problem(claim.path, "is a response and answers nothing; name the claims in 'answers'")


def check_circles(claims: Sequence[Claim]) -> Iterator[Problem]:
    """A problem where links between the records of a case lead round in a circle."""
    later: dict[str, set[str]] = {claim.id: set() for claim in claims}  # by id: those that come before it
    paths = {claim.id: claim.path for claim in claims}
    for claim in claims:
        for name in {*claim.answers, *claim.supersedes} - {claim.id}:
            later[claim.id].add(name)
        for name in set(claim.withdrawn_by) & set(later) - {claim.id}:
            later[name].add(claim.id)
    try:
        TopologicalSorter(later).prepare()
    except CycleError as error:
        circle = error.args[1][:0:-1]
        first = circle.index(min(circle))
        round_trip = " → ".join([*circle[first:], *circle[:first], circle[first]])
        message = f"its links lead round in a circle ({round_trip}); remove the one that is not so"
        yield Problem(paths[circle[first]], message)


def check_state(claim: Claim, claims: Sequence[Claim]) -> Iterator[Problem]:
    """A problem where the state that the history gives does not fit the links and dates of a claim."""
    answered = [response.id for response in claims if claim.id in response.answers]
    if claim.state in ANSWERED and not answered:
        yield Problem(claim.path, f"its history says {claim.state!r}, and no record of the case names it in 'answers'")
    dated = [response.id for response in claims if claim.id in response.answers and response.date]
    if claim.kind == "claim" and claim.state == "open" and dated:
        message = f"{dated[0]!r} answers it; add a dated event with its source and state = \"answered\" to 'history'"
        yield Problem(claim.path, message)
    if claim.withdrawn_by and claim.state != "withdrawn_by_claimant":
        message = "names 'withdrawn_by'; add a dated event with its source and state = \"withdrawn_by_claimant\""
        yield Problem(claim.path, message)
    for event in claim.history:
        if claim.date and last_day(event.date) < first_day(claim.date):
            yield Problem(claim.path, f"the event of {event.date} in 'history' is before the claim itself")


def check_subject(claim: Claim) -> Iterator[Problem]:
    """A problem where a claim does not carry what its subject asks for."""
    if claim.kind == "claim" and not claim.subject:
        yield Problem(claim.path, "has no 'subject'; write similarity, hardware, training, licence or other")
    if not (claim.check or claim.reply):  # the form of a reply in full is for whoever sends it
        yield Problem(
            claim.path, "has no [check]; say what could check it, whether anything public has, and where you looked"
        )
    if not (claim.sources or claim.reply):
        yield Problem(claim.path, "sources: is empty; write at least 1, and only a reply in full may do without")
    if claim.licence and claim.subject != "licence":
        yield Problem(claim.path, 'has a [licence] and another subject; write subject = "licence"')
    if claim.reply and claim.kind != "response":
        yield Problem(claim.path, "has a [reply], so its kind is \"response\"; name what it answers in 'answers'")


def _in_time(claim: Claim, linked_claim: Claim, which: str, later: bool) -> Iterator[Problem]:
    first, second = (claim, linked_claim) if later else (linked_claim, claim)
    if first.date and second.date and last_day(second.date) < first_day(first.date):
        word = "after" if later else "before"
        yield Problem(claim.path, f"is dated {claim.date}, {word} {linked_claim.id!r}, {which}, of {linked_claim.date}")


def _same_claimant(claim: Claim, linked_claim: Claim, link: str, parties: Collection[Set[str]]) -> Iterator[Problem]:
    names = {claim.claimant, linked_claim.claimant}
    same_party = len({plain_form(name) for name in names}) == 1 or any(names <= party for party in parties)
    if link != "answers" and claim.claimant_role != linked_claim.claimant_role:
        verb = "supersedes" if link == "supersedes" else "takes back"
        roles = f"({claim.claimant_role} and {linked_claim.claimant_role})"
        yield Problem(claim.path, f"only the claimant {verb} a claim; {linked_claim.id!r} has another role {roles}")
    elif link != "answers" and not same_party:
        verb = "supersedes" if link == "supersedes" else "takes back"
        both = f"({claim.claimant!r} and {linked_claim.claimant!r})"
        message = (
            f"only the claimant {verb} a claim; {linked_claim.id!r} is of another {both}, or no identity says that"
        )
        yield Problem(claim.path, f"{message} they are one")

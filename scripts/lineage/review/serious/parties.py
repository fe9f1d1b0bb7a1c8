"""What is said in somebody's name, by them or by others."""

from collections.abc import Iterator, Mapping

from lineage.checks.kinds.identities import same_account
from lineage.evidence.standing import OF_PARTIES
from lineage.review.raw_records import Held, Raw, said, state_of, whole_text
from lineage.review.serious.concern import ADMITS, SPEAKS, Concern
from lineage.review.speakers import (
    by_whom,
    identities_named,
    is_maintainer,
    opened_here,
    repeats_not_by,
    says_package_opened,
    speaks_as,
    who_repeated,
)


def spoken_concerns(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Concern]:
    """Replies, events that only a party can cause, and identities that are named: what is said in somebody's name."""
    reply, earlier = after.get("reply"), before.get("reply")
    if isinstance(reply, Mapping) and reply != earlier:
        by = f", by {author}" if author else ", and nobody said who makes this change"
        if reply.get("identity"):
            why = f"speaks as {reply['identity']}, verified{by}"
        else:
            why = f"an account that says it speaks for {said(after.get('claimant'))}, not verified{by}"
        yield Concern(SPEAKS, path, "reply", why, said(earlier), said(reply), sort="reply")
        owners = said((earlier or {}).get("owner")), said(reply.get("owner"))
        if earlier and not same_account(*owners):
            yield Concern(SPEAKS, path, "reply.owner", "another account may change the reply", *owners)
    for event in after.get("history", ()):
        if not isinstance(event, Mapping) or event in before.get("history", ()):
            continue
        if event.get("state") in OF_PARTIES:
            state = str(event["state"]).replace("_", " ")
            own = event.get("identity")
            who = f"as {own} says, verified" if own else "as sources report, and not the party itself"
            why = f"the claim is now {state}, {who}"
            yield Concern(
                SPEAKS, path, f"history of {event.get('date')}", why, state_of(before), said(event), sort="state"
            )
    for where, name in identities_named(after):
        identity = base.get(f"data/identities/{name}.toml") or {}
        if (where, name) not in set(identities_named(before)) and not (author and speaks_as(author, identity)):
            yield Concern(SPEAKS, path, where, f"speaks as {name}; {by_whom(author)}", after=name, sort="identity")


def reported_concerns(path: str, before: Held, after: Held, makers: set[str]) -> Iterator[Concern]:
    """A new claim or response that says what a maker stated, though the maker itself sent nothing here."""
    if before or after.get("reply") or "statement" not in after:
        return
    who = said(after.get("claimant"))
    if after.get("claimant_role") == "maker" or who in makers:
        why = f"new, says what {who} stated, as sources report, and not the party itself"
        yield Concern(SPEAKS, path, "statement", why, after=said(after["statement"]), sort="reported")


def opening_concerns(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Concern]:
    """New events of a source that say that one of us opened its address or package; none of a maintainer."""
    if is_maintainer(author, base):
        return
    by = by_whom(author)
    if says_package_opened(before, after):
        why = f"says that one of us opened the package {said(after.get('package'))}; {by}"
        yield Concern(ADMITS, path, "read", why, said(before.get("read")), said(after["read"]), sort="opened")
    for event in opened_here(after):
        if event not in before.get("history", ()):
            why = f"says that one of us opened {said(after.get('url'))}; {by}"
            key = f"history of {event.get('date')}"
            yield Concern(ADMITS, path, key, why, state_of(before), said(event), sort="opened")


def repeat_concerns(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Concern]:
    """New repeats of a measurement, the author's own and those said of others, and a claim that we made its weights."""
    ours = is_maintainer(author, base)
    by = by_whom(author)
    measurement = f"data/{after.get('measured')}.toml"
    of_others = repeats_not_by(before, after, author, ours=ours)
    for repeat in after.get("repeats", ()):
        if repeat in of_others:
            why = f"says that {who_repeated(repeat)} made {measurement} again; {by}"
            key = f"repeats, {repeat.get('date')}"
            yield Concern(SPEAKS, path, key, why, after=whole_text(repeat), sort="repeated by another")
        elif repeat.get("account") and repeat not in before.get("repeats", ()):
            why = f"says that it made {measurement} again, which counts if somebody else had sent it; look who did"
            key = f"repeats, {repeat.get('date')}"
            yield Concern(ADMITS, path, key, why, after=whole_text(repeat), sort="repeated")
    if after.get("made_here") and not before and not ours:
        why = f"says that this project made the weights of {measurement}; {by}"
        yield Concern(SPEAKS, path, "made_here", why, "", "yes", sort="made here")

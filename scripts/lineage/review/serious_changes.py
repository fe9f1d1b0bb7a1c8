"""Two versions of the records -> what a reviewer has to look at, each with what stood there and what stands there.

Nothing here refuses: lineage/review/changes.py does. This names what may be right and would do harm where it is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lineage.checks.hosts import account_of, host_of, near_accounts, near_hosts, owner_of, registered_domain
from lineage.checks.identities import account_key, same_account
from lineage.evidence.standing import OF_PARTIES
from lineage.records.sources import FALLEN
from lineage.review.changes import (
    Held,
    Raw,
    identities_named,
    maintainer_accounts,
    opened_here,
    repeats_not_by,
    said,
    says_package_opened,
    who_repeated,
)

# Ranks: the lower, the further up.
SPEAKS, ADMITS, SAYS, CITES, OTHER = range(5)
_TOLD_ELSEWHERE = ("fingerprints", "matches")  # folders whose changes are told as those of measurements
# Keys of which another value is grave, with their rank and what that means; by folder.
_GRAVE: Mapping[tuple[str, str], tuple[int, str]] = {
    ("cases", "claimant"): (SPEAKS, "who says it is another"),
    ("cases", "claimant_role"): (SPEAKS, "the part of whoever says it is another"),
    ("cases", "date"): (SAYS, "the day on which it was said is another"),
    ("cases", "statement"): (SAYS, "what somebody is said to have stated is another"),
    ("cases", "quote"): (SAYS, "a quotation is another"),
    ("cases", "history"): (ADMITS, "what happened to it is told otherwise"),
    ("cases", "figure"): (SAYS, "what the figure of a case shows is another"),
    ("cases", "events"): (ADMITS, "what happened is told otherwise"),
    ("cases", "status"): (SAYS, "where the case stands is told otherwise"),
    ("cases", "subject"): (SAYS, "the case is about another model"),
    ("cases", "reference"): (SAYS, "the case is about another model"),
    ("cases", "withdrawn_by"): (SPEAKS, "what withdraws it is another"),
    ("cases", "supersedes"): (SPEAKS, "what it takes the place of is another"),
    ("cases", "reply"): (SPEAKS, "a reply is another"),
    ("cases", "answers"): (SAYS, "what a response answers is another"),
    ("cases", "evidence"): (SAYS, "what a claim rests on is another"),
    ("cases", "models"): (SAYS, "which models a claim is about is another"),
    ("cases", "kind"): (SAYS, "what kind of case or claim it is is told otherwise"),
    ("cases", "reviewed"): (ADMITS, "when the record was gone through as a whole is told otherwise"),
    ("cases", "check"): (ADMITS, "what was looked for, when and where, is told otherwise"),
    ("sources", "kind"): (ADMITS, "how good a source is called is another"),
    ("sources", "history"): (ADMITS, "what became of a source is told otherwise"),
    ("sources", "publisher"): (CITES, "who published a source is another"),
    ("sources", "published"): (CITES, "the day of a source is another"),
    ("sources", "shows"): (CITES, "what a source is cited for is another"),
    ("sources", "read"): (ADMITS, "how a source was read is told otherwise"),
    ("sources", "package"): (CITES, "the package that is cited is another"),
    ("sources", "relay"): (ADMITS, "whose words a source carries is told otherwise"),
    ("models", "maker"): (SPEAKS, "the maker of a model is another"),
    ("models", "addresses"): (SAYS, "where the weights of a model are is told otherwise"),
    ("models", "licence"): (SAYS, "the licence of a model is another"),
    ("models", "released"): (SAYS, "the day on which a model was released is another"),
    ("models", "architecture"): (SAYS, "the shape of a model is another"),
    ("models", "hardware"): (SAYS, "what a model is said to have been trained on is another"),
    ("models", "partial_counts"): (ADMITS, "why a part of the weights counts for all is told otherwise"),
    ("models", "base_model"): (SAYS, "what a model is said to be made from is another"),
    ("models", "base_model_weights"): (SAYS, "in which shares a model is said to be merged is another"),
    ("models", "base_model_relation"): (SAYS, "how a model is said to be made is another"),
    ("models", "base_model_reported_by"): (SAYS, "who is said to report how a model was made is another"),
    ("models", "root"): (SAYS, "the training run that a model belongs to is another"),
    ("parameters", "exceptions"): (ADMITS, "what was chosen after results is told otherwise"),
    ("parameters", "parameters"): (ADMITS, "what a method was given is another"),
    ("parameters", "informed_by"): (ADMITS, "what informed a method is told otherwise"),
    ("parameters", "fixed"): (ADMITS, "since when a method is fixed is another"),
    ("parameters", "results"): (ADMITS, "which results a method gave is told otherwise"),
    ("parameters", "version"): (ADMITS, "the version of a method is another"),
    ("published", "figures"): (SAYS, "a number of others is another"),
    ("published", "limits"): (ADMITS, "what is known to mislead is told otherwise"),
    ("published", "thresholds"): (SAYS, "a threshold of others is another"),
    ("published", "pins"): (CITES, "the files that numbers come from are others"),
    ("published", "source"): (CITES, "whom numbers come from is another"),
    ("published", "tables"): (CITES, "what a table of others is said to hold is another"),
    ("published", "descents"): (SAYS, "which training runs count as one is told otherwise"),
    ("published", "models"): (SAYS, "which models of others count as related is told otherwise"),
    ("published", "shapes"): (SAYS, "the shape of a model of others is another"),
    ("reproductions", "files"): (ADMITS, "the bytes that were made again are others"),
    ("reproductions", "measured"): (ADMITS, "what was made again is another"),
    ("reproductions", "made_here"): (ADMITS, "whether this project made the weights is told otherwise"),
    ("reproductions", "repeats"): (ADMITS, "who made it again, and when, is told otherwise"),
}
# What a new record says of others, and nobody would see behind its title.
_GRAVE_WHEN_NEW: Mapping[str, tuple[str, ...]] = {
    "models": ("base_model",),
    "cases": ("supersedes", "withdrawn_by"),
    "published": ("descents", "models", "thresholds", "limits", "tables", "shapes"),
}
_ATTRIBUTES = ("ours", "direction_ours", "unverified")  # whose words these are, and whether anybody checked them
_GRAVE_FOLDERS: Mapping[str, tuple[int, str]] = {  # of which every key is grave that has no line above
    "benchmarks": (CITES, "what a tool is said to have measured here is another"),
    "packs": (ADMITS, "where what was measured lies, and its bytes, are others"),
    "sampled": (CITES, "what a tool of others is said to have sampled is another"),
    "designs": (ADMITS, "what was fixed before the first result is another"),
    "families": (SAYS, "what a tensor of every model of a family is read as is another"),
}
_WHOLE = {  # folders whose records matter whole, when they are new, others or gone
    "identities": (SPEAKS, "whose an account is"),
    "removals": (ADMITS, "what went from the record"),
    "corrections": (ADMITS, "what this site says that it had wrong"),
}
_TOLD = ("reply", "quote", "url", "archive_url")  # with a line of their own
# Lists that grow: an entry that is added to one is no other entry.
_LISTS = ("history", "events", "exceptions", "limits", "figures", "notes", "repeats")
_NAMES = ("id", "name", "file", "title", "date", "text", "value")  # what tells one entry of a list from another


@dataclass(frozen=True, order=True)
class Line:
    """One thing to look at."""

    rank: int  # 0 for the gravest
    path: str
    key: str  # the field, and which entry of it
    why: str  # what it means, in words
    before: str = ""  # what stood there, whole; "" where nothing did
    after: str = ""  # what stands there now, whole; "" where nothing does
    sort: str = ""  # what is alike: many of a sort hide none of another; "" where why says it

    def __str__(self) -> str:
        """The line in words: where, what it means, and both texts."""
        return f"{self.path}: {self.key}: {self.why}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


def serious_changes(base: Raw, now: Raw, author: str | None) -> list[Line]:
    """What a reviewer has to look at, the gravest first; author is the address of whoever makes the change."""
    lines: set[Line] = set()
    known = {host_of(address) for held in base.values() for _, address in _addresses(held)}
    accounts = {account for held in base.values() for _, account in _accounts(held)}
    models = {str(held.get("id")) for path, held in {**base, **now}.items() if path.startswith("data/models/")}
    disputed = [_pair(held, "subject", "reference") for held in (*base.values(), *now.values()) if "subject" in held]
    makers = {said(held.get("claimant")) for held in base.values() if held.get("claimant_role") == "maker"}
    for path in sorted(base.keys() | now.keys()):
        before, after = base.get(path, {}), now.get(path, {})
        folder = PurePosixPath(path).parts[1]
        if before == after or folder in _TOLD_ELSEWHERE:
            continue
        lines.update(_whole(folder, path, before, after))
        lines.update(_speaks(path, before, after, base, author))
        lines.update(_reported(path, before, after, makers))
        lines.update(_hosts(path, before, after, known))
        lines.update(_owners(path, before, after, accounts))
        if folder == "sources":
            lines.update(_opened(path, before, after, base, author))
            lines.update(_publishers(path, before, after, base))
            lines.update(_fallen(path, before, after))
        if folder == "published":
            lines.update(_numbers(path, before, after, models, disputed))
        if folder == "reproductions":
            lines.update(_made_again(path, before, after, base, author))
        if after and isinstance(after.get("quote"), Mapping) and said(before.get("quote")) != said(after["quote"]):
            lines.add(_new_quotation(path, before, after))
        named = {key: after[key] for key in _GRAVE_WHEN_NEW.get(folder, ()) if key in after}
        lines.update(_fields(folder, path, before, after if before else named))
    return sorted(lines)


def _whole(folder: str, path: str, before: Held, after: Held) -> Iterator[Line]:
    """A record that is new or gone, where that alone matters."""
    if folder in _WHOLE:
        rank, why = _WHOLE[folder]
        yield Line(rank, path, "the whole record", why, said(before), said(after))
    elif not after:
        yield Line(ADMITS, path, "the whole record", "is gone", said(before))
    elif not before and folder in _GRAVE_FOLDERS:
        rank, why = _GRAVE_FOLDERS[folder]
        yield Line(rank, path, "the whole record", f"new, {why.removesuffix(' is another')}", "", _whole_text(after))
    if folder == "removals" and after:
        yield Line(ADMITS, path, "removed", f"takes {after.get('kind')} off the record", said(after.get("removed")))


def _speaks(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Line]:
    """What is said in somebody's name: replies, and events that only a party can cause."""
    reply, earlier = after.get("reply"), before.get("reply")
    if isinstance(reply, Mapping) and reply != earlier:
        by = f", by {author}" if author else ", and nobody said who makes this change"
        if reply.get("identity"):
            why = f"speaks as {reply['identity']}, verified{by}"
        else:
            why = f"an account that says it speaks for {said(after.get('claimant'))}, not verified{by}"
        yield Line(SPEAKS, path, "reply", why, said(earlier), said(reply), sort="reply")
        owners = said((earlier or {}).get("owner")), said(reply.get("owner"))
        if earlier and not same_account(*owners):
            yield Line(SPEAKS, path, "reply.owner", "another account may change the reply", *owners)
    for event in after.get("history", ()):
        if not isinstance(event, Mapping) or event in before.get("history", ()):
            continue
        if event.get("state") in OF_PARTIES:
            state = str(event["state"]).replace("_", " ")
            own = event.get("identity")
            who = f"as {own} says, verified" if own else "as sources report, and not the party itself"
            why = f"the claim is now {state}, {who}"
            yield Line(SPEAKS, path, f"history of {event.get('date')}", why, _state(before), said(event), sort="state")
    for where, name in identities_named(after):
        accounts = (base.get(f"data/identities/{name}.toml") or {}).get("accounts", ())
        if (where, name) not in set(identities_named(before)):
            own = author and any(same_account(author, str(one)) for one in accounts)
            by = f"this change is by {author}" if author else "nobody said who makes this change"
            if not own:
                yield Line(SPEAKS, path, where, f"speaks as {name}; {by}", after=name, sort="identity")


def _reported(path: str, before: Held, after: Held, makers: set[str]) -> Iterator[Line]:
    """A new claim or response that says what a maker stated, though the maker itself sent nothing here."""
    if before or after.get("reply") or "statement" not in after:
        return
    who = said(after.get("claimant"))
    if after.get("claimant_role") == "maker" or who in makers:
        why = f"new, says what {who} stated, as sources report, and not the party itself"
        yield Line(SPEAKS, path, "statement", why, after=said(after["statement"]), sort="reported")


def _fallen(path: str, before: Held, after: Held) -> Iterator[Line]:
    """New events after which a source no longer stands as it was cited, or stands again."""
    fell = _state(before) in FALLEN
    for event in after.get("history", ()):
        new = isinstance(event, Mapping) and event not in before.get("history", ())
        if new and (event.get("state") in FALLEN or (fell and event.get("state") != "unreachable")):
            by = said(event.get("reported_by")) or said(event.get("opened_by")) or "whoever opened it"
            why = f"the source is now {event.get('state')}, as {by} says"
            key = f"history of {event.get('date')}"
            yield Line(ADMITS, path, key, why, _state(before), _whole_text(event), sort="fallen")


def _numbers(
    path: str, before: Held, after: Held, models: set[str], disputed: Sequence[frozenset[str]]
) -> Iterator[Line]:
    """Numbers of others that are new, of the pair of a case and of any other model on record."""
    known = {said(figure.get("id")) for figure in before.get("figures", ()) if isinstance(figure, Mapping)}
    for figure in after.get("figures", ()):
        if not isinstance(figure, Mapping) or said(figure.get("id")) in known:
            continue
        pair = _pair(figure, "model_a", "model_b")
        if pair in disputed:
            why = "new, a number of others of the pair of a case"
            yield Line(SAYS, path, f"figures, {_named(figure)}", why, after=_whole_text(figure))
        elif pair & models:
            why = "new, a number of others of a model on record"
            yield Line(CITES, path, f"figures, {_named(figure)}", why, after=_whole_text(figure))


def _pair(held: Held, first: str, second: str) -> frozenset[str]:
    return frozenset(str(held[key]) for key in (first, second) if held.get(key))


def _opened(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Line]:
    """What says that one of us opened an address or a package."""
    if author and account_key(author) in maintainer_accounts(base):
        return
    by = f"this change is by {author}" if author else "nobody said who makes this change"
    if says_package_opened(before, after):
        why = f"says that one of us opened the package {said(after.get('package'))}; {by}"
        yield Line(ADMITS, path, "read", why, said(before.get("read")), said(after["read"]), sort="opened")
    for event in opened_here(after):
        if event not in before.get("history", ()):
            why = f"says that one of us opened {said(after.get('url'))}; {by}"
            key = f"history of {event.get('date')}"
            yield Line(ADMITS, path, key, why, _state(before), said(event), sort="opened")


def _publishers(path: str, before: Held, after: Held, base: Raw) -> Iterator[Line]:
    """A source that is called the thing itself, at a domain where nothing else of its publisher on record is."""
    keys = ("url", "publisher", "kind")
    if after.get("kind") != "primary" or not after.get("url") or all(before.get(key) == after[key] for key in keys):
        return
    others = [held for name, held in base.items() if name != path and held.get("publisher") == after["publisher"]]
    places = sorted({_domain(str(held["url"])) for held in others if held.get("url")})
    if places and (own := _domain(str(after["url"]))) not in places:
        why = f"is called primary, of {after['publisher']}, at {own}; their other pages on record are elsewhere"
        yield Line(ADMITS, path, "publisher", why, ", ".join(places), own, sort="publisher")


def _made_again(path: str, before: Held, after: Held, base: Raw, author: str | None) -> Iterator[Line]:
    """Times that something was made again of which somebody else says so, and that its weights were made here."""
    ours = bool(author) and account_key(str(author)) in maintainer_accounts(base)
    by = f"this change is by {author}" if author else "nobody said who makes this change"
    measured = f"data/{after.get('measured')}.toml"
    others = repeats_not_by(before, after, author, ours=ours)
    for repeat in after.get("repeats", ()):
        if repeat in others:
            why = f"says that {who_repeated(repeat)} made {measured} again; {by}"
            key = f"repeats, {repeat.get('date')}"
            yield Line(SPEAKS, path, key, why, after=_whole_text(repeat), sort="repeated by another")
        elif repeat.get("account") and repeat not in before.get("repeats", ()):
            why = f"says that it made {measured} again, which counts if somebody else had sent it; look who did"
            key = f"repeats, {repeat.get('date')}"
            yield Line(ADMITS, path, key, why, after=_whole_text(repeat), sort="repeated")
    if after.get("made_here") and not before and not ours:
        why = f"says that this project made the weights of {measured}; {by}"
        yield Line(SPEAKS, path, "made_here", why, "", "yes", sort="made here")


def _hosts(path: str, before: Held, after: Held, known: set[str]) -> Iterator[Line]:
    """Addresses that lead to another host than before, and new hosts that are one letter from one on record."""
    old, new = dict(_addresses(before)), dict(_addresses(after))
    for key, address in new.items():
        host = host_of(address)
        if key in old and _domain(old[key]) != _domain(address):
            yield Line(ADMITS, path, key, "leads to another domain", old[key], address)
        elif key in old and old[key] != address:
            yield Line(CITES, path, key, "leads elsewhere on the same domain", old[key], address)
        if host and host not in known and (near := near_hosts(host, known)):
            why = f"new, is nearly {near[0]}, and is not it"
            yield Line(ADMITS, path, f"{key}, host", why, old.get(key, ""), address, sort="nearly")
    for key, address in old.items() if after else ():
        if key not in new and address not in new.values():
            yield Line(ADMITS, path, key, "an address is taken away", address)


def _owners(path: str, before: Held, after: Held, known: set[tuple[str, str]]) -> Iterator[Line]:
    """New accounts of sites, hubs and package registries that look like one on record, or are one letter from it."""
    old = dict(_accounts(before))
    for key, account in _accounts(after):
        if near := near_accounts(account, known):
            site, name = account
            why = f"new on {site}, is nearly {near[0]}, and is not it"
            yield Line(ADMITS, path, f"{key}, account", why, old.get(key, ("", ""))[1], name, sort="nearly")


def _accounts(held: Held) -> Iterator[tuple[str, tuple[str, str]]]:
    """The accounts that addresses in a record belong to, each with its site, by the key of the address."""
    for key, address in _addresses(held):
        if account := account_of(address):
            yield key, account
    for field in ("addresses", "pins"):
        for number, entry in enumerate(entry for entry in held.get(field, ()) if isinstance(entry, Mapping)):
            weights = owner_of(str(entry.get("kind")), str(entry.get("value")))
            if account := weights if field == "addresses" else account_of(str(entry.get("repository"))):
                yield f"{field}.{number}", account


def _new_quotation(path: str, before: Held, after: Held) -> Line:
    quote = after["quote"]
    where = f"from {quote.get('source')}, place: {quote.get('where', 'not given')}"
    why = f"a quotation to look up, {where}"
    return Line(SAYS, path, "quote", why, said(before.get("quote")), said(quote), sort="quotation")


def _fields(folder: str, path: str, before: Held, after: Held) -> Iterator[Line]:
    """Every field of a record that is another, with both texts; of a list, every entry."""
    for key in dict.fromkeys((*before, *after)) if after else ():
        if before.get(key) == after.get(key) or folder in _WHOLE or (key in _TOLD and key in after):
            continue
        rank, why = _GRAVE.get((folder, key), _GRAVE_FOLDERS.get(folder, (OTHER, "is another")))
        if key not in _TOLD and before.get(key) and _attributes(before[key]) != _attributes(after.get(key)):
            rank, why = SPEAKS, "whose words these are, or whether they are verified, is told otherwise"
        if not before:
            why = f"new, {why.removesuffix(' is another').removesuffix(' is told otherwise')}"
        for name, old, new in _entries(before.get(key), after.get(key)):
            lighter = not old and key in _LISTS and before
            yield Line(OTHER if lighter else rank, path, (name and f"{key}, {name}") or key, why, old, new)


def _entries(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    """What is another in a field: the name of the entry or "", what stood there, and what stands there now."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield key, _whole_text(before.get(key)), _whole_text(after.get(key))
        return
    if not all(isinstance(value, list) or value is None for value in (before, after)):
        yield "", _whole_text(before), _whole_text(after)
        return
    old = [entry for entry in before or () if entry not in (after or ())]
    new = [entry for entry in after or () if entry not in (before or ())]
    if not old and not new:
        yield "order", said(before), said(after)
    matches: list[Any] = []
    for entry in old:
        matches.append(next((candidate for candidate in new if _named(candidate) == _named(entry)), None))
        new = [candidate for candidate in new if candidate is not matches[-1]]
    if matches.count(None) == len(new):  # one took the place of another
        matches = [match if match is not None else new.pop(0) for match in matches]
    for entry, match in zip(old, matches, strict=True):
        yield _named(entry), _whole_text(entry), _whole_text(match)
    for entry in new:
        yield _named(entry), "", _whole_text(entry)


def _attributes(value: Any) -> list[str]:
    """What a field says of whose words stand in it, and whether they are verified, in order."""
    if isinstance(value, Mapping):
        own = [f"{key} {value[key]}" for key in _ATTRIBUTES if key in value]
        return [*own, *(word for one in value.values() for word in _attributes(one))]
    return [word for one in value for word in _attributes(one)] if isinstance(value, list) else []


def _whole_text(value: Any) -> str:
    """What a field says with all its parts, and not its text alone."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_whole_text(one)}" for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_whole_text, value))
    return said(value)


def _named(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return said(entry)[:60]
    return next((said(entry[key])[:60] for key in _NAMES if entry.get(key)), "")


def _state(held: Held) -> str:
    return next((said(one["state"]) for one in reversed(held.get("history", ())) if one.get("state")), "open")


def _domain(address: str) -> str:
    host = host_of(address)
    return registered_domain(host) or host


def _addresses(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Every web address in a record, by its key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _addresses(inner, f"{above}.{key}" if above else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _addresses(inner, f"{above}.{number}")
    elif isinstance(value, str) and value.startswith(("http://", "https://")):
        yield above, value

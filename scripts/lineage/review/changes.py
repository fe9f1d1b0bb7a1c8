"""Two versions of data/ -> what was taken from the record or changed without saying so."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from lineage.checks.identities import account_key, same_account
from lineage.evidence.compared_models import IN_FULL
from lineage.records import Correction, Dataset, Problem, Removal, pair_slug
from lineage.records.reading_amendments import removed_path

Held = Mapping[str, Any]
Raw = Mapping[str, Held]  # what each TOML file holds, by its path, whatever its schema was at the time

_FILES_AT_ONCE = 4_096  # what files hold that one process reads once
_BY_HAND = "holds other numbers than before, though nothing says that they were made again; {} writes this file"
_SAID = ("title", "statement")  # our words for a claim: a new event may say why they are others
_WHO_AND_WHEN = ("claimant", "claimant_role", "date", "quote")  # what a source says: a correction alone changes it
_OWNED = ("title", "claimant", "date", "statement", "quote", "answers", "reply")  # what the owner of a reply may change
_KINDS = {
    "models": "model",
    "sources": "source",
    "fingerprints": "measurement",
    "sampled": "sample",
    "matches": "pair",
    "published": "published",
    "benchmarks": "benchmark",
    "parameters": "parameters",
    "designs": "design",
}
_STAY = ("corrections", "removals")  # what says what was wrong here, or went: whole, for ever
# What records admit, by folder: lists whose entries stay, each with the key that names an entry.
_ADMITTED: Mapping[str, Mapping[str, str]] = {
    "parameters": {"exceptions": "text", "parameters": "name"},
    "published": {"figures": "id", "tables": "file", "limits": "text", "thresholds": "text", "notes": "text"},
}


def check_changes(
    base: Raw,
    now: Raw,
    author: str | None,
    corrections: Mapping[str, Correction],
    removals: Mapping[str, Removal],
) -> Iterator[Problem]:
    """A problem for each record, event, statement or reply that is gone or another than in the base.

    Author is the address of the account that makes the change. A new correction that names a field and quotes what
    stood there allows its edit, and no other.
    """
    fresh = [record for record in corrections.values() if record.path not in base]
    quoted = {(edit.record, edit.field, said(edit.was)) for record in fresh for edit in record.edits}
    removed = {removed_path(removal) for removal in removals.values()}
    for path, before in sorted(base.items()):
        after = now.get(path)
        yield from _reply_kept(path, before, after or {}, author)
        if after is None:
            yield from _said_to_be_removed(path, before, removed)
            continue
        told = {(field, was) for record, field, was in quoted if record == path}
        yield from _events_kept(path, before, after, told)
        yield from _words_kept(path, before, after, told)
        yield from _admissions_kept(path, before, after, told)
    for path, after in sorted(now.items()):
        yield from _quotation_has_its_place(path, base.get(path, {}), after)
    for record in fresh:
        yield from _quotes_the_base(record, base, now)
    yield from _removals_of_the_base(base, removals)
    yield from _pairs_kept(base, now, removals)
    yield from _identified(base, now, author)
    yield from _opened_by_us(base, now, author)
    yield from _made_again(base, now, author)


def hand_edits(base: Raw, now: Raw, before: Dataset, after: Dataset) -> Iterator[Problem]:
    """A problem for each measured file that changed though its record says that it was made in the same way.

    Tools give the same bytes again, so another number from the same command, files and versions is no measurement.
    """
    for path in sorted(base.keys() & now.keys()):
        old, new = base[path], now[path]
        if path.startswith("data/matches/") and old != new and _made(old) == _made(new):
            yield Problem(path, _BY_HAND.format("scripts/match.py"))
    for model in sorted(before.fingerprints.keys() & after.fingerprints.keys()):
        earlier, later = before.fingerprints[model], after.fingerprints[model]
        same = earlier.measurement == later.measurement
        if same and earlier.digest != later.digest:
            yield Problem(later.measurement.path, _BY_HAND.format("scripts/measure.py"))


def _made(match: Held) -> list[Any]:
    """How a match was made: by what, when, of which files."""
    sides = [match.get(side) or {} for side in "ab"]
    return [match.get(key) for key in ("date", "command", "tool_version", "method_version")] + sides


def read_raw(files: Mapping[str, bytes]) -> Raw:
    """What each TOML file holds; one that is no TOML is left out."""
    raw: dict[str, Held] = {}
    for path, content in files.items():
        with suppress(ValueError, RecursionError):
            raw[path] = _held(content)
    return raw


@lru_cache(maxsize=_FILES_AT_ONCE)
def _held(content: bytes) -> Held:
    """What a TOML file holds, read once: a base and a change of it hold mostly the same files, and are asked often."""
    return tomllib.loads(content.decode("utf-8"))


def said(value: Any) -> str:
    """What a field says, on one line: of a part its text, of a list its items; "" where it is left out."""
    if isinstance(value, Mapping):
        return (
            said(value["text"]) if "text" in value else "; ".join(f"{key} = {said(one)}" for key, one in value.items())
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " · ".join(map(said, value))
    return " ".join(str(value).split()) if value is not None else ""


def maintainer_accounts(raw: Raw) -> set[str]:
    """The accounts of the maintainers on record, as account_key writes them."""
    held = [one for path, one in raw.items() if path.startswith("data/identities/") and one.get("kind") == "maintainer"]
    return {account_key(str(account)) for one in held for account in one.get("accounts", ())}


def identities_named(held: Held) -> Iterator[tuple[str, str]]:
    """The identities on which a claim or response rests, each with where it is named."""
    reply = held.get("reply")
    if isinstance(reply, Mapping) and reply.get("identity"):
        yield "reply", str(reply["identity"])
    for event in held.get("history", ()):
        if isinstance(event, Mapping) and event.get("identity"):
            yield f"event of {event.get('date')}", str(event["identity"])


def opened_here(held: Held) -> list[Held]:
    """The events of a source that say that one of us opened its address."""
    return [event for event in held.get("history", ()) if not event.get("reported_by") and not event.get("opened_by")]


def says_package_opened(before: Held, after: Held) -> bool:
    """Whether a source says, and did not before, that one of us opened the package that holds it."""
    opened = "package opened here"
    same = before.get("read") == opened and before.get("package") == after.get("package")
    return after.get("read") == opened and not same


def _reply_kept(path: str, before: Held, after: Held, author: str | None) -> Iterator[Problem]:
    if not isinstance(reply := before.get("reply"), Mapping):
        return
    owner = reply.get("owner")
    changed = [key for key in _OWNED if before.get(key) != after.get(key)]
    if changed and not same_account(author, owner):
        what = f"changes {', '.join(map(repr, changed))} of" if after else "removes"
        by = f"this change is by {author}" if author else "nobody said who makes this change; --author does"
        yield Problem(path, f"{what} a reply that only {owner} may change; {by}")


def _said_to_be_removed(path: str, before: Held, removed: set[str]) -> Iterator[Problem]:
    folder = PurePosixPath(path).parts[1]
    case = f"{PurePosixPath(path).parent}/case.toml"
    if folder in _STAY:
        yield Problem(path, f"is gone; {folder} stay on the record, put it back")
    elif path in removed or (folder == "cases" and case in removed):
        return
    elif kind := _KINDS.get(folder) or ("case" if path == case else "claim" if folder == "cases" else ""):
        name = before.get("model") or before.get("id", "")
        message = f"is gone; say what stood there and why it went in data/removals/ (kind = {kind!r}, id {name!r})"
        yield Problem(path, message.replace("'", '"'))


def _events_kept(path: str, before: Held, after: Held, told: set[tuple[str, str]]) -> Iterator[Problem]:
    for key in ("history", "events"):
        events = list(after.get(key, ()))
        for event in before.get(key, ()):
            text = said(event.get("text") or event.get("note") or event.get("state", ""))
            if event not in events and (key, text) not in told:
                when = event.get("date", "no date")
                message = f"the event of {when} ({text[:60]!r}) was removed or edited; events are only ever added"
                yield Problem(path, f"{message}: put it back, or quote it in 'edits' of a record in data/corrections/")


def _quotation_has_its_place(path: str, before: Held, after: Held) -> Iterator[Problem]:
    """A problem for a quotation where none stood that does not say its place: whoever sends it has seen it."""
    quote = after.get("quote")
    if isinstance(quote, Mapping) and quote.get("where") == "not recorded" and not before.get("quote"):
        yield Problem(path, "quote: is new, and 'where' is not recorded; write its page or section")


def _words_kept(path: str, before: Held, after: Held, told: set[tuple[str, str]]) -> Iterator[Problem]:
    if "statement" not in before:
        return
    explained = len(after.get("history", ())) > len(before.get("history", ()))
    for key in (*_SAID, *_WHO_AND_WHEN):
        same = said(before.get(key)) == said(after.get(key)) and _folded(before.get(key)) == _folded(after.get(key))
        if same or (explained and key in _SAID) or (key, said(before.get(key))) in told or _placed(key, before, after):
            continue
        event = "add a dated event to its history that says why, or " if key in _SAID else ""
        message = f"{key!r} is another than before; {event}quote what stood there in 'edits' of a record in"
        yield Problem(path, f"{message} data/corrections/ that names this file")


def _placed(key: str, before: Held, after: Held) -> bool:
    """Whether all that happened to a quotation is that it got its place in the source."""
    old, new = before.get(key), after.get(key)
    if key != "quote" or not isinstance(old, Mapping) or not isinstance(new, Mapping) or "where" in old:
        return False
    return {name: value for name, value in new.items() if name != "where"} == old


def _admissions_kept(path: str, before: Held, after: Held, told: set[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each thing that a record admitted and does not any more."""
    folder = PurePosixPath(path).parts[1]
    if folder in _STAY and (lost := [key for key in before if not _extends(before[key], after.get(key))]):
        what = ", ".join(map(repr, lost))
        yield Problem(path, f"{what}: is another than before; {folder} are only added to, so add a new record")
    if folder == "designs":
        fields = {field for field, _ in told}
        changed_keys = [key for key in {**before, **after} if _folded(before.get(key)) != _folded(after.get(key))]
        if changed_keys := [key for key in changed_keys if key not in fields]:
            what = ", ".join(map(repr, changed_keys))
            yield Problem(path, f"{what}: is another than before its results; {_DESIGNED}")
    for key, name in _ADMITTED.get(folder, {}).items():
        listed = [entry for entry in after.get(key, ()) if isinstance(entry, Mapping)]
        for entry in before.get(key, ()):
            own = said(entry.get(name))
            if all(said(changed_keys.get(name)) != own for changed_keys in listed) and (key, own) not in told:
                yield Problem(path, f"{own[:60]!r} is gone from {key!r}; {_ADD_ONLY}")
    if folder == "parameters" and before.get("version") == after.get("version"):
        yield from _parameters_kept(path, before, after, told)


_DESIGNED = (
    "a design stays as it was fixed: add a new design, or quote what stood there in 'edits' of a record in "
    "data/corrections/"
)
_ADD_ONLY = (
    "what a record admits is only added to: put it back, or quote it in 'edits' of a record in data/corrections/"
)


def _parameters_kept(path: str, before: Held, after: Held, told: set[tuple[str, str]]) -> Iterator[Problem]:
    """What stays of a method's parameters as long as its version does."""
    values = {parameter.get("name"): parameter.get("value") for parameter in after.get("parameters", ())}
    for parameter in before.get("parameters", ()):
        name, value = parameter.get("name"), parameter.get("value")
        if name in values and values[name] != value:
            message = f"the parameter {name!r} was {value!r} and is {values[name]!r}, in the same version"
            yield Problem(path, f"{message}; another value is another version")
    informed = said(before.get("informed_by"))
    if informed not in said(after.get("informed_by")) and ("informed_by", informed) not in told:
        yield Problem(path, f"'informed_by' says less than before ({informed[:60]!r}); {_ADD_ONLY}")
    if said(before.get("fixed")) != said(after.get("fixed")) and ("fixed", said(before.get("fixed"))) not in told:
        yield Problem(path, f"'fixed' was {before.get('fixed')} and is {after.get('fixed')}; {_ADD_ONLY}")


def _quotes_the_base(record: Correction, base: Raw, now: Raw) -> Iterator[Problem]:
    """A problem for each edit of a new correction that quotes what did not stand there, or still does."""
    for edit in record.edits:
        before, after = base.get(edit.record, {}), now.get(edit.record, {})
        stood = _entries(before.get(edit.field))
        if said(edit.was) not in stood:
            message = (
                f"edits: {edit.record} did not say {said(edit.was)[:60]!r} in {edit.field!r}; quote it word for word"
            )
            yield Problem(record.path, message)
        elif before.get(edit.field) == after.get(edit.field):
            yield Problem(record.path, f"edits: {edit.field!r} of {edit.record} is as it was; leave the edit out")


def _entries(value: Any) -> set[str]:
    """What a field says as a whole, and each of its entries by its text or name."""
    entries = value if isinstance(value, list) else ()
    named = (
        one.get(key) for one in entries if isinstance(one, Mapping) for key in ("text", "note", "id", "name", "file")
    )
    states = (one.get("state") for one in entries if isinstance(one, Mapping))
    return {said(value), *(said(one) for one in (*named, *states) if one)}


def _removals_of_the_base(base: Raw, removals: Mapping[str, Removal]) -> Iterator[Problem]:
    """A problem for each new removal of what did not stand here."""
    paired = pairs_with_a_page(base)
    for removal in removals.values():
        if removal.path in base:
            continue
        stood = removal.removed in paired if removal.kind == "pair" else removed_path(removal) in base
        if not stood and removed_path(removal) not in base:
            message = f"says that the {removal.kind} {removal.removed!r} went, which did not stand here; leave it out"
            yield Problem(removal.path, message)
        for pair in removal.pairs:
            if pair not in paired:
                yield Problem(removal.path, f"pairs: {pair!r} had no page here; leave it out")


def _identified(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for what only a maintainer, or an identified party, may add or change."""
    known = maintainer_accounts(base)
    ours = author is not None and account_key(author) in known
    for path in sorted(base.keys() | now.keys()):
        if base.get(path) == now.get(path):
            continue
        before, after = base.get(path, {}), now.get(path, {})
        if path.startswith("data/identities/") and author and not ours:
            first = "" if known else "; none is on record, and the first is put there on the default branch itself"
            yield Problem(path, f"says whose an account is, which a maintainer does; this change is by {author}{first}")
        owner = (after.get("reply") or {}).get("owner")
        if owner and not before.get("reply") and author and not ours and not same_account(author, owner):
            message = f"holds a reply of {owner}; this change is by {author}: send it with that account"
            yield Problem(path, f"{message}, or ask a maintainer to add it")
        earlier = set(identities_named(before))
        for where, name in identities_named(after) if path.startswith("data/cases/") else ():
            if (where, name) in earlier and said(before.get("reply")) == said(after.get("reply")):
                continue
            identity = base.get(f"data/identities/{name}.toml")
            if identity is None:
                message = f"{where}: rests on {name!r}, which this change adds; a maintainer adds an identity first"
                yield Problem(path, f"{message}, in a change of its own")
            elif (
                author and not ours and not any(same_account(author, str(one)) for one in identity.get("accounts", ()))
            ):
                yield Problem(path, f"{where}: speaks as {name!r}; this change is by {author}, no account of it")


def _opened_by_us(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for each new event in which somebody else says that one of us opened an address, or is said to have."""
    if author is None:
        return
    for path, after in sorted(now.items()):
        if not path.startswith("data/sources/"):
            continue
        if says_package_opened(base.get(path, {}), after) and account_key(author) not in maintainer_accounts(base):
            message = f"'read' says that one of us opened the package; this change is by {author}, no maintainer"
            yield Problem(path, f'{message} on record: write "not read", and a maintainer opens it')
        before = base.get(path, {}).get("history", ())
        for event in opened_here(after):
            if event not in before and account_key(author) not in maintainer_accounts(base):
                message = f"the event of {event.get('date')} says that one of us opened the address; this change is by"
                yield Problem(path, f"{message} {author}, no maintainer on record: name the account in 'opened_by'")
        for event in after.get("history", ()):
            by = event.get("opened_by")
            if by and event not in before and not same_account(author, by):
                message = f"the event of {event.get('date')} says that {by} opened the address; this change is by"
                yield Problem(path, f"{message} {author}")


def _made_again(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for each time that something was made again which is gone, or which another than its author says.

    For a maintainer and continuous integration a maintainer speaks, and for a second person that account alone.
    """
    ours = author is None or account_key(author) in maintainer_accounts(base)
    for path in sorted(path for path in base.keys() | now.keys() if path.startswith("data/reproductions/")):
        before, after = base.get(path, {}), now.get(path, {})
        measured = f"data/{(after or before).get('measured')}.toml"
        same = base.get(measured) == now.get(measured)
        lost = [one for one in before.get("repeats", ()) if one not in after.get("repeats", ())]
        if lost and after and same:
            message = f"says no more that it was made again on {lost[0].get('date')}, or says it otherwise"
            yield Problem(path, f"{message}; what was made again is only added to: put it back")
        elif not after and same and not ours:
            message = f"is gone, and {measured} is as it was; this change is by {author}, no maintainer on record"
            yield Problem(path, f"{message}: put it back")
        if after.get("made_here") and not ours and before.get("files") != after.get("files"):
            message = f"says that this project made the weights of {measured}; this change is by {author}"
            yield Problem(path, f"{message}, no maintainer on record: leave it out")
        for repeat in repeats_not_by(before, after, author, ours=ours) if author else ():
            message = (
                f"says that {who_repeated(repeat)} made it again on {repeat.get('date')}; this change is by {author}"
            )
            yield Problem(path, f"{message}: whoever made it again says so")


def repeats_not_by(before: Held, after: Held, author: str | None, *, ours: bool) -> list[Held]:
    """The new times that something was made again of which a record says that somebody other than the author did it.

    Ours says that the author is a maintainer on record.
    """
    new = [one for one in after.get("repeats", ()) if one not in before.get("repeats", ())]
    return [one for one in new if not (same_account(author, one.get("account")) if one.get("account") else ours)]


def who_repeated(repeat: Held) -> str:
    """Who made something again, in words."""
    return str(repeat.get("account") or repeat.get("by"))


def _pairs_kept(base: Raw, now: Raw, removals: Mapping[str, Removal]) -> Iterator[Problem]:
    """One problem for all pages of pairs that went with something else and lead nowhere now."""
    told = {slug for removal in removals.values() for slug in (*removal.pairs, removal.removed)}
    if gone := sorted(pairs_with_a_page(base) - pairs_with_a_page(now) - told):
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        message = f"the pages of the pairs {', '.join(gone[:3])}{more} are gone"
        yield Problem("data", f"{message}; name them in 'pairs' of the removal that took them away")


def pairs_with_a_page(raw: Raw) -> set[str]:
    """The pairs that have a page: those that a case or a maker names, that were matched, and few that are measured.

    Of more measured models than are compared in full, which pairs have a page follows from all their tables: those
    are not asked for here.
    """
    of = {
        folder: [held for path, held in raw.items() if path.startswith(f"data/{folder}/")]
        for folder in ("models", "cases", "fingerprints", "matches")
    }
    models = {str(held.get("id")) for held in of["models"]}
    named = [(held.get("subject"), held.get("reference")) for held in of["cases"] if "reference" in held]
    named += [(held.get("id"), parent) for held in of["models"] for parent in _parents(held.get("base_model"))]
    named += [((held.get("a") or {}).get("model"), (held.get("b") or {}).get("model")) for held in of["matches"]]
    measured = {str(held.get("model")) for held in of["fingerprints"] if not held.get("not_testable")} & models
    named += combinations(sorted(measured), 2) if len(measured) <= IN_FULL else ()
    return {pair_slug(str(a), str(b)) for a, b in named if a in models and b in models and a != b}


def _parents(said: Any) -> Sequence[Any]:
    """The parents that a record names: one, or a list of a merge."""
    return said if isinstance(said, list) else [said]


def _extends(before: Any, after: Any) -> bool:
    """Whether a value holds all that it held before, in its order."""
    if isinstance(before, list):
        return isinstance(after, list) and after[: len(before)] == before
    return bool(_folded(before) == _folded(after))


def _folded(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value

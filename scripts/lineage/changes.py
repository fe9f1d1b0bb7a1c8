"""Two versions of data/ -> what was taken from the record or changed without saying so."""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from lineage.amendments import removed_path
from lineage.records import Correction, Dataset, Problem, Removal, pair_slug

Held = Mapping[str, Any]
Raw = Mapping[str, Held]  # what each TOML file holds, by its path, whatever its schema was at the time

_BY_HAND = "holds other numbers than before, though nothing says that they were made again; {} writes this file"
_SAID = ("title", "claimant", "claimant_role", "date", "statement", "quote")  # what a claim says, and who said it when
_OWNED = ("title", "claimant", "date", "statement", "quote", "answers", "reply")  # what the owner of a reply may change
_KINDS = {"models": "model", "sources": "source", "fingerprints": "measurement", "matches": "pair"}


def check_changes(
    base: Raw,
    now: Raw,
    author: str | None,
    corrections: Mapping[str, Correction],
    removals: Mapping[str, Removal],
) -> Iterator[Problem]:
    """A problem for each record, event, statement or reply that is gone or another than in the base.

    Author is the address of the account that makes the change. A new correction that names a record allows its edit.
    """
    corrected = {path for record in corrections.values() if record.path not in base for path in record.records}
    removed = {removed_path(removal) for removal in removals.values()}
    for path, before in sorted(base.items()):
        after = now.get(path)
        yield from _reply_kept(path, before, after or {}, author)
        if after is None:
            yield from _said_to_be_removed(path, before, removed)
        elif path not in corrected:
            yield from _events_kept(path, before, after)
            yield from _words_kept(path, before, after)
    yield from _pairs_kept(base, now, removals)


def hand_edits(base: Raw, now: Raw, before: Dataset, after: Dataset) -> Iterator[Problem]:
    """A problem for each measured file that changed though its record says that it was made in the same way.

    Tools give the same bytes again, so another number from the same command, files and versions is no measurement.
    """
    for path in sorted(base.keys() & now.keys()):
        old, new = base[path], now[path]
        if path.startswith("data/matches/") and old != new and _made(old) == _made(new):
            yield Problem(path, _BY_HAND.format("scripts/match.py"))
    for model in sorted(before.fingerprints.keys() & after.fingerprints.keys()):
        one, other = before.fingerprints[model], after.fingerprints[model]
        same = one.measurement == other.measurement
        if same and one.digest != other.digest:
            yield Problem(other.measurement.path, _BY_HAND.format("scripts/measure.py"))


def _made(match: Held) -> list[Any]:
    """How a match was made: by what, when, of which files."""
    sides = [match.get(side) or {} for side in "ab"]
    return [match.get(key) for key in ("date", "command", "tool_version", "method_version")] + sides


def read_raw(files: Mapping[str, bytes]) -> Raw:
    """What each TOML file holds; one that is no TOML is left out."""
    found: dict[str, Held] = {}
    for path, content in files.items():
        with suppress(ValueError, RecursionError):
            found[path] = tomllib.loads(content.decode("utf-8"))
    return found


def same_account(one: str | None, other: str | None) -> bool:
    """Whether two addresses are those of one account, whatever their capitals and last slash."""
    return bool(one and other) and str(one).rstrip("/").casefold() == str(other).rstrip("/").casefold()


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
    if folder in ("corrections", "removals"):
        yield Problem(path, f"is gone; {folder} stay on the record, put it back")
    elif path in removed or (folder == "cases" and case in removed):
        return
    elif kind := _KINDS.get(folder) or ("case" if path == case else "claim" if folder == "cases" else ""):
        name = before.get("model") or before.get("id", "")
        message = f"is gone; say what stood there and why it went in data/removals/ (kind = {kind!r}, id {name!r})"
        yield Problem(path, message.replace("'", '"'))


def _events_kept(path: str, before: Held, after: Held) -> Iterator[Problem]:
    for key in ("history", "events"):
        kept = list(after.get(key, ()))
        for event in before.get(key, ()):
            if event not in kept:
                when, text = event.get("date", "no date"), str(event.get("text", ""))[:60]
                message = f"the event of {when} ({text!r}) was removed or edited; events are only ever added"
                yield Problem(path, f"{message}: put it back, or say in data/corrections/ what was wrong")


def _words_kept(path: str, before: Held, after: Held) -> Iterator[Problem]:
    if "statement" not in before or len(after.get("history", ())) > len(before.get("history", ())):
        return
    for key in _SAID:
        if _folded(before.get(key)) != _folded(after.get(key)):
            message = f"{key!r} is another than before; add a dated event to its history that says why"
            yield Problem(path, f"{message}, or a record in data/corrections/ that names this file")


def _pairs_kept(base: Raw, now: Raw, removals: Mapping[str, Removal]) -> Iterator[Problem]:
    """One problem for all pages of pairs that went with something else and lead nowhere now."""
    told = {slug for removal in removals.values() for slug in (*removal.pairs, removal.removed)}
    if gone := sorted(_paired(base) - _paired(now) - told):
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        message = f"the pages of the pairs {', '.join(gone[:3])}{more} are gone"
        yield Problem("data", f"{message}; name them in 'pairs' of the removal that took them away")


def _paired(raw: Raw) -> set[str]:
    """The pairs that have a page: those that a case or a maker names, and all that are measured."""
    of = {
        folder: [held for path, held in raw.items() if path.startswith(f"data/{folder}/")]
        for folder in ("models", "cases", "fingerprints")
    }
    models = {str(held.get("id")) for held in of["models"]}
    named = [(held.get("subject"), held.get("reference")) for held in of["cases"] if "reference" in held]
    named += [(held.get("id"), held.get("base_model")) for held in of["models"]]
    measured = {str(held.get("model")) for held in of["fingerprints"] if not held.get("not_testable")}
    named += combinations(sorted(measured & models), 2)
    return {pair_slug(str(a), str(b)) for a, b in named if a in models and b in models and a != b}


def _folded(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value

"""Removals and corrections of a change, set against what stood there."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from lineage.evidence.compared_models import IN_FULL
from lineage.records import Correction, Problem, Removal, pair_slug
from lineage.records.reading_amendments import removed_path
from lineage.review.change import first_names
from lineage.review.raw_records import Held, Raw, said

STAY = ("corrections", "removals")  # what says what was wrong here, or went: whole, for ever
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


def untold_removal(path: str, before: Held, removed: set[str]) -> Iterator[Problem]:
    """A problem for a record that is gone, unless its path or that of its case is among the removed ones."""
    folder = PurePosixPath(path).parts[1]
    case = f"{PurePosixPath(path).parent}/case.toml"
    if folder in STAY:
        yield Problem(path, f"is gone; {folder} stay on the record, put it back")
    elif path in removed or (folder == "cases" and case in removed):
        return
    elif kind := _KINDS.get(folder) or ("case" if path == case else "claim" if folder == "cases" else ""):
        name = before.get("model") or before.get("id", "")
        message = f"is gone; say what stood there and why it went in data/removals/ (kind = {kind!r}, id {name!r})"
        yield Problem(path, message.replace("'", '"'))


def misquoted_edits(record: Correction, base: Raw, now: Raw) -> Iterator[Problem]:
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
    keys = ("text", "note", "id", "name", "file", "state")
    words = (entry.get(key) for entry in entries if isinstance(entry, Mapping) for key in keys)
    return {said(value), *(said(word) for word in words if word)}


def needless_removals(base: Raw, removals: Mapping[str, Removal]) -> Iterator[Problem]:
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


def lost_pairs(base: Raw, now: Raw, removals: Mapping[str, Removal]) -> Iterator[Problem]:
    """One problem for all pages of pairs that are gone and that no removal names."""
    removed = {slug for removal in removals.values() for slug in (*removal.pairs, removal.removed)}
    if gone := sorted(pairs_with_a_page(base) - pairs_with_a_page(now) - removed):
        message = f"the pages of the pairs {first_names(gone)} are gone"
        yield Problem("data", f"{message}; name them in 'pairs' of the removal that took them away")


def pairs_with_a_page(raw: Raw) -> set[str]:
    """The pairs that surely have a page: of a case, of a model and its documented base, matched, or both measured.

    Where more models are measured than are compared in full, the tables decide which pairs of measured models have
    one, and none of these is listed here.
    """
    by_folder = {
        folder: [record for path, record in raw.items() if path.startswith(f"data/{folder}/")]
        for folder in ("models", "cases", "fingerprints", "matches")
    }
    models = {str(model.get("id")) for model in by_folder["models"]}
    pairs = [(case.get("subject"), case.get("reference")) for case in by_folder["cases"] if "reference" in case]
    pairs += [(model.get("id"), parent) for model in by_folder["models"] for parent in _parents(model)]
    pairs += [_matched(match) for match in by_folder["matches"]]
    testable = [record for record in by_folder["fingerprints"] if not record.get("not_testable")]
    testable_models = {str(record.get("model")) for record in testable} & models
    pairs += combinations(sorted(testable_models), 2) if len(testable_models) <= IN_FULL else ()
    return {pair_slug(str(a), str(b)) for a, b in pairs if a in models and b in models and a != b}


def _parents(model: Held) -> Sequence[Any]:
    """The parents that the record of a model names: one, or the list of a merge."""
    parents = model.get("base_model")
    return parents if isinstance(parents, list) else [parents]


def _matched(match: Held) -> tuple[Any, Any]:
    """The two models of the record of a match."""
    a, b = ((match.get(side) or {}).get("model") for side in "ab")
    return a, b

"""Records and their fields that are others, with both texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from lineage.review.raw_records import Held, entry_name, said, whole_text
from lineage.review.serious.concern import ADMITS, OTHER, SPEAKS, Concern
from lineage.review.serious.keys import GRAVE, GRAVE_FOLDERS, LISTS, TOLD, WHOLE

_ATTRIBUTES = (
    "ours",
    "direction_ours",
    "title_ours",
    "unverified",
)  # whose words these are, and whether anybody checked them


def record_concerns(folder: str, path: str, before: Held, after: Held) -> Iterator[Concern]:
    """A concern for a record that is new or gone, where that alone matters, or that matters whole."""
    if folder in WHOLE:
        rank, why = WHOLE[folder]
        yield Concern(rank, path, "the whole record", why, said(before), said(after))
    elif not after:
        yield Concern(ADMITS, path, "the whole record", "is gone", said(before))
    elif not before and folder in GRAVE_FOLDERS:
        rank, why = GRAVE_FOLDERS[folder]
        yield Concern(rank, path, "the whole record", f"new, {why.removesuffix(' is another')}", "", whole_text(after))
    if folder == "removals" and after:
        yield Concern(ADMITS, path, "removed", f"takes {after.get('kind')} off the record", said(after.get("removed")))


def field_concerns(folder: str, path: str, before: Held, after: Held) -> Iterator[Concern]:
    """A concern for each field of a record that is another; of a list, for each entry."""
    for key in dict.fromkeys((*before, *after)) if after else ():
        if before.get(key) == after.get(key) or folder in WHOLE or (key in TOLD and key in after):
            continue
        rank, why = GRAVE.get((folder, key), GRAVE_FOLDERS.get(folder, (OTHER, "is another")))
        if key not in TOLD and before.get(key) and _attributes(before[key]) != _attributes(after.get(key)):
            rank, why = SPEAKS, "whose words these are, or whether they are verified, is told otherwise"
        if not before:
            why = f"new, {why.removesuffix(' is another').removesuffix(' is told otherwise')}"
        for name, old, new in _changed_entries(before.get(key), after.get(key)):
            lighter = not old and key in LISTS and before
            yield Concern(OTHER if lighter else rank, path, (name and f"{key}, {name}") or key, why, old, new)


def _changed_entries(before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    """What is another in a field: the name of the entry or "", what stood there, and what stands there now."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield key, whole_text(before.get(key)), whole_text(after.get(key))
        return
    if not all(isinstance(value, list) or value is None for value in (before, after)):
        yield "", whole_text(before), whole_text(after)
        return
    old = [entry for entry in before or () if entry not in (after or ())]
    new = [entry for entry in after or () if entry not in (before or ())]
    if not old and not new:
        yield "order", said(before), said(after)
    matches: list[Any] = []
    for entry in old:
        matches.append(next((candidate for candidate in new if entry_name(candidate) == entry_name(entry)), None))
        new = [candidate for candidate in new if candidate is not matches[-1]]
    if matches.count(None) == len(new):  # one took the place of another
        matches = [match if match is not None else new.pop(0) for match in matches]
    for entry, match in zip(old, matches, strict=True):
        yield entry_name(entry), whole_text(entry), whole_text(match)
    for entry in new:
        yield entry_name(entry), "", whole_text(entry)


def _attributes(value: Any) -> list[str]:
    """What a field says of whose words stand in it, and whether they are verified, in order."""
    if isinstance(value, Mapping):
        own = [f"{key} {value[key]}" for key in _ATTRIBUTES if key in value]
        return [*own, *(word for inner in value.values() for word in _attributes(inner))]
    return [word for inner in value for word in _attributes(inner)] if isinstance(value, list) else []

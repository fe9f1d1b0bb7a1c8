"""What a record admitted, or was fixed to before its results, and says less of."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from lineage.records import Problem
from lineage.review.raw_records import Held, folded, said
from lineage.review.refused.amendments import STAY

# What records admit, by folder: lists whose entries stay, each with the key that names an entry.
_ADMITTED: Mapping[str, Mapping[str, str]] = {
    "parameters": {"exceptions": "text", "parameters": "name"},
    "published": {"figures": "id", "tables": "file", "limits": "text", "thresholds": "text", "notes": "text"},
}
_DESIGNED = (
    "a design stays as it was fixed: add a new design, or quote what stood there in 'edits' of a record in "
    "data/corrections/"
)
ADD_ONLY = "what a record admits is only added to: put it back, or quote it in 'edits' of a record in data/corrections/"


def lost_admissions(path: str, before: Held, after: Held, quoted: set[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each thing that a record admitted and does not any more."""
    folder = PurePosixPath(path).parts[1]
    if folder in STAY and (lost := [key for key in before if not _extends(before[key], after.get(key))]):
        what = ", ".join(map(repr, lost))
        yield Problem(path, f"{what}: is another than before; {folder} are only added to, so add a new record")
    if folder == "designs":
        fields = {field for field, _ in quoted}
        changed = [key for key in {**before, **after} if folded(before.get(key)) != folded(after.get(key))]
        if untold := ", ".join(repr(key) for key in changed if key not in fields):
            yield Problem(path, f"{untold}: is another than before its results; {_DESIGNED}")
    for key, name in _ADMITTED.get(folder, {}).items():
        entries = [entry for entry in after.get(key, ()) if isinstance(entry, Mapping)]
        for entry in before.get(key, ()):
            own = said(entry.get(name))
            if all(said(entry_after.get(name)) != own for entry_after in entries) and (key, own) not in quoted:
                yield Problem(path, f"{own[:60]!r} is gone from {key!r}; {ADD_ONLY}")
    if folder == "parameters" and before.get("version") == after.get("version"):
        yield from _lost_parameters(path, before, after, quoted)


def _lost_parameters(path: str, before: Held, after: Held, quoted: set[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each parameter of a method that changed, or was explained less, within one version of it."""
    values = {parameter.get("name"): parameter.get("value") for parameter in after.get("parameters", ())}
    for parameter in before.get("parameters", ()):
        name, value = parameter.get("name"), parameter.get("value")
        if name in values and values[name] != value:
            message = f"the parameter {name!r} was {value!r} and is {values[name]!r}, in the same version"
            yield Problem(path, f"{message}; another value is another version")
    informed = said(before.get("informed_by"))
    if informed not in said(after.get("informed_by")) and ("informed_by", informed) not in quoted:
        yield Problem(path, f"'informed_by' says less than before ({informed[:60]!r}); {ADD_ONLY}")
    if said(before.get("fixed")) != said(after.get("fixed")) and ("fixed", said(before.get("fixed"))) not in quoted:
        yield Problem(path, f"'fixed' was {before.get('fixed')} and is {after.get('fixed')}; {ADD_ONLY}")


def _extends(before: Any, after: Any) -> bool:
    """Whether a value holds all that it held before, in its order."""
    if isinstance(before, list):
        return isinstance(after, list) and after[: len(before)] == before
    return bool(folded(before) == folded(after))

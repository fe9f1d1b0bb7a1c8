"""Rules for corrections and removals."""

import re
from collections.abc import Iterator, Set

from lineage.records import Correction, Dataset, Problem, Removal, first_day
from lineage.records.reading_amendments import removed_path

# The forms of ids (records/fields.py): what went becomes the address of a page, like what stands.
_SLUG = r"(?!(?:index|readme)(?:/|$))[a-z0-9]+(?:[.-][a-z0-9]+)*"
_MODEL = r"[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*"
_FORMS = {
    "model": (_MODEL, "maker/name"),
    "measurement": (_MODEL, "maker/name"),
    "sample": (_MODEL, "maker/name"),
    "claim": (f"{_SLUG}/{_SLUG}", "<case>/<claim>"),
    "pair": (r"[a-z0-9][a-z0-9._-]*--[a-z0-9][a-z0-9._-]*", "<maker_name>--<maker_name>"),
    "source": (_SLUG, "<source>"),
    "case": (_SLUG, "<case>"),
    "published": (_SLUG, "<set>"),
    "benchmark": (_SLUG, "<benchmark>"),
    "parameters": (r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", "<method>"),
    "design": (_SLUG, "<design>"),
}


def check_correction(correction: Correction, paths: Set[str], dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a correction; paths are those of all records."""
    if correction.corrected < first_day(correction.since):
        message = f"was corrected on {correction.corrected}, before it stood there on {correction.since}"
        yield Problem(correction.path, message)
    if not correction.pages:
        yield Problem(correction.path, "names no page; write where it stood in 'pages'")
    gone = {removed_path(removal) for removal in dataset.removals.values()}
    for path in dict.fromkeys((*correction.records, *(edit.record for edit in correction.edits))):
        if path not in paths | gone | dataset.refused:
            yield Problem(correction.path, f"names the record {path!r}, which does not exist; write its path")


def check_removal(removal: Removal, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a removal: the id has the form of its kind, and nothing stands there any more."""
    form, example = _FORMS[removal.kind]
    if not re.fullmatch(form, removal.removed):
        yield Problem(removal.path, f'removed: {removal.removed!r} is no id of a {removal.kind}; write "{example}"')
    elif removal.removed in _present(removal.kind, dataset):
        message = f"says that the {removal.kind} {removal.removed!r} went, and it still stands in data/; keep one"
        yield Problem(removal.path, message)
    form, example = _FORMS["pair"]
    for pair in removal.pairs:
        if not re.fullmatch(form, pair):
            yield Problem(removal.path, f'pairs: {pair!r} is no pair; write "{example}"')


def _present(kind: str, dataset: Dataset) -> set[str]:
    """The ids of a kind that stand in data/ now."""
    match kind:
        case "model":
            return set(dataset.models)
        case "measurement":
            return {*dataset.fingerprints, *dataset.not_testable}
        case "sample":
            return set(dataset.sampled)
        case "claim":
            return {f"{case}/{claim.id}" for case, claims in dataset.claims.items() for claim in claims}
        case "case":
            return set(dataset.cases)
        case "source":
            return set(dataset.sources)
        case "published":
            return set(dataset.published)
        case "benchmark":
            return set(dataset.benchmarks)
        case "parameters":
            return set(dataset.parameters)
        case "design":
            return set(dataset.designs)
        case _:
            return set(dataset.matches)

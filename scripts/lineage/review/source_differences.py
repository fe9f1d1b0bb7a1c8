"""Two versions of people's records -> what they are said to rest on, and in which state they are."""

from collections.abc import Iterator

from pydantic import BaseModel

from lineage.records import Dataset, every_record
from lineage.review.change import Change
from lineage.site.citations import inner_parts


def state_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_stated(dataset) for dataset in (before, after))
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change("state", name, old[name].replace("_", " "), new[name].replace("_", " "), name)


def _stated(dataset: Dataset) -> dict[str, str]:
    claims = {claim.path: claim.state for claims in dataset.claims.values() for claim in claims}
    return {**claims, **{source.path: source.state for source in dataset.sources.values()}}


def source_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (dict(_sourced(dataset)) for dataset in (before, after))
    for key in old.keys() & new.keys():
        lost, gained = old[key] - new[key], new[key] - old[key]
        if lost:
            yield Change("source lost", f"{key[0]}: {key[1]}", ", ".join(sorted(lost)), file=key[0])
        if gained:
            yield Change("source gained", f"{key[0]}: {key[1]}", after=", ".join(sorted(gained)), file=key[0])


def _sourced(dataset: Dataset) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """Every statement of people's records, by its path and words, with the sources that it names."""
    for record in every_record(dataset):
        for inner in _parts(record):
            words = getattr(inner, "text", None) or getattr(inner, "statement", None)
            if words and hasattr(inner, "sources"):
                yield (record.path, words), frozenset(inner.sources)


def _parts(record: BaseModel) -> Iterator[BaseModel]:
    yield record
    for _, value in record:
        for inner in inner_parts(value):
            yield from _parts(inner)

"""The score of a pair that was measured here: its number, and what it was read from."""

from collections.abc import Mapping

from lineage.evidence.pairs import Pair, measured_row
from lineage.evidence.reproductions import least, level_of, with_level
from lineage.records import Dataset
from lineage.records.provenance import measured_words


def measured_origin(pair: Pair, dataset: Dataset) -> str:
    """What a score of a pair was read from, and how far that was repeated; or that there is no score."""
    row = measured_row(dataset, pair.model_a.id, pair.model_b.id)
    if row is None or row["not_testable"]:
        return "not measured" if row is None else "not testable"
    level = least(level_of(model.id, dataset) for model in (pair.model_a, pair.model_b))
    return with_level(measured_files(pair, dataset), level)


def measured_files(pair: Pair, dataset: Dataset) -> str:
    """What kind of files the two models were read from, in words."""
    return measured_words((pair.model_a.id, pair.model_b.id), dataset)


def row_number(row: Mapping[str, object], name: str) -> float | None:
    """The number in a column of a row; None where it is empty."""
    value = row.get(name)
    return float(str(value)) if value is not None else None

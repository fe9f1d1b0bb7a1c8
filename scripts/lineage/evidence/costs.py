"""What measuring and comparing cost at any number of models, from rates that were measured here."""

from collections.abc import Iterator
from dataclasses import dataclass

from lineage.records import BenchmarkRow, Dataset

SIZES = (1, 1_000, 100_000)  # models
RECORDED, MATCHED, COMPARED = "record", "rows", "blocks"  # ways of the benchmarks: reading, matching, all-pairs


@dataclass(frozen=True)
class Cost:
    """What one step takes for so many models."""

    step: str
    models: int
    read_bytes: float
    cpu_seconds: float
    memory_bytes: float
    file: str  # of data/ that holds the rate
    way: str  # the row there


def way_of(dataset: Dataset, benchmark: str, way: str, models: int) -> BenchmarkRow | None:
    """The row of a way: where it was run at several numbers of models, the largest up to one; None without any."""
    found = dataset.benchmarks.get(benchmark)
    rows = [row for row in found.rows if row.way == way and (row.models or 0) <= models] if found else []
    return max(rows, key=lambda row: row.models or 0, default=None)


def cost_rows(dataset: Dataset) -> Iterator[Cost]:
    """Measuring every model, comparing every two by their profiles, and matching every two, at each of SIZES."""
    steps = (("Measure", _measuring), ("Compare profiles", _comparing), ("Match weights", _matching))
    for step, at in steps:
        for models in SIZES:
            if found := at(dataset, models, step):
                yield found


def pairs_of(models: int) -> int:
    """How many pairs there are of so many models."""
    return models * (models - 1) // 2


def _measuring(dataset: Dataset, models: int, step: str) -> Cost | None:
    """Reading goes model by model: bytes and time grow with their number, memory does not."""
    row = way_of(dataset, "reading", RECORDED, models)
    if row is None:
        return None
    read, seconds = row.input_bytes * models, row.cpu_seconds * models
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/reading.toml", row.way)


def _comparing(dataset: Dataset, models: int, step: str) -> Cost | None:
    """Two blocks of models at a time: time grows with the square of the number of models, memory in proportion."""
    row = way_of(dataset, "all-pairs", COMPARED, models)
    if row is None or not row.models:
        return None
    share = models / row.models
    read, seconds = row.input_bytes * share, row.cpu_seconds * share**2
    memory = (row.peak_bytes - (row.held_bytes or 0) + row.input_bytes) * share
    return Cost(step, models, read, seconds, memory, "benchmarks/all-pairs.toml", row.way)


def _matching(dataset: Dataset, models: int, step: str) -> Cost | None:
    """Two models at a time: bytes and time grow with the number of pairs, memory does not."""
    row = way_of(dataset, "matching", MATCHED, models)
    if row is None or models < 2:
        return None
    pairs = pairs_of(models)
    read, seconds = row.input_bytes * pairs, row.cpu_seconds * pairs
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/matching.toml", row.way)

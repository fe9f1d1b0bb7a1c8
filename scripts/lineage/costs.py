"""What measuring and comparing cost at any number of models, from rates that were measured here."""

from collections.abc import Iterator
from dataclasses import dataclass

from lineage.records import BenchmarkRow, Dataset

SIZES = (1, 1_000, 100_000)  # models
RECORDED, MATCHED, PRODUCT = "record", "rows", "product"  # ways of the benchmarks: reading, matching, all-pairs


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


def way_of(dataset: Dataset, benchmark: str, way: str) -> BenchmarkRow | None:
    """The row of a way, at the largest number of models where it was run at several; None where there is none."""
    found = dataset.benchmarks.get(benchmark)
    rows = [row for row in found.rows if row.way == way] if found else []
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
    row = way_of(dataset, "reading", RECORDED)
    if row is None:
        return None
    read, seconds = row.input_bytes * models, row.cpu_seconds * models
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/reading.toml", row.way)


def _comparing(dataset: Dataset, models: int, step: str) -> Cost | None:
    """One product of all profiles: time and the table of scores grow with the square of the number of models."""
    row = way_of(dataset, "all-pairs", PRODUCT)
    if row is None or not row.models or models < 2:
        return None
    share = models / row.models
    pairs = (row.peak_bytes - (row.held_bytes or 0)) * share**2
    read, seconds = row.input_bytes * share, row.cpu_seconds * share**2
    return Cost(step, models, read, seconds, pairs + row.input_bytes * share, "benchmarks/all-pairs.toml", row.way)


def _matching(dataset: Dataset, models: int, step: str) -> Cost | None:
    """Two models at a time: bytes and time grow with the number of pairs, memory does not."""
    row = way_of(dataset, "matching", MATCHED)
    if row is None or models < 2:
        return None
    pairs = pairs_of(models)
    read, seconds = row.input_bytes * pairs, row.cpu_seconds * pairs
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/matching.toml", row.way)

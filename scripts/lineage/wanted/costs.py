"""What measuring and comparing cost at any number of models, from rates that were measured here."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from lineage.records import Dataset, model_slug
from lineage.wanted.queue import measuring_queue, reading_seconds
from lineage.wanted.rates import RECORDED, way_of

SIZES = (1, 1_000, 100_000)  # models
ON_REQUEST = (1, 1_000, 10_000)  # models measured on request
MATCHED, COMPARED = "rows", "blocks"  # ways of the benchmarks: matching, all-pairs


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
    measured_with: int  # models that the rate was measured with


def cost_rows(dataset: Dataset) -> Iterator[Cost]:
    """What it costs to measure all models, compare the profiles of every two, and match every two, at each of SIZES."""
    steps = (("Measure", _measuring), ("Compare profiles", _comparing), ("Match weights", _matching))
    for step, at in steps:
        for models in SIZES:
            if cost := at(dataset, models, step):
                yield cost


@dataclass(frozen=True)
class Scale:
    """What measuring so many models of a middle size takes, and what it leaves in the repository."""

    models: int
    read_bytes: float
    cpu_seconds: float
    stored_bytes: float  # records and tables of measurements, as text


def middle_size(dataset: Dataset) -> float | None:
    """The median of what the models of the queue would read, in bytes; None where no size is known."""
    sizes = [job.bytes for job in measuring_queue(dataset) if job.bytes]
    return median(sizes) if sizes else None


def stored_bytes(dataset: Dataset) -> float | None:
    """What the measurement of a released model takes here, in bytes, on average; None where there is none."""
    slugs = {model_slug(name) for name in dataset.released}
    endings = ("toml", "csv", "vectors.csv")
    sizes = [dataset.files.get(f"fingerprints/{slug}.{end}", (0, ""))[0] for slug in slugs for end in endings]
    return sum(sizes) / len(slugs) if slugs else None


def scale_rows(dataset: Dataset) -> Iterator[Scale]:
    """What measuring takes and how much is stored, at each of ON_REQUEST; nothing where a rate or a size is unknown."""
    size, bytes_each = middle_size(dataset), stored_bytes(dataset)
    seconds = reading_seconds(int(size), dataset) if size else None
    if size and bytes_each and seconds:
        yield from (Scale(models, models * size, models * seconds, models * bytes_each) for models in ON_REQUEST)


def pairs_of(models: int) -> int:
    """How many pairs there are of so many models."""
    return models * (models - 1) // 2


def _measuring(dataset: Dataset, models: int, step: str) -> Cost | None:
    """The cost of measuring, model by model: bytes and time grow with the number of models, memory does not."""
    row = way_of(dataset, "reading", RECORDED, models)
    if row is None:
        return None
    read, seconds = row.input_bytes * models, row.cpu_seconds * models
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/reading.toml", row.way, 1)


def _comparing(dataset: Dataset, models: int, step: str) -> Cost | None:
    """The cost of comparing: time grows with the square of the number of models, bytes and memory in proportion."""
    row = way_of(dataset, "all-pairs", COMPARED, models)
    if row is None or not row.models:
        return None
    share = models / row.models
    read, seconds = row.input_bytes * share, row.cpu_seconds * share**2
    memory = (row.peak_bytes - (row.held_bytes or 0) + row.input_bytes) * share
    return Cost(step, models, read, seconds, memory, "benchmarks/all-pairs.toml", row.way, row.models)


def _matching(dataset: Dataset, models: int, step: str) -> Cost | None:
    """The cost of matching, pair by pair: bytes and time grow with the number of pairs, memory does not."""
    row = way_of(dataset, "matching", MATCHED, models)
    if row is None or models < 2:
        return None
    pairs = pairs_of(models)
    read, seconds = row.input_bytes * pairs, row.cpu_seconds * pairs
    return Cost(step, models, read, seconds, row.peak_bytes, "benchmarks/matching.toml", row.way, 2)

"""Several ways to do the same, timed: data/benchmarks/<id>.toml, which bench.py writes."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from lineage.records.fields import (
    Count,
    Error,
    Line,
    Part,
    Positive,
    Record,
    Seconds,
    Slug,
)


class BenchmarkRow(Part):
    """What one way took."""

    way: Slug
    what: Line
    cpu_seconds: Seconds
    peak_bytes: Count = 0  # 0: not measured
    input_bytes: Count
    largest_error: Error | None = None  # of a standard deviation, relative to float64
    held_bytes: Count | None = None  # the peak before it began: modules and input
    models: Positive | None = None  # that were compared with each other, or that the site holds
    pages: Positive | None = None  # of the site that was built
    output_bytes: Positive | None = None  # of the site that was built
    largest_difference: Error | None = None  # of a score from that of the last way of its size
    same_bytes: bool | None = None  # whether what it wrote is what the first way of its step wrote


class Benchmark(Record):
    """Several ways to do the same, measured in one run: data/benchmarks/<id>.toml, written by bench.py."""

    folder: ClassVar[str] = "benchmarks"

    id: Slug
    title: Line
    date: date
    machine: Line
    versions: Line
    command: Line
    rows: tuple[BenchmarkRow, ...] = Field(min_length=1)

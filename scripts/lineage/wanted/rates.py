"""Rates that benchmarks measured here."""

from lineage.records import BenchmarkRow, Dataset

RECORDED = "record"  # the way of the benchmark "reading" that measures as scripts/measure.py does


def way_of(dataset: Dataset, benchmark: str, way: str, models: int) -> BenchmarkRow | None:
    """The row of a way: where it was run at several numbers of models, the largest up to one; None without any."""
    record = dataset.benchmarks.get(benchmark)
    rows = [row for row in record.rows if row.way == way and (row.models or 0) <= models] if record else []
    return max(rows, key=lambda row: row.models or 0, default=None)

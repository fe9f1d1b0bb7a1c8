"""A benchmark -> a table in plain text, each way set against the floor or the peer of the same run."""

from collections.abc import Iterable, Iterator, Sequence

from lineage.records import Benchmark, BenchmarkRow

# By benchmark: the ways that others are set against, and what the column of ratios is called.
REFERENCES = {
    "reading": {"float32-sum": "to the floor", "torch": "to PyTorch"},
    "matching": {"read-sha256": "to the floor"},
    "all-pairs": {"pandas": "to pandas"},
    "site": {"plain": "to the plain site"},
    "remote": {"curl": "to curl"},
    "cluster": {"alone": "to one process"},
    "profile": {"whole": "of the whole"},
    "record": {"derive": "to deriving"},
    "browser": {"sha256sum": "to sha256sum"},
}
BY_THE_CLOCK = ("profile", "browser", "remote")  # their seconds are not those of the CPU


def benchmark_text(benchmark: Benchmark) -> str:
    """Title, machine and versions; then a line a way with CPU seconds, ratios, memory, and what the way is."""
    references = REFERENCES.get(benchmark.id, {})
    seconds = "s" if benchmark.id in BY_THE_CLOCK else "CPU s"
    header = [seconds, *references.values(), "MB", "models", "what"]
    rows = [header, *(list(_cells(row, benchmark, references)) for row in benchmark.rows)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(header) - 1)]
    lines = ["  ".join([*map(str.rjust, row, widths), row[-1]]) for row in rows]
    return "\n".join([f"{benchmark.title}, {benchmark.date}, {benchmark.machine}", benchmark.versions, *lines])


def ratio(row: BenchmarkRow, rows: Sequence[BenchmarkRow], reference: str) -> float | None:
    """The CPU time of a way over that of a reference of the same step and size; None where that was not run."""
    step = row.way.partition("-")[0]
    for reference_row in rows:
        alike = reference_row.models == row.models if row.models else reference_row.input_bytes == row.input_bytes
        if alike and reference_row.way in (reference, f"{step}-{reference}") and reference_row.cpu_seconds:
            return row.cpu_seconds / reference_row.cpu_seconds
    return None


def _cells(row: BenchmarkRow, benchmark: Benchmark, references: Iterable[str]) -> Iterator[str]:
    yield f"{row.cpu_seconds:,.3f}"
    for reference in references:
        times = ratio(row, benchmark.rows, reference)
        yield "" if times is None else f"{times:.2f}"
    yield f"{row.peak_bytes / 1e6:,.0f}" if row.peak_bytes else ""
    yield f"{row.models:,}" if row.models else ""
    same = {None: "", True: "; the same bytes", False: "; OTHER BYTES"}[row.same_bytes]
    yield f"{row.what}{same}"

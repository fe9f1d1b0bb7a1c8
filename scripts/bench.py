"""How long everything takes and how much memory: this project beside floors and the usual ways, in one run, as tables.

Each way runs in a process of its own on the same files, with one thread of arithmetic. The peers (PyTorch, SciPy) run
with an interpreter of their own, which `make bench` prepares. What is measured goes into data/benchmarks/.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bench_profile import profile_rows
from benchmarks.browser import browser_rows
from benchmarks.cluster import cluster_rows
from benchmarks.files import write_checkpoint, write_pair, write_sparse
from benchmarks.fresh_process import run_apart
from benchmarks.pairs import PAIR_WAYS, write_profiles
from benchmarks.reading import WAYS, machine
from benchmarks.record import record_rows
from benchmarks.remote import remote_rows
from benchmarks.site import all_sizes
from benchmarks.text import benchmark_text
from benchmarks.versions import versions
from lineage.records import Benchmark, BenchmarkRow
from lineage.store.writing import write_benchmark
from measure import DATA

FLOOR = "read-sha256"  # the least that a match must do
MATCHES = {
    "rows": ("ours: gate and up of a 1.5B model and of a derivation of it, with checksums", "--no-down"),
    "whole": ("ours: gate, up and down of the same", "--down"),
}
MATCHED = 28, 1536, 8960  # layers, width and hidden units of a 1.5B model
RUN = "import sys; from benchmarks.reading import run; run(*sys.argv[1:])"
PAIRS = "import sys; from benchmarks.pairs import run; run(*sys.argv[1:])"
MATCH = """
import json, sys
from time import process_time
from benchmarks.reading import peak_bytes
from match import main
code = main(sys.argv[1:])
print(json.dumps({"cpu_seconds": process_time(), "peak_bytes": peak_bytes()}))
sys.exit(code)
"""


def run_match(a: Path, b: Path, out: Path, *options: str) -> Mapping[str, Any]:
    """What a match of two files takes in a process of its own, with one thread of arithmetic."""
    model_options = [f"--model-{side}=bench/{side}" for side in "ab"] + [
        f"--recorded-{side}=hub:bench/{side}" for side in "ab"
    ]
    return run_apart(MATCH, a, b, *model_options, "--data", out, "--quiet", *options)


def matching_rows(folder: Path) -> Iterator[BenchmarkRow]:
    """A row for each way to match two models, printed as it comes."""
    a, b = write_pair(folder, MATCHED, np.random.default_rng(1))
    size = a.stat().st_size + b.stat().st_size
    floor = [run_way(FLOOR, file, sys.executable) for file in (a, b)]
    yield _row(FLOOR, "floor: read both and checksum them", size, *floor)
    for way, (description, option) in MATCHES.items():
        yield _row(way, description, size, run_match(a, b, folder / way, option))


def _row(way: str, description: str, size: int, *costs: Mapping[str, Any], off: float | None = None) -> BenchmarkRow:
    """A row of what was taken, one process after another, printed as it comes."""
    row = BenchmarkRow(
        way=way,
        what=description,
        cpu_seconds=round(sum(cost["cpu_seconds"] for cost in costs), 3),
        peak_bytes=max(cost["peak_bytes"] for cost in costs),
        input_bytes=size,
        largest_error=off,
    )
    print(f"{row.cpu_seconds:9.2f} CPU s  {row.peak_bytes / 1e6:8.0f} MB  {row.what}", file=sys.stderr, flush=True)
    return row


def run_way(name: str, file: Path, python: str) -> Mapping[str, Any]:
    """What one way says of itself: CPU seconds, peak memory in bytes, and its standard deviations."""
    return run_apart(RUN, name, file, python=python)


def measured_rows(file: Path, sparse: Path, peers: str) -> Iterator[BenchmarkRow]:
    """A row for each way, printed as it comes."""
    exact: list[float] = []
    for name, way in WAYS.items():
        target = sparse if way.sparse else file
        run = run_way(name, target, peers if way.peer else sys.executable)
        deviations = np.array(run["deviations"])
        exact = exact or run["deviations"]  # the first way is exact
        off = float(np.max(np.abs(deviations / exact - 1))) if len(deviations) == len(exact) else None
        yield _row(name, way.what, target.stat().st_size, run, off=off)


def run_pairs(way: str, file: Path) -> tuple[Mapping[str, Any], np.ndarray]:
    """What one way to compare all pairs took in a process of its own, and the nearest scores of each model."""
    scores = file.with_name(f"{way}.npy")
    cost = run_apart(PAIRS, way, file, scores)
    return cost, np.load(scores)


def pair_rows(folder: Path) -> Iterator[BenchmarkRow]:
    """A row for each way to compare every two models, at each number of models that it is run with."""
    sizes = sorted({size for way in PAIR_WAYS.values() for size in way.sizes})
    for models in sizes:
        file = folder / f"profiles-{models}.npy"
        size = write_profiles(file, models, np.random.default_rng(models))
        taken_by_way = {name: run_pairs(name, file) for name, way in PAIR_WAYS.items() if models in way.sizes}
        last = list(taken_by_way.values())[-1][1] if len(taken_by_way) > 1 else None
        for name, (cost, scores) in taken_by_way.items():
            row = BenchmarkRow(
                way=name,
                what=PAIR_WAYS[name].what,
                cpu_seconds=round(cost["cpu_seconds"], 4),
                peak_bytes=cost["peak_bytes"],
                input_bytes=size,
                held_bytes=cost["held_bytes"],
                models=models,
                largest_difference=None if last is None else float(np.abs(scores - last).max()),
            )
            print(f"{row.cpu_seconds:9.4f} CPU s  {row.peak_bytes / 1e6:8.0f} MB  {models} {row.what}", file=sys.stderr)
            yield row


def reading_rows(folder: Path, peers: str) -> Iterator[BenchmarkRow]:
    """A row for each way to read a checkpoint."""
    file, sparse = folder / "model.safetensors", folder / "sparse.safetensors"
    write_checkpoint(file, np.random.default_rng(1))
    write_sparse(sparse)
    yield from measured_rows(file, sparse, peers)


@dataclass(frozen=True)
class Measured:
    """A benchmark: its title, and what gives its rows from an empty folder and the interpreter of the peers."""

    title: str
    rows: Callable[[Path, str], Iterator[BenchmarkRow]]


BENCHMARKS = {
    "reading": Measured("Reading weights", reading_rows),
    "matching": Measured("Matching two models", lambda folder, _: matching_rows(folder)),
    "all-pairs": Measured("Comparing every two models", lambda folder, _: pair_rows(folder)),
    "remote": Measured("Reading from a hub", lambda folder, _: remote_rows(folder)),
    "cluster": Measured("Work on a cluster", lambda folder, _: cluster_rows(folder)),
    "profile": Measured("What is slowest", lambda folder, _: profile_rows(folder)),
    "browser": Measured("Checking a model in the browser", lambda folder, _: browser_rows(folder)),
    "site": Measured("Building the site", lambda folder, _: all_sizes(folder)),
    "record": Measured("A record of ten thousand measured models", lambda folder, _: record_rows(folder)),
}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Measures how fast everything is, beside floors and peers; prints tables, writes data/benchmarks/."
    )
    parser.add_argument("--only", nargs="+", choices=list(BENCHMARKS), help="some of them (default: all)")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has torch, safetensors and scipy")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    options = parser.parse_args(argv)

    tables = []
    for name in options.only or BENCHMARKS:
        print(f"measuring: {BENCHMARKS[name].title}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            rows = tuple(BENCHMARKS[name].rows(Path(folder), options.peers))
        benchmark = Benchmark(
            path=f"data/benchmarks/{name}.toml",
            id=name,
            title=BENCHMARKS[name].title,
            date=options.date,
            machine=machine(),
            versions=versions(),
            command="make bench",
            rows=rows,
        )
        tables.append(benchmark_text(benchmark))
        print(f"wrote {write_benchmark(options.data, benchmark)}", file=sys.stderr, flush=True)
    print("\n\n".join(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())

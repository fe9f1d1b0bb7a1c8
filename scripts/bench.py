"""How long reading takes, and how much memory: this project beside the usual ways, in one run, as ratios.

Each way runs in a process of its own on the same file, with one thread of arithmetic. The peers (PyTorch, SciPy) run
with an interpreter of their own, which `make bench` prepares.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from lineage.benchmarks import WAYS
from lineage.records import Benchmark, BenchmarkRow
from lineage.store import write_benchmark
from measure import DATA, ROOT

LAYERS, WIDTH = 16, 4096
SPARSE = 60_000_000_000  # bytes
RUN = "import sys; sys.path.insert(0, sys.argv[1]); from lineage.benchmarks import run; run(*sys.argv[2:])"


def write_checkpoint(path: Path, rng: np.random.Generator) -> int:
    """A checkpoint of attention matrices in bf16, as wide as a 7B model; its size in bytes."""
    names = [f"model.layers.{layer}.self_attn.{role}_proj.weight" for layer in range(LAYERS) for role in "qkvo"]
    base = rng.standard_normal(WIDTH * WIDTH, dtype=np.float32) * np.float32(0.02)
    with path.open("wb") as file:
        file.write(_header(dict.fromkeys(names, (WIDTH, WIDTH))))
        for place in range(len(names)):
            bits = (np.roll(base, 7919 * place) * np.float32(1 + place / 100)).view(np.uint32)
            file.write(((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).tobytes())
    return path.stat().st_size


def write_sparse(path: Path) -> int:
    """A file of zeros that takes no room on the disk; its size in bytes."""
    shape = (WIDTH * 4, WIDTH * 4)
    count = SPARSE // (2 * shape[0] * shape[1]) + 1
    header = _header({f"model.layers.{layer}.self_attn.q_proj.weight": shape for layer in range(count)})
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + count * 2 * shape[0] * shape[1])
    return path.stat().st_size


def run_way(name: str, file: Path, python: str) -> Mapping[str, Any]:
    """What one way says of itself: CPU seconds, peak memory in bytes, and its standard deviations."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: S603 - our own module
        [python, "-c", RUN, str(ROOT / "scripts"), name, str(file)],
        env={**os.environ, **threads},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def measured_rows(file: Path, sparse: Path, peers: str) -> Iterator[BenchmarkRow]:
    """A row for each way, printed as it comes."""
    exact: list[float] = []
    for name, way in WAYS.items():
        target = sparse if way.sparse else file
        found = run_way(name, target, peers if way.peer else sys.executable)
        deviations = np.array(found["deviations"])
        exact = exact or found["deviations"]  # the first way is exact
        off = float(np.max(np.abs(deviations / exact - 1))) if len(deviations) == len(exact) else None
        row = BenchmarkRow(
            way=name,
            what=way.what,
            cpu_seconds=round(found["cpu_seconds"], 3),
            peak_bytes=found["peak_bytes"],
            input_bytes=target.stat().st_size,
            largest_error=off,
        )
        print(f"{row.cpu_seconds:9.2f} CPU s  {row.peak_bytes / 1e6:8.0f} MB  {row.what}", file=sys.stderr)
        yield row


def machine() -> str:
    """The processor, its cores and the system, in a few words."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures how fast weights are read, into data/benchmarks/.")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has torch, safetensors and scipy")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    options = parser.parse_args(argv)

    with tempfile.TemporaryDirectory() as folder:
        file, sparse = Path(folder) / "model.safetensors", Path(folder) / "sparse.safetensors"
        write_checkpoint(file, np.random.default_rng(1))
        write_sparse(sparse)
        rows = tuple(measured_rows(file, sparse, options.peers))
    benchmark = Benchmark(
        path="data/benchmarks/reading.toml",
        id="reading",
        title="Reading weights",
        date=options.date,
        machine=machine(),
        versions=f"Python {platform.python_version()}, NumPy {np.__version__}",
        command="make bench",
        rows=rows,
    )
    print(f"wrote {write_benchmark(options.data, benchmark)}")
    return 0


def _header(shapes: Mapping[str, tuple[int, int]]) -> bytes:
    entries, position = {}, 0
    for name, (rows, columns) in shapes.items():
        end = position + 2 * rows * columns
        entries[name] = {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [position, end]}
        position = end
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


if __name__ == "__main__":
    sys.exit(main())

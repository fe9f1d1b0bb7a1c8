"""How long it takes to measure a checkpoint on a hub, and to read rows of it, beside curl with the same bytes.

Seconds are those of the clock. The server is on this machine, and each of its answers waits as those from afar do.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.far_server import NAME, FarServer, serving_from_afar
from benchmarks.files import WIDTH, write_checkpoint
from benchmarks.fresh_process import run_apart
from lineage.checkpoints.files import Span
from lineage.records import BenchmarkRow

DELAY = 0.03  # seconds before each answer
LAYERS = 4  # of the checkpoint, whose matrices are as wide as those of a 7B model
WHOLE = """
import json, sys
from time import perf_counter
from benchmarks.reading import peak_bytes
from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.config import Config
from lineage.measuring.plan import plan_measurement
from lineage.measuring.reading import measure_file
start = perf_counter()
with open_checkpoint(sys.argv[1]) as checkpoint:
    (file,) = checkpoint.files
    plan = plan_measurement(read_header(file).tensors, Config("llama"))
    measure_file(file, plan.wanted, lambda *_: None)
print(json.dumps({"seconds": perf_counter() - start, "peak_bytes": peak_bytes()}))
"""
ROWS = """
import json, sys
from time import perf_counter
from benchmarks.reading import peak_bytes
from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.config import Config
from lineage.exact.permutation import PARAMETERS, unit_sample
from lineage.matching.stored_blocks import ATTENTION, stored_matrices
from lineage.measuring.plan import plan_measurement
start = perf_counter()
with open_checkpoint(sys.argv[1]) as checkpoint:
    plan = plan_measurement(read_header(checkpoint.files[0]).tensors, Config("llama"))
    for block in stored_matrices(checkpoint.files, plan, ATTENTION).values():
        for matrix in block.values():
            matrix.read(rows=unit_sample(matrix.shape[0], PARAMETERS))
print(json.dumps({"seconds": perf_counter() - start, "peak_bytes": peak_bytes()}))
"""
WAYS = {
    "whole": (WHOLE, "ours: measuring a checkpoint on a hub, whole"),
    "rows": (ROWS, "ours: sampled rows of its matrices, eight ranges under way"),
}
FLOORS = {
    "whole": f"floor: curl of the whole file, of which each answer waits {1000 * DELAY:.0f} ms",
    "rows": "floor: curl of the same ranges as in the next row, one after another on one connection",
}


def remote_rows(folder: Path, layers: int = LAYERS, width: int = WIDTH, delay: float = DELAY) -> Iterator[BenchmarkRow]:
    """Two rows for each way, printed as they come: curl, and ours; both took the same bytes."""
    file = folder / "model.safetensors"
    write_checkpoint(file, np.random.default_rng(1), layers, width)
    with serving_from_afar(file, delay) as far:
        for way, (code, what) in WAYS.items():
            far.spans.clear()
            taken = run_apart(code, f"hub:{NAME}", environment={"HF_ENDPOINT": far.address})
            spans = sorted(far.spans)
            size = sum(span.length for span in spans)
            floor = curl_seconds(far, [Span(0, file.stat().st_size)] if way == "whole" else spans, folder)
            yield _row(f"{way}-curl", FLOORS[way], size, floor)
            yield _row(way, what, size, taken["seconds"], taken["peak_bytes"])


def curl_seconds(far: FarServer, spans: Sequence[Span], folder: Path) -> float:
    """How long curl takes for some ranges of the file, one after another."""
    requests = [
        f'url = "{far.file_address}"\nrange = "{span.start}-{span.end - 1}"\noutput = "/dev/null"\nsilent\nfail\n'
        for span in spans
    ]
    config = folder / "curl.txt"
    config.write_text("next\n".join(requests), encoding="utf-8")
    start = perf_counter()
    subprocess.run(["curl", "--config", str(config)], check=True)  # noqa: S603, S607 - our own requests
    return perf_counter() - start


def _row(way: str, what: str, size: int, seconds: float, peak: int = 0) -> BenchmarkRow:
    row = BenchmarkRow(way=way, what=what, cpu_seconds=round(seconds, 2), peak_bytes=peak, input_bytes=size)
    print(f"{row.cpu_seconds:9.2f} s  {size / seconds / 1e6:6.0f} MB/s  {row.what}", file=sys.stderr, flush=True)
    return row

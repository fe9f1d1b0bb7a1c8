"""The ways to read a checkpoint that are measured beside each other. Each prints its own CPU time and peak memory.

The peers run with an interpreter that has NumPy, PyTorch and SciPy alone, and ours with one that has no PyTorch: what
is imported beyond NumPy stands in the way that needs it.
"""

import hashlib
import json
import os
import platform
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from time import process_time

import numpy as np

_READ = 1 << 20  # bytes
_BLOCK = 1 << 16  # numbers


@dataclass(frozen=True)
class Way:
    """One way to get something from a checkpoint."""

    what: str
    run: Callable[[Path], tuple[float, list[float]]]  # CPU seconds, standard deviations of the matrices in order
    peer: bool = False
    sparse: bool = False


def run(name: str, file: str) -> None:
    """Runs a way and prints what it took, as JSON."""
    seconds, deviations = WAYS[name].run(Path(file))
    print(json.dumps({"cpu_seconds": seconds, "peak_bytes": peak_bytes(), "deviations": deviations}))


def machine() -> str:
    """The processor, its cores and the system, in a few words."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {platform.system()}"


def peak_bytes() -> int:
    """The most memory that this process has held, in bytes.

    What getrusage says is inherited from the process that started this one, so the kernel's own word goes first.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return (peak or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * 1024


def _exact(file: Path) -> tuple[float, list[float]]:
    start = process_time()
    deviations = []
    for _, blocks in groupby(_blocks(file), key=itemgetter(0)):
        deviations.append(float(_decoded(b"".join(data for _, data in blocks)).astype(np.float64).std()))
    return process_time() - start, deviations


def _float32_sum(file: Path) -> tuple[float, list[float]]:
    values = np.ones(file.stat().st_size // 4, np.float32)
    start = process_time()
    np.add.reduce(values)
    return process_time() - start, []


def _plain_read(file: Path) -> tuple[float, list[float]]:
    start = process_time()
    with file.open("rb") as opened:
        while opened.read(_READ):
            pass
    return process_time() - start, []


def _read_and_checksum(file: Path) -> tuple[float, list[float]]:
    start = process_time()
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_READ):
            digest.update(block)
    return process_time() - start, []


def _our_statistics(file: Path) -> tuple[float, list[float]]:
    from lineage.checkpoints.storage.dtypes import DTYPES
    from lineage.measuring.reading import keep_freed_memory
    from lineage.measuring.statistics import TensorStatistics

    keep_freed_memory()
    start = process_time()
    deviations = []
    for _, blocks in groupby(_blocks(file), key=itemgetter(0)):
        statistics = TensorStatistics((1, 1), DTYPES["BF16"], norms=False)
        for _, data in blocks:
            statistics.add(data)
        deviations.append(statistics.finish().statistics.std)
    return process_time() - start, deviations


def _our_record(file: Path) -> tuple[float, list[float]]:
    from lineage.checkpoints.config import Config
    from lineage.checkpoints.files import LocalFile
    from lineage.checkpoints.formats import read_header
    from lineage.measuring.plan import plan_measurement
    from lineage.measuring.reading import Row, measure_file

    start = process_time()
    rows: list[Row] = []
    local = LocalFile(file)
    plan = plan_measurement(read_header(local).tensors, Config("llama"))
    measure_file(local, plan.wanted, lambda _, tensor_rows: rows.extend(tensor_rows))
    return process_time() - start, [row.statistics.std for row in rows]


def _torch_std(file: Path) -> tuple[float, list[float]]:
    import torch
    from safetensors.torch import load_file

    torch.set_num_threads(1)
    start = process_time()
    state = load_file(file)
    deviations = [float(state[name].std()) for name in _header(file)]
    return process_time() - start, deviations


def _torch_and_scipy(file: Path) -> tuple[float, list[float]]:
    import numpy as np
    import torch
    from safetensors.torch import load_file
    from scipy import stats

    torch.set_num_threads(1)
    start = process_time()
    state = load_file(file)
    deviations = []
    for name in _header(file):
        values = state[name].float().numpy().ravel()
        deviations.append(float(values.std()))
        stats.skew(values)
        stats.kurtosis(values)
        np.quantile(np.abs(values), [0.5, 0.9, 0.99, 0.999])
    return process_time() - start, deviations


WAYS = {
    "exact": Way("NumPy in float64, a matrix at a time: standard deviation (what errors are measured against)", _exact),
    "float32-sum": Way("floor: sum of as many bytes of float32 in memory", _float32_sum),
    "read": Way("floor: plain read", _plain_read),
    "read-sha256": Way("floor: read and checksum", _read_and_checksum),
    "statistics": Way("ours: mean, standard deviation, skewness, kurtosis and absolute quantiles", _our_statistics),
    "record": Way("ours: everything recorded, with norms of rows and columns and two checksums", _our_record),
    "torch": Way(
        "the usual way: load the state dict with PyTorch, .std() of each matrix in bf16", _torch_std, peer=True
    ),
    "torch-scipy": Way(
        "the usual way with SciPy and NumPy for skewness, kurtosis and quantiles", _torch_and_scipy, peer=True
    ),
    "sparse": Way("ours: everything recorded, of a sparse file of 60 GB", _our_record, sparse=True),
}


def _header(file: Path) -> dict[str, tuple[int, int]]:
    """The first and last byte of each tensor, in order."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header = json.loads(opened.read(length))
    spans = sorted((*entry["data_offsets"], name) for name, entry in header.items())
    return {name: (8 + length + start, 8 + length + end) for start, end, name in spans}


def _blocks(file: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of each tensor from the disk, some at a time, with its name."""
    with file.open("rb") as opened:
        for name, (start, end) in _header(file).items():
            opened.seek(start)
            for first in range(start, end, 2 * _BLOCK):
                yield name, opened.read(min(2 * _BLOCK, end - first))


def _decoded(data: bytes) -> np.ndarray:
    return (np.frombuffer(data, np.uint16).astype(np.uint32) << 16).view(np.float32)

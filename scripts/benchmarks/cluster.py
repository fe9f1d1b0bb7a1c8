"""What a cluster costs and loses: the same work in one process, on two workers of Dask, and with one of them killed.

Two steps are measured, each way in a process of its own: measuring checkpoints from a list, and the nearest others of
ten thousand models. What each way writes is set against the first, byte for byte.
"""

import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import measure
from benchmarks.files import write_checkpoint
from benchmarks.fresh_process import run_apart
from benchmarks.pairs import ROLES, write_profiles
from benchmarks.reading import peak_bytes
from lineage.evidence.neighbours import nearest_neighbours
from lineage.records import BenchmarkRow
from lineage.runs.cluster import connected
from lineage.store.folder import list_files

CHECKPOINTS, COMPARED = 8, 10_000  # models
CHECKPOINT = 4, 2048  # layers and width of each: 134 MB
RUN = "import sys; from benchmarks.cluster import run; run(*sys.argv[1:])"
WAYS = {
    "alone": "one process",
    "workers": "two workers of Dask",
    "killed": "two workers of Dask, one of them killed in mid-task",
}
_DAY = "2026-01-01"


def cluster_rows(folder: Path, checkpoints: int = CHECKPOINTS, compared: int = COMPARED) -> Iterator[BenchmarkRow]:
    """A row for each way of each step, printed as it comes."""
    rng = np.random.default_rng(1)
    files = [folder / f"{number}.safetensors" for number in range(checkpoints)]
    size = sum(write_checkpoint(file, rng, *CHECKPOINT) for file in files)
    named = (f"{file} --model made/{file.stem} --recorded hub:made/{file.stem}@1" for file in files)
    (folder / "list.txt").write_text("\n".join(named) + "\n", encoding="utf-8")
    profiles = folder / "profiles.npy"
    write_profiles(profiles, compared, rng)
    yield from _step_rows("measure", "measuring", checkpoints, size, folder)
    yield from _step_rows("neighbours", "the nearest 20 of each", compared, profiles.stat().st_size, folder)


def run(step: str, way: str, folder: str) -> None:
    """Runs a step in a way and prints what it took, as JSON: CPU time with that of all workers; memory where alone.

    Waits for the workers to end, since the time of a process is known to its parent when it has ended.
    """
    with connected("" if way == "alone" else "local") as client, killing_one(client if way == "killed" else None) as at:
        STEPS[step](Path(folder), Path(folder) / f"{step}-{way}", client)
    if way == "killed" and not at:
        raise SystemExit("no worker was at a task when one was to be killed")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    print(json.dumps({"cpu_seconds": seconds} | ({"peak_bytes": peak_bytes()} if way == "alone" else {})))


@contextmanager
def killing_one(client: Any) -> Iterator[list[int]]:
    """Kills one worker while it is at a task; the list holds the number of its process then. Without a client, none."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not killed and not over.is_set():
            busy = [one.address for one in list(client.cluster.scheduler.workers.values()) if one.processing]
            for nanny in client.cluster.workers.values():
                if not killed and nanny.worker_address in busy:
                    os.kill(nanny.process.pid, signal.SIGKILL)
                    killed.append(nanny.process.pid)
            time.sleep(0.01)

    watching = threading.Thread(target=watch)
    if client is not None:
        watching.start()
    try:
        yield killed
    finally:
        over.set()
        if client is not None:
            watching.join()


def _measure(folder: Path, out: Path, client: Any) -> None:
    cluster = ["--cluster", client.scheduler.address] if client else []
    if measure.main(["--list", str(folder / "list.txt"), "--date", _DAY, "--data", str(out), "--quiet", *cluster]):
        raise SystemExit("a checkpoint was not measured")


def _neighbours(folder: Path, out: Path, client: Any) -> None:
    table = np.load(folder / "profiles.npy")
    curves = {f"made/{number:05d}": dict(zip(ROLES, one, strict=True)) for number, one in enumerate(table)}
    out.mkdir(parents=True)
    nearest_neighbours(curves, client=client).to_csv(out / "neighbours.csv", index=False)


STEPS: Mapping[str, Callable[[Path, Path, Any], None]] = {"measure": _measure, "neighbours": _neighbours}


def _step_rows(step: str, what: str, models: int, size: int, folder: Path) -> Iterator[BenchmarkRow]:
    for way, words in WAYS.items():
        taken = run_apart(RUN, step, way, folder)
        row = BenchmarkRow(
            way=f"{step}-{way}",
            what=f"{what}: {words}",
            cpu_seconds=round(taken["cpu_seconds"], 2),
            peak_bytes=taken.get("peak_bytes", 0),
            input_bytes=size,
            models=models,
            same_bytes=_digest(folder / f"{step}-{way}") == _digest(folder / f"{step}-alone"),
        )
        same = "the same bytes" if row.same_bytes else "OTHER BYTES"
        print(f"{row.cpu_seconds:9.2f} CPU s  {same}  {models} {row.what}", file=sys.stderr, flush=True)
        yield row


def _digest(folder: Path) -> str:
    """A checksum of the names and the bytes of all files of a folder, without what a killed process left half-done."""
    names = [name for name in list_files(folder) if not Path(name).name.startswith(".")]
    digests = [f"{name} {sha256((folder / name).read_bytes()).hexdigest()}" for name in names]
    return sha256("\n".join(digests).encode()).hexdigest()

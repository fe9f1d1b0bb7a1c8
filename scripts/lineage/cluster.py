"""One function for each of many tasks: one after the other here, or on the workers of a Dask cluster."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from lineage.checkpoints.files import CheckpointError

T = TypeVar("T")
R = TypeVar("R")

LOST_WORKERS = 1  # more than so many, and a task is suspected; alone, as many again, and it is given up
RETRIES = 2  # of a task whose file or network failed; what a file holds is not read twice
TIMEOUT = 10  # seconds to reach a scheduler


class ClusterError(Exception):
    """A cluster cannot be reached, or was lost; in words that a person can act on."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """What a task gave, or why it gave nothing."""

    name: str
    value: R | None = None
    fault: str = ""
    is_suspect: bool = False  # the workers that had it were lost


def run_tasks(work: Callable[[T], R], tasks: Mapping[str, T], client: Any = None) -> Iterator[Outcome[R]]:
    """The outcome of each named task as it comes: in order without a client, else in any order.

    A task whose function refuses its input, or whose workers are lost, has a fault; the others are not touched.
    Raises ClusterError where the scheduler is lost.
    """
    if client is None:
        for name, task in tasks.items():
            try:
                yield _attempt(work, name, task)
            except OSError as fault:
                yield Outcome(name, fault=_one_line(fault))
        return
    suspects = []
    for outcome in _on_workers(work, tasks, client):
        if outcome.is_suspect:
            suspects.append(outcome.name)  # or it only waited at a worker that another task killed
        else:
            yield outcome
    for name in suspects:
        yield from _on_workers(work, {name: tasks[name]}, client)


@contextmanager
def connected(address: str, workers: int = 2) -> Iterator[Any]:
    """A client of the cluster at an address, "tcp://..."; "local" starts one on this machine alone, None for ""."""
    if not address:
        yield None
        return
    if not find_spec("distributed"):
        raise ClusterError("--cluster needs Dask: install the extra named cluster (see CONTRIBUTING.md)")
    from dask import config
    from distributed import Client, LocalCluster

    if address != "local":
        try:
            client = Client(address, timeout=TIMEOUT)
        except (OSError, ValueError) as fault:
            raise ClusterError(f"{address}: no scheduler answers ({_one_line(fault)})") from None
        with client:
            yield client
        return
    dashboard = "127.0.0.1:0" if find_spec("bokeh") else None
    with (
        config.set(
            {"distributed.scheduler.allowed-failures": LOST_WORKERS, "distributed.scheduler.worker-saturation": 1.0}
        ),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=dashboard, silence_logs=50
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def where_to_look(client: Any) -> str:
    """The addresses of a cluster's scheduler and, where it has one, of its dashboard."""
    scheduler = f"scheduler {client.scheduler.address}"
    return f"{scheduler}, dashboard {client.dashboard_link}" if find_spec("bokeh") else f"{scheduler}, no dashboard"


def _attempt(work: Callable[[T], R], name: str, task: T) -> Outcome[R]:
    try:
        return Outcome(name, work(task))
    except (CheckpointError, ValueError) as fault:
        return Outcome(name, fault=_one_line(fault))


def _on_workers(work: Callable[[T], R], tasks: Mapping[str, T], client: Any) -> Iterator[Outcome[R]]:
    from distributed import as_completed

    futures = {
        client.submit(partial(_attempt, work), name, task, pure=False, retries=RETRIES): name
        for name, task in tasks.items()
    }
    for future in as_completed(list(futures)):
        yield _outcome(future, futures.pop(future), client)


def _outcome(future: Any, name: str, client: Any) -> Outcome[R]:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        found: Outcome[R] = future.result()
    except KilledWorker:
        return Outcome(name, fault="given up, since every worker that was at it was lost", is_suspect=True)
    except (FutureCancelledError, CancelledError):
        if client.status != "running":
            raise ClusterError("the scheduler was lost; the same command goes on from what was finished") from None
        return Outcome(name, fault="its result was lost with a worker", is_suspect=True)
    except Exception as fault:
        return Outcome(name, fault=_one_line(fault))
    future.release()
    return found


def _one_line(fault: BaseException) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__

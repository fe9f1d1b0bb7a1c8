"""One function for each of many tasks: one after the other here, or on the workers of a Dask cluster."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import islice
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from lineage.checkpoints.files import CheckpointError
from lineage.store.cache import code_digest

T = TypeVar("T")
R = TypeVar("R")

LOST_WORKERS = 1  # more than so many, and a task is suspected; alone, as many again, and it is given up
RETRIES = 2  # of a task whose file or network failed; what a file holds is not read twice
TIMEOUT = 30  # seconds to reach a scheduler
FIRST_WORKER = 120  # seconds in which one worker comes; on a busy machine Python alone takes a while to start
IN_FLIGHT = 64  # tasks that a cluster has at once, or two a core: what they carry is in the scheduler's memory
NO_WORKER = 60  # seconds after which an end is made where no worker is there; a lost one is started again sooner
NO_TASK = 86_400  # seconds in which at least one task ends
_POLL = 0.02  # seconds
LOST = "the scheduler was lost"


class ClusterError(Exception):
    """A cluster cannot be reached or was lost, or a task that all depends on failed; in words to act on."""


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """The result of a task, or the fault that kept it from giving one."""

    name: str
    value: R | None = None
    fault: str = ""
    is_suspect: bool = False  # the workers that had it were lost


def run_tasks(work: Callable[[T], R], tasks: Mapping[str, T], client: Any = None) -> Iterator[Outcome[R]]:
    """The outcome of each named task as it comes: in order without a client, else in any order.

    A task whose function fails, or whose workers are lost, has a fault; the others are not touched.
    Raises ClusterError where the scheduler is lost.
    """
    if client is None:
        yield from (_here(work, name, task) for name, task in tasks.items())
        return
    suspects = []
    try:
        for outcome in _on_workers(work, tasks, client):
            if outcome.is_suspect:
                suspects.append(outcome.name)  # or it only waited at a worker that another task killed
            else:
                yield outcome
        for name in suspects:
            yield from _on_workers(work, {name: tasks[name]}, client)
    except OSError:  # of the connection: those of tasks are outcomes
        raise ClusterError(LOST) from None


def results(work: Callable[[T], R], tasks: Mapping[str, T], client: Any = None) -> Iterator[R]:
    """The result of every task. Raises ClusterError where one has none: the whole needs them all."""
    for outcome in run_tasks(work, tasks, client):
        if outcome.value is None:
            raise ClusterError(f"{outcome.name}: {outcome.fault}")
        yield outcome.value


@contextmanager
def connected(address: str, workers: int = 2) -> Iterator[Any]:
    """A client of the cluster at an address, "tcp://..."; "local" starts one on this machine alone, None for ""."""
    if not address:
        yield None
        return
    if not find_spec("distributed"):
        raise ClusterError("--cluster needs Dask: pip install --require-hashes -r requirements/cluster.txt")
    with _local(workers) if address == "local" else _remote(address) as client:
        yield client


def where_to_look(client: Any) -> str:
    """The addresses of a cluster's scheduler and of its dashboard, or of the plain page that stands in for it."""
    scheduler, dashboard = client.scheduler.address, client.dashboard_link
    if find_spec("bokeh"):
        return f"scheduler {scheduler}, dashboard {dashboard}"
    workers = dashboard.removesuffix("status") + "info/main/workers.html"
    return f"scheduler {scheduler}, workers {workers} (a dashboard needs the package bokeh)"


@contextmanager
def _local(workers: int) -> Iterator[Any]:
    from dask import config
    from distributed import Client, LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": LOST_WORKERS,
        "distributed.scheduler.worker-saturation": 1.0,  # no worker holds tasks that it does not work at
    }
    loopback = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with (
        config.set(settings),
        LocalCluster(n_workers=workers, threads_per_worker=1, silence_logs=50, **loopback) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def _remote(address: str) -> Iterator[Any]:
    from distributed import Client

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a lost scheduler is said in one line
    try:
        client = Client(address, timeout=TIMEOUT)
    except (OSError, ValueError) as fault:
        raise ClusterError(f"{address}: no scheduler answers ({_one_line(fault)})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=FIRST_WORKER)
        except TimeoutError:
            raise ClusterError(f"{address}: the scheduler had no worker for {FIRST_WORKER:g} seconds") from None
        if machine := _with_other_code(client):
            raise ClusterError(f"{machine}: has not this code and its libraries; start it with PYTHONPATH=scripts")
        yield client


def _with_other_code(client: Any) -> str:
    """The address of a scheduler or worker whose code is not that of this machine, or "".

    Bytes might differ then.
    """
    try:
        digests = {client.scheduler.address: client.run_on_scheduler(code_digest)}
    except Exception:  # whatever it raises where it cannot import this module
        return str(client.scheduler.address)
    digests |= client.run(code_digest, on_error="return")
    return next((address for address, digest in sorted(digests.items()) if digest != code_digest()), "")


def _attempt(work: Callable[[T], R], name: str, task: T) -> Outcome[R]:
    """What a task gave; a file that is no good is an outcome, and what may pass, as a network that fails, is raised."""
    try:
        return Outcome(name, work(task))
    except (CheckpointError, ValueError) as fault:
        return Outcome(name, fault=_one_line(fault))


def _here(work: Callable[[T], R], name: str, task: T) -> Outcome[R]:
    try:
        return _attempt(work, name, task)
    except Exception as fault:
        return Outcome(name, fault=_one_line(fault))


def _on_workers(work: Callable[[T], R], tasks: Mapping[str, T], client: Any) -> Iterator[Outcome[R]]:
    from distributed import as_completed

    waiting = iter(tasks.items())
    names: dict[Any, str] = {}
    running = as_completed()

    def submit(count: int) -> None:
        for name, task in islice(waiting, count):
            future = client.submit(partial(_attempt, work), name, task, pure=False, retries=RETRIES)
            names[future] = name
            running.add(future)

    submit(max(IN_FLIGHT, 2 * sum(client.ncores().values())))
    for future in _completed(running, client):
        outcome: Outcome[R] = _outcome(future, names.pop(future), client)
        submit(1)
        yield outcome


def _completed(running: Any, client: Any) -> Iterator[Any]:
    """Each future as it comes. Raises ClusterError where no worker is left to work at any, or none ends in a day."""
    since = seen = monotonic()  # when a future came, and when a worker was there
    while not running.is_empty():
        if running.has_ready():
            yield next(running)
            since = seen = monotonic()
            continue
        sleep(_POLL)
        now = monotonic()
        if now - seen < NO_WORKER:
            continue
        if now - since > NO_TASK:
            raise ClusterError(f"no task ended in {NO_TASK / 3600:.0f} hours")
        if not client.ncores():
            raise ClusterError(f"no worker was left for {NO_WORKER:g} seconds")
        seen = now


def _outcome(future: Any, name: str, client: Any) -> Outcome[R]:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        outcome: Outcome[R] = future.result()
    except KilledWorker:
        return Outcome(name, fault="given up, since every worker that was at it was lost", is_suspect=True)
    except (FutureCancelledError, CancelledError):
        if client.status != "running":
            raise ClusterError(LOST) from None
        return Outcome(name, fault="its result was lost with a worker", is_suspect=True)
    except Exception as fault:
        if future.status == "error":
            return Outcome(name, fault=_one_line(fault))
        return Outcome(name, fault="its result did not arrive", is_suspect=True)
    future.release()
    return outcome


def _one_line(fault: BaseException) -> str:
    """What a fault says, on one line; with its kind where it is none of those that are written for people."""
    message = " ".join(str(fault).split())
    is_expected = isinstance(fault, (CheckpointError, OSError, ValueError))
    return message if message and is_expected else f"{type(fault).__name__}: {message}".removesuffix(": ")

"""Many tasks on Dask: the bytes of one machine, whatever is lost on the way."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

import compare
import match
import measure
from benchmarks.cluster import WAYS, cluster_rows, killing_one
from lineage.evidence.neighbours import nearest_neighbours
from lineage.runs import cluster
from lineage.runs.cluster import ClusterError, connected, results, run_tasks, where_to_look
from match_models import llama, save
from repository import ROOT
from test_neighbours import some_curves

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::Warning:distributed", "ignore::ResourceWarning")
MODELS = ("m/a", "m/b", "m/c", "m/d")
WIDTH = 3000  # so that a model takes long enough to be interrupted


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of a cluster of two processes."""
    with connected("local") as found:
        yield found


def die_or_double(number: int) -> int:
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def slowly(seconds: int) -> int:
    sleep(seconds)
    return seconds


def refuse_odd(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number}\nis odd")
    return number


def look_up(number: int) -> int:
    return {2: 2}[number]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of four models and a broken one."""
    lines = []
    for seed, model in enumerate(MODELS):
        path = tmp_path / f"{seed}.safetensors"
        rng = np.random.default_rng(seed)
        shapes = dict.fromkeys("qkv", (WIDTH, 500)) | {"o": (500, WIDTH)}
        names = {f"model.layers.{layer}.self_attn.{role}_proj.weight": role for layer in range(2) for role in "qkvo"}
        save_file({name: rng.random(shapes[role], np.float32) for name, role in names.items()}, path)
        lines.append(f"{path} --model {model} --recorded hub:{model}@1")
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 100)
    lines.insert(1, f"{tmp_path / 'broken.safetensors'} --model m/broken --recorded hub:m/broken@1")
    (tmp_path / "list.txt").write_text("# five models\n" + "\n".join(lines) + "\n")
    return tmp_path / "list.txt"


def arguments(listed: Path, out: Path, *more: str) -> list[str]:
    return ["--list", str(listed), "--date", "2026-11-25", "--data", str(out), *more]


def written(out: Path, folder: str = "fingerprints") -> dict[str, bytes]:
    """The files of a folder, without what a process that was killed left half-written."""
    paths = sorted((out / folder).iterdir())
    return {path.name: path.read_bytes() for path in paths if not path.name.startswith(".")}


@pytest.fixture
def alone(listed: Path, tmp_path: Path) -> dict[str, bytes]:
    """What one machine writes without a cluster."""
    assert measure.main(arguments(listed, tmp_path / "alone")) == 1
    return written(tmp_path / "alone")


def test_a_worker_killed_in_mid_task_changes_no_byte_and_a_broken_file_is_named(
    client: Any, listed: Path, alone: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    with killing_one(client) as killed:
        code = measure.main(arguments(listed, tmp_path / "out", "--cluster", client.scheduler.address))

    said = capsys.readouterr().err
    assert len(killed) == 1
    assert code == 1
    assert "m/broken: nothing was written: broken.safetensors" in said
    assert said.endswith("nothing was written of m/broken\n")
    assert said.count(": done\n") == len(MODELS)
    assert said.startswith(where_to_look(client))
    assert len(alone) == 3 * len(MODELS)
    assert written(tmp_path / "out") == alone


def test_matching_loses_nothing_to_a_killed_worker_or_a_broken_model(
    client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = [save(tmp_path / str(seed), llama(seed, 12)) for seed in range(4)]
    (where[3] / "model.safetensors").write_bytes(b"\xff" * 100)
    named = [
        f"{where[b]} {where[a]} --model-a m/{b} --recorded-a hub:m/{b} --model-b m/{a} --recorded-b hub:m/{a}"
        for a in range(4)
        for b in range(a + 1, 4)
    ]
    (tmp_path / "list.txt").write_text("\n".join(named))

    def matched(out: str, *more: str) -> int:
        return match.main(arguments(tmp_path / "list.txt", tmp_path / out, *more))

    assert matched("alone") == 1
    with killing_one(client) as killed:
        code = matched("out", "--cluster", client.scheduler.address)
    said = capsys.readouterr().err
    again = matched("out")

    assert (code, again, len(killed)) == (1, 1, 1)
    assert said.endswith("nothing was written of m/0 and m/3, m/1 and m/3, m/2 and m/3\n")
    assert "3 of 6 pairs were matched before" in capsys.readouterr().err
    assert sorted(written(tmp_path / "alone", "matches")) == ["m_0--m_1.toml", "m_0--m_2.toml", "m_1--m_2.toml"]
    assert written(tmp_path / "out", "matches") == written(tmp_path / "alone", "matches")


def test_comparing_on_a_cluster_gives_the_same_bytes(client: Any, data: Path) -> None:
    derived = written(data, "derived")
    for name in derived:
        (data / "derived" / name).unlink()

    assert compare.main(["--data", str(data), "--cluster", client.scheduler.address]) == 0

    assert written(data, "derived") == derived


def test_neighbours_are_the_same_from_workers_and_when_one_is_killed(client: Any) -> None:
    curves = some_curves(60)

    with killing_one(client):
        found = nearest_neighbours(curves, 5, 8, client)

    pd.testing.assert_frame_equal(found, nearest_neighbours(curves, 5, 8))


def test_the_benchmark_writes_the_same_bytes_in_every_way(tmp_path: Path) -> None:
    rows = list(cluster_rows(tmp_path, checkpoints=2, compared=300))

    assert [row.way for row in rows] == [f"{step}-{way}" for step in ("measure", "neighbours") for way in WAYS]
    assert all(row.same_bytes and row.cpu_seconds > 0 for row in rows)


def test_a_task_that_kills_its_workers_is_given_up_and_named_and_no_other_is_lost(client: Any) -> None:
    found = {one.name: one for one in run_tasks(die_or_double, {"one": 1, "bad": -1, "two": 2, "six": 6}, client)}

    assert found.pop("bad").fault == "given up, since every worker that was at it was lost"
    assert {name: one.value for name, one in found.items()} == {"one": 2, "two": 4, "six": 12}


@pytest.mark.parametrize(
    ("work", "fault"), [(refuse_odd, "3 is odd"), (look_up, "KeyError: 3")], ids=["refused", "not foreseen"]
)
def test_a_task_that_fails_is_named_alike_with_a_cluster_and_without(
    client: Any, work: Callable[[int], int], fault: str
) -> None:
    for workers in (None, client):
        found = {one.name: (one.value, one.fault) for one in run_tasks(work, {"a": 2, "b": 3}, workers)}

        assert found == {"a": (2, ""), "b": (None, fault)}
        with pytest.raises(ClusterError, match=f"^b: {fault}$"):
            list(results(work, {"a": 2, "b": 3}, workers))


@pytest.mark.usefixtures("client")
def test_a_local_cluster_is_heard_on_this_machine_alone() -> None:
    import psutil

    own = psutil.Process()
    heard = [
        one.laddr.ip
        for process in (own, *own.children(recursive=True))
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    ]

    assert len(heard) >= 3
    assert set(heard) == {"127.0.0.1"}


def wait_for_answer(scheduler: subprocess.Popen[bytes], port: int) -> None:
    """Returns once a scheduler listens at its port: on a busy machine that takes as long as it takes."""
    while scheduler.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            sleep(0.1)


@contextmanager
def scheduler_and_worker(port: int, code: Path = ROOT / "scripts") -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler and a worker that may import what is in a folder, each a process of its own; the scheduler's."""
    here = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
    dask = [sys.executable, "-m", "dask"]
    worker = ["worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1", "--no-nanny", *here]
    given: Any = {"env": {**os.environ, "PYTHONPATH": str(code)}, "stderr": subprocess.DEVNULL}
    with (
        subprocess.Popen([*dask, "scheduler", "--port", str(port), *here], **given) as scheduler,
        subprocess.Popen([*dask, *worker], **given) as working,
    ):
        try:
            wait_for_answer(scheduler, port)
            yield scheduler
        finally:
            scheduler.kill()
            working.kill()


@pytest.fixture
def port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_after_the_scheduler_is_lost_the_same_command_goes_on_from_what_was_finished(
    listed: Path, alone: dict[str, bytes], tmp_path: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    more = arguments(listed, out, "--cluster", f"tcp://127.0.0.1:{port}")
    command = [sys.executable, str(ROOT / "scripts" / "measure.py"), *more]
    with (
        scheduler_and_worker(port) as scheduler,
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first,
    ):
        assert first.stderr is not None
        next(line for line in first.stderr if line.endswith(": done\n"))
        scheduler.kill()
        said = first.stderr.read()
    first_written = {path.stem.replace("_", "/") for path in (out / "fingerprints").glob("*.toml")}
    before = len(first_written)
    capsys.readouterr()

    with scheduler_and_worker(port):
        code = measure.main(more)

    assert first.returncode == 1
    assert said.endswith("the scheduler was lost; the same command goes on from what was finished\n")
    assert "Traceback" not in said
    assert "nothing was written" not in said.replace("nothing was written: broken.safetensors", "")
    assert 1 <= before < len(MODELS)
    named = next(line for line in said.splitlines() if line.startswith("not done: "))
    assert set(MODELS) - first_written <= set(named.removeprefix("not done: ").split(", "))
    assert code == 1
    assert f"{before} of 5 models were measured before" in capsys.readouterr().err
    assert written(out) == alone


def test_a_cluster_without_this_code_is_refused_before_anything_is_sent(tmp_path: Path, port: int) -> None:
    with (
        scheduler_and_worker(port, tmp_path),
        pytest.raises(ClusterError, match="has not this code and its libraries; start it with PYTHONPATH=scripts"),
        connected(f"tcp://127.0.0.1:{port}"),
    ):
        pytest.fail("a client was given")


@pytest.mark.parametrize("stage", [measure, match, compare], ids=lambda stage: stage.__name__)
def test_a_cluster_that_does_not_answer_is_one_clear_message(
    stage: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage.runs.cluster.TIMEOUT", 1)
    lines = {measure: "hub:m/a@1", match: "hub:m/a@1 hub:m/b@1"}
    (tmp_path / "list.txt").write_text(lines.get(stage, ""))
    (tmp_path / "data").mkdir()
    listed = [] if stage is compare else ["--list", str(tmp_path / "list.txt")]

    code = stage.main([*listed, "--data", str(tmp_path / "data"), "--cluster", "tcp://127.0.0.1:9"])

    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("tcp://127.0.0.1:9: no scheduler answers")
    assert "Traceback" not in said


def test_dask_is_loaded_for_a_cluster_alone() -> None:
    code = "import sys, check, compare, match, measure; sys.exit(any('dask' in name for name in sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "scripts", check=False)

    assert done.returncode == 0


def test_when_no_worker_is_left_there_is_a_clear_end(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "NO_WORKER", 1)
    monkeypatch.setattr(cluster, "TIMEOUT", 120)  # on a busy machine
    with scheduler_and_worker(port), connected(f"tcp://127.0.0.1:{port}") as found:
        (worker,) = found.run(os.getpid).values()
        outcomes = run_tasks(sleep, {"one": 0, "two": 600, "three": 600}, found)
        assert next(outcomes).fault == ""
        os.kill(worker, signal.SIGKILL)

        with pytest.raises(ClusterError, match="no worker was left for 1 seconds"):
            list(outcomes)


def test_when_no_task_ends_there_is_a_clear_end(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "NO_WORKER", 0.2)
    monkeypatch.setattr(cluster, "NO_TASK", 1)

    with pytest.raises(ClusterError, match="no task ended in"):
        list(run_tasks(slowly, {"one": 10}, client))

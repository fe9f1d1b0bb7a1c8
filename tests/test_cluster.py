"""Many models on Dask: the bytes of one machine, whatever is lost on the way."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lineage.cluster import connected, run_tasks
from measure import main
from repository import ROOT

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::Warning:distributed", "ignore::ResourceWarning")
MODELS = ("m/a", "m/b", "m/c", "m/d")
WIDTH = 3000  # so that a model takes long enough to be interrupted


def die_or_double(number: int) -> int:
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def refuse_odd(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number}\nis odd")
    return number


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of four models and a broken one."""
    lines = []
    for seed, model in enumerate(MODELS):
        path = tmp_path / f"{seed}.safetensors"
        rng = np.random.default_rng(seed)
        names = [f"model.layers.{layer}.self_attn.{role}_proj.weight" for layer in range(2) for role in "qkvo"]
        save_file({name: rng.random((WIDTH, 500), np.float32) for name in names}, path)
        lines.append(f"{path} {model} hub:{model}@1")
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 100)
    lines.insert(1, f"{tmp_path / 'broken.safetensors'} m/broken hub:m/broken@1")
    (tmp_path / "list.txt").write_text("# five models\n" + "\n".join(lines) + "\n")
    return tmp_path / "list.txt"


def arguments(listed: Path, out: Path, *more: str) -> list[str]:
    return ["--list", str(listed), "--date", "2026-11-25", "--data", str(out), *more]


def written(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "fingerprints").iterdir())}


@pytest.fixture
def alone(listed: Path, tmp_path: Path) -> dict[str, bytes]:
    assert main(arguments(listed, tmp_path / "alone")) == 1
    return written(tmp_path / "alone")


def test_a_worker_killed_in_mid_task_changes_no_byte_and_a_broken_file_is_named(
    listed: Path, alone: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    killed: list[int] = []
    with connected("local") as client:
        scheduler = client.cluster.scheduler

        def kill_one() -> None:
            while not killed:
                busy = [one for one in list(scheduler.workers.values()) if one.processing]
                if busy:
                    nannies = client.cluster.workers.values()
                    pid = next(one.process.pid for one in nannies if one.worker_address == busy[0].address)
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                time.sleep(0.01)

        killer = threading.Thread(target=kill_one)
        killer.start()
        code = main(arguments(listed, tmp_path / "out", "--cluster", scheduler.address))
        killer.join()

    said = capsys.readouterr().err
    assert killed
    assert code == 1
    assert "m/broken: not measured: broken.safetensors" in said
    assert len(alone) == 3 * len(MODELS)
    assert written(tmp_path / "out") == alone


def test_a_task_that_kills_its_workers_is_given_up_and_named_and_no_other_is_lost() -> None:
    with connected("local") as client:
        found = {one.name: one for one in run_tasks(die_or_double, {"one": 1, "bad": -1, "two": 2, "six": 6}, client)}

    assert found.pop("bad").fault == "given up, since every worker that was at it was lost"
    assert {name: one.value for name, one in found.items()} == {"one": 2, "two": 4, "six": 12}


def test_without_a_cluster_the_same_function_gives_the_same_outcomes() -> None:
    found = [(one.name, one.value, one.fault) for one in run_tasks(refuse_odd, {"a": 2, "b": 3, "c": 4})]

    assert found == [("a", 2, ""), ("b", None, "3 is odd"), ("c", 4, "")]


def test_after_the_scheduler_is_lost_the_same_command_goes_on_from_what_was_finished(
    listed: Path, alone: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, str(ROOT / "scripts" / "measure.py"), *arguments(listed, out, "--cluster", "local")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if "measured m/" in line and "not measured" not in line:
                break
        first.kill()  # the scheduler is in this process
    before = len(list((out / "fingerprints").glob("*.toml")))
    capsys.readouterr()

    code = main(arguments(listed, out, "--cluster", "local"))

    assert code == 1
    assert before >= 1
    assert f"{before} of 5 models were measured before" in capsys.readouterr().err
    assert {name: text for name, text in written(out).items() if not name.startswith(".")} == alone


def test_a_cluster_that_does_not_answer_is_one_clear_line(
    listed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineage.cluster.TIMEOUT", 1)

    assert main(arguments(listed, tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")) == 1

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "tcp://127.0.0.1:9: no scheduler answers" in said

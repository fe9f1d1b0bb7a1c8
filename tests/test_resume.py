"""A measurement that is stopped leaves nothing half-written, and the same command goes on from what was finished."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checkpoint_files import write_bert
from hub import Hub
from lineage.checkpoints.names import Place
from lineage.journal import Journal
from lineage.reading import Row
from lineage.tensor_statistics import Statistics
from measure import main
from repository import ROOT

STATISTICS = Statistics(3, 0.1, 1 / 3, None, -1.2, 2.0, 0.1, 0.2, 0.3, 0.4, 1e-17)
ROW = Row(Place("decoder", 3, "up", "7"), 2, 3, STATISTICS, "ab", 4, (0.1, 2 / 3, -1e-300), ())


def test_rows_come_back_exactly_as_they_were(tmp_path: Path) -> None:
    Journal(tmp_path, ["x"]).add("one", [ROW, ROW])

    assert Journal(tmp_path, ["x"]).finished == {"one": [ROW, ROW]}
    assert Journal(tmp_path, ["y"]).finished == {}


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Journal(tmp_path, ["x"]).add(name, [ROW])
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text()[:-40])

    assert list(Journal(tmp_path, ["x"]).finished) == ["one"]


def run(out: Path) -> int:
    where = ["--model", "org/model", "--date", "2026-11-24", "--data", str(out), "--quiet"]
    return main(["hub:org/model@main", *where])


def test_a_second_run_fetches_only_what_the_first_did_not_finish(
    hub: Hub, tmp_path: Path, unfinished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "whole") == 0
    whole = hub.sent
    hub.dies_at = whole + whole // 2

    assert run(tmp_path / "stopped") == 1
    hub.dies_at = None
    assert not (tmp_path / "stopped").exists()
    assert len(list(unfinished.iterdir())) == 1
    assert run(tmp_path / "stopped") == 0

    assert "tensors were measured before; going on from there" in capsys.readouterr().err
    assert hub.sent < 2.1 * whole
    for name in ("org_model.csv", "org_model.vectors.csv", "org_model.toml"):
        one, other = (tmp_path / folder / "fingerprints" / name for folder in ("whole", "stopped"))
        assert one.read_bytes() == other.read_bytes(), name
    assert list(unfinished.iterdir()) == []


def test_another_file_under_the_same_name_starts_again(tmp_path: Path, unfinished: Path) -> None:
    where = ["--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(tmp_path / "data"), "--quiet"]
    write_bert(tmp_path / "m.safetensors", layers=1)
    Journal(unfinished, ["0.3.0", str(tmp_path / "m.safetensors"), [("m.safetensors", 1, "old")], None]).add("x", [ROW])

    assert main([str(tmp_path / "m.safetensors"), *where]) == 0

    assert len(list(unfinished.iterdir())) == 1  # of the other file


def test_an_interrupt_from_the_keyboard_says_what_to_do_and_leaves_nothing(tmp_path: Path) -> None:
    entry = {"dtype": "BF16", "shape": [1 << 21, 1 << 14], "data_offsets": [0, 1 << 36]}
    small = {"dtype": "BF16", "shape": [4, 4], "data_offsets": [1 << 36, (1 << 36) + 32]}
    names = [f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(2)]
    header = json.dumps(dict(zip(names, (entry, small), strict=True))).encode()
    with (tmp_path / "m.safetensors").open("wb") as file:  # sparse: takes no room and minutes to read
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + (1 << 36) + 32)
    command = [sys.executable, str(ROOT / "scripts" / "measure.py"), str(tmp_path / "m.safetensors"), "--model", "a/b"]
    command += ["--recorded", "hub:a/b@1", "--data", str(tmp_path / "data")]

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.read(200)  # the progress bar has begun
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        said += process.stderr.read()
        assert process.wait() == 130

    assert time.monotonic() - started < 20
    assert "Stopped. Nothing was written; the same command goes on" in said
    assert "B/s" in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()

"""A measurement that is stopped leaves nothing half-written, and the same command goes on from what was finished."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from checkpoint_files import write_bert
from hub import Hub
from lineage.checkpoints.files import LocalFile
from lineage.checkpoints.names import Place
from lineage.measuring import measurement
from lineage.measuring.journal import Journal
from lineage.measuring.reading import Row
from lineage.measuring.statistics import Statistics
from lineage.store import writing
from lineage.store.files import load_dataset
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


@pytest.mark.parametrize("how", ["the same times", "another file in its place", "one block alone"])
def test_a_file_of_the_same_size_and_time_is_another_file(tmp_path: Path, how: str) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"a" * 5_000_000)
    before, times = LocalFile(path).version, path.stat()
    if how == "another file in its place":
        path.rename(tmp_path / "old")
        path.write_bytes(b"a" * 5_000_000)
    else:
        content = bytearray(path.read_bytes())
        content[2_500_000] = 98
        with path.open("r+b") as file:  # the same inode
            file.write(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    after = LocalFile(path).version
    assert path.stat().st_mtime_ns == times.st_mtime_ns
    assert after != before
    assert LocalFile(path).version == after


def test_a_stopped_run_is_not_believed_of_another_file(
    tmp_path: Path, unfinished: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run ends after its first tensor; then another model takes the place, size and time of its file."""
    path = tmp_path / "m.safetensors"
    where = ["--model", "a/b", "--recorded", "hub:a/b@1", "--date", "2026-11-24", "--quiet"]
    write_bert(path, layers=2)
    kept_first = Journal.add

    def stopped(self: Journal, tensor: str, rows: list[Row]) -> None:
        kept_first(self, tensor, rows)
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "add", stopped)
    assert main([str(path), *where, "--data", str(tmp_path / "stopped")]) == 130
    monkeypatch.undo()
    monkeypatch.setattr(measurement, "UNFINISHED", unfinished)
    times, content = path.stat(), bytearray(path.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    content[start:] = content[start:][::-1].replace(b"\xff", b"\x00").replace(b"\x7f", b"\x00")
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    code = main([str(path), *where, "--data", str(tmp_path / "second")])

    assert "measured before" not in capsys.readouterr().err
    assert code in (0, 1)


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_process_killed_between_the_files_of_a_measurement_leaves_what_every_check_refuses(
    tmp_path: Path, at: int
) -> None:
    """Killed before its at-th change of name: either the old measurement stands whole, or a problem is told."""
    data = tmp_path / "data"
    (data / "fingerprints").mkdir(parents=True)
    names = [f"sentence-transformers_all-minilm-l6-v2{ending}" for ending in (".toml", ".csv", ".vectors.csv")]
    for name in names:
        shutil.copyfile(ROOT / "data" / "fingerprints" / name, data / "fingerprints" / name)
    before = {name: (data / "fingerprints" / name).read_bytes() for name in names}
    code = f"""
import os, sys, signal
sys.path.insert(0, {str(ROOT / "scripts")!r})
from pathlib import Path
from lineage.store.files import load_dataset
from lineage.store.writing import write_fingerprint
count, rename = [0], Path.replace
def killed(self, target):
    count[0] += 1
    if count[0] == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)
data = Path({str(data)!r})
(one,) = load_dataset(data)[0].fingerprints.values()
tables = one.matrices.assign(std=one.matrices["std"] * 2), one.vectors
Path.replace = killed
write_fingerprint(data, one.measurement.model_copy(update={{"tool_version": "9"}}), tables)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert done.returncode == (-signal.SIGKILL if at < 4 else 0), done.stderr
    after = {name: path.read_bytes() for name in names if (path := data / "fingerprints" / name).exists()}
    problems = load_dataset(data)[1]
    if at < 4:
        assert after != before
        assert any("has no sentence-transformers_all-minilm-l6-v2.toml beside it" in str(one) for one in problems)
    else:
        assert [str(one) for one in problems] == []


def test_a_full_disk_leaves_the_old_measurement_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    (data / "fingerprints").mkdir(parents=True)
    for ending in (".toml", ".csv", ".vectors.csv"):
        name = f"sentence-transformers_all-minilm-l6-v2{ending}"
        shutil.copyfile(ROOT / "data" / "fingerprints" / name, data / "fingerprints" / name)
    (one,) = load_dataset(data)[0].fingerprints.values()
    tables = one.matrices.assign(std=one.matrices["std"] * 2), one.vectors
    before = {path.name: path.read_bytes() for path in (data / "fingerprints").iterdir()}
    made = writing._written_aside

    def full(path: Path, content: str) -> Path:
        if path.suffix == ".toml":
            raise OSError(errno.ENOSPC, "full")
        return made(path, content)

    monkeypatch.setattr(writing, "_written_aside", full)
    with pytest.raises(OSError, match="full"):
        writing.write_fingerprint(data, one.measurement.model_copy(update={"tool_version": "9"}), tables)

    assert {path.name: path.read_bytes() for path in (data / "fingerprints").iterdir()} == before

"""A folder is replaced as a whole or not at all, on systems that swap in one step and on those that cannot."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.synthetic_records import change_record, write_records
from lineage.store import swap as folder_swap
from lineage.store.disk_words import in_words, refusal_in
from lineage.store.folder import list_files, read_bytes
from lineage.store.swap import replacing
from repository import ROOT

COUNT = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    made.mkdir()
    (made / "old").touch()
    return made


def nobody_waits() -> None:
    pytest.fail("no other process holds the folder")


def replace(folder: Path, error: Exception | None = None) -> None:
    with replacing(folder, folder.parent / ".aside", nobody_waits) as new:
        (new / "new").touch()
        if error:
            raise error


@pytest.mark.parametrize("in_one_step", [True, False], ids=["in one step", "in two steps"])
def test_a_folder_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool) -> None:
    if not in_one_step:
        monkeypatch.setattr(folder_swap, "_exchanged", lambda *_: False)

    replace(folder)

    assert list_files(folder.parent) == ["site/new"]
    assert [path.name for path in folder.parent.iterdir()] == ["site"]


def test_where_there_is_none_yet_it_is_made(tmp_path: Path) -> None:
    replace(tmp_path / "site")

    assert list_files(tmp_path) == ["site/new"]


def test_an_error_leaves_the_folder(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        replace(folder, ZeroDivisionError())

    assert list_files(folder.parent) == ["site/old"]
    assert [path.name for path in folder.parent.iterdir()] == ["site"]


def test_a_second_step_that_fails_puts_the_folder_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_swap, "_exchanged", lambda *_: False)

    with pytest.raises(FileNotFoundError), replacing(folder, folder.parent / ".aside", nobody_waits) as new:
        new.rmdir()

    assert list_files(folder.parent) == ["site/old"]


def test_a_folder_whose_process_was_killed_between_two_steps_comes_back(folder: Path) -> None:
    aside = folder.parent / ".aside"
    aside.mkdir()
    folder.rename(aside / "old")

    with pytest.raises(ZeroDivisionError):
        replace(folder, ZeroDivisionError())

    assert list_files(folder.parent) == ["site/old"]


def test_what_a_link_leads_to_is_replaced_and_the_link_stays(folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)

    replace(link)

    assert link.is_symlink()
    assert list_files(folder) == ["new"]


def test_words_for_what_a_disk_says() -> None:
    assert in_words(OSError(errno.ENOSPC, "x")) == "the disk is full"
    assert in_words(OSError(errno.ENOENT, "No such file", "x")) == "[Errno 2] No such file: 'x'"


def test_only_a_refusal_of_the_disk_is_taken_out_of_what_a_process_printed() -> None:
    full = refusal_in("Traceback ...\nOSError: [Errno 28] No space left on device\n")
    read_only = refusal_in("PermissionError: [Errno 13] Permission denied: 'site/x'")

    assert full is not None
    assert in_words(full) == "the disk is full"
    assert read_only is not None
    assert in_words(read_only) == "this user may not write there"
    assert refusal_in("FileNotFoundError: [Errno 2] No such file or directory: 'x'") is None
    assert refusal_in("KeyError: 'x'") is None


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Made-up records, derived, and one of them changed since."""
    made = tmp_path / "data"
    write_records(made, COUNT)
    assert compare(made).returncode == 0
    change_record(made, COUNT)
    return made


def compare(data: Path, before: str = "") -> subprocess.CompletedProcess[str]:
    """Runs compare.py in a process of its own, after some words of Python."""
    words = f"import os, signal, sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); import compare\n{before}\n"
    words += f"sys.exit(compare.main(['--data', {str(data)!r}]))"
    return subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)


def derived(data: Path) -> dict[str, bytes]:
    return {name: read_bytes(data / "derived", name) for name in list_files(data / "derived")}


KILL_AT_THIRD_FILE = """
write, written = compare.write_file, []
def write_and_die(path, text):
    written.append(path)
    return write(path, text) if len(written) < 3 else os.kill(os.getpid(), signal.SIGKILL)
compare.write_file = write_and_die
"""


def test_deriving_that_is_killed_half_way_leaves_what_was_derived(data: Path) -> None:
    before = derived(data)

    killed = compare(data, KILL_AT_THIRD_FILE)

    assert killed.returncode == -signal.SIGKILL
    assert derived(data) == before
    again = compare(data)
    assert "derived data/derived/scores.csv" in again.stdout
    assert derived(data) != before
    assert [path.name for path in data.parent.iterdir()] == ["data"]


def test_deriving_on_a_disk_that_refuses_leaves_what_was_derived(data: Path) -> None:
    before = derived(data)
    limit = max(map(len, before.values())) // 2

    refused = compare(data, f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))")

    assert refused.returncode == 1
    assert refused.stderr == ("data/derived/ is what it was, since a file would be larger than this system allows\n")
    assert derived(data) == before
    assert [path.name for path in data.parent.iterdir()] == ["data"]


def test_deriving_takes_away_what_no_input_gives_and_touches_nothing_without_need(data: Path) -> None:
    (data / "derived" / "of-others.csv").write_text("x\n", encoding="utf-8")
    first = compare(data)
    place = (data / "derived").stat().st_ino

    again = compare(data)

    assert "removed data/derived/of-others.csv, which no input gives\n" in first.stdout
    assert not (data / "derived" / "of-others.csv").exists()
    assert again.stdout == ""
    assert (data / "derived").stat().st_ino == place

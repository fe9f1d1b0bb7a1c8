"""Results kept on disk: found again by the same inputs and the same code alone, and never in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from lineage.store import cache as kept
from repository import ROOT


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results are kept during a test."""
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "kept"))
    return tmp_path / "kept"


class Counted:
    """A computation that counts how often it ran."""

    def __init__(self, result: object) -> None:
        self.result, self.runs = result, 0

    def __call__(self) -> object:
        self.runs += 1
        return self.result


def test_a_result_is_found_again(folder: Path) -> None:
    make = Counted([1, "two", 0.1 + 0.2, None])
    found = [kept.kept("sum", ["a", "b"], make) for _ in range(3)]
    assert found == [[1, "two", 0.1 + 0.2, None]] * 3
    assert make.runs == 1
    assert len(list(folder.rglob("*"))) == 2  # one version of the code, one result


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("what", "made_from"), [("sum", ["a", "c"]), ("other", ["a", "b"]), ("sum", ["ab"])])
def test_another_input_or_computation_is_made_anew(what: str, made_from: list[str]) -> None:
    kept.kept("sum", ["a", "b"], Counted(1))
    assert kept.kept(what, made_from, Counted(2)) == 2


def test_other_code_makes_everything_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.kept("sum", ["a"], Counted(1))
    for version in range(6):
        monkeypatch.setattr(kept, "code_digest", lambda version=version: f"{version:064d}"[::-1])
        assert kept.kept("sum", ["a"], Counted(version)) == version
    assert len(list(folder.iterdir())) == kept._GENERATIONS


@pytest.mark.usefixtures("folder")
def test_a_failure_is_not_kept() -> None:
    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.kept("sum", ["a"], fail)
    assert kept.kept("sum", ["a"], Counted(3)) == 3


@pytest.mark.parametrize("content", [b"", b"[1, ", b"\xff\xfe"])
def test_half_a_file_is_made_again(folder: Path, content: bytes) -> None:
    kept.kept("sum", ["a"], Counted(4))
    kept.kept_tables("table", ["a"], lambda: (pd.DataFrame({"x": [1.5]}),))
    for path in (folder / next(iter(folder.iterdir())).name).iterdir():
        path.write_bytes(content)
    assert kept.kept("sum", ["a"], Counted(4)) == 4
    assert kept.kept_tables("table", ["a"], lambda: (pd.DataFrame({"x": [1.5]}),))[0]["x"].tolist() == [1.5]


@pytest.mark.usefixtures("folder")
def test_tables_keep_their_types() -> None:
    table = pd.DataFrame({"text": ["a", ""], "number": [0.1, float("nan")], "whole": [1, 2]})
    for _ in range(2):
        (found,) = kept.kept_tables("table", ["a"], lambda: (table,))
        pd.testing.assert_frame_equal(found, table)


def test_a_table_cut_short_is_made_again(folder: Path) -> None:
    table = pd.DataFrame({"x": [1.5, 2.5, 3.5]})
    kept.kept_tables("table", ["a"], lambda: (table,))
    (path,) = (path for path in folder.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-8])

    (found,) = kept.kept_tables("table", ["a"], lambda: (table,))

    pd.testing.assert_frame_equal(found, table)


@pytest.mark.usefixtures("folder")
def test_a_column_that_is_neither_numbers_nor_texts_is_refused() -> None:
    with pytest.raises(TypeError, match="'x'"):
        kept.kept_tables("table", ["a"], lambda: (pd.DataFrame({"x": ["a", 1, None]}),))


def test_nothing_is_kept_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.FOLDER, "")
    make = Counted(5)
    assert [kept.kept("sum", ["a"], make) for _ in range(2)] == [5, 5]
    assert make.runs == 2


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(kept.FOLDER, str(tmp_path / "file" / "kept"))
    assert kept.kept("sum", ["a"], Counted(6)) == 6


def test_the_code_says_which_code_it_is() -> None:
    digests = {_digest(ROOT / "scripts"), _digest(ROOT / "scripts")}
    assert digests == {kept.code_digest()}


def _digest(scripts: Path) -> str:
    code = "from lineage.store.cache import code_digest; print(code_digest())"
    environment = {**os.environ, "PYTHONPATH": str(scripts), "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()

"""The committed record is sound, and what is derived of it is current, whoever wrote the last change to it."""

from datetime import date

import pytest

import compare
from check import find_problems
from lineage.checks.rules import every_record
from repository import COMMITTED, committed


def test_the_committed_record_has_no_problem() -> None:
    _, problems = find_problems(COMMITTED / "data", date.today())

    assert list(map(str, problems)) == []


def test_every_toml_file_is_a_record_that_checks_and_reports_go_through() -> None:
    dataset = committed()
    read = {record.path for record in every_record(dataset)}

    assert {f"data/{name}" for name in dataset.files if name.endswith(".toml")} == read


def test_the_committed_derived_files_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["--data", str(COMMITTED / "data"), "--check"]) == 0, capsys.readouterr().out

"""The committed record is sound, and what is derived of it is current, whoever wrote the last change to it."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import compare
from check import find_problems
from lineage.checkpoints.agreement import ATTENTION
from lineage.records import every_record
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


@pytest.mark.parametrize(
    "path", sorted((COMMITTED / "data" / "fingerprints").glob("*.toml")), ids=lambda path: path.stem
)
def test_a_committed_measurement_has_the_attention_of_every_layer_or_says_what_it_lacks(path: Path) -> None:
    record = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = pd.read_csv(path.with_suffix(".csv"), usecols=["stack", "layer", "role"]).dropna(subset="layer")
    held = rows[rows["role"].isin(ATTENTION)].groupby(["stack", "layer"])["role"].agg(frozenset)

    hybrid = any(re.search(r" in \d+ of \d+ layers$", line) for line in record.get("not_measured", ()))
    if "partial" not in record and not hybrid:
        assert len({*held}) == 1, "some layers have other matrices of attention than others"
        assert {*held.index} == {*map(tuple, rows[["stack", "layer"]].drop_duplicates().to_numpy())}

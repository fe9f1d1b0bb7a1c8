"""The models trained here: that the plan holds what it promises, and that the committed tables are its whole record."""

import dataclasses
import sys
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import train_controls
from experiments.controls.finished import Finished, Outcome, Point, read_run, read_weights, runs_table, write_run
from experiments.controls.plan import (
    EVERY,
    RUNS,
    SHAPE,
    derivation_pairs,
    independent_pairs,
    learning_rate,
    shared_initialisation_pairs,
)
from experiments.controls.texts import TEXTS, Text, TextError, bigram_loss, fetch_text, split_text, unigram_loss
from experiments.controls.weights import initial_weights, model_config, tensor_shapes, trained_names
from lineage.checkpoints.config import read_config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.parts import find_parts
from repository import ROOT, TODAY

NAMED = {run.name: run for run in RUNS}
CONTROLS = ROOT / "data" / "controls"


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.read_csv(CONTROLS / "runs.csv", keep_default_na=False).set_index("run")


@pytest.fixture(scope="module")
def curves() -> pd.DataFrame:
    return pd.read_csv(CONTROLS / "loss-curves.csv")


def test_names_and_orders_are_not_used_twice() -> None:
    assert len(NAMED) == len(RUNS)
    assert len({run.order_seed for run in RUNS}) == len(RUNS)


def test_there_are_at_least_66_independent_pairs_and_none_shares_a_seed() -> None:
    pairs = list(independent_pairs())

    assert len(pairs) >= 66
    for a, b in pairs:
        assert not {a.init_seed, a.order_seed} & {b.init_seed, b.order_seed}
        assert (a.parent, b.parent) == ("", "")
        assert (a.text, a.steps, a.learning_rate) == (b.text, b.steps, b.learning_rate)


def test_five_runs_share_their_initial_weights_and_nothing_but_the_order_differs() -> None:
    pairs = list(shared_initialisation_pairs())

    assert len(pairs) == 10
    for a, b in pairs:
        assert a.order_seed != b.order_seed
        assert (a.text, a.steps, a.learning_rate, a.trained) == (b.text, b.steps, b.learning_rate, b.trained)


def test_every_run_has_either_a_seed_or_a_parent_that_stands_before_it() -> None:
    before: set[str] = set()
    for run in RUNS:
        assert (run.init_seed is None) == bool(run.parent)
        assert not run.parent or run.parent in before
        before.add(run.name)


def test_every_kind_of_derivation_has_a_pair() -> None:
    derived = list(derivation_pairs())

    assert {run.kind for _, run in derived} == {
        "finetune",
        "continued_pretraining",
        "lora_merged",
        "partial_finetune",
    }
    assert {parent.kind for parent, _ in derived} == {"seed", "shared_initialisation"}
    assert all(run.steps >= 300 for run in RUNS)


def test_the_learning_rate_rises_then_falls_to_a_tenth() -> None:
    run = NAMED["seed-01"]
    rates = [learning_rate(run, step) for step in range(1, run.steps + 1)]
    top = int(np.argmax(rates))

    assert max(rates) == pytest.approx(run.learning_rate)
    assert rates[-1] == pytest.approx(run.learning_rate / 10)
    assert np.all(np.diff(rates[: top + 1]) > 0)
    assert np.all(np.diff(rates[top:]) < 0)


def test_runs_that_share_a_seed_start_from_the_same_weights_and_others_do_not(tmp_path: Path) -> None:
    first, sibling, other = (
        train_controls.starting_weights(NAMED[name], NAMED, tmp_path) for name in ("seed-01", "order-01", "seed-02")
    )
    name = "model.layers.0.mlp.up_proj.weight"

    assert all(np.array_equal(first[key], sibling[key]) for key in first)
    assert abs(np.corrcoef(first[name].ravel(), other[name].ravel())[0, 1]) < 0.02


def test_measuring_knows_the_job_of_every_tensor() -> None:
    config = read_config(model_config(SHAPE))
    shapes = tensor_shapes(SHAPE)
    family = find_family(shapes, config)

    assert family.model_types[0] == "llama"
    assert all(find_parts(name, shape, family, config) for name, shape in shapes.items())


def test_what_is_frozen_stays_out_of_the_optimiser() -> None:
    upper = trained_names(NAMED["frozen-seed-03"], SHAPE)
    low_rank = trained_names(NAMED["lora-seed-02"], SHAPE)

    assert set(trained_names(NAMED["seed-01"], SHAPE)) == set(tensor_shapes(SHAPE))
    assert {name.split(".")[2] for name in upper if ".layers." in name} == {"3", "4", "5"}
    assert "model.embed_tokens.weight" not in upper
    assert len(low_rank) == 7 * SHAPE.layers


def test_a_child_cannot_start_before_its_parent(tmp_path: Path) -> None:
    with pytest.raises(train_controls.OrderError, match="its parent seed-02 has not been trained"):
        train_controls.starting_weights(NAMED["lora-seed-02"], NAMED, tmp_path)


def test_a_finished_run_is_read_back_and_not_taken_for_another(tmp_path: Path) -> None:
    run = NAMED["seed-01"]
    weights = initial_weights(SHAPE, np.random.default_rng(0))
    curve = (Point(0, 5.5, 5.6), Point(25, 3.0, 3.1))

    write_run(tmp_path, run, Outcome(weights, curve), SHAPE, "2.13.0", TODAY)

    found = read_run(tmp_path, run)
    assert found is not None
    assert (found.curve, found.torch, found.date) == (curve, "2.13.0", TODAY)
    assert all(np.array_equal(weights[name], value) for name, value in read_weights(tmp_path).items())
    assert read_run(tmp_path, dataclasses.replace(run, steps=10)) is None


def test_a_text_is_joined_in_order_and_refused_where_it_is_not_the_pinned_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "small_text-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pages/2.txt", "second")
        wheel.writestr("pages/1.txt", "first")
        wheel.writestr("pages/notes.md", "left out")
    digest = "4c5d0b6d5c9c3a4d7b1e0f9a8c7b6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c"
    text = Text("small", "A small text", "small-text", "1.0", r"pages/\d\.txt", "none", digest)

    with pytest.raises(TextError, match="pinned is 4c5d0b") as refused:
        fetch_text(text, tmp_path)

    found = str(refused.value).split("sha256 ")[1].split(",")[0]
    assert fetch_text(dataclasses.replace(text, sha256=found), tmp_path) == b"first\nsecond"


def test_guessing_by_counts_costs_the_entropy_of_a_text_that_repeats() -> None:
    split = split_text(b"ab" * 50_000)

    assert unigram_loss(split) == pytest.approx(np.log(2), abs=0.01)
    assert bigram_loss(split) == pytest.approx(0, abs=0.01)


def test_without_torch_the_script_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(train_controls, "fetch_text", lambda *_: b"a few words " * 100)

    code = train_controls.main(["--only", "seed-01", "--out", str(tmp_path), "--data", str(tmp_path / "data")])

    assert code == 2
    assert "pip install torch" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_name_that_no_run_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_controls.main(["--only", "seed-99"])

    assert "no run is named seed-99" in capsys.readouterr().err


def test_the_committed_runs_are_those_of_the_plan(runs: pd.DataFrame) -> None:
    assert list(runs.index) == sorted(NAMED)
    assert runs["weights_sha256"].is_unique
    assert runs["weights_sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    planned = runs_table(Finished(run, (Point(0, 0, 0),), "", "", date.min) for run in RUNS).set_index("run")
    for column in ("model", "kind", "parent", "init_seed", "order_seed", "trained", "text", "steps", "learning_rate"):
        wanted = ["" if pd.isna(value) else str(value) for value in planned[column]]
        assert [str(value) for value in runs[column]] == wanted, column


def test_the_committed_loss_curves_are_sorted_and_whole(runs: pd.DataFrame, curves: pd.DataFrame) -> None:
    wanted = [(name, step) for name in sorted(NAMED) for step in range(0, NAMED[name].steps + 1, EVERY)]

    assert list(curves.columns) == ["run", "step", "train_loss", "heldout_loss"]
    assert list(zip(curves["run"], curves["step"], strict=True)) == wanted
    assert np.isfinite(curves[["train_loss", "heldout_loss"]].to_numpy()).all()
    last = curves.groupby("run").last()
    assert list(last["heldout_loss"]) == list(runs["final_heldout_loss"])


def test_every_run_learned(runs: pd.DataFrame) -> None:
    guessing = pd.read_csv(CONTROLS / "texts.csv").set_index("text")

    assert (runs["final_heldout_loss"] < runs["first_heldout_loss"]).all()
    assert (runs["final_heldout_loss"] < runs["text"].map(guessing["unigram_loss"])).all()
    assert (runs["final_heldout_loss"] < runs["text"].map(guessing["bigram_loss"])).all()


def test_siblings_start_at_the_same_loss_and_children_where_their_parent_ended(runs: pd.DataFrame) -> None:
    first = runs["first_heldout_loss"]

    assert first[["seed-01", "order-01", "order-02", "order-03", "order-04"]].nunique() == 1
    assert first["continued-seed-01"] == pytest.approx(runs["final_heldout_loss"]["seed-01"], abs=1e-4)


def test_the_committed_texts_are_the_pinned_ones() -> None:
    texts = pd.read_csv(CONTROLS / "texts.csv").set_index("text")

    assert list(texts.index) == sorted(TEXTS)
    for name, text in TEXTS.items():
        assert texts["sha256"][name] == text.sha256
        assert texts["package"][name] == f"{text.package}=={text.version}"
        assert texts["train_bytes"][name] > 500_000

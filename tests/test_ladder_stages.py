"""Rungs on the disk: made by name, the same again, read by measuring; and the tables that say what they are."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gguf import GGMLQuantizationType
from safetensors.numpy import load_file, save_file

import derive_ladder
import measure
import train_ladder
from experiments.ladder.bases import read_state
from experiments.ladder.masking import MASKED_SHARE, masked_batch
from experiments.ladder.plan import BASES, RUNGS, TRAINED, ladder_table
from experiments.ladder.state import spots
from experiments.ladder.wordpiece import token_numbers
from forward_passes import HEADS, tiny_encoder
from lineage.store.files import load_dataset
from repository import ROOT, TODAY, committed
from test_gguf import write_gguf

CONTROLS = ROOT / "data" / "controls"
VOCABULARY = {"[CLS]": 0, "[SEP]": 1, "[MASK]": 2, "[UNK]": 3, "un": 4, "##like": 5, "##ly": 6, ",": 7, "cafe": 8}


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for rungs of a tiny encoder that stands for the real ones."""
    base = tmp_path / "base"
    base.mkdir()
    state = tiny_encoder()
    save_file(dict(state.tensors), base / "model.safetensors")
    (base / "config.json").write_text(json.dumps(state.config))
    monkeypatch.setattr(derive_ladder, "fetch_model", lambda *_: base / "model.safetensors")
    monkeypatch.setattr(derive_ladder, "DATA", tmp_path / "data")
    dataset = committed()
    monkeypatch.setattr(derive_ladder, "measurement_of", lambda model: dataset.fingerprints[model].measurement)
    derive_ladder.load_state.cache_clear()
    return tmp_path / "out"


def derive(out: Path, *arguments: str) -> int:
    return derive_ladder.main([*arguments, "--out", str(out), "--date", TODAY.isoformat()])


def test_a_rung_is_made_by_name_and_is_the_same_again(out: Path, tmp_path: Path) -> None:
    for folder in (out, tmp_path / "again"):
        assert derive(folder, "--only", "mpnet-noise-0.1") == 0

    first, again = (folder / "mpnet-noise-0.1" / "model.safetensors" for folder in (out, tmp_path / "again"))
    assert first.read_bytes() == again.read_bytes()
    assert sorted(load_file(first)) == sorted(tiny_encoder().tensors)
    record = json.loads((out / "mpnet-noise-0.1" / "rung.json").read_text())
    assert record["what"] == "synthetic derivation of a real model"


def test_a_finished_rung_is_skipped_and_an_unfinished_one_made_again(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    derive(out, "--only", "mpnet-int8")
    derive(out, "--only", "mpnet-int8")
    (out / "mpnet-int8" / "rung.json").unlink()
    derive(out, "--only", "mpnet-int8")

    first, second, third = capsys.readouterr().out.splitlines()
    assert " MB in " in first
    assert second == "[1/1] mpnet-int8: is there"
    assert " MB in " in third


def test_a_rung_is_measured_under_an_address_that_says_what_it_is(out: Path, tmp_path: Path) -> None:
    assert derive(out, "--only", "mpnet-units-sorted", "--measure", str(tmp_path / "measured")) == 0

    dataset, problems = load_dataset(tmp_path / "measured")
    assert not problems
    measured = dataset.fingerprints["ladder/mpnet-units-sorted"].measurement
    assert measured.address == "derived:sentence-transformers/all-mpnet-base-v2:units-sorted"
    assert not (out / "mpnet-units-sorted" / "model.safetensors").exists()


def test_a_measured_rung_is_not_made_again(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        derive(out, "--only", "mpnet-int4", "--measure", str(tmp_path / "measured"))

    assert capsys.readouterr().out.splitlines()[1] == "[1/1] mpnet-int4: was measured"


def test_a_rung_whose_measurement_is_of_other_weights_is_measured_again(out: Path, tmp_path: Path) -> None:
    measured = tmp_path / "measured"
    derive(out, "--only", "mpnet-int4", "--measure", str(measured))
    record = measured / "fingerprints" / "ladder_mpnet-int4.toml"
    sound = record.read_text()
    record.write_text(re.sub('sha256 = "[0-9a-f]{8}', 'sha256 = "00000000', sound, count=1))

    derive(out, "--only", "mpnet-int4", "--measure", str(measured))

    assert record.read_text() == sound


def test_a_folder_can_be_measured_by_hand(out: Path, tmp_path: Path) -> None:
    derive(out, "--only", "mpnet-layers-halved")
    where = ["--recorded", "derived:a/b:layers-halved", "--data", str(tmp_path), "--quiet"]

    assert measure.main([str(out / "mpnet-layers-halved"), "--model", "ladder/mpnet-layers-halved", *where]) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "ladder_mpnet-layers-halved.csv")
    assert sorted(set(table["layer"].dropna())) == [0, 1]


def test_a_rung_that_must_be_trained_is_left_to_the_other_stage(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert derive(out, "--only", "minilm-l6-trained-50") == 0

    assert capsys.readouterr().out == "[1/1] minilm-l6-trained-50: is made by scripts/train_ladder.py\n"


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        derive_ladder.main(["--only", "minilm-l6-magic"])

    assert "no rung is named minilm-l6-magic" in capsys.readouterr().err


def test_names_and_seeds_are_not_used_twice() -> None:
    seeds = [rung.seed for rung in RUNGS.values() if rung.seed is not None]

    assert len(set(seeds)) == len(seeds)
    assert all((rung.seed is not None) == rung.kind.random for rung in RUNGS.values())
    assert {rung.base for rung in RUNGS.values()} == set(BASES)


def test_the_committed_table_is_that_of_the_plan() -> None:
    text = (CONTROLS / "ladder.csv").read_text(encoding="utf-8")

    assert text == ladder_table().to_csv(index=False, lineterminator="\n")


def test_a_quantised_decoder_gets_its_usual_names(tmp_path: Path) -> None:
    embedding = np.random.default_rng(1).normal(size=(3, 256)).astype(np.float32)
    more = {"token_embd.weight": embedding, "output_norm.weight": np.full(256, 2.5, np.float32)}
    held = write_gguf(tmp_path / "m.gguf", GGMLQuantizationType.Q8_0, more)

    state = read_state(tmp_path / "m.gguf")

    expected = held["blk.1.attn_q.weight"].astype(np.float16)
    assert np.array_equal(state.tensors["model.layers.1.self_attn.q_proj.weight"], expected)
    assert state.tensors["model.norm.weight"].dtype == np.float32
    assert (state.config["model_type"], state.config["tie_word_embeddings"]) == ("qwen2", True)
    assert spots(state)["model.layers.0.mlp.down_proj.weight"].units == 1


def test_words_are_cut_into_the_longest_pieces() -> None:
    assert token_numbers("Unlikely, UNLIKE café xyz", VOCABULARY).tolist() == [4, 5, 6, 7, 4, 5, 8, 3]


def test_hidden_tokens_are_a_share_of_all_and_never_the_ends() -> None:
    text = np.full(5_000, 8)
    batch = masked_batch(text, VOCABULARY, 400, 64, np.random.default_rng(1))

    assert batch.hidden.mean() == pytest.approx(MASKED_SHARE * 62 / 64, rel=0.05)
    assert not batch.hidden[:, [0, -1]].any()
    assert (batch.answers == 8).all()
    seen = batch.tokens[batch.hidden]
    assert (seen == VOCABULARY["[MASK]"]).mean() == pytest.approx(0.8 + 0.1 / 9, abs=0.03)
    assert np.array_equal(batch.tokens[:, 1:-1][~batch.hidden[:, 1:-1]], np.full((~batch.hidden[:, 1:-1]).sum(), 8))


def test_each_trained_rung_has_its_loss_curve_and_the_loss_falls() -> None:
    curves = pd.read_csv(CONTROLS / "ladder-loss-curves.csv")
    lengths = {rung.model: rung.level for rung in RUNGS.values() if rung.kind.name == TRAINED}

    assert list(curves.columns) == ["run", "step", "train_loss"]
    assert curves.groupby("run")["step"].max().to_dict() == lengths
    for _, curve in curves.groupby("run"):
        assert curve["step"].iloc[0] == 0
        assert curve["train_loss"].iloc[-1] < curve["train_loss"].iloc[0] - 1


def test_training_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    assert train_ladder.main(["--only", "minilm-l6-trained-50", "--out", str(tmp_path)]) == 2


def test_the_encoder_in_torch_is_that_in_numpy() -> None:
    torch = pytest.importorskip("torch")
    from experiments.ladder.encoder import last_states
    from forward_passes import TEXT, output

    state = tiny_encoder()
    weights = {name: torch.from_numpy(one) for name, one in state.tensors.items()}

    found = last_states(weights, torch.from_numpy(TEXT[None]), HEADS)[0].numpy()

    assert found == pytest.approx(output(state), abs=1e-4)

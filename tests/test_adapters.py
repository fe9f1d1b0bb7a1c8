"""LoRA adapters: applied to their base in memory, measured as what the sum is, or refused in a line."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from checkpoint_files import write_bert
from hub import COMMIT, Hub
from lineage.checkpoints.adapted import open_whole
from lineage.checkpoints.files import CheckpointError
from lineage.measuring.checkpoint import plan_checkpoint
from lineage.records import Measurement
from lineage.store.files import read_record
from match import main as match
from measure import main
from test_whole_checkpoints import HEADS, LAYERS, UNITS, WIDTH, Tensors, llama, write
from torch_files import state_of, write_zip

TARGETS = {"self_attn.q_proj": (WIDTH, WIDTH), "self_attn.v_proj": (WIDTH // 2, WIDTH), "mlp.down_proj": (WIDTH, UNITS)}
RANK, ALPHA = 4, 8
PEFT: dict[str, Any] = {
    "peft_type": "LORA",
    "base_model_name_or_path": "org/base",
    "r": RANK,
    "lora_alpha": ALPHA,
    "lora_dropout": 0.05,
    "bias": "none",
    "target_modules": ["q_proj", "v_proj", "down_proj"],
    "task_type": "CAUSAL_LM",
    "inference_mode": True,
    "init_lora_weights": True,
    "fan_in_fan_out": False,
    "modules_to_save": None,
    "rank_pattern": {},
    "alpha_pattern": {},
    "use_dora": False,
    "use_rslora": False,
    "layer_replication": None,
    "revision": None,
}


def module(layer: int, name: str) -> str:
    return f"base_model.model.model.layers.{layer}.{name}"


def thin(rank_of: Callable[[int, str], int] = lambda *_: RANK) -> Tensors:
    rng = np.random.default_rng(9)
    found = {}
    for layer in range(LAYERS):
        for name, (rows, columns) in TARGETS.items():
            rank = rank_of(layer, name)
            found[f"{module(layer, name)}.lora_A.weight"] = rng.normal(size=(rank, columns)).astype(np.float32)
            found[f"{module(layer, name)}.lora_B.weight"] = rng.normal(size=(rows, rank)).astype(np.float32)
    return found


def added(base: Tensors, adapter: Tensors, factor: Callable[[int, str], float]) -> Tensors:
    """What the weights are once an adapter is merged, by the formula of the paper and not by our code."""
    whole = dict(base)
    for layer in range(LAYERS):
        for name in TARGETS:
            a, b = (adapter[f"{module(layer, name)}.lora_{side}.weight"].astype(np.float64) for side in "AB")
            key = f"model.layers.{layer}.{name}.weight"
            whole[key] = (base[key].astype(np.float64) + factor(layer, name) * (b @ a)).astype(np.float32)
    return whole


def write_adapter(folder: Path, tensors: Tensors, settings: dict[str, Any] | None = None) -> Path:
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(settings or PEFT))
    return folder


def run(folder: Path, base: Path, out: Path, *more: str) -> int:
    where = ["--model", "me/child", "--recorded", f"hub:me/child@{COMMIT}", "--date", "2026-11-29", "--quiet"]
    local = ["--base", str(base), "--recorded-base", f"hub:org/base@{COMMIT}"]
    return main([str(folder), *where, *local, "--data", str(out), *more])


def run_whole(folder: Path, out: Path) -> int:
    where = ["--model", "me/child", "--recorded", f"hub:me/child@{COMMIT}", "--date", "2026-11-29", "--quiet"]
    return main([str(folder), *where, "--data", str(out)])


def tables(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "fingerprints" / "me_child.csv")


def refusal(folder: Path, base: Path) -> str:
    with pytest.raises(CheckpointError) as error, open_whole(str(folder), str(base)) as whole:
        plan_checkpoint(whole.checkpoint, None, whole.adapter)
    assert "\n" not in str(error.value)
    return str(error.value)


WAYS: dict[str, tuple[dict[str, Any], Callable[[int, str], int], Callable[[int, str], float]]] = {
    "plain": ({}, lambda *_: RANK, lambda *_: ALPHA / RANK),
    "rank-stabilised": ({"use_rslora": True}, lambda *_: RANK, lambda *_: ALPHA / RANK**0.5),
    "ranks by layer": (
        {"rank_pattern": {"layers.1.mlp.down_proj": 2, "v_proj": 3}},
        lambda layer, name: 2 if (layer, name) == (1, "mlp.down_proj") else 3 if "v_proj" in name else RANK,
        lambda layer, name: ALPHA / (2 if (layer, name) == (1, "mlp.down_proj") else 3 if "v_proj" in name else RANK),
    ),
    "alphas by a pattern": (
        {"alpha_pattern": {r"model\.layers\.[02]\.self_attn\.q_proj": 1.5, "^nothing": 3}},
        lambda *_: RANK,
        lambda layer, name: (1.5 if "q_proj" in name and layer != 1 else ALPHA) / RANK,
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_adapter_on_its_base_measures_as_the_merged_weights_do(tmp_path: Path, way: str) -> None:
    settings, rank_of, factor = WAYS[way]
    base, adapter = llama(), thin(rank_of)
    write(tmp_path / "base", {"model.safetensors": base})
    write(tmp_path / "merged", {"model.safetensors": added(base, adapter, factor)})
    write_adapter(tmp_path / "adapter", adapter, PEFT | settings)

    assert run(tmp_path / "adapter", tmp_path / "base", tmp_path / "out") == 0
    assert run_whole(tmp_path / "merged", tmp_path / "wanted") == 0

    ours, wanted = tables(tmp_path / "out"), tables(tmp_path / "wanted")
    pd.testing.assert_frame_equal(ours.drop(columns="sha256"), wanted.drop(columns="sha256"), rtol=1e-6)
    changed = ours["role"].isin(["q", "v", "down"]).to_numpy()
    assert ((ours["sha256"] == wanted["sha256"]).to_numpy() == ~changed).all()


def test_the_record_says_what_was_applied_to_what(tmp_path: Path) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin())

    assert run(folder, tmp_path / "base", tmp_path / "out") == 0

    record = read_record(tmp_path / "out", "fingerprints/me_child.toml", Measurement)
    assert record is not None
    assert record.adapter is not None
    assert (record.adapter.base, record.adapter.matrices) == (f"hub:org/base@{COMMIT}", LAYERS * len(TARGETS))
    assert (record.adapter.ranks, record.adapter.factors) == ((RANK,), (ALPHA / RANK,))
    sums = {file.name: file.sha256 for file in (*record.files, *record.adapter.files)}
    places = [tmp_path / "base" / "model.safetensors", *folder.iterdir()]
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in places}
    command = f"python scripts/measure.py hub:me/child@{COMMIT} --model me/child --base hub:org/base@{COMMIT}"
    assert (record.address, record.command) == (f"hub:me/child@{COMMIT}", command)


def test_no_changed_matrix_has_the_checksum_of_the_base_and_another_adapter_has_others(tmp_path: Path) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    seen = []
    for number, settings in enumerate((PEFT, PEFT | {"lora_alpha": 9})):
        write_adapter(tmp_path / f"adapter-{number}", thin(), settings)
        assert run(tmp_path / f"adapter-{number}", tmp_path / "base", tmp_path / f"out-{number}") == 0
        seen.append(tables(tmp_path / f"out-{number}"))
    assert run_whole(tmp_path / "base", tmp_path / "plain") == 0
    seen.append(tables(tmp_path / "plain"))

    down = [set(one[one["role"] == "down"]["sha256"]) for one in seen]
    assert not (down[0] & down[1])
    assert not (down[0] & down[2])
    assert not (down[1] & down[2])
    kept = [set(one[one["role"] == "up"]["sha256"]) for one in seen]
    assert kept[0] == kept[1] == kept[2]


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin())
    for out in ("one", "two"):
        assert run(folder, tmp_path / "base", tmp_path / out) == 0
    files = [sorted((tmp_path / out / "fingerprints").iterdir()) for out in ("one", "two")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, np.float16])
def test_a_base_of_half_precision_is_summed_and_not_rounded(tmp_path: Path, dtype: type) -> None:
    base, adapter = {name: one.astype(dtype) for name, one in llama().items()}, thin()
    write(tmp_path / "base", {"model.safetensors": base})
    write_adapter(tmp_path / "adapter", adapter)

    assert run(tmp_path / "adapter", tmp_path / "base", tmp_path / "out") == 0

    whole = added({name: one.astype(np.float32) for name, one in base.items()}, adapter, lambda *_: ALPHA / RANK)
    rows = tables(tmp_path / "out").set_index(["layer", "role"])["std"]
    for layer in range(LAYERS):
        wanted = whole[f"model.layers.{layer}.self_attn.q_proj.weight"].astype(np.float64).std()
        assert rows[layer, "q"] == pytest.approx(wanted, rel=1e-6)


def gpt2(width: int = WIDTH) -> Tensors:
    rng = np.random.default_rng(6)
    shapes = {
        "attn.c_attn": (width, 3 * width),
        "attn.c_proj": (width, width),
        "mlp.c_fc": (width, UNITS),
        "mlp.c_proj": (UNITS, width),
    }
    return {
        f"h.{layer}.{name}.weight": rng.normal(size=shape).astype(np.float32)
        for layer in range(2)
        for name, shape in shapes.items()
    }


GPT2 = {"model_type": "gpt2", "n_layer": 2, "n_embd": WIDTH, "n_head": HEADS}


def test_a_base_that_stores_in_by_out_is_added_to_as_it_stores(tmp_path: Path) -> None:
    rng, base, adapter = np.random.default_rng(2), gpt2(), {}
    merged = dict(base)
    for name, (rows, columns) in {"attn.c_attn": (3 * WIDTH, WIDTH), "attn.c_proj": (WIDTH, WIDTH)}.items():
        for layer in range(2):
            a, b = rng.normal(size=(RANK, columns)), rng.normal(size=(rows, RANK))
            before = f"base_model.model.transformer.h.{layer}.{name}"
            adapter |= {f"{before}.lora_{side}.weight": one.astype(np.float32) for side, one in (("A", a), ("B", b))}
            product = adapter[f"{before}.lora_B.weight"].astype(np.float64) @ adapter[f"{before}.lora_A.weight"]
            key = f"h.{layer}.{name}.weight"
            merged[key] = (base[key] + ALPHA / RANK * product.T).astype(np.float32)
    write(tmp_path / "base", {"model.safetensors": base}, GPT2)
    write(tmp_path / "merged", {"model.safetensors": merged}, GPT2)
    folder = write_adapter(tmp_path / "adapter", adapter, PEFT | {"fan_in_fan_out": True})

    assert run(folder, tmp_path / "base", tmp_path / "out") == 0
    assert run_whole(tmp_path / "merged", tmp_path / "wanted") == 0
    ours, wanted = tables(tmp_path / "out"), tables(tmp_path / "wanted")
    pd.testing.assert_frame_equal(ours.drop(columns="sha256"), wanted.drop(columns="sha256"), rtol=1e-6)

    (folder / "adapter_config.json").write_text(json.dumps(PEFT))
    assert "disagree on whether it is stored as (out, in): fan_in_fan_out" in refusal(folder, tmp_path / "base")


def test_whole_tensors_and_an_embedding_of_an_adapter_count(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    base = llama() | {
        "model.embed_tokens.weight": rng.normal(size=(30, WIDTH)).astype(np.float32),
        "model.norm.weight": np.ones(WIDTH, np.float32),
        "lm_head.weight": rng.normal(size=(30, WIDTH)).astype(np.float32),
    }
    a, b = rng.normal(size=(RANK, 30)).astype(np.float32), rng.normal(size=(WIDTH, RANK)).astype(np.float32)
    head = rng.normal(size=(30, WIDTH)).astype(np.float32)
    before = "base_model.model.model.embed_tokens.lora_embedding_"
    adapter = thin() | {f"{before}A": a, f"{before}B": b}
    adapter |= {"base_model.model.lm_head.modules_to_save.weight": head}
    adapter |= {"base_model.model.score.weight": np.ones((2, WIDTH), np.float32)}
    write(tmp_path / "base", {"model.safetensors": base})
    merged = added(base, adapter, lambda *_: ALPHA / RANK) | {"lm_head.weight": head}
    merged["model.embed_tokens.weight"] = base["model.embed_tokens.weight"] + ALPHA / RANK * (b @ a).T
    write(tmp_path / "merged", {"model.safetensors": merged})
    folder = write_adapter(tmp_path / "adapter", adapter, PEFT | {"modules_to_save": ["lm_head", "score"]})

    assert run(folder, tmp_path / "base", tmp_path / "out") == 0
    assert run_whole(tmp_path / "merged", tmp_path / "wanted") == 0

    ours, wanted = tables(tmp_path / "out"), tables(tmp_path / "wanted")
    pd.testing.assert_frame_equal(ours.drop(columns="sha256"), wanted.drop(columns="sha256"), rtol=1e-6)
    record = read_record(tmp_path / "out", "fingerprints/me_child.toml", Measurement)
    assert record is not None
    assert record.adapter is not None
    assert record.adapter.replaced == ("lm_head.weight", "score.weight")
    assert record.adapter.matrices == LAYERS * len(TARGETS) + 1
    assert "score.weight" in record.not_measured


def test_an_adapter_of_pytorch_is_read_as_one_of_safetensors(tmp_path: Path) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    one = write_adapter(tmp_path / "one", thin())
    two = write_adapter(tmp_path / "two", thin())
    (two / "adapter_model.safetensors").unlink()
    write_zip(two / "adapter_model.bin", *state_of(thin()))

    for name, folder in (("a", one), ("b", two)):
        assert run(folder, tmp_path / "base", tmp_path / name) == 0
    assert tables(tmp_path / "a").equals(tables(tmp_path / "b"))


def test_base_and_adapter_are_read_from_a_hub_where_the_adapter_says(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in hub.folder.iterdir():
        path.unlink()
    write(hub.folder, {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin(), PEFT | {"base_model_name_or_path": hub.name})
    where = ["--model", "me/child", "--recorded", f"hub:me/child@{COMMIT}", "--quiet"]
    assert main([str(folder), *where, "--date", "2026-11-29", "--data", str(tmp_path / "far")]) == 0
    write(tmp_path / "base", {"model.safetensors": llama()})
    assert run(folder, tmp_path / "base", tmp_path / "near") == 0

    assert tables(tmp_path / "far").equals(tables(tmp_path / "near"))
    record = read_record(tmp_path / "far", "fingerprints/me_child.toml", Measurement)
    assert record is not None
    assert record.adapter is not None
    assert record.adapter.base == f"hub:{hub.name}@{COMMIT}"
    assert [file.declared for file in record.files] == [True]
    assert [file.declared for file in record.adapter.files] == [False, False]
    assert capsys.readouterr().err


def test_a_run_that_was_stopped_goes_on_with_the_same_adapter_alone(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in hub.folder.iterdir():
        path.unlink()
    write(hub.folder, {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin(), PEFT | {"base_model_name_or_path": hub.name})
    command = [str(folder), "--model", "me/child", "--recorded", "hub:me/child@1", "--quiet", "--date", "2026-11-29"]
    assert main([*command, "--data", str(tmp_path / "whole")]) == 0
    hub.dies_at = hub.sent + 12_000
    assert main([*command, "--data", str(tmp_path / "stopped")]) == 1
    hub.dies_at = None
    other = write_adapter(tmp_path / "other", thin(), PEFT | {"base_model_name_or_path": hub.name, "lora_alpha": 3})
    assert main([str(other), *command[1:], "--data", str(tmp_path / "other-out")]) == 0
    assert "were measured before" not in capsys.readouterr().err

    assert main([*command, "--data", str(tmp_path / "stopped")]) == 0

    assert "were measured before; going on from there" in capsys.readouterr().err
    assert tables(tmp_path / "stopped").equals(tables(tmp_path / "whole"))
    assert not tables(tmp_path / "stopped").equals(tables(tmp_path / "other-out"))


def test_a_list_of_adapters_is_measured_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin())
    line = (
        f"{folder} --model me/child --recorded hub:me/child@1 --base {tmp_path / 'base'} --recorded-base hub:org/base@"
    )
    (tmp_path / "list").write_text(f"{line}1\n")
    asked = ["--list", str(tmp_path / "list"), "--quiet", "--data", str(tmp_path / "out")]
    for _ in range(2):
        assert main(asked) == 0
    assert "1 of 1 models were measured before" in capsys.readouterr().err
    (tmp_path / "list").write_text(f"{line}2\n")
    assert main(asked) == 0
    assert "were measured before" not in capsys.readouterr().err


def test_a_dry_run_says_what_would_be_added_to_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin())

    assert run(folder, tmp_path / "base", tmp_path / "out", "--dry-run") == 0

    said = capsys.readouterr().out
    assert f"an adapter; adds to {LAYERS * len(TARGETS)} matrices of" in said
    assert "adapter_model.safetensors: 0 of" in said
    assert not (tmp_path / "out").exists()


SETTINGS: dict[str, dict[str, Any]] = {
    "says use_dora = true, which is not read here: DoRA": {"use_dora": True},
    "an adapter of the type 'IA3'": {"peft_type": "IA3"},
    "an adapter of the type 'PROMPT_TUNING'": {"peft_type": "PROMPT_TUNING"},
    "an adapter of the type 'None'": {"peft_type": None},
    'says init_lora_weights = "pissa"': {"init_lora_weights": "pissa"},
    "says lora_bias = true": {"lora_bias": True},
    "says layer_replication = [[0, 2], [1, 3]]": {"layer_replication": [[0, 2], [1, 3]]},
    "says target_parameters": {"target_parameters": ["mlp.experts.gate_up_proj"]},
    "says trainable_token_indices": {"trainable_token_indices": [1, 2]},
    "says use_tomorrow = true, which is not read here: what it means is not known": {"use_tomorrow": True},
    "r says 0, which is no rank": {"r": 0},
    'r says "8", which is no rank': {"r": "8"},
    "lora_alpha says null, which is no number": {"lora_alpha": None},
    "rank_pattern is no table": {"rank_pattern": [1]},
    "is no pattern": {"rank_pattern": {"(": 3}},
    "has the rank 4 in A and 4 in B, and adapter_config.json says 5": {"rank_pattern": {"q_proj": 5}},
}


@pytest.mark.parametrize("reason", SETTINGS)
def test_what_is_no_plain_lora_is_refused_by_name(tmp_path: Path, reason: str) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin(), PEFT | SETTINGS[reason])

    assert reason in refusal(folder, tmp_path / "base")


def without(tensors: Tensors, word: str) -> Tensors:
    return {name: one for name, one in tensors.items() if word not in name}


FILES: dict[str, Callable[[], Tensors]] = {
    "holds lora_A alone for": lambda: without(thin(), "1.mlp.down_proj.lora_B"),
    "lora_magnitude_vector, whose meaning is not known": lambda: (
        thin() | {f"{module(0, 'self_attn.q_proj')}.lora_magnitude_vector": np.ones(WIDTH, np.float32)}
    ),
    "the base has not one matrix of that name": lambda: {
        name.replace("q_proj", "c_attn"): one for name, one in thin().items()
    },
    "and the base holds 8x16; is it the right base?": lambda: {
        name: np.ones((12, RANK), np.float32) if "v_proj.lora_B" in name else one for name, one in thin().items()
    },
    "holds nothing that changes a base": dict,
    "is none of two matrices (a convolution?)": lambda: {
        name: one.reshape(*one.shape, 1) if "q_proj" in name else one for name, one in thin().items()
    },
    "holds several adapters: a, b": lambda: {
        name.replace(".weight", f".{'a' if 'q_proj' in name else 'b'}.weight"): one for name, one in thin().items()
    },
    "holds model.layers.0.input_layernorm.weight twice": lambda: (
        thin()
        | {
            "base_model.model.model.layers.0.input_layernorm.weight": np.ones(WIDTH, np.float32),
            "base_model.model.model.layers.0.input_layernorm.modules_to_save.weight": np.ones(WIDTH, np.float32),
        }
    ),
}


@pytest.mark.parametrize("reason", FILES)
def test_a_file_that_is_not_understood_whole_is_refused(tmp_path: Path, reason: str) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", FILES[reason]())

    assert reason in refusal(folder, tmp_path / "base")


def test_a_product_that_is_no_number_names_its_matrix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adapter = thin()
    adapter[f"{module(1, 'mlp.down_proj')}.lora_B.weight"][0, 0] = np.nan
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", adapter)

    assert run(folder, tmp_path / "base", tmp_path / "out") == 1
    assert "layers.1.mlp.down_proj.lora_B.weight holds NaN or infinite values" in capsys.readouterr().err


BASES = {
    "": "names no base; give its address with --base",
    "/srv/models/llama": "a place on somebody's machine; give its address with --base",
    "../llama": "a place on somebody's machine; give its address with --base",
    "llama-7b": "a place on somebody's machine; give its address with --base",
    "no/such": "hub:no/such, the base of the adapter: no/such: the hub has no such repository",
}


@pytest.mark.parametrize("named", BASES)
def test_a_base_that_is_not_there_is_one_clear_line(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    assert hub.address
    folder = write_adapter(tmp_path / "adapter", thin(), PEFT | {"base_model_name_or_path": named})

    where = ["--model", "me/child", "--recorded", "hub:me/child@x", "--quiet", "--data", str(tmp_path / "out")]
    assert main([str(folder), *where]) == 1

    said = capsys.readouterr().err.splitlines()
    assert BASES[named] in said[0]
    assert said[1:] == ["Nothing was written."]


def test_what_stands_in_the_wrong_place_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "base", {"model.safetensors": llama()})
    folder = write_adapter(tmp_path / "adapter", thin())
    assert "is an adapter itself" in refusal(folder, folder)
    assert "is no adapter, so it has no base here; leave --base out" in refusal(tmp_path / "base", tmp_path / "base")

    where = ["--model", "me/child", "--recorded", "hub:me/child@x", "--quiet", "--data", str(tmp_path / "out")]
    assert main([str(folder), *where, "--base", str(tmp_path / "base")]) == 1
    assert "is a local copy; name its public address with --recorded-base" in capsys.readouterr().err
    sides = [f"--model-{side}=me/{side}" for side in "ab"] + [f"--recorded-{side}=hub:me/{side}@1" for side in "ab"]
    assert match([str(folder), str(tmp_path / "base"), *sides, "--quiet", "--data", str(tmp_path / "out")]) == 1
    assert re.search("is an adapter .* no whole weights", capsys.readouterr().err)

    (folder / "adapter_config.json").unlink()
    assert "adapter_config.json, which says what it means, is not beside it" in refusal(folder, tmp_path / "base")
    write_bert(folder / "model.safetensors")
    assert "model.safetensors and adapter_model.safetensors, an adapter, are in one place" in refusal(folder, folder)
    (folder / "adapter_model.safetensors").unlink()
    (folder / "model.safetensors").unlink()
    (folder / "adapter_config.json").write_text(json.dumps(PEFT))
    assert "adapter_model.bin is not beside it" in refusal(folder, tmp_path / "base")
    (folder / "adapter_config.json").write_text("{")
    save_file(thin(), folder / "adapter_model.safetensors")
    assert "adapter_config.json: holds no settings" in refusal(folder, tmp_path / "base")


def test_a_file_of_either_kind_is_measured_where_it_is_named(tmp_path: Path) -> None:
    base = llama()
    folder = write_adapter(tmp_path / "both", thin())
    write(folder, {"model.safetensors": base})

    assert run_whole(folder / "model.safetensors", tmp_path / "plain") == 0
    local = folder / "adapter_model.safetensors"
    assert run(local, folder / "model.safetensors", tmp_path / "out") == 0
    assert not tables(tmp_path / "plain").equals(tables(tmp_path / "out"))

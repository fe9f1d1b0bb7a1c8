"""The same weights in another format are the same: one row for each matrix and each vector, number by number."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gguf import MODEL_ARCH, GGUFWriter, get_tensor_name_map
from safetensors.numpy import save_file

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.measuring.checkpoint import plan_checkpoint
from match import main as match
from measure import main
from name_lists import CASES, FROM_CODE, Listed, read_list
from onnx_models import exported_whole
from torch_files import state_of, write_old, write_zip

Arrays = dict[str, np.ndarray]
LAYERS = 2


def random_weights(listed: Listed, seed: int = 8) -> Arrays:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(1, 0.5, shape).astype(np.float32) for name, shape in listed.shapes.items()}


def rows(path: Path, out: Path) -> pd.DataFrame:
    """What is recorded of every part, in the order of the table."""
    assert main([str(path), "--model", "a/b", "--recorded", "hub:a/b@1", "--data", str(out), "--quiet"]) == 0
    return pd.read_csv(out / "fingerprints" / "a_b.csv")


def published(folder: Path, listed: Listed, arrays: Arrays) -> Path:
    folder.mkdir()
    save_file(arrays, folder / "model.safetensors")
    settings = {key: value for key, value in listed.settings.items() if key != "text_config"}
    (folder / "config.json").write_text(json.dumps(settings))
    return folder


def by_pairs(array: np.ndarray, heads: int) -> np.ndarray:
    """What llama.cpp does to queries and keys of Llama (LlamaModel.permute); Meta's own files are in this order."""
    return array.reshape(heads, 2, array.shape[0] // heads // 2, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


Change = Callable[[str, np.ndarray, Mapping[str, object]], np.ndarray]


def unchanged(_: str, array: np.ndarray, __: Mapping[str, object]) -> np.ndarray:
    return array


def rotated(name: str, array: np.ndarray, settings: Mapping[str, object]) -> np.ndarray:
    for role, key in (("q_proj", "num_attention_heads"), ("k_proj", "num_key_value_heads")):
        if role in name:
            return by_pairs(array, int(str(settings[key])))
    return array


def raised(name: str, array: np.ndarray, _: Mapping[str, object]) -> np.ndarray:
    return array + np.float32(1) if name.endswith("norm.weight") else array


@dataclass(frozen=True)
class Converted:
    """What llama.cpp makes of a family, beside other names."""

    architecture: MODEL_ARCH
    change: Change = unchanged
    said: str = ""  # general.architecture where several are read alike


GGUF = {
    "llama": Converted(MODEL_ARCH.LLAMA, rotated),
    "mistral": Converted(MODEL_ARCH.LLAMA, rotated, "mistral3"),
    "olmo": Converted(MODEL_ARCH.OLMO, rotated),
    "qwen2": Converted(MODEL_ARCH.QWEN2),
    "qwen2_moe": Converted(MODEL_ARCH.QWEN2MOE),
    "qwen3": Converted(MODEL_ARCH.QWEN3),
    "qwen3_moe": Converted(MODEL_ARCH.QWEN3MOE),
    "gemma": Converted(MODEL_ARCH.GEMMA, raised),
    "gemma2": Converted(MODEL_ARCH.GEMMA2, raised),
    "gemma3_text": Converted(MODEL_ARCH.GEMMA3, raised),
    "olmo2": Converted(MODEL_ARCH.OLMO2),
    "olmoe": Converted(MODEL_ARCH.OLMOE),
    "phi3": Converted(MODEL_ARCH.PHI3),
    "glm4": Converted(MODEL_ARCH.GLM4),
}


def as_gguf(path: Path, listed: Listed, arrays: Arrays, made: Converted) -> Path:
    """The file that llama.cpp would make: its names, its order of rows, experts joined."""
    names = get_tensor_name_map(made.architecture, LAYERS)
    settings = listed.settings
    writer = GGUFWriter(path, made.said or made.architecture.name.lower())
    writer.add_head_count(settings["num_attention_heads"])
    writer.add_head_count_kv(settings.get("num_key_value_heads", settings["num_attention_heads"]))
    writer.add_key_length(settings.get("head_dim") or settings["hidden_size"] // settings["num_attention_heads"])
    writer.add_embedding_length(settings["hidden_size"])
    writer.add_feed_forward_length(settings["intermediate_size"])
    writer.add_block_count(LAYERS)
    experts: dict[str, list[np.ndarray]] = {}
    for name, array in arrays.items():
        before, cut, after = name.partition(".experts.")
        if cut:
            joined = f"{before}.experts.{after.partition('.')[2]}"
            experts.setdefault(joined, []).append(array)
            continue
        writer.add_tensor(name_of(names.get_name(name, (".weight", ".bias")), name), made.change(name, array, settings))
    for joined, several in experts.items():
        writer.add_tensor(name_of(names.get_name(joined, (".weight",)), joined), np.stack(several))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def name_of(found: str | None, name: str) -> str:
    assert found is not None, name
    return found


@pytest.mark.parametrize("name", GGUF)
def test_a_gguf_as_llama_cpp_makes_it_gives_the_rows_of_what_it_was_made_of(tmp_path: Path, name: str) -> None:
    listed = read_list(name)
    arrays = random_weights(listed)

    made = rows(as_gguf(tmp_path / "m.gguf", listed, arrays, GGUF[name]), tmp_path / "a")
    source = rows(published(tmp_path / "source", listed, arrays), tmp_path / "b")

    assert len(made) == len(source) > 0
    if GGUF[name].change is raised:  # a gain plus one is rounded anew, so that its bytes are others
        gains = source["role"].str.contains("norm")
        close, made, source = (made[gains], source[gains]), made[~gains], source[~gains]
        columns = ["mean", "std", "frobenius"]
        assert np.allclose(close[0][columns], close[1][columns], rtol=1e-6, atol=0)
    pd.testing.assert_frame_equal(made, source, check_exact=True)


@pytest.mark.parametrize("name", ["llama", "gpt2", "bert", "phi3", "internlm2", "deepseek_v3", *FROM_CODE])
@pytest.mark.parametrize("write", [write_zip, write_old])
def test_files_of_pytorch_give_the_rows_of_safetensors(tmp_path: Path, name: str, write: Callable[..., None]) -> None:
    listed = read_list(name)
    arrays = random_weights(listed)
    source = published(tmp_path / "source", listed, arrays)
    other = tmp_path / "other"
    other.mkdir()
    write(other / "pytorch_model.bin", *state_of(arrays))
    (other / "config.json").write_bytes((source / "config.json").read_bytes())

    pd.testing.assert_frame_equal(rows(other, tmp_path / "a"), rows(source, tmp_path / "b"), check_exact=True)


TABLES = ("embed", "wte", "wpe", "position", "relative_attention_bias", "shared.weight")  # in the names of embeddings
STORED_TURNED = {"gpt2": ("c_attn.weight", "c_proj.weight", "c_fc.weight")}
STORED_TURNED["openai-gpt"] = STORED_TURNED["gpt2"]


@pytest.mark.parametrize("name", CASES)
def test_an_onnx_file_as_pytorch_exports_it_gives_the_numbers_of_what_was_exported(tmp_path: Path, name: str) -> None:
    listed = read_list(name)
    arrays = random_weights(listed)
    source = published(tmp_path / "source", listed, arrays)
    other = tmp_path / "other"
    other.mkdir()
    tables = [tensor for tensor in arrays if any(word in tensor for word in TABLES)]
    turned = [tensor for tensor in arrays if tensor.endswith(STORED_TURNED.get(name, ()))]
    (other / "model.onnx").write_bytes(exported_whole(arrays, tables, turned))
    (other / "config.json").write_bytes((source / "config.json").read_bytes())

    made, before = (rows(at, tmp_path / at.name / "out").drop(columns="sha256") for at in (other, source))
    pd.testing.assert_frame_equal(made, before, check_exact=True)  # the checksum is of bytes, which lie the other way


NATIVE = {
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "mlp.gate_proj": "feed_forward.w1",
    "mlp.up_proj": "feed_forward.w3",
    "mlp.down_proj": "feed_forward.w2",
    "input_layernorm": "attention_norm",
    "post_attention_layernorm": "ffn_norm",
    "embed_tokens": "tok_embeddings",
    "lm_head": "output",
}
PARAMS = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "num_attention_heads": "n_heads",
    "num_key_value_heads": "n_kv_heads",
    "intermediate_size": "hidden_dim",
    "head_dim": "head_dim",
}


@pytest.mark.parametrize("name", ["llama", "mistral"])
def test_a_makers_own_format_gives_the_rows_of_what_was_made_of_it(tmp_path: Path, name: str) -> None:
    listed = read_list(name)
    arrays = random_weights(listed)
    native = tmp_path / "native"
    native.mkdir()
    (native / "params.json").write_text(json.dumps({PARAMS[key]: listed.settings[key] for key in PARAMS}))
    held = {}
    for full, array in arrays.items():
        stem = full.removeprefix("model.")
        for theirs, ours in NATIVE.items():
            stem = stem.replace(theirs, ours)
        held[stem] = rotated(full, array, listed.settings)
    save_file(held, native / "consolidated.safetensors")

    source = rows(published(tmp_path / "source", listed, arrays), tmp_path / "b")
    pd.testing.assert_frame_equal(rows(native, tmp_path / "a"), source, check_exact=True)


def test_heads_of_a_copy_in_another_format_are_the_same_heads(tmp_path: Path) -> None:
    listed = read_list("llama")
    arrays = random_weights(listed)
    source = published(tmp_path / "source", listed, arrays)
    copy = as_gguf(tmp_path / "m.gguf", listed, arrays, GGUF["llama"])
    where = [f"--recorded-{side}=hub:me/{side}@1" for side in "ab"]

    asked = ["--model-a=me/a", "--model-b=me/b", *where, "--data", str(tmp_path), "--quiet", "--down", "--heads"]
    assert match([str(source), str(copy), *asked]) == 0

    (record,) = (tmp_path / "matches").glob("*.toml")
    heads = record.read_text().partition("[heads]")[2].partition("[residual]")[0]
    assert "delta_quartiles = [1.0, 1.0, 1.0]" in heads


@pytest.mark.parametrize("groups", [[2, 4], [4, 2]])
def test_heads_of_keys_by_layer_are_read_and_matched_by_layer(tmp_path: Path, groups: list[int]) -> None:
    listed = read_list("qwen3")
    wide = listed.settings["head_dim"]
    for side, seed in (("a", 1), ("b", 1)):
        arrays = random_weights(listed, seed)
        for layer, count in enumerate(groups):
            for role in ("k_proj", "v_proj"):
                name = f"model.layers.{layer}.self_attn.{role}.weight"
                arrays[name] = np.random.default_rng(layer).normal(size=(count * wide, 64)).astype(np.float32)
        by_layer = replace(listed, settings={**listed.settings, "num_key_value_heads": groups})
        as_gguf(tmp_path / f"{side}.gguf", by_layer, arrays, GGUF["qwen3"])

    where = [f"--recorded-{side}=hub:me/{side}@1" for side in "ab"]
    asked = ["--model-a=me/a", "--model-b=me/b", *where, "--data", str(tmp_path), "--quiet", "--heads"]
    assert match([str(tmp_path / "a.gguf"), str(tmp_path / "b.gguf"), *asked]) == 0

    (record,) = (tmp_path / "matches").glob("*.toml")
    heads = record.read_text().partition("[heads]")[2].partition("[residual]")[0]
    assert "delta_quartiles = [1.0, 1.0, 1.0]" in heads


def test_rows_in_the_order_of_pairs_are_refused_where_nothing_says_how_many_heads_there_are(tmp_path: Path) -> None:
    listed = read_list("llama")
    path = tmp_path / "m.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", random_weights(listed)["model.layers.0.self_attn.q_proj.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    with (
        pytest.raises(CheckpointError, match="nothing says how its rows make heads"),
        open_checkpoint(str(path)) as one,
    ):
        plan_checkpoint(one, None)


def test_gate_and_up_in_one_under_the_name_of_up_are_refused_where_no_table_says_so(tmp_path: Path) -> None:
    listed = read_list("phi3")
    path = as_gguf(tmp_path / "m.gguf", listed, random_weights(listed), Converted(MODEL_ARCH.PHI3, said="plamo2"))

    with pytest.raises(CheckpointError, match="gate and up may be in one"), open_checkpoint(str(path)) as one:
        plan_checkpoint(one, None)

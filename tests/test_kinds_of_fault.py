"""Kinds of checkpoint that were once measured wrong in silence, each from a small generator, with the right value."""

import json
from collections.abc import Mapping
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.arrays import StoredMatrix
from lineage.measuring.checkpoint import Planned, plan_checkpoint

WIDTH, HEADS, WIDE, UNITS, EXPERTS = 32, 4, 8, 48, 3
Arrays = dict[str, np.ndarray]


def normal(*shape: int, seed: int = 5, std: float = 0.05) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) * std).astype(np.float32)


def attention(layer: int = 0) -> Arrays:
    stem = f"model.layers.{layer}.self_attn"
    return {f"{stem}.{role}_proj.weight": normal(WIDTH, WIDTH, seed=at) for at, role in enumerate("qkvo")}


def read(
    folder: Path, arrays: Arrays, config: Mapping[str, object]
) -> tuple[Planned, dict[tuple[str, str], np.ndarray]]:
    """The plan, and what is read of layer 0 by role and expert."""
    folder.mkdir(exist_ok=True)
    save_file(arrays, folder / "model.safetensors")
    said = {"num_attention_heads": HEADS, "num_key_value_heads": HEADS, "head_dim": WIDE, "hidden_size": WIDTH}
    (folder / "config.json").write_text(json.dumps(said | config))
    with open_checkpoint(str(folder)) as checkpoint:
        planned = plan_checkpoint(checkpoint, None)
        found = {
            (part.place.role, part.place.expert): StoredMatrix(checkpoint.files[0], one.tensor, part).read()
            for one in planned.plan.wanted
            for part in one.parts
            if part.place.layer == 0
        }
    return planned, found


@pytest.mark.parametrize("model_type", ["qwen3_next", "qwen3_5_text"])
def test_a_gate_in_the_matrix_of_queries_is_no_query(tmp_path: Path, model_type: str) -> None:
    query, gate = normal(HEADS, WIDE, WIDTH), normal(HEADS, WIDE, WIDTH, seed=6, std=0.2)
    arrays = attention() | {"model.layers.0.mlp.up_proj.weight": normal(UNITS, WIDTH)}
    arrays["model.layers.0.self_attn.q_proj.weight"] = np.concatenate([query, gate], axis=1).reshape(-1, WIDTH)

    _, found = read(tmp_path / "m", arrays, {"model_type": model_type})

    assert np.array_equal(found["q", ""], query.reshape(-1, WIDTH))
    assert found["q", ""].std() == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("model_type", ["gemma", "gemma2", "gemma3_text", "nemotron"])
def test_a_gain_that_is_stored_less_one_is_read_whole(tmp_path: Path, model_type: str) -> None:
    stored = normal(WIDTH)

    _, found = read(
        tmp_path / "m", attention() | {"model.layers.0.input_layernorm.weight": stored}, {"model_type": model_type}
    )

    assert np.allclose(found["attention_norm", ""].ravel(), 1 + stored)


def test_the_norm_before_the_mlp_of_openpangu_ultra_is_not_that_after_attention(tmp_path: Path) -> None:
    before, after = normal(WIDTH, seed=1), normal(WIDTH, seed=2)
    arrays = attention() | {
        "model.layers.0.pre_mlp_layernorm.weight": before,
        "model.layers.0.post_attention_layernorm.weight": after,
    }

    _, found = read(tmp_path / "m", arrays, {"model_type": "pangu_ultra_moe"})

    assert np.array_equal(found["mlp_norm", ""].ravel(), before)
    assert np.array_equal(found["attention_post_norm", ""].ravel(), after)


def test_gpt_neo_has_the_names_of_gpt_2_and_not_its_orientation(tmp_path: Path) -> None:
    stem = "transformer.h.0"
    up = normal(UNITS, WIDTH)
    arrays = {f"{stem}.attn.attention.{role}.weight": normal(WIDTH, WIDTH) for role in ("q_proj", "k_proj", "v_proj")}
    arrays |= {f"{stem}.attn.attention.out_proj.weight": normal(WIDTH, WIDTH), f"{stem}.mlp.c_fc.weight": up}
    arrays[f"{stem}.mlp.c_proj.weight"] = normal(WIDTH, UNITS)

    _, found = read(tmp_path / "m", arrays, {"model_type": "gpt_neo", "num_heads": HEADS})

    assert np.array_equal(found["up", ""], up)


@pytest.mark.parametrize("model_type", ["llama4_text", "llama4"])
def test_experts_joined_as_in_and_out_are_read(tmp_path: Path, model_type: str) -> None:
    both, down = normal(EXPERTS, WIDTH, 2 * UNITS), normal(EXPERTS, UNITS, WIDTH)
    stem = "model.layers.0.feed_forward"
    arrays = attention() | {f"{stem}.experts.gate_up_proj": both, f"{stem}.experts.down_proj": down}

    planned, found = read(tmp_path / "m", arrays, {"model_type": model_type})

    for expert in range(EXPERTS):
        assert np.array_equal(found["gate", str(expert)], both[expert].T[:UNITS])
        assert np.array_equal(found["up", str(expert)], both[expert].T[UNITS:])
        assert np.array_equal(found["down", str(expert)], down[expert].T)
    assert planned.plan.unplaced == 0


NAMES = ("weight_scale", "weight_scale_inv", "scale_weight", "weight.scale", "qscale_weight", "w_scale", "scale")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2, np.int8])
def test_a_scale_is_applied_under_any_of_its_names(tmp_path: Path, name: str, dtype: type) -> None:
    stored = (normal(WIDTH, WIDTH, std=30)).astype(dtype)
    arrays = attention() | {"model.layers.0.self_attn.q_proj.weight": stored}
    arrays[f"model.layers.0.self_attn.q_proj.{name}"] = np.array([0.002], np.float32)

    _, found = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert np.allclose(found["q", ""], stored.astype(np.float32) * np.float32(0.002))


@pytest.mark.parametrize("name", ["weight_scale_of_another_kind", "zz_scale", "scale_second"])
def test_eight_bits_with_a_scale_that_is_not_understood_are_not_read(tmp_path: Path, name: str) -> None:
    arrays = attention() | {"model.layers.0.self_attn.q_proj.weight": np.ones((32, 32), ml_dtypes.float8_e4m3fn)}
    arrays[f"model.layers.0.self_attn.q_proj.{name}"] = np.array([0.002], np.float32)

    planned, found = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert found == {}
    assert f"has a scale beside it that is not understood here: model.layers.0.self_attn.q_proj.{name}" in str(
        planned.plan.not_testable
    )


@pytest.mark.parametrize("dtype", ["F8_E8M0", "F4", "C64", "F6_E2M3"])
def test_a_type_that_is_not_read_is_no_damage_where_nothing_needs_it(tmp_path: Path, dtype: str) -> None:
    save_file(attention() | {"model.layers.0.indexer.scale": np.ones(8, np.uint8)}, tmp_path / "x.safetensors")
    content = (tmp_path / "x.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    bits = {"F8_E8M0": 8, "F4": 4, "C64": 64, "F6_E2M3": 6}[dtype]
    header["model.layers.0.indexer.scale"] |= {"dtype": dtype, "shape": [64 // bits] if 64 % bits == 0 else [10]}
    text = json.dumps(header).encode()
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))

    with open_checkpoint(str(folder)) as checkpoint:
        planned = plan_checkpoint(checkpoint, None)

    assert len(planned.plan.wanted) == 4
    assert planned.plan.left_out == ("model.layers.*.indexer.scale",)

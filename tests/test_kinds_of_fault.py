"""Kinds of checkpoint that were once measured wrong in silence, each from a small generator, with the right value."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from safetensors.numpy import save_file

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.storage.arrays import StoredMatrix
from lineage.measuring.checkpoint import Planned, plan_checkpoint
from lineage.measuring.plan import stored_numbers

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


BESIDE = ("weight_quantizer._scale", "weight_quantizer._amax", "dequant.factor", "weight_s", "smooth_scale", "wscale")


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_in_the_module_of_eight_bits_and_is_not_understood_keeps_them_from_being_read(
    tmp_path: Path, name: str
) -> None:
    stem = "model.layers.0.self_attn.q_proj"
    arrays = attention() | {f"{stem}.weight": np.ones((32, 32), ml_dtypes.float8_e4m3fn), f"{stem}.bias": normal(32)}
    arrays[f"{stem}.{name}"] = np.array([0.002], np.float32)

    planned, found = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert found == {}
    assert f"beside it that is not understood here: {stem}.{name}" in str(planned.plan.not_testable)


def test_scales_in_a_tree_of_their_own_are_seen(tmp_path: Path) -> None:
    stem = "model.layers.0.self_attn.q_proj"
    arrays = attention() | {f"{stem}.weight": np.ones((32, 32), ml_dtypes.float8_e4m3fn)}
    arrays[f"scales.{stem}"] = np.array([0.002], np.float32)

    planned, _ = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert f"not understood here: scales.{stem}" in str(planned.plan.not_testable)


@pytest.mark.parametrize(("offset", "is_read"), [(0, True), (3, False)])
def test_an_offset_of_the_weights_is_applied_as_nothing_or_refused(
    tmp_path: Path, offset: int, *, is_read: bool
) -> None:
    stem = "model.layers.0.self_attn.q_proj"
    arrays = attention() | {f"{stem}.weight": np.full((32, 32), 7, np.int8)}
    arrays |= {f"{stem}.weight_scale": np.full((32, 1), 0.5, np.float32)}
    arrays |= {f"{stem}.weight_offset": np.full((32, 1), offset, np.float32)}

    planned, found = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert ("q", "") in found if is_read else "weight_offset" in str(planned.plan.not_testable)
    assert not is_read or found["q", ""].max() == 3.5


def test_floats_of_eight_bits_without_a_scale_are_read_and_the_record_says_so(tmp_path: Path) -> None:
    arrays = attention() | {"model.layers.0.self_attn.q_proj.weight": np.ones((32, 32), ml_dtypes.float8_e4m3fn)}

    planned, found = read(tmp_path / "m", arrays, {"model_type": "llama"})

    assert found["q", ""].max() == 1
    said = {one.type: one.unscaled for one in stored_numbers(planned.plan.wanted)}
    assert said == {"F8_E4M3": True, "F32": False}


def gguf_with_scale(path: Path, array: np.ndarray, scale: np.ndarray, name: str) -> np.ndarray:
    """A GGUF of one layer with a scale beside a matrix; what is read of it."""
    writer = GGUFWriter(path, "qwen3")
    stored = {role: normal(WIDTH, WIDTH) for role in ("attn_q", "attn_k", "attn_v", "attn_output")}
    for role, one in stored.items():
        if role != name:
            writer.add_tensor(f"blk.0.{role}.weight", one)
    kind = GGMLQuantizationType.NVFP4 if array.dtype == np.uint8 else None
    writer.add_tensor(f"blk.0.{name}.weight", array, raw_dtype=kind)
    writer.add_tensor(f"blk.0.{name}.scale", scale)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open_checkpoint(str(path)) as checkpoint:
        wanted = plan_checkpoint(checkpoint, None).plan.wanted
        parts = [(one, part) for one in wanted for part in one.parts if one.tensor.name == f"blk.0.{name}.weight"]
        return np.stack([StoredMatrix(checkpoint.files[0], one.tensor, part).read() for one, part in parts])


def test_a_scale_beside_nvfp4_in_gguf_is_applied(tmp_path: Path) -> None:
    bytes_of = np.random.default_rng(3).integers(0, 120, (WIDTH, 36)).astype(np.uint8)  # blocks of 64 numbers
    alone = gguf_with_scale(tmp_path / "1.gguf", bytes_of, np.array([1], np.float32), "ffn_down")

    scaled = gguf_with_scale(tmp_path / "2.gguf", bytes_of, np.array([0.25], np.float32), "ffn_down")

    assert alone.std() > 0
    assert np.allclose(scaled, alone / 4)


@pytest.mark.parametrize("scale", [np.array([0.5], np.float32), np.array([0.5, 2, 4], np.float32)])
def test_a_scale_beside_any_type_in_gguf_is_applied_to_each_expert(tmp_path: Path, scale: np.ndarray) -> None:
    stacked = normal(3, UNITS, WIDTH)
    array = stacked if scale.size > 1 else normal(WIDTH, WIDTH)

    found = gguf_with_scale(tmp_path / "m.gguf", array, scale, "ffn_up_exps" if scale.size > 1 else "attn_k")

    assert np.allclose(found, array * scale.reshape(-1, *[1] * (array.ndim - 1)))


def encoders(text: int, image: int) -> Arrays:
    names = {"text_model": (text, 16), "vision_model": (image, 24)}
    return {
        f"{stack}.encoder.layers.{layer}.self_attn.{role}.weight": normal(width, width)
        for stack, (layers, width) in names.items()
        for layer in range(layers)
        for role in ("q_proj", "k_proj", "v_proj", "out_proj")
    }


def said_of_encoders(text: int, image: int) -> dict[str, object]:
    sizes = {"num_attention_heads": 4, "num_hidden_layers": text, "hidden_size": 16}
    images = {"num_attention_heads": 6, "num_hidden_layers": image, "hidden_size": 24}
    return {"model_type": "clip", "text_config": sizes, "vision_config": images}


def blocks(encoder: int, decoder: int) -> Arrays:
    return {
        f"{stack}.block.{layer}.layer.0.SelfAttention.{role}.weight": normal(WIDTH, WIDTH)
        for stack, layers in (("encoder", encoder), ("decoder", decoder))
        for layer in range(layers)
        for role in "qkvo"
    }


def said_of_blocks(encoder: int, decoder: int) -> dict[str, object]:
    return {"model_type": "t5", "d_model": WIDTH, "num_layers": encoder, "num_decoder_layers": decoder, "num_heads": 4}


@pytest.mark.parametrize(("make", "said"), [(encoders, said_of_encoders), (blocks, said_of_blocks)])
def test_each_stack_of_a_model_has_as_many_layers_as_is_said_of_it(
    tmp_path: Path, make: Callable[[int, int], Arrays], said: Callable[[int, int], dict[str, object]]
) -> None:
    def layers(first: int, second: int) -> list[int]:
        folder = tmp_path / f"{first}-{second}"
        folder.mkdir()
        save_file(make(first, second), folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(said(2, 4)))
        with open_checkpoint(str(folder)) as checkpoint:
            wanted = plan_checkpoint(checkpoint, None).plan.wanted
        places = {(part.place.stack, part.place.layer) for one in wanted for part in one.parts}
        return sorted(Counter(stack for stack, _ in places).values())

    assert layers(2, 4) == [2, 4]
    for first, second in ((1, 4), (2, 3), (2, 5), (3, 4)):
        with pytest.raises(CheckpointError, match="layers, the files hold"):
            layers(first, second)


@pytest.mark.parametrize("model_type", ["", "of-nobody"])
def test_a_gate_among_queries_is_refused_where_no_configuration_says_of_heads(tmp_path: Path, model_type: str) -> None:
    arrays = attention() | {"model.layers.0.self_attn.q_proj.weight": normal(2 * WIDTH, WIDTH)}
    folder = tmp_path / "m"
    folder.mkdir()
    save_file(arrays, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))

    with pytest.raises(CheckpointError, match="q has 64 rows and o 32 columns"), open_checkpoint(str(folder)) as opened:
        plan_checkpoint(opened, None)


@pytest.mark.parametrize(
    ("config", "gain"),
    [
        ({"model_type": "of-nobody", "text_config": {"model_type": "gemma"}}, 1.25),
        ({"model_type": "of-nobody", "text_config": {"model_type": "llama"}}, 0.25),
        ({"model_type": "of-nobody"}, None),
        ({}, None),
    ],
)
def test_a_gain_is_read_only_where_something_says_whether_it_is_stored_less_one(
    tmp_path: Path, config: dict[str, object], gain: float | None
) -> None:
    arrays = attention() | {"model.layers.0.input_layernorm.weight": np.full(WIDTH, 0.25, np.float32)}

    planned, found = read(tmp_path / "m", arrays, config)

    assert ("q", "") in found
    assert planned.plan.partial == ""
    if gain is None:
        assert ("attention_norm", "") not in found
        assert any("no configuration says whether it is stored less one" in line for line in planned.plan.left_out)
    else:
        assert found["attention_norm", ""].max() == gain

"""Every list in tests/names/ is understood whole: each tensor has its place or is named as one that has none."""

import math
from collections import Counter
from dataclasses import replace
from fnmatch import fnmatch

import numpy as np
import pytest

from experiments.name_lists.module_check import cut
from experiments.name_lists.tiny_models import LISTS
from lineage.checkpoints.config import Config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.parts import find_parts
from lineage.checkpoints.tensors import Tensor
from lineage.measuring.plan import plan_measurement
from name_lists import CASES, FROM_CODE, NAMES, expected_places, expected_shape, read_list

JOINED = (
    "gpt_oss",
    "granitemoe",
    "granitemoehybrid",
    "llama4_text",
)  # published with experts joined, which only a stated type says how to read
# Whose names alone fit several tables, or hold what no table reads: not guessed.
NEED_A_TYPE = (
    *("apertus", "bart", "bloom", "deberta", "deepseek_v32", "falcon", "gemma3n_text", "gemma4_text", "gpt_bigcode"),
    *("mbart", "openai-gpt", "opt", "opt-norms-after", "t5", "whisper"),
)


def numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def test_every_list_is_expected_and_can_be_made_again() -> None:
    assert {file.stem for file in NAMES.glob("*.csv")} == set(CASES)
    assert {file.stem for file in NAMES.glob("*.json")} == set(CASES)
    assert set(CASES) == {*LISTS, *FROM_CODE}


@pytest.mark.parametrize("name", CASES)
def test_a_list_is_understood_whole(name: str) -> None:
    listed, case = read_list(name), CASES[name]

    places = [part.place for parts in listed.parts.values() for part in parts]
    unknown = [one for one, parts in listed.parts.items() if not parts]

    assert listed.family.name == case.family
    assert Counter(places) == Counter(expected_places(case, tuple(listed.family.layers)))
    assert [one for one in unknown if not any(fnmatch(one, pattern) for pattern in case.unknown)] == []
    assert [pattern for pattern in case.unknown if not any(fnmatch(one, pattern) for one in unknown)] == []


@pytest.mark.parametrize("name", CASES)
def test_parts_have_the_shapes_that_the_configuration_says_and_add_up_to_the_whole(name: str) -> None:
    listed = read_list(name)

    for tensor, parts in listed.parts.items():
        whole = numbers(listed.shapes[tensor])
        cuts = {part.place: cut(whole, part) for part in parts}
        for place, piece in cuts.items():
            assert piece.shape == (expected_shape(place, listed.settings) or piece.shape), (tensor, place)
        if parts:
            assert np.array_equal(np.sort(np.concatenate([piece.ravel() for piece in cuts.values()])), whole.ravel())


@pytest.mark.parametrize(
    "name", [name for name in CASES if not name.endswith("-joined") and name not in (*JOINED, *NEED_A_TYPE)]
)
def test_names_alone_lead_to_the_same_places(name: str) -> None:
    listed = read_list(name)

    unnamed = replace(listed, config=replace(listed.config, model_type=""))
    guessed = replace(unnamed, family=find_family(listed.shapes, unnamed.config))

    assert guessed.parts == listed.parts


@pytest.mark.parametrize("name", NEED_A_TYPE)
def test_names_that_do_not_tell_the_family_are_refused_without_a_type(name: str) -> None:
    listed = read_list(name)
    unnamed = replace(listed.config, model_type="")

    tensors = [Tensor("m", one, shape, "F32", Span(0, 4 * math.prod(shape))) for one, shape in listed.shapes.items()]

    with pytest.raises(CheckpointError):
        plan_measurement(tensors, unnamed)


def split_apart(name: str, role: str, whole: np.ndarray) -> list[np.ndarray]:
    """The parts of a fused matrix in NumPy, from how each family's code reshapes what it computes."""
    heads, groups, wide = 4, 2, 16
    if role == "gate+up":
        return list(whole.reshape(2, -1, whole.shape[-1]))
    if role == "q+q_gate":
        return [part.reshape(-1, whole.shape[-1]) for part in np.split(whole.reshape(heads, 2 * 24, -1), 2, axis=1)]
    if name in ("gpt2", "openai-gpt"):
        return [part.T for part in np.split(whole, 3, axis=-1)]
    if name == "phi3":
        return np.split(whole, [heads * wide, (heads + groups) * wide])
    if name == "falcon":  # one key for all heads
        return np.split(whole, [heads * wide, (heads + 1) * wide])
    if name in ("qwen", "mpt", "modernbert"):
        return np.split(whole, 3)
    rest = whole.shape[1:]
    if name in ("gpt_neox", "bloom", "deberta"):
        grouped = whole.reshape(heads, 3, wide, *rest)
        return [grouped[:, at].reshape(-1, *rest) for at in range(3)]
    grouped = whole.reshape(groups, heads // groups + 2, wide, *rest)
    return [grouped[:, at].reshape(-1, *rest) for at in (slice(0, -2), -2, -1)]


FUSED = [
    ("phi3", "model.layers.1.self_attn.qkv_proj.weight", "q+k+v"),
    ("phi3", "model.layers.1.mlp.gate_up_proj.weight", "gate+up"),
    ("glm", "model.layers.1.mlp.gate_up_proj.weight", "gate+up"),
    ("glm4", "model.layers.1.mlp.gate_up_proj.weight", "gate+up"),
    ("gpt2", "transformer.h.1.attn.c_attn.weight", "q+k+v"),
    ("gpt2", "transformer.h.1.attn.c_attn.bias", "q+k+v"),
    ("qwen", "transformer.h.1.attn.c_attn.weight", "q+k+v"),
    ("qwen", "transformer.h.1.attn.c_attn.bias", "q+k+v"),
    ("gpt_neox", "gpt_neox.layers.1.attention.query_key_value.weight", "q+k+v"),
    ("gpt_neox", "gpt_neox.layers.1.attention.query_key_value.bias", "q+k+v"),
    ("internlm2", "model.layers.1.attention.wqkv.weight", "q+k+v"),
    ("bloom", "transformer.h.1.self_attention.query_key_value.weight", "q+k+v"),
    ("bloom", "transformer.h.1.self_attention.query_key_value.bias", "q+k+v"),
    ("deberta", "deberta.encoder.layer.1.attention.self.in_proj.weight", "q+k+v"),
    ("falcon", "transformer.h.1.self_attention.query_key_value.weight", "q+k+v"),
    ("falcon-new", "transformer.h.1.self_attention.query_key_value.weight", "q+k+v"),
    ("mpt", "transformer.blocks.1.attn.Wqkv.weight", "q+k+v"),
    ("modernbert", "model.layers.1.attn.Wqkv.weight", "q+k+v"),
    ("modernbert", "model.layers.1.mlp.Wi.weight", "gate+up"),
    ("granitemoehybrid", "model.layers.1.shared_mlp.input_linear.weight", "gate+up"),
    ("openai-gpt", "transformer.h.1.attn.c_attn.weight", "q+k+v"),
    ("qwen3_next", "model.layers.1.self_attn.q_proj.weight", "q+q_gate"),
    ("qwen3_5_text", "model.layers.1.self_attn.q_proj.weight", "q+q_gate"),
]


@pytest.mark.parametrize(("name", "tensor", "roles"), FUSED)
def test_a_fused_matrix_is_cut_as_its_family_lays_it_out(name: str, tensor: str, roles: str) -> None:
    listed = read_list(name)
    whole = numbers(listed.shapes[tensor])
    bias = "_bias" if whole.ndim == 1 else ""

    cuts = {part.place.role: cut(whole, part) for part in listed.parts[tensor]}

    for role, exact in zip(roles.split("+"), split_apart(name, roles, whole), strict=True):
        assert np.array_equal(cuts[f"{role}{bias}"], exact), role


@pytest.mark.parametrize("name", ["mixtral-joined", "qwen3_moe-joined", "deepseek_v3-joined"])
def test_joined_experts_are_cut_by_expert_and_by_role(name: str) -> None:
    listed = read_list(name)
    both, down = (f"model.layers.1.mlp.experts.{kind}_proj" for kind in ("gate_up", "down"))

    cuts = {
        (part.place.role, part.place.expert): cut(numbers(listed.shapes[tensor]), part)
        for tensor in (both, down)
        for part in listed.parts[tensor]
    }

    experts, rows, _ = listed.shapes[both]
    assert len(cuts) == 3 * experts
    for expert in range(experts):
        assert np.array_equal(cuts["gate", str(expert)], numbers(listed.shapes[both])[expert, : rows // 2])
        assert np.array_equal(cuts["up", str(expert)], numbers(listed.shapes[both])[expert, rows // 2 :])
        assert np.array_equal(cuts["down", str(expert)], numbers(listed.shapes[down])[expert])


def test_joined_experts_of_a_family_that_is_not_stated_are_left_alone() -> None:
    listed = read_list("qwen3_moe-joined")

    for config in (Config(), Config(model_type="gpt_oss")):
        assert find_parts("model.layers.1.mlp.experts.down_proj", (3, 64, 40), listed.family, config) == ()


LEFTOVERS = [
    ("deepseek_v3", "model.layers.2.self_attn.q_a_proj.weight", (28, 64)),  # a layer that predicts a further token
    ("deepseek_v3", "model.layers.2.mlp.experts.0.up_proj.weight", (40, 64)),
    ("deepseek_v3", "model.layers.2.enorm.weight", (64,)),
    ("deepseek_v3", "model.layers.2.eh_proj.weight", (64, 128)),
    ("deepseek_v3", "model.layers.2.shared_head.head.weight", (112, 64)),
    ("glm4_moe", "model.layers.2.self_attn.q_proj.weight", (96, 64)),
    ("gpt2", "h.0.attn.bias", (1, 1, 32, 32)),  # a mask
    ("gpt2", "h.0.attn.masked_bias", ()),
    ("gpt_neox", "gpt_neox.layers.0.attention.bias", (1, 1, 32, 32)),
    ("gpt_neox", "gpt_neox.layers.0.attention.masked_bias", ()),
    ("gpt_neox", "gpt_neox.layers.0.attention.rotary_emb.inv_freq", (2,)),
    ("llama", "model.layers.0.self_attn.rotary_emb.inv_freq", (12,)),
    ("qwen", "transformer.h.0.attn.masked_bias", ()),
    ("bert", "bert.embeddings.position_ids", (1, 32)),
    ("bert", "bert.pooler.dense.weight", (64, 64)),
    ("qwen3_moe", "model.layers.0.mlp.experts.gate_up_proj", (80, 64)),  # of one expert, or of all in a row?
    ("llama", "model.layers.0.self_attn.q_proj.weight", (2, 48, 64)),
]


@pytest.mark.parametrize(("name", "tensor", "shape"), LEFTOVERS)
def test_what_real_files_hold_besides_has_no_place(name: str, tensor: str, shape: tuple[int, ...]) -> None:
    listed = read_list(name)

    assert find_parts(tensor, shape, listed.family, listed.config) == ()


@pytest.mark.parametrize("model_type", ["", "llama"])
def test_a_checkpoint_without_a_known_name_shows_ten_of_them(model_type: str) -> None:
    names = [f"strange.{number}.weight" for number in range(12)]
    tensors = [Tensor("model.safetensors", name, (4, 4), "F32", Span(0, 64)) for name in names]

    with pytest.raises(CheckpointError) as error:
        plan_measurement(tensors, Config(model_type=model_type))

    assert str(error.value).endswith(f"knows these names: {', '.join(names[:10])}")

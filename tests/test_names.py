"""Names of tensors map to their place, fused matrices are cut as the configuration says, nothing is guessed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from lineage.checkpoints.config import Config, read_config
from lineage.checkpoints.families import check_families, known_families
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.names import Place
from lineage.checkpoints.parts import find_parts
from measure import main

BY_TYPE = {name: family for family in known_families() for name in family.model_types}
PLACES = [
    ("llama", "model.layers.3.self_attn.q_proj.weight", Place("decoder", 3, "q")),
    ("llama", "lm_head.weight", Place("decoder", None, "unembedding")),
    ("qwen2", "model.layers.0.self_attn.k_proj.bias", Place("decoder", 0, "k_bias")),
    ("qwen3", "model.layers.0.self_attn.q_norm.weight", Place("decoder", 0, "q_norm")),
    ("qwen2_moe", "model.layers.1.mlp.experts.59.down_proj.weight", Place("decoder", 1, "down", "59")),
    ("qwen2_moe", "model.layers.1.mlp.shared_expert.up_proj.weight", Place("decoder", 1, "up", "shared")),
    ("qwen2_moe", "model.layers.1.mlp.shared_expert_gate.weight", Place("decoder", 1, "shared_gate")),
    ("pangu_pro_moe", "model.layers.1.mlp.router_scale", Place("decoder", 1, "router_scale")),
    ("pangu_pro_moe", "model.layers.1.self_attn.o_proj.bias", Place("decoder", 1, "o_bias")),
    ("mixtral", "model.layers.2.block_sparse_moe.experts.7.w3.weight", Place("decoder", 2, "up", "7")),
    ("mixtral", "model.layers.2.block_sparse_moe.gate.weight", Place("decoder", 2, "router")),
    ("deepseek_v3", "model.layers.9.self_attn.kv_a_proj_with_mqa.weight", Place("decoder", 9, "kv_a")),
    ("deepseek_v3", "model.layers.9.mlp.gate.e_score_correction_bias", Place("decoder", 9, "router_bias")),
    ("gemma2", "model.layers.0.post_attention_layernorm.weight", Place("decoder", 0, "attention_post_norm")),
    ("llama", "model.layers.0.post_attention_layernorm.weight", Place("decoder", 0, "mlp_norm")),
    ("gemma3", "language_model.model.layers.0.mlp.up_proj.weight", Place("decoder", 0, "up")),
    ("internlm2", "model.layers.4.feed_forward.w3.weight", Place("decoder", 4, "up")),
    ("qwen", "transformer.h.5.mlp.w2.weight", Place("decoder", 5, "gate")),
    ("gpt_neox", "gpt_neox.layers.5.mlp.dense_4h_to_h.weight", Place("decoder", 5, "down")),
    ("bert", "bert.encoder.layer.3.attention.self.query.weight", Place("encoder", 3, "q")),
    ("bert", "encoder.layer.3.output.LayerNorm.gamma", Place("encoder", 3, "mlp_post_norm")),
    ("roberta", "roberta.embeddings.word_embeddings.weight", Place("encoder", None, "embedding")),
    ("mpnet", "encoder.layer.11.attention.attn.o.weight", Place("encoder", 11, "o")),
    ("bert", "inner.encoder.layer.3.attention.self.query.weight", Place("encoder", 3, "q")),
    ("bert", "model.0.auto_model.encoder.layer.3.attention.self.query.weight", Place("encoder", 3, "q")),
]
UNKNOWN = [
    ("llama", "model.layers.0.self_attn.rotary_emb.inv_freq"),
    ("llama", "model.layers.x.self_attn.q_proj.weight"),
    ("llama", "model.layers.0.self_attn.q_proj.weight_scale"),
    ("llama", "model.layers.0.self_attn.q_proj.qweight"),
    ("llama", "vision_tower.layers.0.self_attn.q_proj.weight"),
    ("bert", "bert.pooler.dense.weight"),
    ("bert", "cls.predictions.transform.dense.weight"),
]


@pytest.mark.parametrize(("model_type", "name", "place"), PLACES)
def test_a_name_maps_to_its_place(model_type: str, name: str, place: Place) -> None:
    shape = (4,) if "norm" in place.role or "bias" in place.role or place.role == "router_scale" else (4, 4)

    parts = find_parts(name, shape, BY_TYPE[model_type], Config())

    assert [part.place for part in parts] == [place]


@pytest.mark.parametrize("shape", [(8, 4), (8,)], ids=["matrix", "vector"])
def test_a_file_may_say_that_a_matrix_is_stored_the_other_way_round(shape: tuple[int, ...]) -> None:
    (part,) = find_parts("encoder.layer.3.output.dense.weight", shape, BY_TYPE["bert"], Config(), transposed=True)

    assert part.transposed == (len(shape) == 2)


@pytest.mark.parametrize(("model_type", "name"), UNKNOWN)
def test_a_name_that_no_table_knows_is_not_guessed(model_type: str, name: str) -> None:
    assert find_parts(name, (4, 4), BY_TYPE[model_type], Config()) == ()


def test_the_configuration_decides_between_families_that_share_names() -> None:
    names = ["transformer.h.0.attn.c_attn.weight"]

    assert find_family(names, Config(model_type="gpt2")).name == "GPT-2"
    assert find_family(names, Config(model_type="qwen")).name == "Qwen 1"


def test_names_that_no_family_knows_are_shown() -> None:
    with pytest.raises(CheckpointError, match=r"knows these names: strange\.0, strange\.1"):
        find_family(["strange.0", "strange.1"], Config())


def test_a_configuration_in_parts_and_in_words() -> None:
    config = read_config(
        {"model_type": "gemma3", "text_config": {"num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256}}
    )

    assert config == Config("gemma3", 4, 1, 256, stated_head_dim=256)
    assert read_config({"text_config": {"model_type": "gemma3_text"}}) == Config(text_type="gemma3_text")
    assert read_config({"n_head": 12, "n_embd": 768}) == Config("", 12, 12, 64, hidden=768)
    assert read_config({"num_attention_heads": "many"}) == Config()


HEADS, GROUPS, WIDE, HIDDEN = 4, 2, 8, 32


def fused(kind: str, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Query, key and value matrices, and the one matrix that a family keeps them in."""
    groups = HEADS if kind == "gpt_neox" else GROUPS
    parts = {
        "q": rng.normal(size=(HEADS * WIDE, HIDDEN)),
        "k": rng.normal(size=(groups * WIDE, HIDDEN)),
        "v": rng.normal(size=(groups * WIDE, HIDDEN)),
    }
    if kind in ("phi3", "qwen", "gpt2"):
        together = np.concatenate(list(parts.values()))
        return parts, together.T.copy() if kind == "gpt2" else together
    per_group = {name: part.reshape(groups, -1, HIDDEN) for name, part in parts.items()}
    return parts, np.concatenate(list(per_group.values()), axis=1).reshape(-1, HIDDEN)


FUSED = {
    "phi3": ("model.layers.{}.self_attn.qkv_proj.weight", "model.layers.{}.self_attn.o_proj.weight"),
    "qwen": ("transformer.h.{}.attn.c_attn.weight", "transformer.h.{}.attn.c_proj.weight"),
    "gpt2": ("h.{}.attn.c_attn.weight", "h.{}.attn.c_proj.weight"),
    "gpt_neox": ("gpt_neox.layers.{}.attention.query_key_value.weight", "gpt_neox.layers.{}.attention.dense.weight"),
    "internlm2": ("model.layers.{}.attention.wqkv.weight", "model.layers.{}.attention.wo.weight"),
}


@pytest.mark.parametrize("kind", FUSED)
def test_a_fused_matrix_gives_the_statistics_of_its_parts(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(11)
    parts, together = fused(kind, rng)
    out = rng.normal(size=(HIDDEN, HEADS * WIDE))
    name, output = (text.format(0) for text in FUSED[kind])
    stored = out.T.copy() if kind == "gpt2" else out
    save_file({name: together.astype(np.float32), output: stored.astype(np.float32)}, tmp_path / "m.safetensors")
    groups = HEADS if kind in ("gpt_neox", "gpt2", "qwen") else GROUPS
    if kind in ("gpt2", "qwen"):
        parts, together = fused_even(kind, rng)
        save_file({name: together.astype(np.float32), output: stored.astype(np.float32)}, tmp_path / "m.safetensors")
    (tmp_path / "config.json").write_text(
        f'{{"model_type": "{kind}", "num_attention_heads": {HEADS}, "num_key_value_heads": {groups}, '
        f'"hidden_size": {HIDDEN}, "head_dim": {WIDE}}}'
    )

    where = ["--model", "a/b", "--recorded", "hub:a/b", "--data", str(tmp_path / "out"), "--quiet"]
    assert main([str(tmp_path / "m.safetensors"), *where]) == 0

    table = pd.read_csv(tmp_path / "out" / "fingerprints" / "a_b.csv").set_index("role")
    for role, exact in {**parts, "o": out}.items():
        assert (table.loc[role, "rows"], table.loc[role, "cols"]) == exact.shape, role
        assert table.loc[role, "std"] == pytest.approx(exact.astype(np.float32).std(), rel=1e-6), role


def fused_even(kind: str, rng: np.random.Generator) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The same where every head has its own key and value."""
    parts = {role: rng.normal(size=(HEADS * WIDE, HIDDEN)) for role in "qkv"}
    together = np.concatenate(list(parts.values()))
    return parts, together.T.copy() if kind == "gpt2" else together


def test_a_fused_matrix_without_a_configuration_says_what_is_missing() -> None:
    with pytest.raises(CheckpointError, match=r"put config\.json beside the file"):
        find_parts("model.layers.0.attention.wqkv.weight", (64, 32), BY_TYPE["internlm2"], Config())


def test_a_fused_matrix_that_does_not_fit_the_heads_is_refused() -> None:
    with pytest.raises(CheckpointError, match="do not fit the number of heads"):
        find_parts("model.layers.0.attention.wqkv.weight", (65, 32), BY_TYPE["internlm2"], Config("internlm2", 4, 2, 8))


def test_two_tables_for_one_type_are_told_apart_by_what_they_need() -> None:
    families = {family.id: family for family in known_families()}
    same = families["opt-norms-after"].model_copy(update={"id": "opt-again", "path": "data/families/opt-again.toml"})

    assert list(check_families(families)) == []
    (problem,) = check_families({**families, same.id: same})

    assert problem.path == same.path
    assert "'opt' is in 'opt-norms-after' too" in problem.message

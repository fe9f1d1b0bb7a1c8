"""Tensor names -> what each is for: small tables, one a family; fused matrices are cut by the configuration."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any

from lineage.checkpoints.files import CheckpointError


@dataclass(frozen=True)
class Place:
    """Where a tensor stands in a model."""

    stack: str  # "encoder" or "decoder"
    layer: int | None  # None outside the layers
    role: str  # q, k, v, o, gate, up, down, router, embedding, ...; q_bias, attention_norm, ... for vectors
    expert: str = ""  # its number, or "shared"


@dataclass(frozen=True)
class Part:
    """Some of a stored matrix, which is (out, in) unless transposed."""

    place: Place
    rows: tuple[tuple[int, int], ...] = ()  # ranges of stored rows; all where empty
    columns: tuple[int, int] | None = None  # a range of stored columns; all where None
    transposed: bool = False  # stored as (in, out)


@dataclass(frozen=True)
class Config:
    """What cutting a fused matrix needs to know, from config.json."""

    model_type: str = ""
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None


@dataclass(frozen=True)
class Family:
    """How the models of one family name their tensors.

    A role may be "q+k+v" (parts one after another), "qkv by head" (GPT-NeoX) or "qkv by group" (InternLM2).
    """

    name: str
    model_types: tuple[str, ...]
    stack: str
    layer: str  # what stands before the name in a layer, with the group "layer"
    roles: Mapping[str, str]  # in a layer, by the name without ".weight"; {e} stands for the number of an expert
    outside: Mapping[str, str]
    transposed: bool = False
    plain: Mapping[str, str] = field(default_factory=dict)  # whole names that do not end in ".weight" or ".bias"


_ATTENTION = {f"self_attn.{role}_proj": role for role in "qkvo"}
_MLP = {f"mlp.{role}_proj": role for role in ("gate", "up", "down")}
_EXPERTS = {
    f"mlp.{where}.{role}_proj": role
    for where in ("experts.{e}", "shared_expert", "shared_experts")
    for role in ("gate", "up", "down")
}
_NORMS = {
    "input_layernorm": "attention_norm",
    "post_attention_layernorm": "mlp_norm",
    "self_attn.q_norm": "q_norm",
    "self_attn.k_norm": "k_norm",
}
_OUTSIDE = {"embed_tokens": "embedding", "norm": "final_norm", "lm_head": "unembedding"}
_LLAMA = Family(
    name="Llama and its kind, dense or with experts",
    model_types=(
        "llama",
        "mistral",
        "qwen2",
        "qwen2_moe",
        "qwen3",
        "qwen3_moe",
        "gemma",
        "olmo",
        "olmoe",
        "pangu_pro_moe",
        "PanguProMoE",
    ),
    stack="decoder",
    layer=r"layers\.(?P<layer>\d+)\.",
    roles={**_ATTENTION, **_MLP, **_EXPERTS, **_NORMS, "mlp.gate": "router", "mlp.shared_expert_gate": "shared_gate"},
    outside=_OUTSIDE,
    plain={"mlp.router_scale": "router_scale", "mlp.gate.e_score_correction_bias": "router_bias"},
)
_MIXTRAL = {
    f"block_sparse_moe.experts.{{e}}.{name}": role for name, role in (("w1", "gate"), ("w3", "up"), ("w2", "down"))
}
_LATENT = {
    "self_attn.q_a_proj": "q_a",
    "self_attn.q_b_proj": "q_b",
    "self_attn.kv_a_proj_with_mqa": "kv_a",
    "self_attn.kv_b_proj": "kv_b",
    "self_attn.q_a_layernorm": "q_a_norm",
    "self_attn.kv_a_layernorm": "kv_a_norm",
}
_SANDWICH = {
    "input_layernorm": "attention_norm",
    "post_attention_layernorm": "attention_post_norm",
    "pre_feedforward_layernorm": "mlp_norm",
    "post_feedforward_layernorm": "mlp_post_norm",
}
_BERT = {
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "mlp_post_norm",
}
_BERT_OUTSIDE = {"embeddings.word_embeddings": "embedding", "embeddings.LayerNorm": "embedding_norm"}

FAMILIES = (
    _LLAMA,
    replace(
        _LLAMA,
        name="Mixtral",
        model_types=("mixtral",),
        roles={**_LLAMA.roles, **_MIXTRAL, "block_sparse_moe.gate": "router"},
    ),
    replace(
        _LLAMA, name="DeepSeek V2 and V3", model_types=("deepseek_v2", "deepseek_v3"), roles={**_LLAMA.roles, **_LATENT}
    ),
    replace(
        _LLAMA,
        name="Gemma 2 and 3",
        model_types=("gemma2", "gemma3", "gemma3_text"),
        roles={**_LLAMA.roles, **_SANDWICH},
    ),
    replace(_LLAMA, name="OLMo 2", model_types=("olmo2", "olmo3"), roles={**_LLAMA.roles, **_SANDWICH}),
    replace(
        _LLAMA,
        name="Phi-3",
        model_types=("phi3",),
        roles={
            **_NORMS,
            "self_attn.qkv_proj": "q+k+v",
            "self_attn.o_proj": "o",
            "mlp.gate_up_proj": "gate+up",
            "mlp.down_proj": "down",
        },
    ),
    replace(
        _LLAMA,
        name="GLM-4",
        model_types=("glm", "glm4"),
        roles={
            **_ATTENTION,
            **_NORMS,
            "post_self_attn_layernorm": "attention_post_norm",
            "post_mlp_layernorm": "mlp_post_norm",
            "mlp.gate_up_proj": "gate+up",
            "mlp.down_proj": "down",
        },
    ),
    replace(_LLAMA, name="GLM-4 with experts", model_types=("glm4_moe",)),
    Family(
        name="InternLM2",
        model_types=("internlm2",),
        stack="decoder",
        layer=r"layers\.(?P<layer>\d+)\.",
        roles={
            "attention.wqkv": "qkv by group",
            "attention.wo": "o",
            "feed_forward.w1": "gate",
            "feed_forward.w3": "up",
            "feed_forward.w2": "down",
            "attention_norm": "attention_norm",
            "ffn_norm": "mlp_norm",
        },
        outside={"tok_embeddings": "embedding", "norm": "final_norm", "output": "unembedding"},
    ),
    Family(
        name="Qwen 1",
        model_types=("qwen",),
        stack="decoder",
        layer=r"h\.(?P<layer>\d+)\.",
        roles={
            "attn.c_attn": "q+k+v",
            "attn.c_proj": "o",
            "mlp.w1": "up",
            "mlp.w2": "gate",
            "mlp.c_proj": "down",
            "ln_1": "attention_norm",
            "ln_2": "mlp_norm",
        },
        outside={"wte": "embedding", "ln_f": "final_norm", "lm_head": "unembedding"},
    ),
    Family(
        name="GPT-2",
        model_types=("gpt2",),
        stack="decoder",
        layer=r"h\.(?P<layer>\d+)\.",
        roles={
            "attn.c_attn": "q+k+v",
            "attn.c_proj": "o",
            "mlp.c_fc": "up",
            "mlp.c_proj": "down",
            "ln_1": "attention_norm",
            "ln_2": "mlp_norm",
        },
        outside={"wte": "embedding", "ln_f": "final_norm", "lm_head": "unembedding"},
        transposed=True,
    ),
    Family(
        name="GPT-NeoX",
        model_types=("gpt_neox",),
        stack="decoder",
        layer=r"layers\.(?P<layer>\d+)\.",
        roles={
            "attention.query_key_value": "qkv by head",
            "attention.dense": "o",
            "mlp.dense_h_to_4h": "up",
            "mlp.dense_4h_to_h": "down",
            "input_layernorm": "attention_norm",
            "post_attention_layernorm": "mlp_norm",
        },
        outside={"embed_in": "embedding", "final_layer_norm": "final_norm", "embed_out": "unembedding"},
    ),
    Family(
        name="BERT and RoBERTa",
        model_types=("bert", "roberta", "xlm-roberta"),
        stack="encoder",
        layer=r"encoder\.layer\.(?P<layer>\d+)\.",
        roles={
            "attention.self.query": "q",
            "attention.self.key": "k",
            "attention.self.value": "v",
            "attention.output.dense": "o",
            "attention.output.LayerNorm": "attention_post_norm",
            **_BERT,
        },
        outside=_BERT_OUTSIDE,
    ),
    Family(
        name="MPNet",
        model_types=("mpnet",),
        stack="encoder",
        layer=r"encoder\.layer\.(?P<layer>\d+)\.",
        roles={
            **{f"attention.attn.{role}": role for role in "qkvo"},
            "attention.LayerNorm": "attention_post_norm",
            **_BERT,
        },
        outside=_BERT_OUTSIDE,
    ),
)
_PREFIX = re.compile(r"^(?:(?:model|transformer|language_model|bert|roberta|mpnet|gpt_neox)\.)+")
_ENDINGS = {".weight": "", ".gamma": "", ".bias": "_bias", ".beta": "_bias"}


def read_config(content: Mapping[str, Any]) -> Config:
    """What cutting needs to know, from the content of config.json; a language model's part of it where there is one."""
    text = content.get("text_config")
    inner = {**content, **text} if isinstance(text, dict) else content

    def number(*names: str) -> int | None:
        return next((inner[name] for name in names if type(inner.get(name)) is int and inner[name] > 0), None)

    heads = number("num_attention_heads", "n_head")
    hidden = number("hidden_size", "n_embd")
    return Config(
        model_type=str(content.get("model_type", "")),
        heads=heads,
        kv_heads=number("num_key_value_heads") or heads,
        head_dim=number("head_dim") or (hidden // heads if hidden and heads else None),
    )


def find_family(names: Iterable[str], config: Config) -> Family:
    """The family of a checkpoint: as its configuration says, else the one whose table knows most of its names."""
    listed = list(names)
    for family in FAMILIES:
        if config.model_type in family.model_types:
            return family
    known = {family.name: sum(_place(name, family) is not None for name in listed) for family in FAMILIES}
    best = max(FAMILIES, key=lambda family: known[family.name])
    if not known[best.name]:
        raise CheckpointError(f"no table in checkpoints/names.py knows these names: {', '.join(listed[:10])}")
    return best


def find_parts(name: str, shape: tuple[int, ...], family: Family, config: Config) -> tuple[Part, ...]:
    """What a tensor holds: one part, several where it is fused, none where the family's table does not know it."""
    place = _place(name, family)
    if place is None or len(shape) not in (1, 2):
        return ()
    turned = family.transposed and len(shape) == 2 and place.layer is not None
    role, bias = (place.role.removesuffix("_bias"), "_bias") if place.role.endswith("_bias") else (place.role, "")
    if "+" not in role and " by " not in role:
        return (Part(place, transposed=turned),)
    size = shape[1] if turned else shape[0]
    return tuple(
        Part(
            replace(place, role=f"{part}{bias}"),
            rows=() if turned else ranges,
            columns=ranges[0] if turned else None,
            transposed=turned,
        )
        for part, ranges in _cuts(role, size, config, name)
    )


def _place(name: str, family: Family) -> Place | None:
    bare = _PREFIX.sub("", name)
    match = re.match(family.layer, bare)
    rest = bare[match.end() :] if match else bare
    layer = int(match["layer"]) if match else None
    if layer is not None and rest in family.plain:
        return Place(family.stack, layer, family.plain[rest])
    stem, dot, ending = rest.rpartition(".")
    suffix = _ENDINGS.get(f"{dot}{ending}")
    if suffix is None:
        return None
    if layer is None:
        role = family.outside.get(stem)
        return Place(family.stack, None, f"{role}{suffix}") if role else None
    expert = re.search(r"(?<=experts\.)\d+(?=\.)", stem)
    role = family.roles.get(re.sub(r"(?<=experts\.)\d+(?=\.)", "{e}", stem))
    number = expert.group() if expert else "shared" if ".shared_expert" in stem and not stem.endswith("_gate") else ""
    return Place(family.stack, layer, f"{role}{suffix}", number) if role else None


def _cuts(role: str, size: int, config: Config, name: str) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """The ranges of each part of a fused matrix with so many output rows."""
    if role == "gate+up":
        half, odd = divmod(size, 2)
        if odd:
            raise CheckpointError(f"{name}: has {size} rows, which gate and up cannot share evenly")
        return [("gate", ((0, half),)), ("up", ((half, size),))]
    if not (config.heads and config.kv_heads and config.head_dim):
        raise CheckpointError(f"{name}: is fused; put config.json beside the file, which says how many heads there are")
    group, odd = divmod(config.heads, config.kv_heads)
    wide = config.head_dim
    if odd or size != (config.heads + 2 * config.kv_heads) * wide:
        raise CheckpointError(f"{name}: has {size} rows, which do not fit the number of heads in config.json")
    if role == "q+k+v":
        ends = list(accumulate((config.heads * wide, config.kv_heads * wide, config.kv_heads * wide), initial=0))
        return [(part, (ends_of,)) for part, ends_of in zip("qkv", pairwise(ends), strict=True)]
    step = (group + 2) * wide  # one group of queries with its key and its value
    starts = range(0, size, step)
    lead = group * wide
    return [
        ("q", tuple((start, start + lead) for start in starts)),
        ("k", tuple((start + lead, start + lead + wide) for start in starts)),
        ("v", tuple((start + lead + wide, start + step) for start in starts)),
    ]

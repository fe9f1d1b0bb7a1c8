"""How the models of each family name their tensors: one small table a family."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


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
    stacked: Mapping[str, str] = field(default_factory=dict)  # whole names of (experts, out, in), for all experts


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
    stacked={"mlp.experts.gate_up_proj": "gate+up", "mlp.experts.down_proj": "down"},
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

_GGUF_ROLES = {
    "attn_q": "q",
    "attn_k": "k",
    "attn_v": "v",
    "attn_qkv": "q+k+v",
    "attn_output": "o",
    "attn_q_a": "q_a",
    "attn_q_b": "q_b",
    "attn_kv_a_mqa": "kv_a",
    "attn_kv_b": "kv_b",
    "attn_norm": "attention_norm",
    "attn_q_norm": "q_norm",
    "attn_k_norm": "k_norm",
    "post_attention_norm": "attention_post_norm",
    "ffn_norm": "mlp_norm",
    "post_ffw_norm": "mlp_post_norm",
    "ffn_gate_inp": "router",
    **{f"ffn_{role}{kind}": role for role in ("gate", "up", "down") for kind in ("", "_shexp")},
}
GGUF = Family(
    name="GGUF",
    model_types=(),
    stack="decoder",
    layer=r"blk\.(?P<layer>\d+)\.",
    roles=_GGUF_ROLES,
    outside={"token_embd": "embedding", "output_norm": "final_norm", "output": "unembedding"},
    stacked={f"ffn_{role}_exps.weight": role for role in ("gate", "up", "down")},
)

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
        outside={
            "embed_in": "embedding",
            "final_layer_norm": "final_norm",
            "embed_out": "unembedding",
            "lm_head": "unembedding",
        },
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
    Family(
        name="RoBERTa in fairseq",
        model_types=(),
        stack="encoder",
        layer=r"sentence_encoder\.layers\.(?P<layer>\d+)\.",
        roles={
            **{f"self_attn.{role}_proj": role for role in "qkv"},
            "self_attn.out_proj": "o",
            "self_attn_layer_norm": "attention_post_norm",
            "fc1": "up",
            "fc2": "down",
            "final_layer_norm": "mlp_post_norm",
        },
        outside={"sentence_encoder.embed_tokens": "embedding"},
    ),
    replace(GGUF, name="GGUF of Phi-3", model_types=("gguf:phi3",), roles={**_GGUF_ROLES, "ffn_up": "gate+up"}),
    replace(
        GGUF,
        name="GGUF of BERT",
        model_types=("gguf:bert", "gguf:nomic-bert", "gguf:jina-bert-v2"),
        stack="encoder",
        roles={**_GGUF_ROLES, "attn_output_norm": "attention_post_norm", "layer_output_norm": "mlp_post_norm"},
        outside={"token_embd": "embedding", "token_embd_norm": "embedding_norm"},
    ),
    GGUF,
)

"""The tensors of a control under their Hugging Face names: shapes, initial values, configuration."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from experiments.controls.plan import Run, Shape

Weights = dict[str, NDArray[np.float32]]

INITIAL_SD = 0.02


def tensor_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor, (out, in), in the order in which initial values are drawn."""
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    shapes: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (shape.vocabulary, shape.hidden)}
    for layer in range(shape.layers):
        inside = {
            "input_layernorm": (shape.hidden,),
            "self_attn.q_proj": (queries, shape.hidden),
            "self_attn.k_proj": (keys, shape.hidden),
            "self_attn.v_proj": (keys, shape.hidden),
            "self_attn.o_proj": (shape.hidden, queries),
            "post_attention_layernorm": (shape.hidden,),
            "mlp.gate_proj": (shape.ffn, shape.hidden),
            "mlp.up_proj": (shape.ffn, shape.hidden),
            "mlp.down_proj": (shape.hidden, shape.ffn),
        }
        shapes |= {f"model.layers.{layer}.{name}.weight": size for name, size in inside.items()}
    return shapes | {"model.norm.weight": (shape.hidden,), "lm_head.weight": (shape.vocabulary, shape.hidden)}


def initial_weights(shape: Shape, rng: np.random.Generator) -> Weights:
    """Weights before training: norm gains of one, all else normal with mean zero.

    What writes to the residual stream is drawn smaller by sqrt(2 layers), as GPT-2 does.
    """
    weights: Weights = {}
    for name, size in tensor_shapes(shape).items():
        if len(size) == 1:
            weights[name] = np.ones(size, np.float32)
            continue
        writes = name.endswith(("o_proj.weight", "down_proj.weight"))
        sd = INITIAL_SD / sqrt(2 * shape.layers) if writes else INITIAL_SD
        weights[name] = (sd * rng.standard_normal(size)).astype(np.float32)
    return weights


def trained_names(run: Run, shape: Shape) -> tuple[str, ...]:
    """The tensors that a run changes: all, the matrices in the layers, or what lies in and above the upper half."""
    names = tensor_shapes(shape)
    if run.trained == "low rank":
        return tuple(name for name in names if name.endswith("_proj.weight"))
    if run.trained == "all":
        return tuple(names)
    lower = tuple(f"model.layers.{layer}." for layer in range(shape.layers // 2))
    return tuple(name for name in names if not name.startswith(("model.embed_tokens.", *lower)))


def model_config(shape: Shape) -> dict[str, object]:
    """The content of config.json."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.ffn,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "vocab_size": shape.vocabulary,
        "rms_norm_eps": shape.norm_eps,
        "rope_theta": shape.rope_theta,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    }

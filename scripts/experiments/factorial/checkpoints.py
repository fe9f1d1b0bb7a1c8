"""Weights of a run as a checkpoint under Hugging Face's names, so that every method reads them as it reads others."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from experiments.factorial.plan import Network, PlannedRun
from experiments.factorial.vocabulary import Pair, token_bytes
from lineage.store.writing import write_file

_OUTSIDE = {"embedding": "model.embed_tokens", "output": "lm_head", "final_norm": "model.norm"}
_IN_LAYERS = {
    "attention_norm": "input_layernorm",
    **{role: f"self_attn.{role}_proj" for role in "qkvo"},
    **{role: f"mlp.{role}_proj" for role in ("gate", "up", "down")},
}
_CLASSES = {"gemma2": "Gemma2ForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen2_moe": "Qwen2MoeForCausalLM"}
_TWO_NORMS = {"mlp_norm": "post_attention_layernorm"}
_FOUR_NORMS = {
    "attention_norm_behind": "post_attention_layernorm",
    "mlp_norm": "pre_feedforward_layernorm",
    "mlp_norm_behind": "post_feedforward_layernorm",
}


def write_checkpoint(
    folder: Path, run: PlannedRun, net: Network, weights: Mapping[str, np.ndarray], merges: Sequence[Pair]
) -> None:
    """Writes weights, configuration and tokenizer; merges are the pairs of tokens that each new one stands for."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(hugging_face_tensors(run, weights), folder / "model.safetensors", {"format": "pt"})
    write_file(folder / "config.json", json.dumps(_config(run, net)) + "\n")
    write_file(folder / "tokenizer.json", json.dumps(_tokenizer(merges)) + "\n")


def hugging_face_tensors(run: PlannedRun, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each tensor by its name in the model type that _config names; Gemma 2 stores a gain less 1."""
    four = "norms" in run.high
    names = _IN_LAYERS | (_FOUR_NORMS if four else _TWO_NORMS)
    tensors = {f"{_OUTSIDE[name]}.weight": weights[name] for name in _OUTSIDE}
    for name, stacked in weights.items():
        for layer, value in enumerate(stacked if name not in _OUTSIDE else ()):
            at = f"model.layers.{layer}"
            if name == "router":
                tensors[f"{at}.mlp.gate.weight"] = value
            elif name.endswith("_bias"):
                tensors[f"{at}.self_attn.{name[0]}_proj.bias"] = value
            elif name in ("gate", "up", "down") and run.cell.experts:
                for expert, expert_matrix in enumerate(value):
                    tensors[f"{at}.mlp.experts.{expert}.{name}_proj.weight"] = expert_matrix
            else:
                tensors[f"{at}.{names[name]}.weight"] = value
    gains = {name: value - 1 for name, value in tensors.items() if four and "norm" in name}
    return {name: np.ascontiguousarray(value) for name, value in (tensors | gains).items()}


def _config(run: PlannedRun, net: Network) -> dict[str, object]:
    kind = "gemma2" if "norms" in run.high else "qwen2_moe" if run.cell.experts else "qwen2"
    experts = {
        "num_experts": net.experts,
        "num_experts_per_tok": net.experts_a_token,
        "moe_intermediate_size": net.ffn,
        "shared_expert_intermediate_size": 0,
        "norm_topk_prob": True,
    }
    return {
        "architectures": [_CLASSES[kind]],
        "model_type": kind,
        "hidden_act": "silu",
        "hidden_size": net.hidden,
        "intermediate_size": net.ffn,
        "num_hidden_layers": net.layers,
        "num_attention_heads": net.heads,
        "num_key_value_heads": net.kv_heads,
        "head_dim": net.head_dim,
        "vocab_size": net.vocabulary,
        "rms_norm_eps": net.norm_eps,
        "rope_theta": net.rope_theta,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        **(experts if net.experts else {}),
    }


def _tokenizer(merges: Sequence[Pair]) -> dict[str, object]:
    """A tokenizer as the library of that name reads it."""
    token_texts = [_written(token) for token in token_bytes(tuple(merges))]
    bytewise = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": bytewise,
        "decoder": bytewise,
        "model": {
            "type": "BPE",
            "vocab": {token: number for number, token in enumerate(token_texts)},
            "merges": [[token_texts[first], token_texts[second]] for first, second in merges],
        },
    }


def _written(token: bytes) -> str:
    """A token as byte-level vocabularies write it: a sign for each byte, letters as themselves (GPT-2)."""
    return "".join(_SIGNS[value] for value in token)


def _signs() -> dict[int, str]:
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    other_bytes = [value for value in range(256) if value not in plain]
    return {value: chr(value) for value in plain} | {value: chr(256 + index) for index, value in enumerate(other_bytes)}


_SIGNS = _signs()

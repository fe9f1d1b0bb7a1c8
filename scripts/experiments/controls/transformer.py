"""A Llama-shape decoder as a function of its weights, in torch."""

from collections.abc import Mapping

import torch
from torch.nn import functional

from experiments.controls.plan import Shape

Tensors = Mapping[str, torch.Tensor]


def next_byte_loss(weights: Tensors, windows: torch.Tensor, shape: Shape) -> torch.Tensor:
    """Mean cross-entropy of each byte after the first, in nats."""
    logits = _logits(weights, windows[:, :-1], shape)
    return functional.cross_entropy(logits.reshape(-1, shape.vocabulary), windows[:, 1:].reshape(-1))


def _logits(weights: Tensors, inputs: torch.Tensor, shape: Shape) -> torch.Tensor:
    stream = functional.embedding(inputs, weights["model.embed_tokens.weight"])
    turns = _rotary(inputs.shape[1], shape)
    for layer in range(shape.layers):
        at = f"model.layers.{layer}."
        stream = stream + _attention(
            weights, at + "self_attn.", _norm(weights, at + "input_layernorm", stream, shape), turns, shape
        )
        stream = stream + _mlp(weights, at + "mlp.", _norm(weights, at + "post_attention_layernorm", stream, shape))
    return functional.linear(_norm(weights, "model.norm", stream, shape), weights["lm_head.weight"])


def _norm(weights: Tensors, name: str, stream: torch.Tensor, shape: Shape) -> torch.Tensor:
    return functional.rms_norm(stream, (shape.hidden,), weights[f"{name}.weight"], shape.norm_eps)


def _attention(
    weights: Tensors, at: str, stream: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor], shape: Shape
) -> torch.Tensor:
    batch, length, _ = stream.shape

    def heads(name: str, count: int) -> torch.Tensor:
        projected = functional.linear(stream, weights[f"{at}{name}_proj.weight"])
        return projected.view(batch, length, count, shape.head_dim).transpose(1, 2)

    groups = shape.heads // shape.kv_heads
    queries = _turn(heads("q", shape.heads), turns)
    keys = _turn(heads("k", shape.kv_heads), turns).repeat_interleave(groups, dim=1)
    values = heads("v", shape.kv_heads).repeat_interleave(groups, dim=1)
    mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    head_outputs = mixed.transpose(1, 2).reshape(batch, length, shape.heads * shape.head_dim)
    return functional.linear(head_outputs, weights[f"{at}o_proj.weight"])


def _mlp(weights: Tensors, at: str, stream: torch.Tensor) -> torch.Tensor:
    gate = functional.silu(functional.linear(stream, weights[f"{at}gate_proj.weight"]))
    up = functional.linear(stream, weights[f"{at}up_proj.weight"])
    return functional.linear(gate * up, weights[f"{at}down_proj.weight"])


def _rotary(length: int, shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the rotary embedding, (length, head_dim), halves as Hugging Face orders them."""
    rates = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), rates)
    all_angles = torch.cat((angles, angles), dim=1)
    return all_angles.cos(), all_angles.sin()


def _turn(heads: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * turns[0] + torch.cat((-second, first), dim=-1) * turns[1]

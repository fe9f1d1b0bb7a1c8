"""A BERT as a function of its weights, in torch, without dropout."""

from collections.abc import Mapping

import torch
from torch.nn import functional

Tensors = Mapping[str, torch.Tensor]


def masked_loss(
    weights: Tensors, bias: torch.Tensor, batch: tuple[torch.Tensor, torch.Tensor, torch.Tensor], heads: int
) -> torch.Tensor:
    """Mean cross-entropy of the hidden tokens, in nats, guessed by the embeddings and a bias.

    batch is tokens, which of them are hidden, and what stood there. The checkpoint has no head of its own.
    """
    tokens, hidden, answers = batch
    guessed = last_states(weights, tokens, heads)[hidden]
    logits = functional.linear(guessed, weights["embeddings.word_embeddings.weight"], bias)
    return functional.cross_entropy(logits, answers)


def last_states(weights: Tensors, tokens: torch.Tensor, heads: int) -> torch.Tensor:
    """The output of the last layer for windows of tokens without padding, (count, length, width)."""
    stream = functional.embedding(tokens, weights["embeddings.word_embeddings.weight"])
    stream = stream + weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    stream = _norm(weights, "embeddings", stream + weights["embeddings.token_type_embeddings.weight"][0])
    layer = 0
    while (at := f"encoder.layer.{layer}.") + "output.dense.weight" in weights:
        mixed = _attention(weights, at + "attention.self.", stream, heads)
        stream = _norm(
            weights, at + "attention.output", stream + _linear(weights, at + "attention.output.dense", mixed)
        )
        units = functional.gelu(_linear(weights, at + "intermediate.dense", stream))
        stream = _norm(weights, at + "output", stream + _linear(weights, at + "output.dense", units))
        layer += 1
    return stream


def _attention(weights: Tensors, at: str, stream: torch.Tensor, heads: int) -> torch.Tensor:
    count, length, width = stream.shape
    query, key, value = (
        _linear(weights, at + name, stream).view(count, length, heads, -1).transpose(1, 2)
        for name in ("query", "key", "value")
    )
    mixed = functional.scaled_dot_product_attention(query, key, value)
    return mixed.transpose(1, 2).reshape(count, length, width)


def _linear(weights: Tensors, name: str, stream: torch.Tensor) -> torch.Tensor:
    return functional.linear(stream, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Tensors, at: str, stream: torch.Tensor) -> torch.Tensor:
    gain, bias = weights[f"{at}.LayerNorm.weight"], weights[f"{at}.LayerNorm.bias"]
    return functional.layer_norm(stream, gain.shape, gain, bias, 1e-12)

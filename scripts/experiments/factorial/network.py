"""A decoder as a function of its weights, in torch: dense or of experts, with the parts that recipes differ in."""

from collections.abc import Mapping

import torch
from torch.nn import functional

from experiments.factorial.plan import Network

Tensors = Mapping[str, torch.Tensor]
_OUTSIDE = ("embedding", "output", "final_norm")


def next_token_loss(weights: Tensors, windows: torch.Tensor, net: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy of each token after the first, in nats; and how unequally experts are used, 1 if equally."""
    layers = {name: value.unbind(0) for name, value in weights.items() if name not in _OUTSIDE}
    stream = functional.embedding(windows[:, :-1], weights["embedding"])
    turns = _rotary(stream.shape[1], net, stream.device)
    unequal = torch.zeros((), device=stream.device)
    for layer in range(net.layers):
        own = {name: value[layer] for name, value in layers.items()}
        stream = stream + _behind(_attention(own, _norm(stream, own["attention_norm"], net), turns, net), own, net)
        read = _norm(stream, own["mlp_norm"], net)
        if net.experts:
            written, used = _experts(own, read.reshape(-1, net.hidden), net)
            unequal = unequal + used / net.layers
            written = written.view_as(read)
        else:
            written = _mlp(read, own["gate"], own["up"], own["down"])
        stream = stream + _behind(written, own, net, "mlp_norm_behind")
    logits = functional.linear(_norm(stream, weights["final_norm"], net), weights["output"])
    loss = functional.cross_entropy(logits.reshape(-1, net.vocabulary), windows[:, 1:].reshape(-1))
    return loss, unequal


def _norm(stream: torch.Tensor, gain: torch.Tensor, net: Network) -> torch.Tensor:
    return functional.rms_norm(stream, (net.hidden,), gain, net.norm_eps)


def _behind(written: torch.Tensor, own: Tensors, net: Network, name: str = "attention_norm_behind") -> torch.Tensor:
    return _norm(written, own[name], net) if name in own else written


def _attention(
    own: Tensors, read: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor], net: Network
) -> torch.Tensor:
    batch, length, _ = read.shape

    def heads(name: str, count: int) -> torch.Tensor:
        projected = functional.linear(read, own[name], own.get(f"{name}_bias"))
        return projected.view(batch, length, count, net.head_dim).transpose(1, 2)

    groups = net.heads // net.kv_heads
    queries = _turn(heads("q", net.heads), turns)
    keys = _turn(heads("k", net.kv_heads), turns).repeat_interleave(groups, dim=1)
    values = heads("v", net.kv_heads).repeat_interleave(groups, dim=1)
    mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    joined = mixed.transpose(1, 2).reshape(batch, length, net.heads * net.head_dim)
    return functional.linear(joined, own["o"], own.get("o_bias"))


def _mlp(read: torch.Tensor, gate: torch.Tensor, up: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    return functional.linear(functional.silu(functional.linear(read, gate)) * functional.linear(read, up), down)


def _experts(own: Tensors, read: torch.Tensor, net: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """What the chosen experts write for each token, weighted to a sum of 1; and the loss of Fedus et al. (2022)."""
    chances = functional.linear(read, own["router"]).softmax(-1)
    weights, chosen = chances.topk(net.experts_a_token, -1)
    weights = weights / weights.sum(-1, keepdim=True)
    written = torch.zeros_like(read)
    for expert in range(net.experts):
        tokens, rank = (chosen == expert).nonzero(as_tuple=True)
        own_part = _mlp(read[tokens], own["gate"][expert], own["up"][expert], own["down"][expert])
        written = written.index_add(0, tokens, own_part * weights[tokens, rank, None])
    busy = functional.one_hot(chosen, net.experts).sum((0, 1)) / chosen.numel()
    return written, net.experts * (busy * chances.mean(0)).sum()


def _rotary(length: int, net: Network, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the rotary embedding, (length, head_dim), halves as Hugging Face orders them."""
    rates = net.rope_theta ** (-torch.arange(0, net.head_dim, 2, dtype=torch.float32, device=device) / net.head_dim)
    angles = torch.outer(torch.arange(length, dtype=torch.float32, device=device), rates)
    both = torch.cat((angles, angles), dim=1)
    return both.cos(), both.sin()


def _turn(heads: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * turns[0] + torch.cat((-second, first), dim=-1) * turns[1]

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
        layer_weights = {name: value[layer] for name, value in layers.items()}
        stream = stream + _behind(
            _attention(layer_weights, _norm(stream, layer_weights["attention_norm"], net), turns, net),
            layer_weights,
            net,
        )
        normed = _norm(stream, layer_weights["mlp_norm"], net)
        if net.experts:
            output, imbalance = _experts(layer_weights, normed.reshape(-1, net.hidden), net)
            unequal = unequal + imbalance / net.layers
            output = output.view_as(normed)
        else:
            output = _mlp(normed, layer_weights["gate"], layer_weights["up"], layer_weights["down"])
        stream = stream + _behind(output, layer_weights, net, "mlp_norm_behind")
    logits = functional.linear(_norm(stream, weights["final_norm"], net), weights["output"])
    loss = functional.cross_entropy(logits.reshape(-1, net.vocabulary), windows[:, 1:].reshape(-1))
    return loss, unequal


def _norm(stream: torch.Tensor, gain: torch.Tensor, net: Network) -> torch.Tensor:
    return functional.rms_norm(stream, (net.hidden,), gain, net.norm_eps)


def _behind(
    output: torch.Tensor, layer_weights: Tensors, net: Network, name: str = "attention_norm_behind"
) -> torch.Tensor:
    return _norm(output, layer_weights[name], net) if name in layer_weights else output


def _attention(
    layer_weights: Tensors, inputs: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor], net: Network
) -> torch.Tensor:
    batch, length, _ = inputs.shape

    def heads(name: str, count: int) -> torch.Tensor:
        projected = functional.linear(inputs, layer_weights[name], layer_weights.get(f"{name}_bias"))
        return projected.view(batch, length, count, net.head_dim).transpose(1, 2)

    groups = net.heads // net.kv_heads
    queries = _turn(heads("q", net.heads), turns)
    keys = _turn(heads("k", net.kv_heads), turns).repeat_interleave(groups, dim=1)
    values = heads("v", net.kv_heads).repeat_interleave(groups, dim=1)
    mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)
    head_outputs = mixed.transpose(1, 2).reshape(batch, length, net.heads * net.head_dim)
    return functional.linear(head_outputs, layer_weights["o"], layer_weights.get("o_bias"))


def _mlp(inputs: torch.Tensor, gate: torch.Tensor, up: torch.Tensor, down: torch.Tensor) -> torch.Tensor:
    return functional.linear(functional.silu(functional.linear(inputs, gate)) * functional.linear(inputs, up), down)


def _experts(layer_weights: Tensors, inputs: torch.Tensor, net: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """What the chosen experts write for each token, weighted to a sum of 1; and the loss of Fedus et al. (2022)."""
    chances = functional.linear(inputs, layer_weights["router"]).softmax(-1)
    weights, experts = chances.topk(net.experts_a_token, -1)
    weights = weights / weights.sum(-1, keepdim=True)
    output = torch.zeros_like(inputs)
    for expert in range(net.experts):
        tokens, rank = (experts == expert).nonzero(as_tuple=True)
        own_part = _mlp(
            inputs[tokens], layer_weights["gate"][expert], layer_weights["up"][expert], layer_weights["down"][expert]
        )
        output = output.index_add(0, tokens, own_part * weights[tokens, rank, None])
    busy = functional.one_hot(experts, net.experts).sum((0, 1)) / experts.numel()
    return output, net.experts * (busy * chances.mean(0)).sum()


def _rotary(length: int, net: Network, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines of the rotary embedding, (length, head_dim), halves as Hugging Face orders them."""
    rates = net.rope_theta ** (-torch.arange(0, net.head_dim, 2, dtype=torch.float32, device=device) / net.head_dim)
    angles = torch.outer(torch.arange(length, dtype=torch.float32, device=device), rates)
    all_angles = torch.cat((angles, angles), dim=1)
    return all_angles.cos(), all_angles.sin()


def _turn(heads: torch.Tensor, turns: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    first, second = heads.chunk(2, dim=-1)
    return heads * turns[0] + torch.cat((-second, first), dim=-1) * turns[1]

"""The weights that a run begins with: one array a role, layers first."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.factorial.plan import Network, PlannedRun, drawing
from lineage.records.designs import Design

Weights = dict[str, NDArray[np.float32]]

INITIAL_SD = 0.02
ATTENTION = ("q", "k", "v", "o")
MLP = ("gate", "up", "down")
ANEW = ("embedding", "output", "router", "o_bias")  # what a child does not take from its parent


def shapes(run: PlannedRun, net: Network) -> dict[str, tuple[int, ...]]:
    """The shape of each array: (layers, out, in), (layers, experts, out, in), (layers, width), (tokens, width)."""
    queries, keys, layers = net.heads * net.head_dim, net.kv_heads * net.head_dim, net.layers
    mlp = (layers, net.experts) if net.experts else (layers,)
    by_name: dict[str, tuple[int, ...]] = {
        "embedding": (net.vocabulary, net.hidden),
        "output": (net.vocabulary, net.hidden),
        "final_norm": (net.hidden,),
        "attention_norm": (layers, net.hidden),
        "mlp_norm": (layers, net.hidden),
        "q": (layers, queries, net.hidden),
        "k": (layers, keys, net.hidden),
        "v": (layers, keys, net.hidden),
        "o": (layers, net.hidden, queries),
        "gate": (*mlp, net.ffn, net.hidden),
        "up": (*mlp, net.ffn, net.hidden),
        "down": (*mlp, net.hidden, net.ffn),
    }
    if net.experts:
        by_name["router"] = (layers, net.experts, net.hidden)
    if "qkv-bias" in run.high:
        by_name |= {"q_bias": (layers, queries), "k_bias": (layers, keys), "v_bias": (layers, keys)}
    if run.cell.output_bias:
        by_name["o_bias"] = (layers, net.hidden)
    if "norms" in run.high:
        by_name |= {"attention_norm_behind": (layers, net.hidden), "mlp_norm_behind": (layers, net.hidden)}
    return by_name


def is_matrix(name: str) -> bool:
    """Whether weight decay takes hold of an array: not of gains and biases."""
    return "norm" not in name and "bias" not in name


def drawn_weights(design: Design, run: PlannedRun, net: Network) -> Weights:
    """Weights before training: matrices drawn, gains 1 or 1/sqrt(2 layers), biases 0."""
    weights: Weights = {}
    for name, shape in shapes(run, net).items():
        if is_matrix(name):
            noise = drawing(design, run, name).standard_normal(shape, dtype=np.float32)
            weights[name] = (_spread(name, shape, run, net) * noise).astype(np.float32)
        elif name.endswith("_behind"):
            weights[name] = np.full(shape, 1 / np.sqrt(2 * net.layers), np.float32)
        else:
            weights[name] = (np.zeros if "bias" in name else np.ones)(shape, np.float32)
    return weights


def upcycled_weights(design: Design, run: PlannedRun, net: Network, parent: Mapping[str, np.ndarray]) -> Weights:
    """The weights of a dense parent with copies of each MLP as experts; the rest is drawn anew."""
    weights = drawn_weights(design, run, net)
    for name, shape in shapes(run, net).items():
        if name in MLP:
            weights[name] = np.broadcast_to(parent[name][:, None], shape).copy()
        elif name not in ANEW:
            weights[name] = parent[name].copy()
    return weights


def profile(weights: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """The standard deviation of each layer's matrix, by role of attention, first layer first."""
    return {role: [float(np.std(matrix, dtype=np.float64)) for matrix in weights[role]] for role in ATTENTION}


def _spread(name: str, shape: tuple[int, ...], run: PlannedRun, net: Network) -> NDArray[np.float32]:
    """The standard deviation of each number, in a shape that broadcasts to the array's."""
    by_inputs = "init" in run.high
    spread = np.full((1,) * len(shape), shape[-1] ** -0.5 if by_inputs else INITIAL_SD)
    if name in ("o", "down"):
        depth = np.arange(1, net.layers + 1) if by_inputs else np.full(net.layers, net.layers)
        spread = spread / np.sqrt(2 * depth).reshape(-1, *(1,) * (len(shape) - 1))
    return spread.astype(np.float32)

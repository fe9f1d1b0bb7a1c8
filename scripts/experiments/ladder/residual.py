"""Derivations that reorder, turn or narrow the residual stream; they change every tensor that meets it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.ladder.state import Array, LadderError, Spot, State, computed, spots
from experiments.ladder.units import Order, largest

# Models whose norms divide by the root mean square and multiply by the stored gain, and that add no bias.
_FOLDABLE = ("llama", "mistral", "qwen2")
_READERS = {
    "attention_norm": ("q", "k", "v"),
    "mlp_norm": ("gate", "up"),
    "final_norm": ("unembedding",),
}


def permuted_residual(state: State, rng: np.random.Generator) -> State:
    """The model with the dimensions of its residual stream in a random order; it computes the same.

    Of an encoder without a head the output comes in that order too.
    """
    return _in_order(state, rng.permutation(int(state.config["hidden_size"])))


def pruned_residual(state: State, share: float) -> State:
    """The model with that share of its residual dimensions, those of largest norm, in the order that they had.

    Only where the configuration can say how wide a head is; an encoder's width is that of its heads together.
    """
    _check_foldable(state, "a narrower residual stream")
    squares = np.zeros(int(state.config["hidden_size"]))
    for name, spot in sorted(spots(state).items()):
        if spot.residual is not None and (tensor := state.tensors[name]).ndim == 2:
            squares += np.square(tensor, dtype=np.float64).sum(axis=1 - spot.residual)
    dimensions = largest(np.sqrt(squares), share)
    head = state.config.get("head_dim") or state.config["hidden_size"] // state.config["num_attention_heads"]
    return State(
        _in_order(state, dimensions).tensors, {**state.config, "hidden_size": len(dimensions), "head_dim": head}
    )


def rotated_residual(state: State, rng: np.random.Generator) -> State:
    """The decoder with its residual stream turned by a random rotation, gains folded in; it computes the same.

    A norm that divides by the root mean square does not see a rotation once its gains are in the matrices behind
    it. One that takes the mean away does, so models with such norms are refused.
    """
    _check_foldable(state, "a rotation of the residual stream")
    without_gains = folded_gains(state)
    turn = random_rotation(int(state.config["hidden_size"]), rng)
    spot_of = spots(without_gains)
    return State(
        {name: _turned(tensor, spot_of[name], turn) for name, tensor in without_gains.tensors.items()},
        without_gains.config,
    )


def folded_gains(state: State) -> State:
    """The decoder with the gain of each norm in the matrices that read it; the embeddings are tied no more."""
    tensors = dict(state.tensors)
    if state.config.get("tie_word_embeddings"):
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    untied = State(tensors, {**state.config, "tie_word_embeddings": False})
    spot_of = spots(untied)
    gains = {(spot.role, spot.layer): untied.tensors[name] for name, spot in spot_of.items()}
    return State({name: _folded(tensor, spot_of[name], gains) for name, tensor in tensors.items()}, untied.config)


def random_rotation(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """An orthogonal matrix drawn evenly from all (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return (q * np.sign(np.diag(r))).astype(np.float32)


def _folded(tensor: Array, spot: Spot, gains: Mapping[tuple[str, int | None], Array]) -> Array:
    if spot.role in _READERS:
        return np.ones_like(tensor)
    for norm, readers in _READERS.items():
        if spot.role in readers:
            return (computed(tensor) * computed(gains[norm, spot.layer])).astype(tensor.dtype)
    return tensor


def _turned(tensor: Array, spot: Spot, turn: NDArray[np.float32]) -> Array:
    if spot.residual is None or spot.role in _READERS:
        return tensor
    turned = computed(tensor) @ turn if spot.residual == 1 else turn.T @ computed(tensor)
    return turned.astype(tensor.dtype)


def _in_order(state: State, order: Order) -> State:
    spot_of = spots(state)
    tensors = {
        name: tensor if (axis := spot_of[name].residual) is None else np.take(tensor, order, axis=axis)
        for name, tensor in state.tensors.items()
    }
    return State(tensors, state.config)


def _check_foldable(state: State, operation: str) -> None:
    kind = state.config.get("model_type")
    if kind not in _FOLDABLE:
        raise LadderError(f"{operation} is for models of the types {', '.join(_FOLDABLE)}, not {kind}")

"""Derivations that change numbers and leave shapes and names: noise, rounding, fresh embeddings, merging."""

import numpy as np
from numpy.typing import NDArray

from experiments.ladder.state import LadderError, State, computed, spots

Floats = NDArray[np.float32]
INT4_GROUP = 32  # numbers that share a scale


def with_noise(state: State, level: float, rng: np.random.Generator) -> State:
    """The model with normal noise on every matrix, level times the standard deviation of the matrix itself."""
    values = {
        name: (computed(tensor) + level * np.std(tensor, dtype=np.float64).astype(np.float32) * _drawn(tensor, rng))
        for name, tensor in sorted(state.tensors.items())
        if tensor.ndim == 2
    }
    return _with_values(state, values)


def int8_rounded(state: State) -> State:
    """The model after every matrix was written as whole numbers in [-127, 127] with a scale for each row."""
    return _with_values(state, {name: _rounded(computed(matrix), 127) for name, matrix in _matrices(state)})


def int4_rounded(state: State) -> State:
    """The model after every matrix was written as whole numbers in [-7, 7] with a scale for each 32 of a row."""
    values = {}
    for name, matrix in _matrices(state):
        if matrix.shape[1] % INT4_GROUP:
            continue  # such as a bias of 12 heads: formats of groups leave what does not fill them as it is
        values[name] = _rounded(computed(matrix).reshape(-1, INT4_GROUP), 7).reshape(matrix.shape)
    return _with_values(state, values)


def with_fresh_embeddings(state: State, rng: np.random.Generator) -> State:
    """The model with random embeddings of tokens, and rows of the output, of the scale of those before."""
    values = {}
    for name, spot in sorted(spots(state).items()):
        if spot.role in ("embedding", "unembedding"):
            tensor = state.tensors[name]
            values[name] = np.std(tensor, dtype=np.float64).astype(np.float32) * _drawn(tensor, rng)
    return _with_values(state, values)


def merged(state: State, second_parent: State, share: float) -> State:
    """The linear merge of two models of equal shape: share of the first, the rest of the second."""
    shapes, second_shapes = (
        {name: tensor.shape for name, tensor in of.tensors.items()} for of in (state, second_parent)
    )
    if shapes != second_shapes:
        name = min(shapes.items() ^ second_shapes.items())[0]
        raise LadderError(f"{name}: is not alike in the two models that are to be merged")
    values = {
        name: np.float32(share) * computed(tensor) + np.float32(1 - share) * computed(second_parent.tensors[name])
        for name, tensor in state.tensors.items()
    }
    return _with_values(state, values)


def _matrices(state: State) -> list[tuple[str, NDArray[np.floating]]]:
    return [(name, tensor) for name, tensor in state.tensors.items() if tensor.ndim == 2]


def _drawn(tensor: NDArray[np.floating], rng: np.random.Generator) -> Floats:
    return rng.standard_normal(tensor.shape, dtype=np.float32)


def _rounded(rows: Floats, largest: int) -> Floats:
    """Rows as they come back from whole numbers up to the largest, with a scale for each row."""
    scale = np.abs(rows).max(axis=1, keepdims=True) / np.float32(largest)
    scale[scale == 0] = 1
    multiples: Floats = np.round(rows / scale) * scale
    return multiples


def _with_values(state: State, values: dict[str, Floats]) -> State:
    """The model with some tensors replaced, each in the type that it had."""
    tensors = {
        name: values[name].astype(tensor.dtype, copy=False) if name in values else tensor
        for name, tensor in state.tensors.items()
    }
    return State(tensors, state.config)

"""Derivations that change how many layers there are."""

from collections.abc import Sequence

from experiments.ladder.state import State, in_layer, layer_of


def every_second_layer(state: State) -> State:
    """The model with its layers 0, 2, 4 and so on."""
    return _with_layers(state, range(0, state.layers, 2))


def depth_upscaled(state: State) -> State:
    """The model with its middle half twice: all layers but the last quarter, then all but the first.

    As SOLAR 10.7B was made, where 32 layers gave 48 (arXiv:2312.15166).
    """
    layers, overlap = state.layers, state.layers // 4
    return _with_layers(state, [*range(layers - overlap), *range(overlap, layers)])


def _with_layers(state: State, source_layers: Sequence[int]) -> State:
    """The model whose layers are those chosen, in this order."""
    tensors = {name: tensor for name, tensor in state.tensors.items() if layer_of(name) is None}
    for number, layer in enumerate(source_layers):
        tensors |= {in_layer(name, number): tensor for name, tensor in state.tensors.items() if layer_of(name) == layer}
    return State(tensors, {**state.config, "num_hidden_layers": len(source_layers)})

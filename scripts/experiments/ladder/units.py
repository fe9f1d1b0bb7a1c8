"""Derivations that reorder or remove the hidden units of each MLP; a unit is one row or column of each matrix of it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.ladder.state import State, spots

Order = NDArray[np.int64]


def permuted_units(state: State, rng: np.random.Generator) -> State:
    """The model with the units of each MLP in a random order; it computes the same."""
    return _in_order(state, {layer: rng.permutation(len(norms)) for layer, norms in unit_norms(state).items()})


def sorted_units(state: State) -> State:
    """The model with the units of each MLP in order of their norm, smallest first; it computes the same."""
    return _in_order(state, {layer: np.argsort(norms, kind="stable") for layer, norms in unit_norms(state).items()})


def pruned_units(state: State, share: float) -> State:
    """The model with that share of the units of each MLP, those of largest norm, in the order that they had."""
    units_by_layer = {layer: largest(norms, share) for layer, norms in unit_norms(state).items()}
    width = len(next(iter(units_by_layer.values())))
    pruned = _in_order(state, units_by_layer)
    return State(pruned.tensors, {**pruned.config, "intermediate_size": width})


def unit_norms(state: State) -> dict[int, NDArray[np.float64]]:
    """The norm of each unit of each layer's MLP, over all that the unit reads and writes, layers in order."""
    squares: dict[int, NDArray[np.float64]] = {}
    for name, spot in sorted(spots(state).items(), key=lambda named_spot: (named_spot[1].layer or 0, named_spot[0])):
        if spot.units is not None and spot.layer is not None and state.tensors[name].ndim == 2:
            sums = np.square(state.tensors[name], dtype=np.float64).sum(axis=1 - spot.units)
            squares[spot.layer] = squares.get(spot.layer, 0) + sums
    return {layer: np.sqrt(total) for layer, total in squares.items()}


def largest(sizes: NDArray[np.float64], share: float) -> Order:
    """The places of the largest sizes, that share of them, in order of place."""
    count = round(share * len(sizes))
    return np.sort(np.argsort(-sizes, kind="stable")[:count])


def _in_order(state: State, orders: Mapping[int, Order]) -> State:
    """The model with the units of each layer as an order of them says."""
    spot_of = spots(state)
    tensors = {
        name: tensor
        if (spot := spot_of[name]).units is None or spot.layer is None
        else np.take(tensor, orders[spot.layer], axis=spot.units)
        for name, tensor in state.tensors.items()
    }
    return State(tensors, state.config)

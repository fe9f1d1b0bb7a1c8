"""The weights of a model by name, and which axis of each is the residual stream or the units of an MLP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lineage.checkpoints.config import read_config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.parts import find_parts

Array = NDArray[np.floating[Any]]

_RESIDUAL = {
    **dict.fromkeys(("embedding", "unembedding", "q", "k", "v", "gate", "up"), 1),
    **dict.fromkeys(("o", "down", "o_bias", "down_bias"), 0),
}
_UNITS = {"gate": 0, "up": 0, "gate_bias": 0, "up_bias": 0, "down": 1}
_ELSEWHERE = {"q_bias", "k_bias", "v_bias", "gate_bias", "up_bias", "q_norm", "k_norm"}  # not on the residual stream
_NORM = re.compile(r".*norm(_bias)?")
# What no family's table of roles lists, by the end of its name.
_OTHERS: Mapping[str, int | None] = {
    "embeddings.position_embeddings.weight": 1,
    "embeddings.token_type_embeddings.weight": 1,
    "encoder.relative_attention_bias.weight": None,
    "pooler.dense.weight": 1,
    "pooler.dense.bias": None,
}
_LAYER = re.compile(r"(?<=layers\.)\d+|(?<=layer\.)\d+")


class LadderError(ValueError):
    """A derivation that a model does not allow. Says why."""


@dataclass(frozen=True, eq=False)
class State:
    """The weights of a model under their Hugging Face names, and the content of config.json."""

    tensors: Mapping[str, Array]  # matrices as (out, in), embeddings as (token, width)
    config: Mapping[str, Any]

    @property
    def layers(self) -> int:
        """How many layers."""
        return int(self.config["num_hidden_layers"])


@dataclass(frozen=True)
class Spot:
    """Where a tensor stands in a model, and what its axes are."""

    role: str  # "" where no family's table lists it
    layer: int | None  # None outside the layers
    residual: int | None  # the axis that is the residual stream
    units: int | None  # the axis that is the units of an MLP


def spots(state: State) -> dict[str, Spot]:
    """Where each tensor of a model stands; LadderError where one is not known, since none may be left behind."""
    config = read_config(state.config)
    family = find_family(state.tensors, config)
    spot_of: dict[str, Spot] = {}
    for name, tensor in state.tensors.items():
        tensor_parts = find_parts(name, tensor.shape, family, config)
        if not tensor_parts:
            spot_of[name] = Spot("", None, _other_axis(name), None)
            continue
        location = tensor_parts[0].place
        spot_of[name] = Spot(
            location.role, location.layer, _residual_axis(location.role, name), _UNITS.get(location.role)
        )
    return spot_of


def layer_of(name: str) -> int | None:
    """The layer in a name; None outside the layers."""
    match = _LAYER.search(name)
    return int(match.group()) if match else None


def in_layer(name: str, layer: int) -> str:
    """The same name in another layer."""
    return _LAYER.sub(str(layer), name, count=1)


def computed(tensor: Array) -> NDArray[np.float32]:
    """A tensor as float32, in which rungs are computed."""
    return tensor.astype(np.float32, copy=False)


def _residual_axis(role: str, name: str) -> int | None:
    if role in _ELSEWHERE:
        return None
    if role in _RESIDUAL:
        return _RESIDUAL[role]
    if _NORM.fullmatch(role):
        return 0
    raise LadderError(f"{name}: no table says how it meets the residual stream")


def _other_axis(name: str) -> int | None:
    for ending, axis in _OTHERS.items():
        if name.endswith(ending):
            return axis
    raise LadderError(f"{name}: no table says how it meets the residual stream")

"""Fused matrices as data/families/ says they are cut, against what the model's own code in transformers computes."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from experiments.name_lists.tiny_models import Tiny
from experiments.name_lists.writing import save_model, tiny_model
from lineage.checkpoints.config import Config, read_config
from lineage.checkpoints.family_choice import find_family
from lineage.checkpoints.names import Part, Place
from lineage.checkpoints.parts import find_parts
from lineage.checkpoints.tensors import in_own_order, indices
from lineage.records import Family

Arrays = Mapping[str, np.ndarray]


def cut(array: np.ndarray, piece: Part) -> np.ndarray:
    """The numbers of one part as (out, in), from the whole stored array."""
    table = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array
    rows = np.concatenate([table[start : end : piece.every] for start, end in piece.rows]) if piece.rows else table
    columns = rows[:, indices(piece.columns)] if piece.columns else rows
    return columns.T if piece.transposed else in_own_order(columns, piece.pairs)


def cut_all(arrays: Arrays, family: Family, config: Config) -> dict[Place, np.ndarray]:
    """Every part of a checkpoint that has a place."""
    return {
        tensor_part.place: cut(array, tensor_part)
        for name, array in arrays.items()
        for tensor_part in find_parts(name, array.shape, family, config)
    }


def wrong_parts(
    model: Any, arrays: Arrays, family: Family, config: Config, roles_unseen: Collection[str] = ()
) -> Iterator[str]:
    """Each part of a fused matrix that differs from what the model's code computes at the first position.

    There the rotation by position is none, so that queries and keys are what their matrix gives. roles_unseen are
    not compared.
    """
    parts_by_stem = {
        name.removesuffix(".weight"): find_parts(name, array.shape, family, config)
        for name, array in arrays.items()
        if array.ndim == 2
    }
    fused = {
        stem: tensor_parts
        for stem, tensor_parts in parts_by_stem.items()
        if len(tensor_parts) > 1 and not {tensor_part.place.role for tensor_part in tensor_parts} <= {*roles_unseen}
    }
    inputs, outputs = _run(model) if fused else ({}, {})
    for stem, tensor_parts in fused.items():
        bias = arrays.get(f"{stem}.bias")
        biases = find_parts(f"{stem}.bias", bias.shape, family, config) if bias is not None else ()
        for at, tensor_part in enumerate(tensor_parts):
            if tensor_part.place.role in roles_unseen:
                continue
            product = cut(arrays[f"{stem}.weight"], tensor_part) @ inputs[stem]
            if bias is not None:
                product = product + cut(bias, biases[at])
            computed_rows = outputs[tensor_part.place.layer, tensor_part.place.role]
            if product.shape != computed_rows.shape or not np.allclose(product, computed_rows, rtol=1e-3, atol=1e-3):
                yield f"{stem}: {tensor_part.place.role}"


def _run(model: Any) -> tuple[dict[str, np.ndarray], dict[tuple[int | None, str], np.ndarray]]:
    """What each fused module is given, and the queries, keys, values, gates and ups of each layer."""
    import torch
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    inputs: dict[str, np.ndarray] = {}
    outputs: dict[tuple[int | None, str], np.ndarray] = {}

    def attend(module: Any, query: Any, key: Any, value: Any, *_: Any, **__: Any) -> tuple[Any, None]:
        for role, states in zip("qkv", (query, key, value), strict=True):
            outputs[module.layer_idx, role] = states.flatten().numpy()
        return query.transpose(1, 2).contiguous(), None

    def keep_input(name: str) -> Any:
        def hook(_: Any, arguments: tuple[Any, ...]) -> None:
            inputs[name] = arguments[0].flatten().numpy()

        return hook

    AttentionInterface.register("recorded", attend)
    AttentionMaskInterface.register("recorded", eager_mask)
    model.set_attn_implementation("recorded")
    for name, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_pre_hook(keep_input(name))
    with torch.no_grad():
        model(torch.tensor([[5]]), use_cache=False)
        for name, gate in dict(inputs).items():
            mlp, _, kind = name.rpartition(".")
            if kind == "activation_fn":
                layer = int(mlp.split(".")[-2])
                active = model.get_submodule(name)(torch.tensor(gate)).numpy()
                outputs[layer, "gate"], outputs[layer, "up"] = gate, inputs[f"{mlp}.down_proj"] / active
    return inputs, outputs


def differences(tiny: Tiny) -> list[str]:
    """Parts that are cut here otherwise than the model's own code, or than transformers cuts joined experts."""
    model = tiny_model(replace(tiny, dtype="float32"))
    cuts = []
    for as_in_memory in (True, False) if tiny.same_in_memory else (False, False):
        with tempfile.TemporaryDirectory() as folder:
            config = read_config(save_model(model, Path(folder), as_in_memory))
            arrays = load_file(Path(folder) / "model.safetensors")
        family = find_family(arrays, config)
        cuts.append(cut_all(arrays, family, config))
    fused_cuts, split_cuts = cuts
    differing = {
        location
        for location in fused_cuts.keys() & split_cuts.keys()
        if (fused_cuts[location] != split_cuts[location]).any()
    }
    locations = sorted(fused_cuts.keys() ^ split_cuts.keys() | differing, key=str)
    return [*map(str, locations), *wrong_parts(model, arrays, family, config, tiny.unseen)]

"""Scales that lie beside stored weights: which weight each is of, and what it covers."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.spellings import (
    COMMON_SCALES,
    EIGHT_BITS,
    GGUF_LAYER,
    OF_ACTIVATIONS,
    OF_THE_MODULE,
    SCALE_LIKE,
)
from lineage.checkpoints.storage.dtypes import DTYPES, INTEGERS
from lineage.checkpoints.tensors import Scaling, Tensor

# What follows the name of a weight's module, or of joined experts. Some tools store the factor, some what the weight
# was divided by: every one of these multiplies on reading.
_SCALES = (
    "weight_scale",
    "weight_scale_inv",
    "weight_scales",
    "weight.scale",
    "scale_weight",
    "qscale_weight",
    "w_scale",
    "scale",
    "scale_inv",
)
_ZEROS = ("weight_zero_point",)
_OFFSETS = ("weight_offset",)  # understood where all of them are 0
_LARGEST = 64 << 20  # bytes of one tensor of scales
_LEAST_BLOCK = 16  # rows or columns that share a scale, where no configuration says how many

ReadSpan = Callable[[str, Span], bytes]  # takes the name of a file and a span


def with_scales(tensors: Sequence[Tensor], block: tuple[int, int] | None, read_span: ReadSpan) -> list[Tensor]:
    """The tensors, weights with the scales that lie beside them; scales that are applied are no longer listed.

    block is weight_block_size of config.json: rows and columns that share a scale. Scales are read at once; they are
    small. A weight with a scale beside it that is not understood says so in not_read. A CheckpointError where a scale
    has a type that holds none.
    """
    beside = _beside(tensors)
    used_names: set[str] = set()
    scaled_tensors = []
    for tensor in tensors:
        siblings = beside.get(tensor.name, {})
        may_be_scaled = tensor.dtype in EIGHT_BITS or tensor.name.startswith(GGUF_LAYER)
        applied = _applied(siblings) if may_be_scaled and len(tensor.shape) in (2, 3) else {}
        arrays = {kind: _array(scale, read_span) for kind, scale in applied.items()}
        scaling = _scaling(tensor, arrays, block) if "scale" in arrays and not _is_shifted(arrays) else None
        if scaling is not None:
            used_names.update(scale.name for scale in applied.values())
        unread_names = [name for name, sibling in siblings.items() if sibling.name not in used_names]
        if not may_be_scaled:
            unread_names = [name for name in unread_names if name not in COMMON_SCALES]
        names = ", ".join(siblings[name].name for name in unread_names)
        subject = "a scale" if any(SCALE_LIKE.search(name) for name in unread_names) else "something"
        reason = f"has {subject} beside it that is not understood here: {names}" if unread_names else ""
        scaled_tensors.append(replace(tensor, scaling=scaling or tensor.scaling, not_read=tensor.not_read or reason))
    return [tensor for tensor in scaled_tensors if tensor.name not in used_names]


def _beside(tensors: Sequence[Tensor]) -> dict[str, dict[str, Tensor]]:
    """By weight: the tensors that may be scales of it, each by what follows the name of its module.

    Beside a weight of 8 bits everything in its module may, and what bears the name of the module at its end.
    """
    weights = {tensor.name.removesuffix(".weight"): tensor.name for tensor in tensors if len(tensor.shape) > 1}
    narrow = {tensor.name.removesuffix(".weight"): tensor.name for tensor in tensors if _is_narrow(tensor)}
    beside: dict[str, dict[str, Tensor]] = {}
    for tensor in tensors:
        ways = _splits(tensor.name) if SCALE_LIKE.search(tensor.name.rpartition(".")[2]) else []
        owner = next(((weights[module], ending) for module, ending in ways if module in weights), None)
        if owner is None and narrow:
            owner = _owner(tensor.name, narrow)
        if owner and owner[0] != tensor.name and not OF_ACTIVATIONS.search(owner[1]):
            beside.setdefault(owner[0], {})[owner[1]] = tensor
    return beside


def _is_narrow(tensor: Tensor) -> bool:
    return tensor.dtype in EIGHT_BITS and len(tensor.shape) > 1 and tensor.scaling is None and tensor.packing is None


def _owner(name: str, narrow: Mapping[str, str]) -> tuple[str, str] | None:
    """The weight of 8 bits in whose module a tensor stands, or whose module its name ends in, and the rest."""
    dots = [at.start() for at in re.finditer(r"\.", name)]
    for dot in dots:
        ending = name[dot + 1 :]
        if name[:dot] in narrow and ending not in OF_THE_MODULE:
            return narrow[name[:dot]], ending
        if ending.removesuffix(".weight") in narrow and name not in narrow.values():
            return narrow[ending.removesuffix(".weight")], name[:dot]
    return None


def _is_shifted(arrays: Mapping[str, np.ndarray]) -> bool:
    return "offset" in arrays and bool(arrays["offset"].any())


def _splits(name: str) -> list[tuple[str, str]]:
    """The ways to see a name as that of a module and what follows it: "a.b.weight.scale" is a.b and weight.scale."""
    stem, _, last = name.rpartition(".")
    ways = [(stem.removesuffix(".weight"), f"weight.{last}")] if stem.endswith(".weight") else []
    ways.append((stem, last))
    ways += [(name[: at.start()], name[at.end() :]) for at in re.finditer("_", name) if at.start() > len(stem) + 1]
    return ways


def _applied(siblings: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The scale and the zero point to apply; none where there are several scales, since one does not say it all."""
    scales = [siblings[name] for name in _SCALES if name in siblings]
    zeros = [siblings[name] for name in _ZEROS if name in siblings]
    offsets = [siblings[name] for name in _OFFSETS if name in siblings]
    if len(scales) != 1 or len(zeros) > 1 or len(siblings) > len(scales) + len(zeros) + len(offsets):
        return {}
    return {"scale": scales[0]} | ({"zero": zeros[0]} if zeros else {}) | ({"offset": offsets[0]} if offsets else {})


def _array(tensor: Tensor, read_span: ReadSpan) -> np.ndarray:
    dtype = DTYPES.get(tensor.dtype) or INTEGERS.get(tensor.dtype)
    if dtype is None or tensor.span.length > _LARGEST:
        raise CheckpointError(f"{tensor.file}: {tensor.name} has the type {tensor.dtype}, which holds no scales")
    return dtype.read(read_span(tensor.file, tensor.span)).astype(np.float32).reshape(tensor.shape)


def _scaling(weight: Tensor, arrays: Mapping[str, np.ndarray], block: tuple[int, int] | None) -> Scaling | None:
    """What a weight's scales mean; None where their shape does not tell it.

    Joined experts are seen as one matrix, each expert below the one before.
    """
    factor, zero = arrays["scale"], arrays.get("zero")
    if zero is not None and zero.size != factor.size:
        raise CheckpointError(f"{weight.file}: {weight.name} has {factor.size} scales and {zero.size} zero points")
    *stack, rows, columns = weight.shape
    experts = math.prod(stack)
    if factor.size == 1:
        size, down = (rows * experts, columns), 1
    else:
        shape = _as_matrix(factor.shape, experts, rows)
        if shape is None:
            return None
        down = shape[0] * experts
        stated_size = block or (None, None)
        high, wide = _block(rows, shape[0], stated_size[0]), _block(columns, shape[1], stated_size[1])
        if high is None or wide is None or (experts > 1 and rows % high):
            return None
        size = (high, wide)
    factors = factor.reshape(down, -1)
    return Scaling(*size, factors, None if zero is None else zero.reshape(factors.shape))


def _as_matrix(shape: tuple[int, ...], experts: int, rows: int) -> tuple[int, int] | None:
    """The shape of the scales of one matrix; None where they are not shared out among the experts."""
    size = math.prod(shape)
    if experts > 1 and (not shape or shape[0] != experts):
        return None
    expert_shape = shape[1:] if experts > 1 else shape
    if experts > 1 and size == experts:
        return (1, 1)
    if expert_shape == (rows,):
        return (rows, 1)
    return (expert_shape[0], expert_shape[1]) if len(expert_shape) == 2 else None


def _block(size: int, scales: int, stated_size: int | None) -> int | None:
    """How many rows or columns share a scale; None where that is not known."""
    if scales in (1, size):
        return size // scales
    if stated_size:
        return stated_size if -(-size // stated_size) == scales else None
    block_size, remainder = divmod(size, scales)
    return block_size if not remainder and block_size >= _LEAST_BLOCK and block_size & (block_size - 1) == 0 else None

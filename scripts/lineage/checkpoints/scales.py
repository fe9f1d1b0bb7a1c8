"""Scales that lie beside 8-bit weights in safetensors files: which weight each is of, and what it covers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lineage.checkpoints.dtypes import DTYPES, INTEGERS
from lineage.checkpoints.files import CheckpointError, Span
from lineage.checkpoints.tensors import Scaling, Tensor

# What is put for ".weight". Some tools store the factor, some what the weight was divided by: both multiply on reading.
_SCALES = (".weight_scale", ".weight_scale_inv")
_ZERO = ".weight_zero_point"
_LARGEST = 64 << 20  # bytes of one tensor of scales
_EIGHT_BITS = ("F8_E4M3", "F8_E5M2", "I8")

ReadSpan = Callable[[str, Span], bytes]  # takes the name of a file and a span


def with_scales(tensors: Sequence[Tensor], block: Sequence[int] | None, read: ReadSpan) -> list[Tensor]:
    """The tensors, 8-bit weights with the scales that lie beside them; scales themselves are no longer listed.

    block is weight_block_size of config.json: rows and columns that share a scale. Scales are read at once; they are
    small. A CheckpointError where scales do not fit their weight.
    """
    by_name = {tensor.name: tensor for tensor in tensors}
    used: set[str] = set()
    found = []
    for tensor in tensors:
        beside = _beside(tensor, by_name) if tensor.dtype in _EIGHT_BITS and len(tensor.shape) == 2 else {}
        if "scale" in beside:
            used.update(scale.name for scale in beside.values())
            arrays = {kind: _array(scale, read) for kind, scale in beside.items()}
            found.append(replace(tensor, scaling=_scaling(tensor, arrays, block)))
        else:
            found.append(tensor)
    return [tensor for tensor in found if tensor.name not in used]


def _beside(weight: Tensor, by_name: Mapping[str, Tensor]) -> dict[str, Tensor]:
    stem = weight.name.removesuffix(".weight")
    named = [("zero", f"{stem}{_ZERO}"), *(("scale", f"{stem}{ending}") for ending in _SCALES)]
    return {kind: by_name[name] for kind, name in named if name in by_name}


def _array(tensor: Tensor, read: ReadSpan) -> np.ndarray:
    dtype = DTYPES.get(tensor.dtype) or INTEGERS.get(tensor.dtype)
    if dtype is None or tensor.span.length > _LARGEST:
        raise CheckpointError(f"{tensor.file}: {tensor.name} has the type {tensor.dtype}, which holds no scales")
    return dtype.read(read(tensor.file, tensor.span)).astype(np.float32).reshape(tensor.shape)


def _scaling(weight: Tensor, arrays: Mapping[str, np.ndarray], block: Sequence[int] | None) -> Scaling:
    rows, columns = weight.shape
    factor = arrays["scale"]
    if factor.size == 1:
        size = (rows, columns)
    elif factor.shape in ((rows,), (rows, 1)):
        size = (1, columns)
    elif block and factor.shape == (-(-rows // block[0]), -(-columns // block[1])):
        size = (block[0], block[1])
    else:
        shape = "x".join(map(str, factor.shape))
        raise CheckpointError(f"{weight.file}: the {shape} scales of {weight.name}, {rows}x{columns}, do not fit it")
    across = (-(-rows // size[0]), -(-columns // size[1]))
    zero = arrays.get("zero")
    if zero is not None and zero.size != factor.size:
        raise CheckpointError(f"{weight.file}: {weight.name} has {factor.size} scales and {zero.size} zero points")
    return Scaling(*size, factor.reshape(across), None if zero is None else zero.reshape(across))

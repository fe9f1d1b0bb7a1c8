"""safetensors: a header that says where each tensor lies, checked before anything is read."""

import json
import math
import re
import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.storage.dtypes import item_bits
from lineage.checkpoints.tensors import Header, Tensor

INDEX = "model.safetensors.index.json"
_LONGEST_HEADER = 100 << 20  # the format's own limit, in bytes
_LARGEST = 1 << 62


def read_safetensors(file: CheckpointFile, head: bytes) -> Header:
    """Every tensor of a file, from its header alone. head is the first 8 bytes, read already."""
    if len(head) < 8:
        raise CheckpointError(f"{file.name}: has {file.size} bytes; no safetensors file is that short")
    (length,) = struct.unpack("<Q", head)
    if length > min(_LONGEST_HEADER, file.size - 8):
        raise CheckpointError(
            f"{file.name}: says its header has {length} bytes; the file is cut off, or none of this kind"
        )
    header = _header(file.read(Span(8, 8 + length)), file.name)
    data = Span(8 + length, file.size)
    tensors = [_tensor(name, entry, data, file.name) for name, entry in header.items() if name != "__metadata__"]
    return Header(_apart(sorted(tensors, key=lambda tensor: (tensor.span, tensor.name)), file.name))


def indexed_tensors(index: str, name: str = INDEX) -> dict[str, str]:
    """The file of each tensor, as an index says."""
    indexed_names(index, name)
    return dict(json.loads(index)["weight_map"])


def indexed_names(index: str, name: str = INDEX) -> list[str]:
    """The files that an index names, in order; each must lie beside it."""
    try:
        files = set(json.loads(index)["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CheckpointError(f"{name}: is not an index of files of weights") from None
    strange = [file for file in files if not _lies_beside(file)]
    if strange or not files:
        raise CheckpointError(f"{name}: names {strange[0] if strange else 'no file'!r}; wanted are files beside it")
    return sorted(files)


def _lies_beside(file: object) -> bool:
    return isinstance(file, str) and bool(file) and PurePosixPath(file).name == file and "\\" not in file


def _header(text: bytes, file: str) -> dict[str, Any]:
    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(names) != len(set(names)):
            raise ValueError("a name stands there twice")
        return dict(pairs)

    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{file}: has a header that is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise CheckpointError(f"{file}: has a header that names no tensors")
    return header


def _tensor(name: str, entry: Any, data: Span, file: str) -> Tensor:
    def wrong(complaint: str) -> CheckpointError:
        return CheckpointError(f"{file}: {name[:200]!r} {complaint}; the file is damaged, download it again")

    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise wrong("is not described by dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or not re.fullmatch("[A-Z][A-Z0-9_]{0,19}", dtype):
        raise wrong(f"has the type {str(dtype)[:40]!r}, which is none")
    bits = item_bits(dtype)
    if not _whole_numbers(shape) or len(shape) > 16 or math.prod(shape) > _LARGEST:
        raise wrong("has a shape that is none")
    if not _whole_numbers(offsets) or len(offsets) != 2:
        raise wrong("has no two offsets")
    span = Span(data.start + offsets[0], data.start + offsets[1])
    if not data.start <= span.start <= span.end <= data.end:
        raise wrong("lies outside the file")
    if bits is not None and span.length != -(-math.prod(shape) * bits // 8):
        raise wrong(f"has {span.length} bytes, its shape and type ask for {-(-math.prod(shape) * bits // 8)}")
    return Tensor(file, name, tuple(shape), dtype, span)


def _whole_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int and 0 <= number < _LARGEST for number in value)


def _apart(tensors: Sequence[Tensor], file: str) -> tuple[Tensor, ...]:
    """The same tensors, in order; refused where two lie on the same bytes."""
    stored_tensors = [tensor for tensor in tensors if tensor.span.length]
    for earlier, later in pairwise(stored_tensors):
        if later.span.start < earlier.span.end:
            raise CheckpointError(f"{file}: {earlier.name!r} and {later.name!r} lie on the same bytes; it is damaged")
    return tuple(tensors)

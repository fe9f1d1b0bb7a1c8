"""safetensors on disk: one file, or a folder with one or several."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

_PART = 1 << 22  # numbers read at once
_READABLE = {"F64", "F32", "F16"}


class CheckpointError(Exception):
    """A checkpoint cannot be read. Says the file, the tensor where there is one, and the remedy."""


@dataclass(frozen=True)
class Tensor:
    """One named array in a file."""

    file: Path
    name: str
    shape: tuple[int, ...]
    dtype: str


def find_files(path: Path) -> list[Path]:
    """The safetensors files of a checkpoint: the file itself, those of its index, or the only ones in the folder."""
    if path.is_file():
        return [path]
    index = path / "model.safetensors.index.json"
    if index.is_file():
        return _indexed_files(index)
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else []
    if not files:
        raise CheckpointError(f"{path}: holds no .safetensors file; name the file, or the folder that holds it")
    return files


def list_tensors(file: Path) -> Iterator[Tensor]:
    """Every tensor of a file in order of name, without reading its numbers."""
    try:
        with safe_open(file, framework="numpy") as opened:
            for name in sorted(opened.keys()):
                part = opened.get_slice(name)
                yield Tensor(file, name, tuple(part.get_shape()), str(part.get_dtype()))
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{file.name}: is not a whole safetensors file ({error}); download it again") from None


def read_parts(tensor: Tensor) -> Iterator[np.ndarray]:
    """The numbers of a tensor, some rows at a time."""
    if tensor.dtype not in _READABLE:
        raise CheckpointError(
            f"{tensor.file.name}: {tensor.name} has the type {tensor.dtype}; this version reads F64, F32 and F16"
        )
    with safe_open(tensor.file, framework="numpy") as opened:
        part: Any = opened.get_slice(tensor.name)
        rows = tensor.shape[0] if tensor.shape else 1
        step = max(1, _PART // max(1, int(np.prod(tensor.shape[1:], dtype=np.int64))))
        for start in range(0, rows, step):
            yield np.asarray(part[start : min(start + step, rows)])


def _indexed_files(index: Path) -> list[Path]:
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{index.name}: is not an index of safetensors files ({error!r})") from None
    if strange := sorted(name for name in names if not isinstance(name, str) or Path(name).name != name):
        raise CheckpointError(f"{index.name}: names files outside its folder: {strange[0]!r}")
    files = [index.parent / name for name in sorted(names)]
    if missing := [file.name for file in files if not file.is_file()]:
        raise CheckpointError(f"{index.name}: names {missing[0]}, which is not there; download it too")
    return files

"""Rungs on the disk, one folder each: weights, config.json, and rung.json, which says that the folder is whole."""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ladder.plan import BASES, Rung
from experiments.ladder.state import Array, State
from lineage.store.writing import write_file

VERSION = "1"  # of the derivations: raised when the same rung comes out differently
WEIGHTS = "model.safetensors"
_RECORD = "rung.json"
_DTYPES = {"float16": "F16", "float32": "F32"}


@dataclass(frozen=True)
class Written:
    """What is known of a rung that has been written."""

    weights_sha256: str
    bytes: int


def write_rung(folder: Path, rung: Rung, state: State, made_of: str) -> Written:
    """Writes the checkpoint of a rung; made_of is the sha256 of the file of its base."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _RECORD).unlink(missing_ok=True)
    weights_file = write_weights(folder / WEIGHTS, state.tensors)
    write_file(folder / "config.json", json.dumps(state.config, indent=2, sort_keys=True) + "\n")
    record = {**_recipe(rung, made_of), "weights_sha256": weights_file.weights_sha256, "bytes": weights_file.bytes}
    write_file(folder / _RECORD, json.dumps(record, indent=2) + "\n")
    return weights_file


def write_weights(path: Path, tensors: Mapping[str, Array]) -> Written:
    """Writes a safetensors file, tensors in order of their names, one at a time.

    The library makes all bytes before it writes any, which for the largest rung are 3 GB.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in sorted(tensors.items()):
        start, end = end, end + tensor.nbytes
        header[name] = {"dtype": _DTYPES[tensor.dtype.name], "shape": tensor.shape, "data_offsets": (start, end)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that numbers are aligned
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for piece in (struct.pack("<Q", len(text)), text):
            digest.update(piece)
            file.write(piece)
        for _, tensor in sorted(tensors.items()):
            numbers = np.ascontiguousarray(tensor).data
            digest.update(numbers)
            file.write(numbers)
    return Written(digest.hexdigest(), 8 + len(text) + end)


def find_rung(folder: Path, rung: Rung, made_of: str) -> Written | None:
    """What is known of a rung, or None where it was not written as it is planned now."""
    path = folder / _RECORD
    if not path.is_file():
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    if any(record.get(key) != value for key, value in _recipe(rung, made_of).items()):
        return None
    return Written(record["weights_sha256"], record["bytes"])


def _recipe(rung: Rung, made_of: str) -> dict[str, Any]:
    return {
        "what": "synthetic derivation of a real model",
        "name": rung.model,
        "base_model": BASES[rung.base],
        "base_sha256": made_of,
        "other_model": rung.other,
        "rung": rung.kind.name,
        "level": rung.level,
        "seed": rung.seed,
        "version": VERSION,
    }

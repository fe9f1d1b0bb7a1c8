"""PyTorch files, written as torch writes them and without torch."""

import io
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C


class FloatStorage:
    """Stands for torch.FloatStorage while a pickle is written."""


def _rebuild_tensor_v2(*_: Any) -> None:
    """Stands for torch._utils._rebuild_tensor_v2 while a pickle is written."""


def _torch_modules() -> dict[str, ModuleType]:
    """Modules under torch's names, so that pickle writes those names."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for owner, module, thing in ((torch, "torch", FloatStorage), (utils, "torch._utils", _rebuild_tensor_v2)):
        thing.__module__ = module
        setattr(owner, thing.__name__, thing)
    return {"torch": torch, "torch._utils": utils}


class Tensor:
    """One tensor as torch describes it."""

    def __init__(self, key: str, array: np.ndarray, offset: int = 0, strides: tuple[int, ...] | None = None) -> None:
        self.key, self.array, self.offset = key, array, offset
        self.strides = strides or tuple(step // array.itemsize for step in array.strides)

    def __reduce__(self) -> tuple[Any, ...]:
        storage = Storage(self.key, self.offset + self.array.size)
        return _rebuild_tensor_v2, (storage, self.offset, self.array.shape, self.strides, False, OrderedDict())


class Storage:
    """What a pickle refers to from outside itself."""

    def __init__(self, key: str, count: int) -> None:
        self.key, self.count = key, count


class Pickler(pickle.Pickler):
    def persistent_id(self, thing: Any) -> Any:
        return ("storage", FloatStorage, thing.key, "cpu", thing.count) if isinstance(thing, Storage) else None


def pickled(thing: Any) -> bytes:
    out = io.BytesIO()
    with mock.patch.dict(sys.modules, _torch_modules()):
        Pickler(out, 2).dump(thing)
    return out.getvalue()


def write_zip(path: Path, state: Any, stored: dict[str, np.ndarray], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", pickled(state))
        for key, array in stored.items():
            archive.writestr(f"archive/data/{key}", array.tobytes())


def write_old(path: Path, state: Any, stored: dict[str, np.ndarray]) -> None:
    parts = [pickled(thing) for thing in (MAGIC, 1001, {"little_endian": True}, state, sorted(stored))]
    parts += [struct.pack("<q", stored[key].size) + stored[key].tobytes() for key in sorted(stored)]
    path.write_bytes(b"".join(parts))


def state_of(held: dict[str, np.ndarray]) -> tuple[OrderedDict[str, Tensor], dict[str, np.ndarray]]:
    keys = {name: str(1000 + place) for place, name in enumerate(held)}
    return OrderedDict((name, Tensor(keys[name], array)) for name, array in held.items()), {
        keys[name]: array for name, array in held.items()
    }

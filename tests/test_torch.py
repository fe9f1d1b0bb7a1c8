"""PyTorch files, written as torch writes them and without torch; hostile pickles run nothing."""

import io
import os
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint_files import BERT
from lineage.checkpoints.files import CheckpointError, LocalFile
from lineage.checkpoints.formats import read_header
from measure import main

MAGIC = 0x1950A86A20F9469CFC6C


class FloatStorage:
    """Stands for torch.FloatStorage while a pickle is written."""


def _rebuild_tensor_v2(*_: Any) -> None:
    """Stands for torch._utils._rebuild_tensor_v2 while a pickle is written."""


@pytest.fixture(autouse=True)
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules under torch's names, so that pickle writes those names."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for owner, module, thing in ((torch, "torch", FloatStorage), (utils, "torch._utils", _rebuild_tensor_v2)):
        monkeypatch.setattr(thing, "__module__", module)
        setattr(owner, thing.__name__, thing)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


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
    Pickler(out, 2).dump(thing)
    return out.getvalue()


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {
        f"bert.encoder.layer.{layer}.{name}": rng.normal(size=shape).astype(np.float32)
        for layer in range(2)
        for name, shape in BERT.items()
    }


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


def run(path: Path, out: Path) -> int:
    return main([str(path), "--model", "a/b", "--recorded", "hub:a/b", "--data", str(out), "--quiet"])


@pytest.mark.parametrize("write", [write_zip, write_old])
@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"model": s, "epoch": 3}, lambda s: {"state_dict": s}])
def test_both_kinds_of_file_give_the_statistics_of_their_matrices(tmp_path: Path, write: Any, wrap: Any) -> None:
    held = arrays()
    state, stored = state_of(held)
    write(tmp_path / "m.bin", wrap(state), stored)

    assert run(tmp_path / "m.bin", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "a_b.csv")
    for name, role in (("attention.self.query", "q"), ("output.dense", "down")):
        row = table[(table["layer"] == 1) & (table["role"] == role)].iloc[0]
        exact = held[f"bert.encoder.layer.1.{name}.weight"].astype(np.float64)
        assert row["std"] == pytest.approx(exact.std(), rel=1e-6)


def test_tied_tensors_are_measured_under_both_names(tmp_path: Path) -> None:
    held = arrays()
    state, stored = state_of(held)
    one = "bert.encoder.layer.0.attention.self.key.weight"
    state["bert.encoder.layer.1.attention.self.key.weight"] = state[one]
    write_zip(tmp_path / "m.bin", state, stored)

    assert run(tmp_path / "m.bin", tmp_path) == 0

    table = pd.read_csv(tmp_path / "fingerprints" / "a_b.csv")
    assert table[table["role"] == "k"]["sha256"].nunique() == 1


def test_what_an_optimiser_keeps_lies_between_and_is_passed_over(tmp_path: Path) -> None:
    held = arrays()
    state, stored = state_of(held)
    extra = np.ones(50, np.float32)
    stored["0500"] = extra
    write_old(tmp_path / "m.pt", {"model": state, "optimizer": {"state": [Tensor("0500", extra)]}}, stored)

    assert run(tmp_path / "m.pt", tmp_path) == 0


class Evil:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


@pytest.mark.parametrize("write", [write_zip, write_old])
@pytest.mark.parametrize("function", [os.system, eval, exec, __import__, getattr, open])
def test_a_pickle_that_would_run_something_is_refused_and_runs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], write: Any, function: Any
) -> None:
    state, stored = state_of(arrays())
    target = tmp_path / "ran"
    state["evil"] = Evil(function, f"touch {target}")  # type: ignore[assignment]
    write(tmp_path / "m.bin", state, stored)

    assert run(tmp_path / "m.bin", tmp_path / "out") == 1

    assert "which no weights need" in capsys.readouterr().err
    assert not target.exists()


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as fault:
        read_header(LocalFile(path))
    return str(fault.value)


def test_a_memo_index_of_four_billion_costs_nothing(tmp_path: Path) -> None:
    hostile = b"\x80\x02Nr\xff\xff\xff\xff."  # None, put into the memo at 2^32 - 1

    (tmp_path / "m.bin").write_bytes(hostile)

    assert "is no PyTorch file that can be read safely" in refused(tmp_path / "m.bin")


def test_compressed_storages_are_refused(tmp_path: Path) -> None:
    state, stored = state_of(arrays())
    write_zip(tmp_path / "m.bin", state, stored, zipfile.ZIP_DEFLATED)

    assert "is compressed, or shorter than it says" in refused(tmp_path / "m.bin")


def test_a_zip_bomb_in_place_of_the_pickle_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(100 << 20))

    assert "no data.pkl of a sensible size" in refused(tmp_path / "m.bin")


def test_a_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    state, stored = state_of(arrays())
    name = next(iter(state))
    state[name] = Tensor(state[name].key, np.ones((8, 8), np.float32), offset=1 << 40)
    write_zip(tmp_path / "m.bin", state, stored)

    assert "shorter than it says" in refused(tmp_path / "m.bin")


def test_a_tensor_that_is_not_stored_row_by_row_is_refused(tmp_path: Path) -> None:
    state, stored = state_of(arrays())
    name = next(iter(state))
    state[name] = Tensor(state[name].key, np.ones((8, 8), np.float32), strides=(1, 8))
    write_zip(tmp_path / "m.bin", state, stored)

    assert "is not stored row by row" in refused(tmp_path / "m.bin")


@pytest.mark.parametrize("state", [None, [1], {}, {"a": 1}, {"model": {"a": 1}}])
def test_a_file_without_weights_is_refused(tmp_path: Path, state: Any) -> None:
    write_zip(tmp_path / "m.bin", state, {})

    assert "is no PyTorch file that can be read safely: it holds no t" in refused(tmp_path / "m.bin")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_pickle_gives_tensors_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.bin").write_bytes(b"\x80\x02" + content)

    with suppress(CheckpointError):  # and no other error
        assert isinstance(read_header(LocalFile(tmp_path / "m.bin")).tensors, tuple)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_sound_file_with_changed_bytes_gives_tensors_or_one_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    sound = tmp_path / "sound.pt"
    if not sound.is_file():
        write_old(sound, *state_of(arrays()))
    content = bytearray(sound.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(2, 1500))] = data.draw(st.integers(0, 255))
    (tmp_path / "m.pt").write_bytes(content)

    with suppress(CheckpointError):
        assert isinstance(read_header(LocalFile(tmp_path / "m.pt")).tensors, tuple)

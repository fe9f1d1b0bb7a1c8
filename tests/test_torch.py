"""PyTorch files, written as torch writes them and without torch; hostile pickles run nothing."""

import os
import zipfile
from contextlib import suppress
from pathlib import Path
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
from torch_files import Tensor, state_of, write_old, write_zip


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {
        f"bert.encoder.layer.{layer}.{name}": rng.normal(size=shape).astype(np.float32)
        for layer in range(2)
        for name, shape in BERT.items()
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


@pytest.mark.parametrize(
    ("shape", "strides", "stored", "by_columns"),
    [
        ((4, 6), (6, 1), (4, 6), False),
        ((4, 6), (1, 4), (6, 4), True),  # as a model that was converted from TensorFlow leaves it
        ((1, 6), (1, 1), (1, 6), False),  # the stride of a dimension of one says nothing
        ((6, 1), (1, 9), (6, 1), False),
    ],
)
def test_a_matrix_is_read_by_its_strides(
    tmp_path: Path, shape: tuple[int, int], strides: tuple[int, int], stored: tuple[int, int], by_columns: bool
) -> None:
    write_zip(tmp_path / "m.bin", {"x": Tensor("0", np.ones(shape, np.float32), strides=strides)}, {"0": np.ones(24)})

    (tensor,) = read_header(LocalFile(tmp_path / "m.bin")).tensors

    assert (tensor.shape, tensor.by_columns, tensor.not_read) == (stored, by_columns, "")


@pytest.mark.parametrize("strides", [(0, 1), (1, 1)])
def test_other_strides_are_named(tmp_path: Path, strides: tuple[int, int]) -> None:
    write_zip(tmp_path / "m.bin", {"x": Tensor("0", np.ones((2, 3), np.float32), strides=strides)}, {"0": np.ones(24)})

    (tensor,) = read_header(LocalFile(tmp_path / "m.bin")).tensors

    assert f"has the strides {strides}, which are not read here" in tensor.not_read


def test_strides_that_lead_out_of_the_storage_are_refused(tmp_path: Path) -> None:
    state = {"x": Tensor("0", np.ones((2, 3), np.float32), strides=(7, 1))}
    write_zip(tmp_path / "m.bin", state, {"0": np.ones(24)})

    assert "lies outside the file" in refused(tmp_path / "m.bin")


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

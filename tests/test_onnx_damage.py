"""ONNX files that lie or are damaged give one clear error, in bounded time."""

import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from lineage.checkpoints.files import CheckpointError, LocalFile
from lineage.checkpoints.formats import read_header
from onnx_models import exported, model, stored, weights

ONE = np.ones((2, 3), np.float32)
HEAD = b"\x08\x0a\x12\x04test"  # the version of the format and who wrote the file


def number(value: int) -> bytes:
    """A number as protobuf writes it."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + number(rest) if rest else bytes([low])


def field(place: int, content: bytes | int) -> bytes:
    """A field with a number, or with bytes after their length."""
    if isinstance(content, int):
        return number(place << 3) + number(content)
    return number(place << 3 | 2) + number(len(content)) + content


def graph(*content: bytes) -> bytes:
    return HEAD + field(7, b"".join(content))


def tensor(*dimensions: int, kind: int = 1, data: bytes = b"", place: int = 9) -> bytes:
    """An initialiser, "a"."""
    shape = b"".join(field(1, length) for length in dimensions)
    return field(5, shape + field(2, kind) + field(8, b"a") + field(place, data))


def outside() -> bytes:
    one = stored("a", ONE)
    one.ClearField("raw_data")
    one.data_location = TensorProto.EXTERNAL
    one.external_data.add(key="location", value="a.bin")
    return model([], [one])


def hostile_depth() -> bytes:
    nested = b""
    for _ in range(20_000):
        nested = field(6, field(1, field(5, nested)))
    return graph(field(1, field(5, nested)), tensor(1, data=bytes(4)))


WRONG = {
    "holds 0 graphs": HEAD + field(14, b""),
    "holds 2 graphs": graph() + field(7, b""),
    "bytes follow, which are more than there are": HEAD + number(7 << 3 | 2) + number(1 << 40),
    "has a number that does not end": HEAD + b"\x3a" + b"\xff" * 20,
    "has a field 0 of the kind 0": HEAD + b"\x00\x00",
    "of the kind 3, which no file needs": HEAD + field(7, number(5 << 3 | 3)),
    "'a' stands twice": model([], [stored("a", ONE), stored("a", ONE)]),
    "has 20 bytes, its shape and type ask for 24": graph(tensor(2, 3, data=bytes(20))),
    "has 0 bytes, its shape and type ask for 4": graph(tensor()),
    "has 5 bytes, its shape and type ask for 12": graph(tensor(6, kind=10, data=bytes(5), place=5)),
    "has a shape that is none": graph(tensor(1 << 40, 1 << 40)),
    "has a shape that is none at": graph(tensor((1 << 64) - 1)),
    "has more than 16 dimensions": graph(tensor(*([1] * 17))),
    "has its numbers more than once": graph(field(5, field(9, b"") * 2)),
    "lies in another file": outside(),
    "'a' is written in words of several lengths": graph(tensor(2, kind=10, data=bytes(2), place=5)),
    "has a text or a list of 5000 bytes": graph(field(1, field(3, b"a" * 5000))),
}


@pytest.mark.parametrize("reason", WRONG)
def test_a_file_that_lies_is_refused_with_its_reason(tmp_path: Path, reason: str) -> None:
    (tmp_path / "m.onnx").write_bytes(WRONG[reason])

    with pytest.raises(CheckpointError, match=rf"^m\.onnx: .*{reason}"):
        read_header(LocalFile(tmp_path / "m.onnx"))


def test_graphs_inside_graphs_are_passed_over_however_deep(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(hostile_depth())

    assert [one.name for one in read_header(LocalFile(tmp_path / "m.onnx")).tensors] == ["a"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    whole = exported(weights())
    (tmp_path / "m.onnx").write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(CheckpointError, match="the file is cut off or damaged, download it again"):
        read_header(LocalFile(tmp_path / "m.onnx"))


def test_millions_of_empty_nodes_are_refused_in_time(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(graph(field(1, b"") * 3_000_000))
    start = time.monotonic()

    with pytest.raises(CheckpointError, match="holds more than 2097152 fields"):
        read_header(LocalFile(tmp_path / "m.onnx"))

    assert time.monotonic() - start < 60


def test_a_length_of_a_safetensors_header_is_no_start_of_an_onnx_file(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(bytes([8, 10, 18, 0, 0, 0, 0, 0]) + b"{")

    with pytest.raises(CheckpointError, match="says its header has 1182216 bytes"):
        read_header(LocalFile(tmp_path / "m.safetensors"))


def quantised() -> bytes:
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=1),
        helper.make_node("MatMul", ["x", "f"], ["y"], "/encoder/layer.0/output/dense/MatMul"),
        helper.make_node("Add", ["y", "d.bias"], ["o"]),
        helper.make_node("Gemm", ["x", "g.weight"], ["p"], transB=1),
    ]
    zero = helper.make_tensor("z", TensorProto.UINT8, [3], [1, 2, 200])
    tensors = [stored("w", np.ones((2, 3), np.uint8)), stored("s", np.ones(3, np.float32)), zero]
    return model(nodes, [*tensors, stored("d.bias", np.ones(3, np.float32)), stored("g.weight", ONE)])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_give_tensors_or_one_clear_error(tmp_path: Path, content: bytes) -> None:
    for start in (HEAD, HEAD + number(7 << 3 | 2) + number(len(content))):
        (tmp_path / "m.onnx").write_bytes(start + content)

        with suppress(CheckpointError):  # and no other error
            assert isinstance(read_header(LocalFile(tmp_path / "m.onnx")).tensors, tuple)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_sound_file_with_changed_bytes_gives_tensors_or_one_clear_error(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([quantised(), exported(weights())])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "m.onnx").write_bytes(content)

    with suppress(CheckpointError):
        assert isinstance(read_header(LocalFile(tmp_path / "m.onnx")).tensors, tuple)

"""ONNX files: true names from the graph, quantised weights as what they mean, and what is left alone."""

from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
from onnx import NodeProto, TensorProto, helper

from lineage.checkpoints.files import LocalFile, Span
from lineage.checkpoints.formats import read_header
from lineage.checkpoints.tensors import Header, Tensor
from measure import main
from onnx_models import LAYER, exported, model, stored, weights, write_exported, written

QUERY = f"{LAYER}attention.self.query"
WORDS = "embeddings.word_embeddings.weight"


def run(path: Path, out: Path) -> int:
    return main([str(path), "--model", "a/b", "--recorded", "hub:a/b", "--data", str(out), "--quiet"])


def table(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "fingerprints" / "a_b.csv").set_index("role")


def header(tmp_path: Path, content: bytes) -> Header:
    (tmp_path / "m.onnx").write_bytes(content)
    return read_header(LocalFile(tmp_path / "m.onnx"))


@pytest.mark.parametrize("biases", [True, False], ids=["named by their biases", "named by their nodes"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16])
def test_matrices_that_an_exporter_turned_round_are_measured_as_they_were(
    tmp_path: Path, dtype: type, biases: bool
) -> None:
    held = write_exported(tmp_path / "m.onnx", dtype, biases=biases)

    assert run(tmp_path / "m.onnx", tmp_path) == 0

    found = table(tmp_path)
    for role, name in (("q", "attention.self.query"), ("up", "intermediate.dense"), ("down", "output.dense")):
        exact = held[f"{LAYER}{name}"].astype(np.float64)
        assert (found.loc[role, "rows"], found.loc[role, "cols"]) == exact.shape, role
        assert found.loc[role, "std"] == pytest.approx(exact.std(), rel=1e-6), role


def test_a_folder_with_an_onnx_file_is_a_checkpoint(tmp_path: Path) -> None:
    write_exported(tmp_path / "m.onnx")

    assert run(tmp_path, tmp_path / "out") == 0


def test_numbers_in_the_field_of_their_type_are_read_where_they_lie(tmp_path: Path) -> None:
    matrix = weights()[QUERY].astype(np.float32)

    (tensor,) = header(tmp_path, model([], [written(f"{QUERY}.weight", matrix)])).tensors

    read = LocalFile(tmp_path / "m.onnx").read(tensor.span)
    assert np.array_equal(np.frombuffer(read, "<f4").reshape(tensor.shape), matrix)


def test_the_header_of_a_large_file_is_read_without_its_weights(tmp_path: Path) -> None:
    held = {name: np.tile(matrix, (100, 100)) for name, matrix in weights().items()}
    (tmp_path / "m.onnx").write_bytes(exported(held))
    file = LocalFile(tmp_path / "m.onnx")
    sizes: list[int] = []

    def counted(span: Span) -> bytes:
        sizes.append(span.length)
        return LocalFile.read(file, span)

    file.read = counted  # type: ignore[method-assign]
    found = read_header(file)

    assert len(found.tensors) == 12
    assert sum(sizes) < file.size / 10


GEMMS = {
    "rows are outputs": ({"transB": 1}, False),
    "rows are inputs": ({}, True),
}


@pytest.mark.parametrize("kind", GEMMS)
def test_gemm_says_how_its_matrix_lies(tmp_path: Path, kind: str) -> None:
    attributes, transposed = GEMMS[kind]
    up = weights()[f"{LAYER}intermediate.dense"].astype(np.float32)
    matrix = np.ascontiguousarray(up.T) if transposed else up
    node = helper.make_node("Gemm", ["x", "W", f"{LAYER}intermediate.dense.bias"], ["y"], **attributes)
    bias = stored(f"{LAYER}intermediate.dense.bias", np.ones(16, np.float32))

    tensors = header(tmp_path, model([node], [stored("W", matrix), bias])).tensors

    assert (tensors[0].name, tensors[0].transposed) == (f"{LAYER}intermediate.dense.weight", transposed)


def test_a_matrix_that_the_graph_turns_round_itself_is_not_transposed(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Transpose", [f"{QUERY}.weight"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "t"], ["y"]),
    ]

    (tensor,) = header(tmp_path, model(nodes, [stored(f"{QUERY}.weight", np.ones((8, 8), np.float32))])).tensors

    assert not tensor.transposed


def test_what_the_graph_does_not_name_keeps_its_name_and_is_listed(tmp_path: Path) -> None:
    one = np.ones((8, 8), np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "onnx::MatMul_1"], ["y"], "node_MatMul_1"),
        helper.make_node("MatMul", ["x", "onnx::MatMul_2"], ["z"], "/encoder/layer.0/output/dense/MatMul"),
        helper.make_node("MatMul", ["x", "onnx::MatMul_3"], ["w"], "/encoder/layer.0/output/dense/MatMul"),
    ]
    loose = [stored(f"onnx::MatMul_{number}", one) for number in (1, 2, 3)]
    text = helper.make_tensor("words", TensorProto.STRING, [2], [b"a", b"b"])
    sound = helper.make_node("Gemm", ["x", f"{QUERY}.weight"], ["q"], transB=1)
    content = model([*nodes, sound], [*loose, text, stored(f"{QUERY}.weight", weights()[QUERY])])
    (tmp_path / "m.onnx").write_bytes(content)

    assert run(tmp_path / "m.onnx", tmp_path) == 0

    record = (tmp_path / "fingerprints" / "a_b.toml").read_text()
    for number in (1, 2, 3):
        assert f'"onnx::MatMul_{number}"' in record
    assert "words" not in record
    assert list(table(tmp_path).index) == ["q"]


RNG = np.random.default_rng(7)
WHOLE = RNG.integers(-127, 128, size=(6, 4)).astype(np.int8)
BYTES = RNG.integers(0, 256, size=(6, 4)).astype(np.uint8)
LIST_4, LIST_6 = (RNG.uniform(0.01, 0.02, size=size).astype(np.float32) for size in (4, 6))
ONE = np.float32(0.02)
ZEROS = RNG.integers(100, 140, size=4).astype(np.uint8)
BLOCKS = RNG.uniform(0.01, 0.02, size=(2, 4)).astype(np.float32)
Case = tuple[list[NodeProto], list[TensorProto], np.ndarray]


def used(*inputs: str, **attributes: int) -> list[NodeProto]:
    """The two nodes that make weights out of stored numbers and multiply by them."""
    return [helper.make_node("DequantizeLinear", inputs, ["f"], **attributes), helper.make_node("MatMul", "xf", "y")]


def integers(zero: bool) -> list[NodeProto]:
    """The nodes that ONNX Runtime makes of a matrix product."""
    return [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]),
        helper.make_node("MatMulInteger", ["xq", "w", "xz", "z"] if zero else ["xq", "w"], ["i"]),
        helper.make_node("Mul", ["xs", "s"], ["both"]),
        helper.make_node("Cast", ["i"], ["c"], to=1),
        helper.make_node("Mul", ["c", "both"], ["y"]),
    ]


QUANTISED: dict[str, Callable[[], Case]] = {
    "a scale a column": lambda: (used("w", "s"), [stored("w", WHOLE), stored("s", LIST_4)], WHOLE * LIST_4),
    "a scale a row": lambda: (
        used("w", "s", axis=0),
        [stored("w", WHOLE), stored("s", LIST_6)],
        WHOLE * LIST_6[:, None],
    ),
    "one scale and a zero point": lambda: (
        used("w", "s", "z"),
        [stored("w", BYTES), written("s", ONE), written("z", np.uint8(117))],
        (BYTES - np.float32(117)) * ONE,
    ),
    "a scale and a zero point a column": lambda: (
        used("w", "s", "z", axis=-1),
        [stored("w", BYTES), stored("s", LIST_4), written("z", ZEROS)],
        (BYTES - ZEROS.astype(np.float32)) * LIST_4,
    ),
    "a scale for blocks of rows": lambda: (
        used("w", "s", axis=0, block_size=4),
        [stored("w", WHOLE), stored("s", BLOCKS)],
        WHOLE * np.repeat(BLOCKS, 4, axis=0)[:6],
    ),
    "cast and multiplied": lambda: (
        [
            helper.make_node("Cast", ["w"], ["c"], to=1),
            helper.make_node("Mul", ["c", "s"], ["f"]),
            helper.make_node("MatMul", ["x", "f"], ["y"]),
        ],
        [stored("w", WHOLE), stored("s", LIST_6[:, None])],
        WHOLE * LIST_6[:, None],
    ),
    "cast, shifted and multiplied": lambda: (
        [
            helper.make_node("Cast", ["w"], ["c"], to=1),
            helper.make_node("Sub", ["c", "z"], ["d"]),
            helper.make_node("Mul", ["d", "s"], ["f"]),
            helper.make_node("MatMul", ["x", "f"], ["y"]),
        ],
        [stored("w", BYTES), stored("z", ZEROS.astype(np.float32)), stored("s", ONE)],
        (BYTES - ZEROS.astype(np.float32)) * ONE,
    ),
    "multiplied as whole numbers": lambda: (
        integers(zero=True),
        [stored("w", BYTES), stored("s", LIST_4), stored("z", ZEROS)],
        (BYTES - ZEROS.astype(np.float32)) * LIST_4,
    ),
    "multiplied as whole numbers without a zero point": lambda: (
        integers(zero=False),
        [stored("w", WHOLE), stored("s", ONE)],
        WHOLE * ONE,
    ),
    "multiplied in one node": lambda: (
        [helper.make_node("DynamicQuantizeMatMul", ["x", "w", "s", "z"], ["y"])],
        [stored("w", BYTES), stored("s", ONE), stored("z", np.uint8(9))],
        (BYTES - np.float32(9)) * ONE,
    ),
    "looked up, then scaled": lambda: (
        [
            helper.make_node("Gather", ["w", "ids"], ["g"]),
            helper.make_node("DequantizeLinear", ["g", "s", "z"], ["f"]),
        ],
        [stored("w", BYTES), stored("s", ONE), stored("z", np.uint8(131))],
        (BYTES - np.float32(131)) * ONE,
    ),
}


def meaning(tensor: Tensor, path: Path) -> np.ndarray:
    """What a scaled tensor means, number by number."""
    scaling = tensor.scaling
    assert scaling is not None
    words = np.frombuffer(LocalFile(path).read(tensor.span), {"I8": np.int8, "U8": np.uint8}[tensor.dtype])
    exact = words.reshape(tensor.shape).astype(np.float32)
    for row, column in np.ndindex(*tensor.shape):
        block = row // scaling.rows, column // scaling.columns
        exact[row, column] -= 0 if scaling.zero is None else scaling.zero[block]
        exact[row, column] *= scaling.factor[block]
    return exact


@pytest.mark.parametrize("kind", QUANTISED)
def test_quantised_matrices_have_their_scales(tmp_path: Path, kind: str) -> None:
    nodes, tensors, exact = QUANTISED[kind]()

    found = header(tmp_path, model(nodes, tensors)).tensors

    (tensor,) = found  # and none of those that scale it
    assert meaning(tensor, tmp_path / "m.onnx") == pytest.approx(exact.astype(np.float32), rel=1e-6)
    assert tensor.transposed == (nodes[0].op_type != "Gather")


def test_a_quantised_model_is_measured_as_what_it_means(tmp_path: Path) -> None:
    nodes, tensors, exact = [], [], {}
    for number, (name, matrix) in enumerate(weights().items()):
        scale = np.float32(np.abs(matrix).max() / 127)
        whole = np.round(matrix.T / scale).astype(np.int8)
        exact[name] = whole.astype(np.float64) * scale
        tensors += [stored(f"W_{number}_quantized", whole), stored(f"W_{number}_scale", scale)]
        tensors.append(stored(f"{name}.bias", np.ones(len(matrix), np.float32)))
        inputs = [f"W_{number}_quantized", f"W_{number}_scale"]
        nodes.append(helper.make_node("DequantizeLinear", inputs, [f"W_{number}"]))
        nodes.append(helper.make_node("MatMul", ["x", f"W_{number}"], [f"y_{number}"]))
        nodes.append(helper.make_node("Add", [f"y_{number}", f"{name}.bias"], [f"z_{number}"]))
    (tmp_path / "m.onnx").write_bytes(model(nodes, tensors))

    assert run(tmp_path / "m.onnx", tmp_path) == 0

    found = table(tmp_path)
    for role, name in (("q", "attention.self.query"), ("up", "intermediate.dense")):
        assert found.loc[role, "std"] == pytest.approx(exact[f"{LAYER}{name}"].std(), rel=1e-6)
        assert found.loc[role, "rows"] == exact[f"{LAYER}{name}"].shape[1]


@pytest.mark.parametrize("turned", [False, True], ids=["cut by rows", "cut by columns"])
def test_the_parts_of_a_fused_quantised_matrix_have_the_scales_of_their_own_rows(tmp_path: Path, turned: bool) -> None:
    rng = np.random.default_rng(5)
    whole = rng.integers(-127, 128, size=(8 * 8, 32)).astype(np.int8)
    scales = rng.uniform(0.001, 0.1, size=64).astype(np.float32)
    exact = whole * scales[:, None].astype(np.float64)
    name = "model.layers.0.self_attn.qkv_proj.weight"
    nodes = [
        helper.make_node("DequantizeLinear", [f"{name}_quantized", "s"], [name], axis=1 if turned else 0),
        helper.make_node("MatMul", ["x", name], ["y"])
        if turned
        else helper.make_node("Gemm", ["x", name], ["y"], transB=1),
    ]
    matrix = np.ascontiguousarray(whole.T) if turned else whole
    (tmp_path / "m.onnx").write_bytes(model(nodes, [stored(f"{name}_quantized", matrix), stored("s", scales)]))
    (tmp_path / "config.json").write_text(
        '{"model_type": "phi3", "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_size": 32, "head_dim": 8}'
    )

    assert run(tmp_path / "m.onnx", tmp_path / "out") == 0

    found = table(tmp_path / "out")
    for role, rows in (("q", slice(0, 32)), ("k", slice(32, 48)), ("v", slice(48, 64))):
        assert found.loc[role, "std"] == pytest.approx(exact[rows].std(), rel=1e-6), role
        assert (found.loc[role, "rows"], found.loc[role, "cols"]) == exact[rows].shape, role


@pytest.mark.parametrize("scales", [[], ["s"]], ids=["without a scale", "with scales that do not fit"])
def test_whole_numbers_that_nothing_scales_are_not_testable(tmp_path: Path, scales: list[str]) -> None:
    name = f"{QUERY}.weight"
    node = helper.make_node("DequantizeLinear", [name, *scales], ["f"])
    tensors = [stored(name, WHOLE), stored("s", LIST_6)]
    (tmp_path / "m.onnx").write_bytes(model([node, helper.make_node("MatMul", ["x", "f"], ["y"])], tensors))

    assert run(tmp_path / "m.onnx", tmp_path) == 0

    record = (tmp_path / "fingerprints" / "a_b.toml").read_text()
    assert f"{name} has the type I8: whole numbers without a scale" in record

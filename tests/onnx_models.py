"""Small real ONNX files, built with the onnx library as exporters and quantisers build them."""

import re
from collections.abc import Sequence
from pathlib import Path

import ml_dtypes
import numpy as np
from onnx import NodeProto, TensorProto, helper

LAYER = "encoder.layer.0."
SHAPES = {  # as (out, in)
    "attention.self.query": (8, 8),
    "attention.self.key": (8, 8),
    "attention.self.value": (8, 8),
    "attention.output.dense": (8, 8),
    "intermediate.dense": (16, 8),
    "output.dense": (8, 16),
}
KINDS = {
    np.dtype(np.float64): TensorProto.DOUBLE,
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float16): TensorProto.FLOAT16,
    np.dtype(ml_dtypes.bfloat16): TensorProto.BFLOAT16,
    np.dtype(np.int8): TensorProto.INT8,
    np.dtype(np.uint8): TensorProto.UINT8,
}


def stored(name: str, array: np.ndarray) -> TensorProto:
    """An initialiser with its numbers as bytes."""
    return helper.make_tensor(name, KINDS[array.dtype], array.shape, array.tobytes(), raw=True)


def written(name: str, array: np.ndarray) -> TensorProto:
    """An initialiser with its numbers in the field of their type."""
    return helper.make_tensor(name, KINDS[array.dtype], array.shape, array.ravel().tolist())


def model(nodes: Sequence[NodeProto], tensors: Sequence[TensorProto]) -> bytes:
    """The bytes of a model."""
    return bytes(
        helper.make_model(helper.make_graph(nodes, "main", [], [], initializer=tensors)).SerializeToString(
            deterministic=True
        )
    )


def weights(seed: int = 3) -> dict[str, np.ndarray]:
    """The matrices of one layer of a BERT, as (out, in), by the names of their modules."""
    rng = np.random.default_rng(seed)
    return {f"{LAYER}{name}": rng.normal(size=shape) for name, shape in SHAPES.items()}


def exported(held: dict[str, np.ndarray], dtype: type = np.float32, *, biases: bool = True) -> bytes:
    """A model as PyTorch exports it: each matrix turned round and renamed, each bias under its true name."""
    nodes, tensors = [], []
    for number, (name, matrix) in enumerate(held.items()):
        path, renamed = f"/{name.replace('.layer.', '.layer,').replace('.', '/')}".replace(",", "."), f"W_{number}"
        tensors.append(stored(renamed, np.ascontiguousarray(matrix.T).astype(dtype)))
        nodes.append(helper.make_node("MatMul", [f"x_{number}", renamed], [f"y_{number}"], f"{path}/MatMul"))
        if biases:
            nodes[-1].name = f"node_{number}"
            tensors.append(stored(f"{name}.bias", np.ones(len(matrix), dtype)))
            nodes.append(helper.make_node("Add", [f"{name}.bias", f"y_{number}"], [f"z_{number}"]))
    return model(nodes, tensors)


def write_exported(path: Path, dtype: type = np.float32, *, biases: bool = True) -> dict[str, np.ndarray]:
    """Such a model on disk, and what it holds."""
    held = {name: matrix.astype(dtype) for name, matrix in weights().items()}
    path.write_bytes(exported(held, dtype, biases=biases))
    return held


def exported_whole(arrays: dict[str, np.ndarray], tables: Sequence[str], kept: Sequence[str] = ()) -> bytes:
    """A whole model as PyTorch exports it: what a layer multiplies by is turned round and renamed.

    tables are the names of matrices that rows are taken from, such as embeddings; kept are those that their maker
    stores as (in, out) already, which an exporter takes as they are.
    """
    nodes, tensors = [], []
    for number, (name, array) in enumerate(arrays.items()):
        module, _, ending = name.rpartition(".")
        outcome = f"y_{number}"
        if array.ndim != 2 or not name.endswith((".weight", *tables)):
            tensors.append(stored(name, array))
            nodes.append(helper.make_node("Add", [f"x_{number}", name], [outcome]))
        elif name in tables:
            tensors.append(stored(name, array))
            nodes.append(helper.make_node("Gather", [name, f"x_{number}"], [outcome], f"/{_path(module)}/Gather"))
        elif name in kept:
            tensors.append(stored(name, array))
            bias = [f"{module}.bias"] if f"{module}.bias" in arrays else []
            nodes.append(helper.make_node("Gemm", [f"x_{number}", name, *bias], [outcome], f"/{_path(module)}/Gemm"))
        else:
            assert ending == "weight", name
            renamed = f"onnx::MatMul_{number}"
            tensors.append(stored(renamed, np.ascontiguousarray(array.T)))
            nodes.append(helper.make_node("MatMul", [f"x_{number}", renamed], [outcome], f"/{_path(module)}/MatMul"))
    return model(nodes, tensors)


def _path(module: str) -> str:
    """The path of a module as the exporter writes it: "layers.0" is one step of the path."""
    return re.sub(r"\.(?!\d+(\.|$))", "/", module)

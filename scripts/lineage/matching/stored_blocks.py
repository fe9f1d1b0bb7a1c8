"""The blocks of a checkpoint as the exact test wants them, read when they are looked at and one at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lineage.checkpoints.files import CheckpointError, CheckpointFile
from lineage.checkpoints.storage.arrays import StoredMatrix
from lineage.exact.blocks import Block
from lineage.exact.permutation import PARAMETERS, Parameters, unit_sample
from lineage.exact.units import kv_groups
from lineage.measuring.plan import Plan
from lineage.measuring.recorded import sampled_dimensions

MLP = ("gate", "up", "down")
ATTENTION = ("q", "k", "v", "o")
Place = tuple[int, str]  # a layer and an expert, "" where the layer has one block
Matrices = Mapping[Place, Mapping[str, StoredMatrix]]  # by role
Groups = Callable[[int], int]  # of a layer: how many heads of keys and values it has
ReadBlock = Callable[[], Mapping[str, np.ndarray]]


class Shelf:
    """Holds the block of a model that was looked at last; all of them on the disk, where a folder is given."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._number = -1
        self._held: Mapping[str, np.ndarray] = {}

    def block(self, number: int, read_block: ReadBlock) -> Mapping[str, np.ndarray]:
        """The matrices of a block, read where they are not held."""
        if number != self._number:
            self._held = {}  # before the next is read, so that no two are held
            self._held, self._number = self._read(number, read_block), number
        return self._held

    def _read(self, number: int, read_block: ReadBlock) -> Mapping[str, np.ndarray]:
        if self._folder is None:
            return read_block()
        path = self._folder / f"{number}.npz"
        if not path.is_file():
            arrays: dict[str, Any] = dict(read_block())
            np.savez(path, **arrays)
        with np.load(path) as archive:
            return dict(archive)


class LazyMatrices(Mapping[str, np.ndarray]):
    """The matrices of a block by name, read when one is looked up."""

    def __init__(self, names: Sequence[str], shelf: Shelf, number: int, read_block: ReadBlock) -> None:
        self._names = tuple(names)
        self._shelf = shelf
        self._number = number
        self._block = read_block

    def __getitem__(self, name: str) -> np.ndarray:
        return self._shelf.block(self._number, self._block)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def stored_matrices(files: Sequence[CheckpointFile], plan: Plan, roles: Sequence[str]) -> Matrices:
    """The matrices of some roles in the layers of a checkpoint, in order of layer and expert."""
    by_name = {file.name: file for file in files}
    matrices: dict[Place, dict[str, StoredMatrix]] = defaultdict(dict)
    for wanted_tensor in plan.wanted:
        for tensor_part in wanted_tensor.parts:
            location = tensor_part.place
            if location.layer is None or location.role not in roles:
                continue
            block = matrices[location.layer, location.expert]
            if location.role in block:
                raise CheckpointError(
                    f"{wanted_tensor.tensor.name}: layer {location.layer} has two matrices for {location.role}"
                )
            block[location.role] = StoredMatrix(by_name[wanted_tensor.tensor.file], wanted_tensor.tensor, tensor_part)
    return {location: matrices[location] for location in sorted(matrices)}


def outer_matrix(files: Sequence[CheckpointFile], plan: Plan, role: str) -> StoredMatrix | None:
    """The matrix of a role outside the layers, where there is one."""
    for wanted_tensor in plan.wanted:
        for tensor_part in wanted_tensor.parts:
            if tensor_part.place.layer is None and tensor_part.place.role == role:
                return StoredMatrix(
                    next(file for file in files if file.name == wanted_tensor.tensor.file),
                    wanted_tensor.tensor,
                    tensor_part,
                )
    return None


def mlp_blocks(
    matrices: Matrices, roles: Sequence[str], shelf: Shelf, parameters: Parameters = PARAMETERS
) -> list[Block]:
    """The MLPs of a model; only sampled units are read, and only some roles of gate, up and down."""
    blocks = []
    for number, ((layer, expert), block) in enumerate(matrices.items()):
        sizes = {role: matrix.shape[role == "down"] for role, matrix in block.items()}
        if len(set(sizes.values())) > 1:
            words = ", ".join(f"{role} {size}" for role, size in sorted(sizes.items()))
            raise CheckpointError(f"the matrices of layer {layer} have different numbers of units: {words}")
        block_matrices = {role: matrix for role, matrix in block.items() if role in roles}
        units = next(iter(sizes.values()))
        read_block = _mlp_reader(block_matrices, unit_sample(units, parameters))
        blocks.append(Block(layer, expert, LazyMatrices(tuple(block_matrices), shelf, number, read_block), units))
    return blocks


def head_blocks(matrices: Matrices, groups: Groups, shelf: Shelf) -> list[Block]:
    """The attention of a model, one unit a key-value head with its queries, on a sample of residual dimensions.

    Layers without all of q, k, v and o have no block.
    """
    return [
        Block(layer, "", LazyMatrices(ATTENTION, shelf, number, _head_reader(block, groups(layer))), groups(layer))
        for number, ((layer, _), block) in enumerate(matrices.items())
        if set(block) == set(ATTENTION)
    ]


def misfit_of_heads(matrices: Matrices, heads: int, groups: Groups) -> str:
    """The tensor whose shape does not fit so many heads in so many groups, or ""."""
    for (layer, _), block in matrices.items():
        if set(block) == set(ATTENTION):
            layer_groups = groups(layer)
            if not layer_groups:
                return block["k"].tensor.name
            wide, remainder = divmod(block["k"].shape[0], layer_groups)
            heights = {"q": heads * wide, "o": heads * wide, "k": layer_groups * wide}
            if remainder or any(block[role].shape[role == "o"] != size for role, size in heights.items()):
                return block["k"].tensor.name
            if block["v"].shape[0] % layer_groups:
                return block["v"].tensor.name
    return ""


def bytes_read(matrices: Matrices, roles: Sequence[str], parameters: Parameters = PARAMETERS) -> int:
    """How many bytes are read of some roles of a model: of gate and up the sampled rows, of others all."""
    return sum(
        matrix.bytes_for(unit_sample(matrix.shape[0], parameters) if role in ("gate", "up") else None)
        for block in matrices.values()
        for role, matrix in block.items()
        if role in roles
    )


def _mlp_reader(block: Mapping[str, StoredMatrix], sample: np.ndarray) -> ReadBlock:
    def read() -> Mapping[str, np.ndarray]:
        return {
            role: matrix.read(columns=sample).T if role == "down" else matrix.read(rows=sample)
            for role, matrix in block.items()
        }

    return read


def _head_reader(block: Mapping[str, StoredMatrix], groups: int) -> ReadBlock:
    def read() -> Mapping[str, np.ndarray]:
        samples = {}
        for role, matrix in block.items():
            sample = np.sort(sampled_dimensions("residual", matrix.shape[role != "o"]))
            samples[role] = matrix.read(rows=sample) if role == "o" else matrix.read(columns=sample)
        return kv_groups(**samples, groups=groups)

    return read

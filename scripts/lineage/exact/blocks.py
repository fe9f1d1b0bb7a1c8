"""Blocks of two checkpoints, and which block of one is tested against which of the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded where they are used

from lineage.exact.permutation import PARAMETERS, Parameters, cosines, directions, unit_halves, z_score

NO_MATCH = -1e6  # stands for the z of blocks that cannot be compared, far below any that can


@dataclass(frozen=True, eq=False)
class Block:
    """The units of one block of a model: of an MLP, of one expert, or of the attention of a layer."""

    layer: int
    expert: str  # "" where the layer has one block
    matrices: Mapping[str, np.ndarray]  # by name, (units, width) each; looked up when needed, so it may read lazily
    units: int = 0  # of the whole block, where the matrices hold a sample of them; 0 where they hold all
    source: "Block | None" = None  # the weights that these matrices were computed of, whose order counts too


@dataclass(frozen=True)
class BlockPair:
    """Two blocks to be tested against each other."""

    a: Block
    b: Block
    family: str = ""  # pairs of one family have a block in common
    half: bool = False  # chosen by the first half of the units, so to be tested on the second


def mlp_pairs(
    blocks_a: Sequence[Block], blocks_b: Sequence[Block], parameters: Parameters = PARAMETERS
) -> list[BlockPair] | str:
    """The pairs to test, or why there are none: layers in order where depths are equal, else by layer_map.

    Within a layer experts pair by name, or every expert with the one block of the other model. ValueError
    where a model has two blocks of one name.
    """
    layers_a, layers_b = both = _by_layer(blocks_a, "a"), _by_layer(blocks_b, "b")
    if not layers_a or not layers_b:
        return "no MLP blocks"
    if min(len(layers_a), len(layers_b)) < 2:
        return "one layer only"
    if len(layers_a) != len(layers_b):
        in_order = [[block for experts in layers.values() for block in experts.values()] for layers in both]
        return _pairs_by_similarity(in_order[0], in_order[1], parameters)
    pairs: list[BlockPair] = []
    for (layer_a, a), (layer_b, b) in zip(layers_a.items(), layers_b.items(), strict=True):
        family = f"{layer_a}|{layer_b}"
        if a.keys() == b.keys():
            pairs += [BlockPair(a[expert], b[expert], f"{family}|{expert}") for expert in a]
        elif "" in a or "" in b:
            pairs += [BlockPair(one, other, family) for one in a.values() for other in b.values()]
        else:
            return f"experts of layer {layer_a} and of layer {layer_b} have different names or numbers"
    return pairs


def layer_map(
    blocks_a: Sequence[Block], blocks_b: Sequence[Block], parameters: Parameters = PARAMETERS
) -> list[tuple[int, int]]:
    """Positions in a and b that belong together, each once: the assignment of the largest sum of z.

    Judged by the first half of the units only, so that a test on the second half is exact. One to one, since two
    tests of one block would not be independent. ValueError where a number is not finite.
    """
    scores = np.full((len(blocks_a), len(blocks_b)), NO_MATCH)
    for block in (*blocks_a, *blocks_b):
        refuse_not_finite(block)
    for i, a in enumerate(blocks_a):
        first = _first_half(a, parameters)
        for j, b in enumerate(blocks_b):
            if not why_not_comparable(a, b):
                z = z_score(cosines(first, _first_half(b, parameters)))
                scores[i, j] = NO_MATCH if z is None else z
    rows, columns = scipy.optimize.linear_sum_assignment(scores, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True)]


def why_not_comparable(block_a: Block, block_b: Block) -> str:
    """Why two blocks cannot be set against each other unit by unit, or ""."""
    a, b = block_a.matrices, block_b.matrices
    if block_a.units != block_b.units:
        return f"different numbers of units: {block_a.units} against {block_b.units}"
    if a.keys() != b.keys() or not a:
        return f"different matrices: {', '.join(sorted(a))} against {', '.join(sorted(b))}"
    units = {len(a[name]) for name in a}, {len(b[name]) for name in b}
    if max(map(len, units)) > 1:
        return "matrices of one block have different numbers of units"
    (units_a,), (units_b,) = units
    if units_a != units_b:
        return f"different numbers of units: {units_a} against {units_b}"
    if units_a < 2:
        return "fewer than two units"
    widths = ((name, a[name].shape[1], b[name].shape[1]) for name in sorted(a))
    return next((f"different widths of {name}: {x} against {y}" for name, x, y in widths if x != y), "")


def refuse_not_finite(block: Block) -> None:
    """ValueError that names the first matrix with a NaN or an infinity."""
    for name, matrix in block.matrices.items():
        if not np.isfinite(np.asarray(matrix, dtype=np.float64)).all():
            expert = f", expert {block.expert}" if block.expert else ""
            raise ValueError(f"{name} of layer {block.layer}{expert} holds NaN or infinite values")


def _by_layer(blocks: Sequence[Block], model: str) -> dict[int, dict[str, Block]]:
    layers: dict[int, dict[str, Block]] = {}
    for block in sorted(blocks, key=lambda block: block.layer):
        experts = layers.setdefault(block.layer, {})
        if block.expert in experts:
            raise ValueError(f"model {model} has two blocks of layer {block.layer}, expert {block.expert!r}")
        experts[block.expert] = block
    return layers


def _pairs_by_similarity(
    blocks_a: Sequence[Block], blocks_b: Sequence[Block], parameters: Parameters
) -> list[BlockPair] | str:
    if any(block.expert for block in (*blocks_a, *blocks_b)):
        return "experts in models of different depth"
    chosen = layer_map(blocks_a, blocks_b, parameters)
    return [BlockPair(blocks_a[i], blocks_b[j], f"{i}|{j}", half=True) for i, j in chosen]


def _first_half(block: Block, parameters: Parameters) -> list[np.ndarray]:
    return [
        directions(block.matrices[name][unit_halves(len(block.matrices[name]), parameters)[0]])
        for name in sorted(block.matrices)
    ]

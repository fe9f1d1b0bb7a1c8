"""The exact permutation test (R2): whether units of one index belong together in two checkpoints."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lineage.exact.block_tests import Combined, combined_test, combined_tests, guard, untested
from lineage.exact.blocks import Block, BlockPair, mlp_pairs, why_not_comparable
from lineage.exact.permutation import PARAMETERS, Parameters, UnitMatch, match_units, profiles, unit_sample


@dataclass(frozen=True)
class Matched:
    """Two checkpoints under the exact test: the hidden units of their MLPs, and apart what else was tested."""

    mlps: Combined  # the primary test
    heads: Combined | None = None  # None where it was not asked for
    residual: UnitMatch | None = None


def match_models(
    mlps: tuple[Sequence[Block], Sequence[Block]],
    heads: tuple[Sequence[Block], Sequence[Block]] | None = None,
    tokens: tuple[np.ndarray, np.ndarray] | None = None,
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> Matched:
    """Models a and b by the blocks of their MLPs, of their attention and their embeddings of common tokens.

    known_sorted is what documents say of each. ValueError where a number is not finite or a block stands twice.
    """
    mlp_match = match_mlps(*mlps, known_sorted, parameters)
    layers = list(dict.fromkeys(zip(mlp_match.blocks["layer_a"], mlp_match.blocks["layer_b"], strict=True)))
    return Matched(
        mlps=mlp_match,
        heads=match_heads(*heads, layers, known_sorted, parameters) if heads else None,
        residual=match_residual(*tokens, known_sorted, parameters) if tokens else None,
    )


def match_mlps(
    blocks_a: Sequence[Block],
    blocks_b: Sequence[Block],
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> Combined:
    """The hidden units of two models, block by block.

    Fisher's method may combine blocks, since they are independent where the models are (Zhu et al., 2025,
    theorem 3) and no block stands in two of the combined tests: a dense block set against experts counts once,
    with the smallest of their p-values after Holm. Layers copied within both models after one pattern would break
    that independence, and nothing here sees it.
    """
    return match_views([(blocks_a, blocks_b)], known_sorted, parameters)[0]


def match_views(
    views: Sequence[tuple[Sequence[Block], Sequence[Block]]],
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> list[Combined]:
    """Each view of the MLPs of two models as match_mlps, the views in step; a view has all blocks of both."""
    pairs = [mlp_pairs(*view, parameters) for view in views]
    counts = (len(views[0][0]), len(views[0][1]))
    tested = combined_tests([() if isinstance(one, str) else one for one in pairs], counts, known_sorted, parameters)
    return [untested(one) if isinstance(one, str) else found for one, found in zip(pairs, tested, strict=True)]


def match_heads(
    blocks_a: Sequence[Block],
    blocks_b: Sequence[Block],
    layers: Iterable[tuple[int, int]],
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> Combined:
    """The attention heads of two models for given pairs of layers; a block holds what kv_groups makes.

    The layers must not be chosen by the heads; those that match_mlps paired are not. Heads stay out of the
    product of match_mlps, for theorem 3 is about hidden units of MLPs, and few groups give coarse p-values
    whose assumption no guard can vouch for: they are reported apart.
    """
    by_layer_a, by_layer_b = ({block.layer: block for block in blocks} for blocks in (blocks_a, blocks_b))
    pairs = [
        BlockPair(by_layer_a[a], by_layer_b[b], f"{a}|{b}") for a, b in layers if a in by_layer_a and b in by_layer_b
    ]
    if not pairs:
        return untested("no attention heads in paired layers")
    return combined_test(pairs, (len(blocks_a), len(blocks_b)), known_sorted, parameters)


def kv_groups(q: np.ndarray, k: np.ndarray, v: np.ndarray, o: np.ndarray, groups: int) -> dict[str, np.ndarray]:
    """Attention as exchangeable units: each array (groups, width), one row a key-value head with its queries.

    All four are (out, in) as checkpoints hold them; the query heads of one group stand side by side. A head
    without its group is no unit of its own: exchanging it alone changes what the network computes.
    """
    return {name: w.reshape(groups, -1) for name, w in {"q": q, "k": k, "v": v, "o": np.transpose(o)}.items()}


def match_residual(
    tokens_a: np.ndarray,
    tokens_b: np.ndarray,
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> UnitMatch:
    """The residual dimensions of two models by their embeddings (tokens, dimensions) of the same tokens.

    ValueError where the tokens are not as many in both, or a number is not finite.
    """
    if len(tokens_a) != len(tokens_b):
        raise ValueError(f"embeddings of {len(tokens_a)} and of {len(tokens_b)} tokens are not of the same tokens")
    a, b = (Block(0, "", {"embedding": np.transpose(tokens)}) for tokens in (tokens_a, tokens_b))
    if reason := why_not_comparable(a, b):
        return UnitMatch(np.shape(tokens_a)[1], not_testable=reason)
    guard_a, guard_b = (guard(block, 1, known, parameters) for block, known in zip((a, b), known_sorted, strict=True))
    sample = unit_sample(np.shape(tokens_a)[1], parameters)
    units_a, units_b = (profiles(block.matrices["embedding"][sample]) for block in (a, b))
    return match_units([units_a], [units_b], (guard_a, guard_b), "residual", parameters)

"""The response test: whether hidden units of one index answer alike to the same tokens in two checkpoints.

A unit's row of weights times the embedding of a token, as the norm before the MLP leaves it, is its response. A
rotation of the residual stream turns rows and embeddings alike, so that responses do not see it; nor do they see how
wide the stream is. Everything that follows is the exact permutation test with responses in place of weights: each of
them belongs to one unit, so exchanging units exchanges responses, and the same theorem holds (Zhu et al., 2025).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lineage.exact.block_tests import Combined
from lineage.exact.blocks import Block
from lineage.exact.permutation import FLAT, PARAMETERS, Parameters, unit_vectors
from lineage.exact.units import match_views

READERS = ("gate", "up")  # the matrices of an MLP that read the residual stream
TOKENS = 2048  # asked at most


@dataclass(frozen=True, eq=False)
class Norm:
    """What stands between the residual stream and the MLP of a layer; a wrong one costs power alone."""

    gain: np.ndarray | None = None  # (width,), what it multiplies by
    centres: bool = False  # takes the mean over the width away, as a layer norm does


def seen_tokens(tokens: np.ndarray, norm: Norm = Norm()) -> np.ndarray:
    """Embeddings (tokens, width) as an MLP reads them, less what all of them have in common; zero if that is all."""
    rows = tokens - tokens.mean(axis=1, keepdims=True) if norm.centres else tokens
    seen = unit_vectors(rows)
    if norm.gain is not None:
        seen *= norm.gain
    scale = np.linalg.norm(seen)
    seen -= seen.mean(axis=0)
    if np.linalg.norm(seen) <= FLAT * scale:
        seen[:] = 0.0
    return seen


def responses(units: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """What units (units, width) answer to the tokens that they see: (units, tokens), zero where that is rounding."""
    answers: np.ndarray = units @ seen.T
    least = FLAT * np.linalg.norm(units, axis=1) * np.linalg.norm(seen)
    answers[np.linalg.norm(answers, axis=1) <= least] = 0.0
    return answers


def block_responses(block: Block, seen: np.ndarray) -> Mapping[str, np.ndarray]:
    """The responses of the units of a block, by the matrix that gives them."""
    return {name: responses(block.matrices[name], seen) for name in READERS if name in block.matrices}


def match_responses(
    blocks: tuple[Sequence[Block], Sequence[Block]],
    seen: tuple[Callable[[int], np.ndarray], Callable[[int], np.ndarray]],
    known_sorted: tuple[bool, bool] = (False, False),
    parameters: Parameters = PARAMETERS,
) -> Combined:
    """The hidden units of two models by their responses; seen gives, by layer, the same tokens as each model sees them.

    Blocks are combined as in match_mlps: given what each model holds in any order of its units, a block's p-value rests
    on that block's order alone, and orders of different blocks are independent. Guards look at weights and responses.
    """
    a, b = (
        [replace(one, matrices=block_responses(one, sees(one.layer)), source=one) for one in its]
        for its, sees in zip(blocks, seen, strict=True)
    )
    return match_views([(a, b)], known_sorted, parameters)[0]

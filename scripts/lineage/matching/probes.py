"""The tokens that two checkpoints have in common, and how the MLPs of each layer of one see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from lineage.checkpoints.storage.arrays import StoredMatrix
from lineage.exact.blocks import Block
from lineage.exact.responses import READERS, TOKENS, Norm, block_responses, seen_tokens
from lineage.matching.common_tokens import FEWEST_TOKENS, common_rows
from lineage.matching.opened import Opened, why_unread
from lineage.matching.stored_blocks import LazyMatrices, Matrices, Shelf, outer_matrix

NORMS = ("mlp_norm", "attention_post_norm")  # what stands before an MLP; the second where norms follow a sum
NORM_ROLES = (*NORMS, *(f"{role}_bias" for role in NORMS))
See = Callable[[int], np.ndarray]  # of a layer: the tokens as its MLPs see them


@dataclass(frozen=True, eq=False)
class Shared:
    """Embeddings of the tokens that two checkpoints have in common, a row each."""

    a: np.ndarray  # (tokens, width)
    b: np.ndarray
    by_number: bool  # rows of one number were paired, and not of one string
    asked: np.ndarray  # places of those that MLPs are asked, ascending


def embedding_of(checkpoint: Opened) -> StoredMatrix | None:
    """The embedding of a checkpoint, unread."""
    return outer_matrix(checkpoint.files, checkpoint.plan, "embedding")


def read_shared(a: Opened, b: Opened) -> Shared | str:
    """Embeddings of the tokens that two checkpoints have in common, or why there are none.

    Where a list of tokens is missing and both embeddings have as many rows, rows of one number are paired. Tests are
    exact for any pairing that is fixed beforehand; a wrong one costs power alone.
    """
    if reason := why_unread((a, b), ["embedding"]):
        return reason
    embeddings = [embedding_of(checkpoint) for checkpoint in (a, b)]
    for checkpoint, matrix in zip((a, b), embeddings, strict=True):
        if matrix is None:
            return f"{checkpoint.model}: no embedding is known"
    first, second = (matrix for matrix in embeddings if matrix is not None)
    model_without_tokens = next((checkpoint.model for checkpoint in (a, b) if not checkpoint.tokens), "")
    if model_without_tokens and first.shape[0] != second.shape[0]:
        return f"{model_without_tokens}: no list of tokens, and other numbers of embedding rows"
    tokens = [
        {str(row): row for row in range(first.shape[0])} if model_without_tokens else checkpoint.tokens
        for checkpoint in (a, b)
    ]
    rows = common_rows(tokens[0], tokens[1], first.shape[0], second.shape[0])
    row_pairs = common_rows(tokens[0], tokens[1], first.shape[0], second.shape[0], TOKENS)
    probe_rows = np.searchsorted(rows[0], row_pairs[0])
    return Shared(read_rows(first, rows[0]), read_rows(second, rows[1]), bool(model_without_tokens), probe_rows)


def find_probes(a: Opened, b: Opened, common_tokens: Shared | str) -> tuple[See, See] | str:
    """How the MLPs of each of two checkpoints see the same tokens; or why they cannot be asked."""
    if isinstance(common_tokens, str):
        return common_tokens
    if reason := why_unread((a, b), NORM_ROLES) or _misfit(a) or _misfit(b):
        return reason
    if len(common_tokens.asked) < FEWEST_TOKENS:
        return f"{len(common_tokens.asked)} common tokens, fewer than {FEWEST_TOKENS}"
    return _seen_by(a, common_tokens.a[common_tokens.asked]), _seen_by(b, common_tokens.b[common_tokens.asked])


def response_blocks(blocks: list[Block], see: See, folder: Path | None) -> list[Block]:
    """Blocks of weights as blocks of responses, computed when looked at, and kept in a folder where one is given."""
    shelf = Shelf(folder)
    responses = []
    for number, block in enumerate(blocks):
        names = tuple(name for name in block.matrices if name in READERS)  # "in matrices" would read them
        read_block = _reader(block, see)
        responses.append(
            Block(block.layer, block.expert, LazyMatrices(names, shelf, number, read_block), block.units, block)
        )
    return responses


def read_rows(matrix: StoredMatrix, rows: np.ndarray) -> np.ndarray:
    """Some rows of a matrix in the order given, which may be any: float32."""
    order = np.argsort(rows, kind="stable")
    values = matrix.read(rows[order])
    unsorted = np.empty_like(values)
    unsorted[order] = values
    return unsorted


def _reader(block: Block, see: See) -> Callable[[], Mapping[str, np.ndarray]]:
    return lambda: block_responses(block, see(block.layer))


def _seen_by(checkpoint: Opened, tokens: np.ndarray) -> See:
    norms = checkpoint.matrices(*NORM_ROLES)
    return lru_cache(maxsize=1)(lambda layer: seen_tokens(tokens, _norm(checkpoint, norms, layer)))


def _norm(checkpoint: Opened, norms: Matrices, layer: int) -> Norm:
    """What stands before the MLPs of a layer, nothing in some models; a norm with a bias takes the mean away."""
    layer_norms = norms.get((layer, ""), {})
    role = _norm_role(checkpoint, layer_norms)
    if not role:
        return Norm()
    return Norm(layer_norms[role].read()[0], f"{role}_bias" in layer_norms)


def _norm_role(checkpoint: Opened, layer_norms: Mapping[str, StoredMatrix]) -> str:
    """The role of the norm that an MLP reads through; that of attention in an encoder, which normalises after a sum."""
    if "mlp_norm" in layer_norms:
        return "mlp_norm"
    encoder = any(matrix.place.stack == "encoder" for entry in checkpoint.plan.wanted for matrix in entry.parts)
    return "attention_post_norm" if encoder and "attention_post_norm" in layer_norms else ""


def _misfit(checkpoint: Opened) -> str:
    """Why the tokens of a checkpoint cannot be put to its MLPs, or ""."""
    embedding = embedding_of(checkpoint)
    width = embedding.shape[1] if embedding else 0
    for (layer, _), block in checkpoint.matrices(*READERS).items():
        for role, matrix in block.items():
            if matrix.shape[1] != width:
                return (
                    f"{checkpoint.model}: embeddings are {width} wide, {role} of layer {layer} reads {matrix.shape[1]}"
                )
    for (layer, _), layer_norms in checkpoint.matrices(*NORM_ROLES).items():
        role = _norm_role(checkpoint, layer_norms)
        if role and layer_norms[role].shape != (1, width):
            return f"{checkpoint.model}: the norm before the MLP of layer {layer} does not fit the embeddings"
    return ""

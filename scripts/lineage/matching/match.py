"""Two opened checkpoints under the exact tests, each block read when its turn comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineage.checkpoints.places import hub_kind
from lineage.exact.block_tests import Combined, untested
from lineage.exact.permutation import UnitMatch, unit_sample
from lineage.exact.units import match_heads, match_mlps, match_residual, match_views
from lineage.matching.common_tokens import FEWEST_TOKENS, TOKENS
from lineage.matching.opened import Opened, why_unread
from lineage.matching.probes import NORM_ROLES, See, Shared, embedding_of, find_probes, read_shared, response_blocks
from lineage.matching.stored_blocks import ATTENTION, MLP, Shelf, bytes_read, head_blocks, misfit_of_heads, mlp_blocks

ROLES = (*MLP, *ATTENTION, "embedding", *NORM_ROLES)


@dataclass(frozen=True)
class Reads:
    """What is read only where asked for, since it takes whole matrices."""

    down: bool  # its columns are the units
    heads: bool

    @property
    def mlp(self) -> tuple[str, ...]:
        """The roles of an MLP that are read."""
        return MLP if self.down else ("gate", "up")


def usual_reads(addresses: Sequence[str], down: bool | None = None, heads: bool | None = None) -> Reads:
    """What is read where nothing else is asked for: from a hub only what does not take whole matrices."""
    is_local = not any(hub_kind(address) for address in addresses)
    return Reads(is_local if down is None else down, is_local if heads is None else heads)


@dataclass(frozen=True)
class TokensUsed:
    """How many tokens of both models a test was run on, and whether they were paired by number, not by text."""

    tokens: int = 0
    by_number: bool = False


@dataclass(frozen=True)
class PairTests:
    """What each exact test of two checkpoints gave."""

    mlps: Combined
    heads: Combined
    residual: UnitMatch
    residual_tokens: TokensUsed
    responses: Combined
    response_tokens: TokensUsed


def match_opened(a: Opened, b: Opened, reads: Reads, folder: Path) -> PairTests:
    """The tests of two checkpoints; models of different depth are kept in a folder while layers are chosen."""
    if reason := "; ".join(f"{model.model}: {model.plan.not_testable}" for model in (a, b) if model.plan.not_testable):
        none = untested(reason)
        return PairTests(none, none, UnitMatch(0, not_testable=reason), TokensUsed(), none, TokensUsed())
    tokens = read_shared(a, b)
    residual = _match_residual(a, b, tokens)
    probes = find_probes(a, b, tokens)
    tokens_used = (
        TokensUsed()
        if isinstance(tokens, str) or isinstance(probes, str)
        else TokensUsed(len(tokens.asked), tokens.by_number)
    )
    del tokens  # of its embeddings only the rows of the probes are needed from here on
    mlps, responses = _match_mlps(a, b, reads, probes, folder)
    layers = list(dict.fromkeys(zip(mlps.blocks["layer_a"], mlps.blocks["layer_b"], strict=True)))
    if why_unread((a, b), MLP):
        layers = _layers_of_one_number(a, b)  # no MLP chose others
    heads = _match_heads(a, b, layers) if reads.heads else untested("not read")
    return PairTests(mlps, heads, *residual, responses, tokens_used)


def bytes_to_read(checkpoint: Opened, reads: Reads) -> int:
    """About how many bytes of the tensors of a checkpoint are read."""
    total = bytes_read(checkpoint.matrices(*MLP), reads.mlp)
    if reads.heads:
        total += bytes_read(checkpoint.matrices(*ATTENTION), ATTENTION)
    embedding = embedding_of(checkpoint)
    return total + (embedding.bytes_for(np.arange(min(TOKENS, embedding.shape[0]))) if embedding else 0)


def _match_mlps(
    a: Opened, b: Opened, reads: Reads, probes: tuple[See, See] | str, folder: Path
) -> tuple[Combined, Combined]:
    """Hidden units by their weights and by their responses; each block is read once."""
    matrices = [checkpoint.matrices(*MLP) for checkpoint in (a, b)]
    if reason := why_unread((a, b), MLP):
        return untested(reason), untested(reason)
    for checkpoint, checkpoint_matrices in zip((a, b), matrices, strict=True):
        if not checkpoint_matrices and checkpoint.plan.unplaced:
            untested_parts = untested(
                f"{checkpoint.model}: MLP not read here ({checkpoint.plan.unplaced} matrices that no table knows)"
            )
            return untested_parts, untested_parts
    deep = [len({layer for layer, _ in blocks}) for blocks in matrices]
    folders = [_folder(folder / name) if deep[0] != deep[1] else None for name in ("a", "b", "a-seen", "b-seen")]
    weights = [mlp_blocks(blocks, reads.mlp, Shelf(path)) for blocks, path in zip(matrices, folders[:2], strict=True)]
    are_sorted = (a.known_sorted, b.known_sorted)
    if isinstance(probes, str):
        return match_mlps(weights[0], weights[1], are_sorted), untested(probes)
    response_pair = [
        response_blocks(checkpoint_weights, probe, path)
        for checkpoint_weights, probe, path in zip(weights, probes, folders[2:], strict=True)
    ]
    mlps, responses = match_views([(weights[0], weights[1]), (response_pair[0], response_pair[1])], are_sorted)
    return mlps, responses


def _layers_of_one_number(a: Opened, b: Opened) -> list[tuple[int, int]]:
    """The layers with attention of two models of one depth, each with that of its number; none for other models."""
    first, second = ([layer for layer, _ in model.matrices(*ATTENTION)] for model in (a, b))
    return [(layer, layer) for layer in first] if first == second else []


def _match_heads(a: Opened, b: Opened, layers: list[tuple[int, int]]) -> Combined:
    if reason := why_unread((a, b), ATTENTION):
        return untested(reason)
    reasons = {
        (heads, checkpoint.settings.kv_heads_by_layer or (checkpoint.settings.kv_heads or heads,))
        for checkpoint in (a, b)
        if (heads := checkpoint.settings.heads)
    }
    if not reasons:
        return untested("number of heads unknown")
    if len(reasons) > 1:
        return untested("different numbers of heads")
    ((heads, by_layer),) = reasons  # of one model is enough: the test needs the units of one to be exchangeable

    def groups(layer: int) -> int:
        return by_layer[0] if len(by_layer) == 1 else by_layer[layer] if layer < len(by_layer) else 0

    matrices = [checkpoint.matrices(*ATTENTION) for checkpoint in (a, b)]
    for checkpoint, checkpoint_matrices in zip((a, b), matrices, strict=True):
        if name := misfit_of_heads(checkpoint_matrices, heads, groups):
            return untested(f"{checkpoint.model}: {name} does not fit the number of heads")
    blocks = [head_blocks(checkpoint_matrices, groups, Shelf()) for checkpoint_matrices in matrices]
    return match_heads(blocks[0], blocks[1], layers, (a.known_sorted, b.known_sorted))


def _match_residual(a: Opened, b: Opened, common_tokens: Shared | str) -> tuple[UnitMatch, TokensUsed]:
    """The test of the residual dimensions, and by how many tokens."""
    widths = [matrix.shape[1] for matrix in map(embedding_of, (a, b)) if matrix is not None]
    if len(set(widths)) > 1:
        return UnitMatch(0, not_testable=f"different widths: {widths[0]} against {widths[1]}"), TokensUsed()
    if isinstance(common_tokens, str):
        return UnitMatch(0, not_testable=common_tokens), TokensUsed()
    if len(common_tokens.a) < FEWEST_TOKENS:
        shortage = f"{len(common_tokens.a)} common tokens, fewer than {FEWEST_TOKENS}"
        return UnitMatch(0, not_testable=shortage), TokensUsed(0, common_tokens.by_number)
    dimensions = unit_sample(widths[0])
    tokens = [np.ascontiguousarray(rows[:, dimensions]) for rows in (common_tokens.a, common_tokens.b)]
    unit_match = match_residual(tokens[0], tokens[1], (a.known_sorted, b.known_sorted))
    return unit_match, TokensUsed(len(common_tokens.a), common_tokens.by_number)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path

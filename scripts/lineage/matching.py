"""Two opened checkpoints under the exact test, each block read when its turn comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lineage.block_tests import Combined, untested
from lineage.checkpoints.files import CheckpointFile
from lineage.common_tokens import TOKENS, common_rows
from lineage.measurement import Plan
from lineage.methods.permutation_test import match_heads, match_mlps, match_residual
from lineage.model_blocks import (
    ATTENTION,
    MLP,
    Matrices,
    Shelf,
    bytes_read,
    head_blocks,
    misfit_of_heads,
    mlp_blocks,
    outer_matrix,
    stored_matrices,
)
from lineage.permutation import UnitMatch, unit_sample
from lineage.records import ConfigFacts

ROLES = (*MLP, *ATTENTION, "embedding")
FEWEST_TOKENS = 100


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose headers were read."""

    model: str
    files: tuple[CheckpointFile, ...]
    plan: Plan  # of ROLES
    config: ConfigFacts | None
    tokens: Mapping[str, int]  # each with its number
    known_sorted: bool = False  # documents say that its units were sorted

    def matrices(self, *roles: str) -> Matrices:
        """The matrices of some roles in its layers."""
        return stored_matrices(self.files, self.plan, roles)


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
    near = not any(address.startswith("hub:") for address in addresses)
    return Reads(near if down is None else down, near if heads is None else heads)


@dataclass(frozen=True)
class Found:
    """Two checkpoints under the exact test."""

    mlps: Combined
    heads: Combined
    residual: UnitMatch
    tokens: int  # that the residual dimensions were compared by
    by_string: bool  # whether these were paired by their strings, and not by their numbers


def match_opened(a: Opened, b: Opened, reads: Reads, folder: Path) -> Found:
    """The tests of two checkpoints; models of different depth are kept in a folder while layers are chosen."""
    if reason := "; ".join(f"{one.model}: {one.plan.not_testable}" for one in (a, b) if one.plan.not_testable):
        return Found(untested(reason), untested(reason), UnitMatch(0, not_testable=reason), 0, by_string=True)
    known = (a.known_sorted, b.known_sorted)
    matrices = [one.matrices(*MLP) for one in (a, b)]
    deep = [len({layer for layer, _ in one}) for one in matrices]
    shelves = [Shelf(), Shelf()]
    if deep[0] != deep[1]:
        for name in "ab":
            (folder / name).mkdir()
        shelves = [Shelf(folder / name) for name in "ab"]
    blocks = [mlp_blocks(one, reads.mlp, shelf) for one, shelf in zip(matrices, shelves, strict=True)]
    mlps = match_mlps(blocks[0], blocks[1], known)
    layers = list(dict.fromkeys(zip(mlps.blocks["layer_a"], mlps.blocks["layer_b"], strict=True)))
    heads = _match_heads(a, b, layers) if reads.heads else untested("not read")
    return Found(mlps, heads, *_match_residual(a, b))


def bytes_to_read(one: Opened, reads: Reads) -> int:
    """About how many bytes of the tensors of a checkpoint are read."""
    total = bytes_read(one.matrices(*MLP), reads.mlp)
    if reads.heads:
        total += bytes_read(one.matrices(*ATTENTION), ATTENTION)
    embedding = outer_matrix(one.files, one.plan, "embedding")
    return total + (embedding.bytes_for(np.arange(min(TOKENS, embedding.shape[0]))) if embedding else 0)


def _match_heads(a: Opened, b: Opened, layers: list[tuple[int, int]]) -> Combined:
    configs = [one.config for one in (a, b) if one.config is not None]
    said = {(heads, config.kv_heads or heads) for config in configs if (heads := config.heads)}
    if not said:
        return untested("number of heads unknown")
    if len(said) > 1:
        return untested("different numbers of heads")
    ((heads, groups),) = said  # of one model is enough: the test needs the units of one to be exchangeable
    matrices = [one.matrices(*ATTENTION) for one in (a, b)]
    for one, its in zip((a, b), matrices, strict=True):
        if name := misfit_of_heads(its, heads, groups):
            return untested(f"{one.model}: {name} does not fit the number of heads")
    blocks = [head_blocks(its, groups, Shelf()) for its in matrices]
    return match_heads(blocks[0], blocks[1], layers, (a.known_sorted, b.known_sorted))


def _match_residual(a: Opened, b: Opened) -> tuple[UnitMatch, int, bool]:
    """The test of the residual dimensions, by how many tokens, and whether these were paired by their strings.

    Where a list of tokens is missing and both embeddings have as many rows, rows of one number are paired. The test is
    exact for any pairing that is fixed beforehand; a wrong one costs power alone.
    """
    embeddings = [outer_matrix(one.files, one.plan, "embedding") for one in (a, b)]
    for one, matrix in zip((a, b), embeddings, strict=True):
        if matrix is None:
            return UnitMatch(0, not_testable=f"{one.model}: no embedding is known"), 0, True
    first, second = (matrix for matrix in embeddings if matrix is not None)
    if first.shape[1] != second.shape[1]:
        return UnitMatch(0, not_testable=f"different widths: {first.shape[1]} against {second.shape[1]}"), 0, True
    bare = next((one.model for one in (a, b) if not one.tokens), "")
    if bare and first.shape[0] != second.shape[0]:
        return UnitMatch(0, not_testable=f"{bare}: no list of tokens, and other numbers of embedding rows"), 0, True
    tokens = [{str(row): row for row in range(first.shape[0])} if bare else one.tokens for one in (a, b)]
    rows_a, rows_b = common_rows(tokens[0], tokens[1], first.shape[0], second.shape[0])
    if len(rows_a) < FEWEST_TOKENS:
        few = f"{len(rows_a)} common tokens, fewer than {FEWEST_TOKENS}"
        return UnitMatch(0, not_testable=few), 0, not bare
    dimensions = unit_sample(first.shape[1])
    order = np.argsort(rows_b, kind="stable")
    tokens_b = np.empty((len(rows_b), len(dimensions)), np.float32)
    tokens_b[order] = second.read(rows_b[order], dimensions)
    found = match_residual(first.read(rows_a, dimensions), tokens_b, (a.known_sorted, b.known_sorted))
    return found, len(rows_a), not bare

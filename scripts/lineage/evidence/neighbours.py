"""The nearest others of every model by the standard-deviation profile: never all pairs in memory or on disk.

Models are cut into blocks of one depth. Two blocks are a task of their own: one product gives their scores, and what
is kept of it are the best of each model. Tasks can be done in any order, here or on a cluster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd

from lineage.methods.std_profile import ROLES, stretched_rows
from lineage.records import Profile
from lineage.runs.cluster import results

KEPT = 20
BLOCK = 1024  # models at once: their scores with as many others are 8 MB
DECIMALS = 9  # products of other shapes differ after the 14th; ties are settled on what is kept

Curves = Mapping[str, np.ndarray]  # a curve over depth for each role


@dataclass(frozen=True)
class Block:
    """Models of one depth."""

    places: np.ndarray  # their numbers among all models in order of id
    curves: np.ndarray  # (models, roles, layers)


@dataclass(frozen=True)
class Best:
    """The k best others of some models, best first, each (models, k); where there are fewer, -inf is their score."""

    places: np.ndarray
    others: np.ndarray
    scores: np.ndarray  # in [-1, 1]


def derive_neighbours(profiles: Mapping[str, Profile], *, in_full: bool, client: Any = None) -> pd.DataFrame:
    """Columns model, rank, other, similarity: the KEPT models that score highest with each; ties by id.

    Empty where every two models are compared in full, since the table of scores holds them then.
    """
    models = [] if in_full else sorted(profiles)
    curves = {name: profiles[name].curves for name in models if not profiles[name].not_testable}
    return nearest_neighbours(curves, client=client)


def nearest_neighbours(
    curves: Mapping[str, Curves], k: int = KEPT, block: int = BLOCK, client: Any = None
) -> pd.DataFrame:
    """The k nearest others of each model: columns model, rank (from 1), other, similarity in [-1, 1].

    In order of model and rank; among equals, by name. The score is that of the standard-deviation profile, so each
    model must have curves of q, k, v and o that are not constant. With a client, pairs of blocks go to its workers.
    """
    models = sorted(curves)
    k = max(0, min(k, len(models) - 1))
    neighbours = Best(np.arange(len(models)), np.zeros((len(models), k), np.int64), np.full((len(models), k), -np.inf))
    tasks = BlockPairs([curves[model] for model in models] if k else [], block)
    for block_bests in results(partial(best_between, k), tasks, client):
        for block_best in block_bests:
            _take_in(neighbours, block_best)
    names = np.array(models, dtype=object)
    return pd.DataFrame(
        {
            "model": names.repeat(k),
            "rank": np.tile(np.arange(1, k + 1), len(models)),
            "other": names[neighbours.others.ravel()],
            "similarity": neighbours.scores.ravel(),
        }
    )


class BlockPairs(Mapping[str, tuple[Block, Block]]):
    """Every two blocks of models of one depth, each with itself too, by a name; a block is made when it is asked for.

    curves are those of all models in order of id, and no block has more models than size.
    """

    def __init__(self, curves: Sequence[Curves], size: int) -> None:
        lengths = np.array([len(curve["q"]) for curve in curves])
        groups = [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
        blocks = [group[start : start + size] for group in groups for start in range(0, len(group), size)]
        pairs = combinations_with_replacement(range(len(blocks)), 2)
        self._pairs = {f"blocks {first} and {second}": (first, second) for first, second in pairs}
        self._block = lru_cache(maxsize=2)(lambda number: _block(curves, blocks[number]))  # the first stays for a while

    def __getitem__(self, name: str) -> tuple[Block, Block]:
        first, second = self._pairs[name]
        return self._block(first), self._block(second)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def best_between(k: int, pair: tuple[Block, Block]) -> tuple[Best, ...]:
    """The k best others in the second block of each model of the first, and the other way about."""
    a, b = pair
    length = max(a.curves.shape[2], b.curves.shape[2])
    scores = _standardised(a.curves, length) @ _standardised(b.curves, length).T
    np.round(np.clip(scores, -1, 1, out=scores), DECIMALS, out=scores)
    if a.places[0] == b.places[0]:  # one block with itself
        np.fill_diagonal(scores, -np.inf)
        return (_best(a.places, a.places, scores, k),)
    return _best(a.places, b.places, scores, k), _best(b.places, a.places, scores.T, k)


def _block(curves: Sequence[Curves], models: np.ndarray) -> Block:
    return Block(models, np.array([[curves[model][role] for role in ROLES] for model in models], dtype=float))


def _standardised(curves: np.ndarray, length: int) -> np.ndarray:
    """Rows whose product is the mean of the roles' correlations, the curves stretched and side by side."""
    models, roles, layers = curves.shape
    rows = stretched_rows(curves.reshape(-1, layers), length)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) * np.sqrt(roles)
    return rows.reshape(models, -1)


def _best(rows: np.ndarray, columns: np.ndarray, scores: np.ndarray, k: int) -> Best:
    """The k best columns of each row, or as many as there are; among equals, those of lower number."""
    k = min(k, len(columns))
    threshold = np.partition(scores, -k, axis=1)[:, [-k]]
    row, column = np.nonzero(scores >= threshold)
    order = np.lexsort((columns[column], -scores[row, column], row))
    row, column = row[order], column[order]
    nearest = column[np.arange(len(row)) - np.searchsorted(row, row) < k].reshape(len(rows), k)
    return Best(rows, columns[nearest], np.take_along_axis(scores, nearest, axis=1))


def _take_in(neighbours: Best, block_best: Best) -> None:
    """Merges the best neighbours of the models of a block into those of all; the order of merging changes nothing."""
    candidates = np.hstack([neighbours.others[block_best.places], block_best.others])
    scores = np.hstack([neighbours.scores[block_best.places], block_best.scores])
    order = np.lexsort((candidates, -scores))[:, : neighbours.scores.shape[1]]
    neighbours.others[block_best.places] = np.take_along_axis(candidates, order, axis=1)
    neighbours.scores[block_best.places] = np.take_along_axis(scores, order, axis=1)

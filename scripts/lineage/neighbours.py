"""The nearest others of every model by their curves, found block by block: never all pairs in memory or on disk."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lineage.methods.std_profile import ROLES, stretched_rows

NEAREST = 20
BLOCK = 128  # models whose scores with all others are held at once: 10 MB for 10,000 models
DECIMALS = 9  # products of other blocks differ after the 14th; ties are settled on what is kept

Curves = Mapping[str, np.ndarray]  # a curve over depth for each role


def nearest_neighbours(curves: Mapping[str, Curves], k: int = NEAREST, block: int = BLOCK) -> pd.DataFrame:
    """The k nearest others of each model: columns model, other, similarity in [-1, 1], rank from 1.

    In order of model and rank; among equals, by name. The score is that of the standard-deviation profile, so each
    model must have curves of q, k, v and o that are not constant.
    """
    models = sorted(curves)
    kept = min(k, len(models) - 1)
    if kept < 1:
        return _neighbours(models, [])
    lengths = np.array([len(curves[model]["q"]) for model in models])
    tables = {int(length): _joined(curves, models, lengths == length) for length in np.unique(lengths)}
    found = []
    for length in tables:
        own = np.flatnonzero(lengths == length)
        others = {other: _standardised(table, max(length, other)) for other, table in tables.items()}
        for start in range(0, len(own), block):
            rows = own[start : start + block]
            scores = np.empty((len(rows), len(models)))
            for other, table in others.items():
                mine = _standardised(tables[length][start : start + block], max(length, other))
                scores[:, lengths == other] = mine @ table.T
            found.append(_nearest(rows, scores, kept))
    return _neighbours(models, found)


def _joined(curves: Mapping[str, Curves], models: Sequence[str], chosen: np.ndarray) -> np.ndarray:
    """The curves of some models of one depth, (models, roles, layers)."""
    names = [models[place] for place in np.flatnonzero(chosen).tolist()]
    return np.array([[curves[name][role] for role in ROLES] for name in names], dtype=float)


def _standardised(table: np.ndarray, length: int) -> np.ndarray:
    """Rows whose product is the mean of the roles' correlations, the curves stretched and side by side."""
    models, roles, layers = table.shape
    rows = stretched_rows(table.reshape(-1, layers), length)
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) * np.sqrt(roles)
    return rows.reshape(models, -1)


def _nearest(rows: np.ndarray, scores: np.ndarray, k: int) -> pd.DataFrame:
    """The k best columns of each row, the row itself left out: columns model, other (numbers), similarity, rank."""
    np.round(np.clip(scores, -1, 1, out=scores), DECIMALS, out=scores)
    scores[np.arange(len(rows)), rows] = -np.inf
    last = np.partition(scores, -k, axis=1)[:, [-k]]
    row, other = np.nonzero(scores >= last)
    similarity = scores[row, other]
    order = np.lexsort((other, -similarity, row))
    row, other, similarity = row[order], other[order], similarity[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row) + 1
    best = rank <= k
    return pd.DataFrame(
        {"model": rows[row[best]], "other": other[best], "similarity": similarity[best], "rank": rank[best]}
    )


def _neighbours(models: Sequence[str], found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    if not found:
        return pd.DataFrame({"model": [], "other": [], "similarity": [], "rank": []}).astype({"rank": int})
    table = pd.concat(found).sort_values(["model", "rank"], ignore_index=True)
    names = np.array(models, dtype=object)
    return table.assign(model=names[table["model"]], other=names[table["other"]])

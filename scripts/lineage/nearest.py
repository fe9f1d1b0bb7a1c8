"""The nearest neighbours of every model by the standard-deviation profile, without the table of all pairs."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd

from lineage.methods.std_profile import ROLES, std_curves, stretched_rows, why_not_testable

KEPT = 20
BLOCK = 256  # models at once: their scores with 10,000 are 20 MB


def derive_neighbours(matrices: Mapping[str, pd.DataFrame], *, in_full: bool) -> pd.DataFrame:
    """Columns model, rank, other, similarity: the KEPT models that score highest with each; ties by id.

    Empty where every two models are compared in full, since the table of scores holds them then.
    """
    models = [] if in_full else [name for name in sorted(matrices) if not why_not_testable(matrices[name])]
    curves = [std_curves(matrices[name]) for name in models]
    rows = []
    for own, scores in enumerate(profile_scores(curves)):
        scores[own] = -np.inf
        best = np.argsort(-scores, kind="stable")[: min(KEPT, len(models) - 1)]
        rows += [(models[own], rank, models[place], float(scores[place])) for rank, place in enumerate(best, start=1)]
    return pd.DataFrame(rows, columns=["model", "rank", "other", "similarity"])


def profile_scores(curves: Sequence[Mapping[str, np.ndarray]]) -> Iterator[np.ndarray]:
    """The scores of each model with all, in [-1, 1], one model after another; a block of them is in memory at once.

    As similarity_matrix, the shorter of two curves stretched. Curves must not be constant.
    """
    lengths = np.array([len(model["q"]) for model in curves])
    classes = {int(length): np.flatnonzero(lengths == length) for length in np.unique(lengths)}

    @cache
    def unit(role: str, length: int, to: int) -> np.ndarray:
        table = stretched_rows(np.array([curves[place][role] for place in classes[length].tolist()]), to)
        table -= table.mean(axis=1, keepdims=True)
        return np.asarray(table / np.linalg.norm(table, axis=1, keepdims=True))

    for start in range(0, len(curves), BLOCK):
        block = np.zeros((min(BLOCK, len(curves) - start), len(curves)))
        for length, places in classes.items():
            inside = np.flatnonzero((places >= start) & (places < start + BLOCK))
            for other, columns in classes.items():
                to = max(length, other)
                found = sum(unit(role, length, to)[inside] @ unit(role, other, to).T for role in ROLES)
                block[np.ix_(places[inside] - start, columns)] = found / len(ROLES)
        yield from np.clip(block, -1, 1, out=block)

"""The ways to compare every two models that are measured beside each other, each in a process of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from lineage.benchmarks import peak_bytes

ROLES = ("q", "k", "v", "o")
LAYERS = 32  # of every model, so that all ways compute the same: pandas does not stretch curves


Scoring = Callable[[np.ndarray], np.ndarray]  # curves (models, roles, layers) -> scores (models, models)


@dataclass(frozen=True)
class PairWay:
    """One way to score all pairs, and the numbers of models that it is run with."""

    what: str
    prepare: Callable[[], Scoring]  # imports what the way needs, which is not counted as its time
    sizes: tuple[int, ...]


def write_profiles(path: Path, models: int, rng: np.random.Generator) -> int:
    """Curves of the roles over depth, float64 (models, roles, layers), into a file; its size in bytes."""
    trend = np.linspace(0, 1, LAYERS)
    np.save(path, 0.02 + 0.01 * trend + 0.002 * rng.standard_normal((models, len(ROLES), LAYERS)))
    return path.stat().st_size


def run(name: str, file: str, scores: str) -> None:
    """Runs a way, keeps its scores in a file, and prints what it took, as JSON."""
    score = PAIR_WAYS[name].prepare()
    curves = np.load(file)
    held = peak_bytes()
    start = process_time()
    found = score(curves)
    taken = process_time() - start
    peak = peak_bytes()  # before the scores are written
    np.save(scores, found)
    print(json.dumps({"cpu_seconds": taken, "peak_bytes": peak, "held_bytes": held}))


def _product() -> Scoring:
    from lineage.methods.std_profile import similarity_matrix

    return lambda curves: similarity_matrix([_by_role(model) for model in curves])


def _pandas() -> Scoring:
    import pandas as pd

    def score(curves: np.ndarray) -> np.ndarray:
        total = np.zeros((len(curves), len(curves)))
        for role in range(len(ROLES)):
            total += pd.DataFrame(curves[:, role].T).corr().to_numpy()
        return total / len(ROLES)

    return score


def _loop() -> Scoring:
    def score(curves: np.ndarray) -> np.ndarray:
        scores = np.ones((len(curves), len(curves)))
        for a in range(len(curves)):
            for b in range(a + 1, len(curves)):
                found = [np.corrcoef(curves[a, role], curves[b, role])[0, 1] for role in range(len(ROLES))]
                scores[a, b] = scores[b, a] = np.mean(found)
        return scores

    return score


def _by_role(model: np.ndarray) -> Mapping[str, np.ndarray]:
    return dict(zip(ROLES, model, strict=True))


# 10,000 models are one more size: of the product, which holds a few (models, models) arrays.
PAIR_WAYS = {
    "product": PairWay("ours: one product of matrices a role", _product, (200, 1_000)),
    "pandas": PairWay("pandas: .corr() of a table a role", _pandas, (200, 1_000)),
    "loop": PairWay("NumPy: corrcoef for each pair and role, in two loops", _loop, (200,)),
}

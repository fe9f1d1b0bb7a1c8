"""The ways to compare every two models that are measured beside each other, each in a process of its own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from benchmarks.reading import peak_bytes

ROLES = ("q", "k", "v", "o")
KEPT = 20  # scores of each model that all ways are compared by
LAYERS = 32  # of every model, so that all ways compute the same: pandas does not stretch curves


# Curves (models, roles, layers) -> scores (models, models), or of the nearest alone, best first (models, at most KEPT).
Scoring = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class PairWay:
    """One way to score all pairs, and the numbers of models that it is run with."""

    what: str
    prepare: Callable[[], Scoring]  # imports what the way needs, which is not counted as its time
    sizes: tuple[int, ...]
    keeps_all: bool = True


def write_profiles(path: Path, models: int, rng: np.random.Generator) -> int:
    """Curves of the roles over depth, float64 (models, roles, layers), into a file; its size in bytes."""
    trend = np.linspace(0, 1, LAYERS)
    np.save(path, 0.02 + 0.01 * trend + 0.002 * rng.standard_normal((models, len(ROLES), LAYERS)))
    return path.stat().st_size


def run(name: str, file: str, scores: str) -> None:
    """Runs a way, keeps each model's nearest scores in a file, and prints what it took, as JSON."""
    score = PAIR_WAYS[name].prepare()
    curves = np.load(file)
    held = peak_bytes()
    start = process_time()
    table = score(curves)
    taken = process_time() - start
    peak = peak_bytes()  # before the scores are written
    np.save(scores, nearest_scores(table) if PAIR_WAYS[name].keeps_all else table)
    print(json.dumps({"cpu_seconds": taken, "peak_bytes": peak, "held_bytes": held}))


def nearest_scores(scores: np.ndarray) -> np.ndarray:
    """The KEPT highest scores of each model with others, highest first; the scores, (models, models), are changed."""
    np.fill_diagonal(scores, -np.inf)
    count = min(KEPT, len(scores) - 1)
    return np.array([-np.sort(np.partition(-row, count - 1)[:count]) for row in scores])


def _product() -> Scoring:
    from lineage.methods.std_profile import similarity_matrix

    return lambda curves: similarity_matrix([_by_role(model) for model in curves])


def _blocks() -> Scoring:
    from lineage.evidence.neighbours import nearest_neighbours

    def score(curves: np.ndarray) -> np.ndarray:
        neighbours = nearest_neighbours({f"{number:06}": _by_role(model) for number, model in enumerate(curves)}, KEPT)
        return neighbours["similarity"].to_numpy().reshape(len(curves), -1)

    return score


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
                correlations = [np.corrcoef(curves[a, role], curves[b, role])[0, 1] for role in range(len(ROLES))]
                scores[a, b] = scores[b, a] = np.mean(correlations)
        return scores

    return score


def _by_role(model: np.ndarray) -> Mapping[str, np.ndarray]:
    return dict(zip(ROLES, model, strict=True))


# Two loops over 10,000 models would take about an hour; all scores of 100,000 at once, 80 GB.
PAIR_WAYS = {
    "blocks": PairWay(
        "ours, by block: the nearest 20 kept",
        _blocks,
        (200, 1_000, 10_000, 100_000),
        keeps_all=False,
    ),
    "product": PairWay("ours, at once: all scores kept", _product, (200, 1_000, 10_000)),
    "pandas": PairWay("pandas: .corr(), a table a role", _pandas, (200, 1_000, 10_000)),
    "loop": PairWay("NumPy: corrcoef in two loops", _loop, (200, 1_000)),
}

"""Nearest neighbours: what every pair gives, in less memory."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from lineage.evidence.neighbours import Curves, nearest_neighbours
from lineage.methods.std_profile import ROLES, similarity_matrix
from repository import ROOT

MEGABYTE = 1 << 20
APART = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from benchmarks.reading import peak_bytes
from lineage.evidence.neighbours import nearest_neighbours
rng = np.random.default_rng(4)
curves = {f"m/{n}": dict(zip("qkvo", rng.random((4, 24 + 8 * (n % 3))))) for n in range(4000)}
held = peak_bytes()
print(len(nearest_neighbours(curves)), held, peak_bytes())
"""


def some_curves(models: int, seed: int = 1) -> dict[str, Curves]:
    """Curves of models of three depths."""
    rng = np.random.default_rng(seed)
    return {f"m/{n}": dict(zip(ROLES, rng.random((4, 12 + 4 * (n % 3))), strict=True)) for n in range(models)}


def brute_force(curves: dict[str, Curves], k: int) -> pd.DataFrame:
    models = sorted(curves)
    scores = similarity_matrix([curves[model] for model in models]).round(9)
    rows = []
    for a, model in enumerate(models):
        others = sorted((-scores[a, b], other) for b, other in enumerate(models) if other != model)[:k]
        rows += [(model, rank, other, -score) for rank, (score, other) in enumerate(others, 1)]
    return pd.DataFrame(rows, columns=["model", "rank", "other", "similarity"])


@pytest.mark.parametrize("block", [1, 7, 128], ids="blocks of {}".format)
@pytest.mark.parametrize("k", [1, 5, 100], ids="{} nearest".format)
def test_blocks_give_what_all_pairs_give(k: int, block: int) -> None:
    curves = some_curves(40)

    found = nearest_neighbours(curves, k, block)

    pd.testing.assert_frame_equal(found, brute_force(curves, k), check_dtype=False, rtol=0, atol=1.1e-9)


def test_among_equals_the_names_decide_and_the_order_given_does_not() -> None:
    one = some_curves(1)["m/0"]
    curves = dict.fromkeys(["m/d", "m/b", "m/a", "m/c"], one)

    found = nearest_neighbours(curves, 2, 3)

    assert found["other"].tolist() == ["m/b", "m/c", "m/a", "m/c", "m/a", "m/b", "m/a", "m/b"]
    assert found["similarity"].tolist() == [1.0] * 8
    assert found["rank"].tolist() == [1, 2] * 4


@pytest.mark.parametrize("models", [0, 1])
def test_a_model_without_others_has_no_neighbours(models: int) -> None:
    found = nearest_neighbours(some_curves(models))

    assert found.empty
    assert list(found.columns) == ["model", "rank", "other", "similarity"]


def test_four_thousand_models_take_far_less_than_their_matrix() -> None:
    command = [sys.executable, "-c", APART, str(ROOT / "scripts")]

    rows, held, peak = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())

    assert rows == 4000 * 20
    assert peak - held < 80 * MEGABYTE < 4000 * 4000 * 8

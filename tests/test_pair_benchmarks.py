"""The benchmark of all pairs: every way gives the same scores, and its record is what a run gives."""

from pathlib import Path

import numpy as np
import pytest

from bench import run_pairs
from benchmarks.pairs import KEPT, PAIR_WAYS, write_profiles
from repository import committed

MODELS = 30


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    path = tmp_path / "profiles.npy"
    write_profiles(path, MODELS, np.random.default_rng(3))
    return path


@pytest.mark.parametrize("name", PAIR_WAYS)
def test_every_way_gives_the_scores_of_numpy(profiles: Path, name: str) -> None:
    curves = np.load(profiles)

    taken, scores = run_pairs(name, profiles)

    exact = np.mean([np.corrcoef(curves[:, role]) for role in range(4)], axis=0)
    np.fill_diagonal(exact, -1)
    nearest = np.sort(exact, axis=1)[:, :0:-1][:, :KEPT]
    assert scores == pytest.approx(nearest, abs=1e-9)
    assert scores.shape == (MODELS, KEPT)
    assert 0 < taken["held_bytes"] <= taken["peak_bytes"]
    assert taken["cpu_seconds"] >= 0


def test_profiles_are_the_same_on_every_run(profiles: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.npy"

    size = write_profiles(again, MODELS, np.random.default_rng(3))

    assert again.read_bytes() == profiles.read_bytes()
    assert size == profiles.stat().st_size


def test_the_committed_record_holds_every_way_at_every_size() -> None:
    dataset = committed()

    rows = dataset.benchmarks["all-pairs"].rows

    assert {(row.way, row.models) for row in rows} == {
        (name, size) for name, way in PAIR_WAYS.items() for size in way.sizes
    }
    for row in rows:
        beside = sum(other.models == row.models for other in rows) > 1  # others of its size, to differ from
        assert (row.largest_difference is not None) == beside
        assert not beside or row.largest_difference < 1e-9

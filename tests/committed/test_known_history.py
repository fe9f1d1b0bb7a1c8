"""What is on record of models whose history is known: planned before it was measured, and as it was planned."""

import subprocess

import pytest

from experiments.ladder.plan import RUNGS, TRIOS
from lineage.store.files import load_dataset
from repository import ROOT


def test_every_trio_on_record_is_one_that_was_planned() -> None:
    dataset, _ = load_dataset(ROOT / "data")
    table = dataset.control_tables["mixtures.csv"]

    planned = {(f"ladder/{trio.child}", trio.a, trio.b, trio.expected) for trio in TRIOS}

    assert {tuple(row) for row in table[["child", "a", "b", "expected"]].to_numpy().tolist()} == planned
    assert {trio.child for trio in TRIOS} <= RUNGS.keys()


@pytest.mark.parametrize(
    ("plan", "name", "results"),
    [
        ("scripts/experiments/peers/plan.py", "def asked_pairs", "data/controls/peers.csv"),
        ("scripts/experiments/ladder/plan.py", "TRIOS =", "data/controls/mixtures.csv"),
        ("scripts/experiments/geometry/plan.py", "def released_pairs", "data/controls/geometry.csv"),
    ],
)
def test_a_plan_was_committed_before_its_results(plan: str, name: str, results: str) -> None:
    if run("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("the history of the repository is not here: a shallow clone, or no clone at all")

    planned = run("log", "-S", name, "--format=%H", "--", plan).split("\n")[-1]
    if not run("rev-parse", "--verify", "--quiet", f"{planned}^"):
        pytest.skip("all came in the first commit: the history of the repository is not here")
    told = run("log", "--diff-filter=A", "--format=%H", "--", results).split("\n")[-1]
    assert planned != told
    assert run("merge-base", planned, told or "HEAD") == planned


def run(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()

"""Roots of published tables, and the training runs that they are."""

import pandas as pd

from lineage.checks.kinds.published import check_published
from lineage.evidence.training_runs import ancestors, by_training_run
from lineage.records import Published
from lineage.records.published import Descent
from lineage.statistics.error_rates import disjoint_pairs
from repository import committed


def _published(*descents: tuple[str, str]) -> dict[str, Published]:
    records = [
        Descent(root=root, ancestor=ancestor, text="It says so.", sources=("card",)) for root, ancestor in descents
    ]
    base = {
        "title": "Scores",
        "source": "card",
        "method": "m",
        "scale": "s",
        "description": "d",
        "path": "data/published/scores.toml",
    }
    return {"scores": Published(id="scores", descents=tuple(records), **base)}


def test_a_line_of_descent_is_one_run_under_its_eldest() -> None:
    assert ancestors(_published(("c", "b"), ("b", "a"))) == {"c": "a", "b": "a"}


def test_pairs_are_named_by_runs_in_order_of_name() -> None:
    pairs = pd.DataFrame({"root_a": ["k", "z"], "root_b": ["z", "y"], "median": [0.5, 0.25]})
    named = by_training_run(pairs, _published(("z", "b")))
    assert named[["root_a", "root_b"]].to_numpy().tolist() == [["b", "k"], ["b", "y"]]
    assert named["median"].tolist() == [0.5, 0.25]


def test_two_roots_of_one_run_can_be_in_no_two_separate_pairs() -> None:
    pairs = pd.DataFrame({"root_a": ["a", "b"], "root_b": ["x", "y"]})
    apart, one_run = (by_training_run(pairs, _published(*descents)) for descents in ((), (("b", "a"),)))
    counts = [disjoint_pairs(list(zip(rows["root_a"], rows["root_b"], strict=True))) for rows in (apart, one_run)]
    assert counts == [2, 1]


def test_a_descent_names_two_roots_of_its_tables() -> None:
    sound = committed()
    record = sound.published["tensorlock"]
    wrong = Descent(root="a/b", ancestor="a/b", text="It says so.", sources=record.descents[0].sources)
    problems = [problem.message for problem in check_published(record.model_copy(update={"descents": (wrong,)}), sound)]
    assert problems == [
        "descents: root = 'a/b' is no root of its tables; write it as they do",
        "descents: ancestor = 'a/b' is no root of its tables; write it as they do",
        "descents: 'a/b' comes from itself; name the elder root",
    ]
    assert not list(check_published(record, sound))


def test_nothing_changes_where_no_descent_is_on_record() -> None:
    derived = pd.DataFrame({"root": ["a"], "similarity": [1.0]})
    pd.testing.assert_frame_equal(by_training_run(derived, _published()), derived)

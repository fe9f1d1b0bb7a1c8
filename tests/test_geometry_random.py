"""What attention heads of random numbers score: from their seeds, by shape, and as it is on record."""

from dataclasses import replace

import pytest

from experiments.geometry.random_heads import RANDOM_PAIRS, random_scores, random_table
from lineage.evidence.geometry import RANDOM
from lineage.evidence.geometry_facts import random_rows
from repository import committed

SMALL = next(pair for pair in RANDOM_PAIRS if pair.a.layers == pair.b.layers == 12 and pair.a.width == 64)


def test_unrelated_heads_score_above_zero_and_higher_where_they_differ_in_size() -> None:
    even = list(random_scores(replace(SMALL, draws=3)))
    uneven = list(random_scores(replace(SMALL, spread=0.5, draws=3)))

    assert even == list(random_scores(replace(SMALL, draws=3)))
    assert len(set(even)) == 3
    assert 0.2 < min(even) <= max(even) < 0.35 < min(uneven) <= max(uneven) <= 1


def test_the_committed_table_is_what_the_seeds_give() -> None:
    table = committed().control_tables[RANDOM]
    (again,) = random_table([SMALL]).to_dict("records")
    keys = [key for key in again if key not in ("lowest", "mean", "highest")]
    (on_record,) = table[(table[keys] == [again[key] for key in keys]).all(axis=1)].to_dict("records")

    assert len(table) == len(RANDOM_PAIRS)
    assert on_record == pytest.approx(again, abs=1e-3)


def test_a_shape_that_was_drawn_has_a_row_of_one_size_and_one_of_the_smallest_spread() -> None:
    table = committed().control_tables[RANDOM]
    rows = random_rows(table, 40, 8)

    assert rows is not None
    assert (rows[0]["spread"], rows[1]["spread"]) == (0, 0.1)
    assert rows[0]["mean"] < rows[1]["mean"]
    assert random_rows(table, 41, 8) is None
    assert random_rows(table.head(0), 40, 8) is None

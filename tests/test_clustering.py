"""The order of a heat map: average linkage, with SciPy as the oracle."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from lineage.statistics.clustering import average_linkage, cluster_order


def distances(count: int, seed: int) -> np.ndarray:
    condensed = np.random.default_rng(seed).uniform(0, 2, count * (count - 1) // 2)
    return np.asarray(squareform(condensed))


@pytest.mark.parametrize(("count", "seed"), [(2, 0), (3, 1), (7, 2), (20, 3), (41, 4)])
def test_the_merges_are_those_of_scipy(count: int, seed: int) -> None:
    given = distances(count, seed)

    merges = average_linkage(given)

    expected = linkage(squareform(given), method="average")
    groups = {place: {place} for place in range(count)}
    for step, (left, right, _, _) in enumerate(expected):
        groups[count + step] = groups[int(left)] | groups[int(right)]
    assert [merge.distance for merge in merges] == pytest.approx(expected[:, 2])
    assert [{*merge.left, *merge.right} for merge in merges] == [groups[count + step] for step in range(count - 1)]


def test_two_groups_stand_apart_and_each_together() -> None:
    similarity = np.full((6, 6), 0.1)
    for group in ([0, 2, 4], [1, 3, 5]):
        similarity[np.ix_(group, group)] = 0.9

    order = cluster_order(similarity)

    assert sorted(order) == list(range(6))
    assert {frozenset(order[:3]), frozenset(order[3:])} == {frozenset((0, 2, 4)), frozenset((1, 3, 5))}


def test_the_ends_that_touch_are_the_closest_of_both_groups() -> None:
    places = np.array([0.0, 10.0, 1.0, 12.0])
    similarity = 1 - np.abs(places[:, None] - places[None, :]) / 6

    order = cluster_order(similarity)

    assert list(places[order]) in ([0, 1, 10, 12], [12, 10, 1, 0])


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_order_stays_as_it_is(count: int) -> None:
    assert cluster_order(np.ones((count, count))) == list(range(count))


def test_a_missing_score_counts_as_the_farthest() -> None:
    similarity = np.array([[1, np.nan, 0.2], [np.nan, 1, 0.3], [0.2, 0.3, 1]])

    merges = average_linkage(1 - np.where(np.isnan(similarity), -1, similarity))

    assert [merge.distance for merge in merges] == pytest.approx([0.7, (2 + 0.8) / 2])
    assert sorted(cluster_order(similarity)) == [0, 1, 2]


def test_what_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        average_linkage(np.array([[0, np.nan], [np.nan, 0]]))

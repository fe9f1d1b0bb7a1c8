"""An order of things in which the similar stand together: average linkage, read from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Merge:
    """Two groups that became one, and the mean distance between their members."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    distance: float


def average_linkage(distances: np.ndarray) -> list[Merge]:
    """Every merge of average linkage (UPGMA; Sokal & Michener, 1958), closest first; ties by place.

    distances is symmetric, finite and (n, n). Groups are tuples of places, each ordered so that close ones touch.
    ValueError where a distance is not finite.
    """
    between = np.array(distances, dtype=float)
    if not np.isfinite(between).all():
        raise ValueError("a distance is not finite")
    np.fill_diagonal(between, np.inf)
    groups: dict[int, tuple[int, ...]] = {place: (place,) for place in range(len(between))}
    merges = []
    while len(groups) > 1:
        left, right = sorted(divmod(int(np.argmin(between)), len(between)))
        height = float(between[left, right])
        left_group, right_group = _touching(groups[left], groups.pop(right), distances)
        merges.append(Merge(left_group, right_group, height))
        joined = (len(left_group) * between[left] + len(right_group) * between[right]) / (
            len(left_group) + len(right_group)
        )
        between[left], between[:, left] = joined, joined
        between[right], between[:, right], between[left, left] = np.inf, np.inf, np.inf
        groups[left] = left_group + right_group
    return merges


def cluster_order(similarity: np.ndarray) -> list[int]:
    """The places of the rows of a symmetric matrix in [-1, 1], similar ones together; what is missing counts as -1."""
    known = np.where(np.isfinite(similarity), similarity, -1.0)
    merges = average_linkage(1 - known)
    return [*merges[-1].left, *merges[-1].right] if merges else list(range(len(known)))


def _touching(
    left: Sequence[int], right: Sequence[int], distances: np.ndarray
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two groups, each turned round where that brings closer ends together."""
    turned = [(tuple(one), tuple(two)) for one in (left, left[::-1]) for two in (right, right[::-1])]
    return min(turned, key=lambda groups: float(distances[groups[0][-1], groups[1][0]]))

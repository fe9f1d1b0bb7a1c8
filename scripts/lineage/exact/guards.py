"""Guards: whether the units of a block look as if any order of them had been as likely.

Training that starts from random numbers leaves hidden units exchangeable. Sorting, copying and padding do not, and
two models that were both sorted agree by index without a common origin. A guard that looks at the data can only
withhold p-values: p <= x is reported with probability x at most, and given that a p is reported, with x / (1 -
guard_level) at most. It cannot see every order, so what documents say of sorting counts too.
"""

import math
from collections.abc import Mapping

import numpy as np
import scipy  # its parts are loaded where they are used

from lineage.exact.permutation import PARAMETERS, Parameters, cosines, directions, unit_sample


def why_not_exchangeable(
    matrices: Mapping[str, np.ndarray],
    blocks: int,
    known_sorted: bool = False,
    parameters: Parameters = PARAMETERS,
) -> str:
    """Why the units of a block are not taken as exchangeable, or "".

    matrices are arrays (units, width), one row a unit in each; blocks is how many blocks of the model are looked
    at. Rows that repeat are found among the rows given only, so a sample of a block hides most of them.
    """
    if known_sorted:
        return "known to be sorted"
    for name, matrix in matrices.items():
        share = repeated_share(matrix)
        if share > parameters.duplicates:
            return f"{share:.2%} of the {name} rows repeat another"
    p_values = order_p_values(matrices, parameters)
    order, p = min(p_values.items(), key=lambda named_p: named_p[1])
    return f"{order} (p = {p:.0e})" if p < parameters.guard_level / (blocks * len(p_values)) else ""


def repeated_share(matrix: np.ndarray) -> float:
    """Share of rows that equal an earlier row, number by number, in [0, 1)."""
    rows = np.asarray(matrix, dtype=np.float64) + 0.0  # makes -0.0 the same bytes as 0.0
    return 1 - len({row.tobytes() for row in rows}) / len(rows)


def order_p_values(matrices: Mapping[str, np.ndarray], parameters: Parameters = PARAMETERS) -> dict[str, float]:
    """Two-sided p-values of each way in which units can show an order, by its name.

    The norms tell sorting by size. The directions tell whatever else could raise the test's own statistic: if
    the mean direction of the units at one index changes slowly along the index in both models, the cosine that
    this lends to a pair of models is at most the geometric mean of what it lends to neighbours within each.
    """
    p_values = {}
    for name, matrix in sorted(matrices.items()):
        norms = np.linalg.norm(np.asarray(matrix, dtype=np.float64), axis=1)
        p_values[f"the norm of {name} rows follows the index"] = rank_p_value(norms, np.arange(len(norms)))
        p_values[f"the norm of {name} rows is like that of the next"] = rank_p_value(norms[:-1], norms[1:])
    sample = unit_sample(len(norms), parameters)
    rows = [directions(matrix[sample]) for _, matrix in sorted(matrices.items())]
    p_values["neighbouring units point alike"] = neighbour_p_value(cosines(rows, rows))
    # An approximation gives 0 for a perfect order, which of few units is not rare.
    least = 2 / math.factorial(min(len(norms), 100))
    return {order: max(p, least) for order, p in p_values.items()}


def rank_p_value(x: np.ndarray, y: np.ndarray) -> float:
    """Two-sided p-value of Spearman's correlation; 1 where one is constant or there are fewer than four numbers."""
    if len(x) < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 1.0
    return float(scipy.stats.spearmanr(x, y).pvalue)


def neighbour_moments(square: np.ndarray) -> tuple[float, float]:
    """Mean and variance of sum_i square[order(i), order(i + 1)] over all orders of four or more units.

    For a symmetric array; moments of a sum over the edges of a path (Mantel, 1967).
    """
    n = len(square)
    apart = square - np.diag(np.diag(square))
    rows = apart.sum(axis=1)
    total, squares, stars = rows.sum(), (apart**2).sum(), (rows**2).sum()
    mean = total / n
    same = squares / n
    touching = 2 * (stars - squares) / (n * (n - 1))
    disjoint = (total**2 - 4 * stars + 2 * squares) / (n * (n - 1))
    return float(mean), float(same + touching + disjoint - mean**2)


def neighbour_p_value(square: np.ndarray) -> float:
    """Two-sided p-value of the cosines of neighbours among all orders, by a normal law; 1 where all are equal."""
    if len(square) < 4:
        return 1.0
    mean, variance = neighbour_moments(square)
    if variance <= 1e-12 * (square**2).sum():
        return 1.0
    return float(2 * scipy.stats.norm.sf(abs(np.diag(square, 1).sum() - mean) / math.sqrt(variance)))

"""How much of two models is in a third: least squares over the matrices that all three have, with intervals by layer.

Where a model is a linear merge, its matrices are a sum of those of its parents, and the shares are the two factors.
The shares alone say nothing: what they leave unexplained says whether the sum fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lineage.matching.opened import Opened
from lineage.matching.stored_blocks import ATTENTION, MLP, Matrices, Place
from lineage.statistics.jackknife import jackknifed

ROLES = (*ATTENTION, *MLP)
ALIKE = 1e-6  # of 1 less the squared cosine of the two parents: below this they are one model to float32
Products = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """The factor of a parent, with its 95 % interval; no ends where there are too few layers for one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Mixture:
    """Two models in a third, or why that is not computed."""

    a: Share | None = None
    b: Share | None = None
    unexplained: float | None = None  # of the squared numbers of the third, what the sum leaves, in [0, 1]
    parents_cosine: float | None = None  # of the two, over all layers: near 1 the shares cannot be told apart
    layers: int = 0
    matrices: int = 0  # that all three have in one shape
    of: int = 0  # that the third has
    not_testable: str = ""


def mixture(child: Opened, a: Opened, b: Opened) -> Mixture:
    """The shares of a and b in child; each matrix is read once, one place at a time."""
    three = [model.matrices(*ROLES) for model in (child, a, b)]
    products: dict[int, list[Products]] = {}
    total = sum(len(block) for block in three[0].values())
    for layer, role, location in _common(three):
        numbers = [model[location][role].read().ravel() for model in three]
        products.setdefault(layer, []).append(inner_products(numbers))
    matrix_count = sum(len(role_products) for role_products in products.values())
    return solved([np.sum(role_products, axis=0) for _, role_products in sorted(products.items())], matrix_count, total)


def inner_products(numbers: Sequence[NDArray[np.floating]]) -> Products:
    """Every two of three arrays multiplied and summed, (3, 3), in double precision."""
    stacked = np.stack([matrix.astype(np.float64) for matrix in numbers])
    return np.asarray(stacked @ stacked.T)


def solved(products: Sequence[Products], matrices: int, of: int) -> Mixture:
    """The shares from the inner products of child, a and b by layer, each (3, 3), each layer of one weight.

    The normal equations of least squares without an intercept; the interval is that of the delete-one-layer
    jackknife, with layers for draws.
    """
    if not products:
        return Mixture(of=of, not_testable="no matrix of one shape is in all three")
    if not all(np.isfinite(product).all() for product in products):
        return Mixture(matrices=matrices, of=of, not_testable="a number of a matrix is not finite")
    layers = np.array([product / product[0, 0] for product in products if product[0, 0] > 0])
    if not len(layers):
        return Mixture(matrices=matrices, of=of, not_testable="all numbers of the third model are 0")
    mean = layers.mean(axis=0)
    scale = np.sqrt(mean[1, 1] * mean[2, 2])
    cosine = float(mean[1, 2] / scale) if scale else 0.0
    if not scale or 1 - cosine**2 < ALIKE:
        reason = "the two parents have the same weights" if scale else "all numbers of a parent are 0"
        return Mixture(layers=len(layers), matrices=matrices, of=of, parents_cosine=cosine, not_testable=reason)
    shares = jackknifed(
        lambda layer_numbers: _shares(layers[layer_numbers].mean(axis=0)), np.zeros(len(layers), np.intp)
    )
    parent_shares = shares.values
    residue = 1 - 2 * parent_shares @ mean[0, 1:] + parent_shares @ mean[1:, 1:] @ parent_shares
    first, second = (
        Share(value, *((low, high) if np.isfinite(low) else (None, None)))
        for value, low, high in zip(parent_shares.tolist(), shares.low.tolist(), shares.high.tolist(), strict=True)
    )
    return Mixture(first, second, float(np.clip(residue, 0, 1)), cosine, len(layers), matrices, of)


def _shares(products: Products) -> Products:
    return np.asarray(np.linalg.solve(products[1:, 1:], products[0, 1:]))


def _common(three: Sequence[Matrices]) -> Iterable[tuple[int, str, Place]]:
    """Layer, role and place of each matrix that all have in one shape, in order."""
    for location, block in three[0].items():
        for role, matrix in block.items():
            parents = [model.get(location, {}).get(role) for model in three[1:]]
            if all(parent is not None and parent.shape == matrix.shape for parent in parents):
                yield location[0], role, location

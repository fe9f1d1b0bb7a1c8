"""What attention heads of random numbers score with each other: the floor of the score by heads, by shape.

Added when the scores of trained models had been seen, since unrelated heads that are paired to fit best score above 0.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lineage.matching.geometry import head_spectra, spectra_alike


@dataclass(frozen=True)
class HeadShape:
    """The attention of a model: layers, heads, groups of keys and values, and the widths of a head and of the model."""

    layers: int
    heads: int
    groups: int
    head_width: int
    width: int


@dataclass(frozen=True)
class RandomPair:
    """Two unrelated models of normal numbers; the size of Q and O differs from head to head by exp(normal x spread)."""

    a: HeadShape
    b: HeadShape
    spread: float
    draws: int  # pairs, each from a seed of its own


_DEEP, _SHALLOW = HeadShape(48, 4, 2, 16, 64), HeadShape(12, 4, 2, 16, 64)  # of the controls
_BASE = HeadShape(12, 12, 12, 64, 768)  # of BERT, MPNet and others
_DISPUTED = HeadShape(12, 40, 8, 128, 5120)  # a quarter of the layers of Pangu Pro MoE and Qwen2.5-14B
DIGITS = 4  # of a score, since it is drawn
SPREADS = (0.0, 0.1, 0.5)
RANDOM_PAIRS = tuple(
    RandomPair(a, b, spread, draws)
    for a, b, draws in (
        (_DEEP, _DEEP, 10),
        (_SHALLOW, _SHALLOW, 10),
        (_SHALLOW, _DEEP, 10),
        (_BASE, _BASE, 5),
        (_DISPUTED, _DISPUTED, 1),
    )
    for spread in SPREADS
)


def random_table(pairs: Iterable[RandomPair] = RANDOM_PAIRS) -> pd.DataFrame:
    """controls/geometry-random.csv: a row a pair, with its lowest, mean and highest score over the draws."""
    return pd.DataFrame(_row(pair, np.fromiter(random_scores(pair), float)) for pair in pairs)


def _row(pair: RandomPair, scores: NDArray[np.float64]) -> dict[str, object]:
    shapes = {
        f"{name}_{side}": number
        for side, shape in zip("ab", (pair.a, pair.b), strict=True)
        for name, number in asdict(shape).items()
    }
    numbers = {"lowest": scores.min(), "mean": scores.mean(), "highest": scores.max()}
    rounded = {name: float(f"{number:.{DIGITS}g}") for name, number in numbers.items()}
    return {**shapes, "spread": pair.spread, "draws": pair.draws, **rounded}


def random_scores(pair: RandomPair) -> Iterator[float]:
    """The score of each draw of a pair, in [-1, 1]."""
    for draw in range(pair.draws):
        models = [_random_spectra(shape, pair.spread, (side, draw)) for side, shape in enumerate((pair.a, pair.b))]
        score = spectra_alike(*models).score
        if score is None:
            raise ValueError("random heads of no spread have no score")
        yield score


def _random_spectra(shape: HeadShape, spread: float, seed: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """The spectra of the layers of a model of random numbers."""
    drawn = np.random.default_rng(seed)
    return [_random_layer(shape, spread, drawn) for _ in range(shape.layers)]


def _random_layer(shape: HeadShape, spread: float, drawn: np.random.Generator) -> NDArray[np.float64]:
    counts = {"q": shape.heads, "k": shape.groups, "v": shape.groups, "o": shape.heads}
    matrices = {role: drawn.standard_normal((count, shape.head_width, shape.width)) for role, count in counts.items()}
    for role in ("q", "o"):
        matrices[role] *= np.exp(spread * drawn.standard_normal((shape.heads, 1, 1)))
    flat = {role: matrix.reshape(-1, shape.width) for role, matrix in matrices.items()}
    flat["o"] = flat["o"].T
    return head_spectra(**flat, heads=shape.heads, groups=shape.groups)

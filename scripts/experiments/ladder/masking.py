"""Tokens -> batches for a masked language model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.ladder.wordpiece import CLS, MASK, SEP

Tokens = NDArray[np.int64]

MASKED_SHARE = 0.15


@dataclass(frozen=True, eq=False)
class Batch:
    """Windows of text, some tokens hidden."""

    tokens: Tokens  # as the model sees them, (count, length)
    hidden: NDArray[np.bool_]  # which of them it must guess
    answers: Tokens  # what stood there, in order


def masked_batch(
    text: Tokens, vocabulary: Mapping[str, int], count: int, length: int, rng: np.random.Generator
) -> Batch:
    """Random windows between [CLS] and [SEP]; 15 % of tokens are hidden.

    Of those 80 % are masked, 10 % replaced by any token and 10 % left (Devlin et al. 2019).
    """
    starts = rng.integers(0, len(text) - (length - 2) + 1, count)
    windows = np.full((count, length), vocabulary[CLS])
    windows[:, -1] = vocabulary[SEP]
    windows[:, 1:-1] = text[starts[:, None] + np.arange(length - 2)]
    hidden = np.zeros(windows.shape, dtype=bool)
    hidden[:, 1:-1] = rng.random((count, length - 2)) < MASKED_SHARE
    chances = rng.random(windows.shape)
    tokens = np.where(hidden & (chances < 0.8), vocabulary[MASK], windows)
    replaced = hidden & (chances >= 0.9)
    tokens[replaced] = rng.integers(0, len(vocabulary), int(replaced.sum()))
    return Batch(tokens, hidden, windows[hidden])

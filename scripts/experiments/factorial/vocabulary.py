"""A vocabulary of merged bytes, learned from a text by counts (byte-pair encoding, Sennrich et al. 2016)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.controls.texts import SplitText

Tokens = NDArray[np.int64]
Pair = tuple[int, int]

LEARNED_FROM = 400_000  # bytes at the start of a text


@dataclass(frozen=True)
class TokenText:
    """A text in tokens, its end apart, and how many bytes of that end a token stands for."""

    train: Tokens
    heldout: Tokens
    bytes_a_token: float


def token_text(text: SplitText, vocabulary: int) -> TokenText:
    """A text in tokens of a vocabulary learned from it; of 256 they are its bytes."""
    merges = learned_merges(text.train, vocabulary)
    train, heldout = encoded(text.train, merges), encoded(text.heldout, merges)
    return TokenText(train, heldout, len(text.heldout) / len(heldout))


def learned_merges(text: NDArray[np.uint8], vocabulary: int) -> tuple[Pair, ...]:
    """The pairs of tokens that become a new token, in order; the new ones are numbered from 256.

    At each step the pair that is seen most often, of several the one with the smallest numbers.
    """
    tokens = text[:LEARNED_FROM].astype(np.int64)
    merges: list[Pair] = []
    for new in range(256, vocabulary):
        counts = np.bincount(tokens[:-1] * vocabulary + tokens[1:], minlength=vocabulary**2)
        first, second = divmod(int(counts.argmax()), vocabulary)
        merges.append((first, second))
        tokens = _merged(tokens, (first, second), new)
    return tuple(merges)


def encoded(text: NDArray[np.uint8], merges: tuple[Pair, ...]) -> Tokens:
    """A text in tokens: every merge in its order."""
    tokens = text.astype(np.int64)
    for number, pair in enumerate(merges):
        tokens = _merged(tokens, pair, 256 + number)
    return tokens


def token_bytes(merges: tuple[Pair, ...]) -> list[bytes]:
    """What each token stands for."""
    texts = [bytes([value]) for value in range(256)]
    for first, second in merges:
        texts.append(texts[first] + texts[second])
    return texts


def _merged(tokens: Tokens, pair: Pair, new: int) -> Tokens:
    starts = np.flatnonzero((tokens[:-1] == pair[0]) & (tokens[1:] == pair[1]))
    if pair[0] == pair[1] and starts.size:  # in a run of one token every second start overlaps the one before
        breaks = np.flatnonzero(np.diff(starts) > 1) + 1
        begins = np.zeros(len(starts), np.int64)
        begins[breaks] = breaks
        starts = starts[(np.arange(len(starts)) - np.maximum.accumulate(begins)) % 2 == 0]
    result = tokens.copy()
    result[starts] = new
    return np.delete(result, starts + 1)

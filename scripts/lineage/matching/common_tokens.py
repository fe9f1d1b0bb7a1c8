"""Embeddings of the tokens that two models have in common."""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

TOKENS = 4096  # at most
FEWEST_TOKENS = 100  # below which nothing is told by them
_RUN = 32  # neighbouring tokens that are chosen together, so that a file far away gives them in few requests


def common_rows(
    tokens_a: Mapping[str, int], tokens_b: Mapping[str, int], rows_a: int, rows_b: int, most: int = TOKENS
) -> tuple[np.ndarray, np.ndarray]:
    """The row numbers of tokens with the same string in two embeddings; at most `most` tokens.

    Rows beyond the tokens, which only fill an embedding up, have no string and so no part. Chosen by hash: of the
    number, in runs, where all common tokens have one number in both, and of the string otherwise. Ascending in a.
    """
    common = [
        (number, tokens_b[token], token)
        for token, number in tokens_a.items()
        if token in tokens_b and number < rows_a and tokens_b[token] < rows_b
    ]
    if all(a == b for a, b, _ in common):
        common.sort(key=lambda row: (_hash(f"tokens|{row[0] // _RUN}"), row[0]))
    else:
        common.sort(key=lambda row: (_hash(f"token|{row[2]}"), row[2]))
    row_pairs = np.array(sorted(row[:2] for row in common[:most]), dtype=np.int64).reshape(-1, 2)
    return row_pairs[:, 0], row_pairs[:, 1]


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()

"""Text -> the tokens of BERT's uncased vocabularies."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

CLS, SEP, MASK, UNKNOWN = "[CLS]", "[SEP]", "[MASK]", "[UNK]"
_WORD = re.compile(r"[^\W_]+|[^\s]")  # letters and digits together, every other sign alone
_LONGEST = 100  # characters of a word


def token_numbers(text: str, vocabulary: Mapping[str, int]) -> NDArray[np.int64]:
    """The numbers of a text's tokens: small letters, no accents, each word cut into the longest pieces from its left.

    As BERT's own for ASCII text; of other signs it keeps some with the word beside them.
    """

    @cache
    def pieces(word: str) -> tuple[int, ...]:
        return _pieces(word, vocabulary)

    plain = "".join(
        character for character in unicodedata.normalize("NFD", text) if unicodedata.category(character) != "Mn"
    ).lower()
    return np.array([number for word in _WORD.findall(plain) for number in pieces(word)], dtype=np.int64)


def _pieces(word: str, vocabulary: Mapping[str, int]) -> tuple[int, ...]:
    numbers: list[int] = []
    start = 0
    while start < len(word) <= _LONGEST:
        mark = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in vocabulary), None)
        if end is None:
            return (vocabulary[UNKNOWN],)
        numbers.append(vocabulary[mark + word[start:end]])
        start = end
    return tuple(numbers) or (vocabulary[UNKNOWN],)

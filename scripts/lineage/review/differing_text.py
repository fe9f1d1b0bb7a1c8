"""A change in a line of the report: what of two texts differs, with the words around it."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from lineage.review.change import Change
from lineage.web.foreign_text import plain_markdown

_WORDS = 300  # characters of a text in such a line
_TOKEN = re.compile(r"[A-Za-z0-9]+\s*|.\s*", re.DOTALL)  # a word or any other letter, with the space behind it
_CONTEXT = 10  # such before and after a place where two long texts differ
_TOGETHER = 60  # such in places that are shown as one
_COMPARED = 2_000  # such in a text of which each place is looked for


def in_a_line(change: Change) -> str:
    texts = (change.before, change.after)
    long = all(texts) and max(map(len, texts)) > _WORDS
    shown = _differing_stretches(*texts) if long else [tuple(words[:_WORDS] for words in texts)]
    moved = "; ".join(" → ".join(plain_markdown(words) for words in pair if words) for pair in shown if any(pair))
    return f"{plain_markdown(change.what)}{f': {moved}' if moved else ''}"


def _differing_stretches(before: str, after: str) -> list[tuple[str, ...]]:
    """Every place where two long texts differ, with the words around it; those that are near each other in one."""
    texts = [_TOKEN.findall(words) for words in (before, after)]
    start = _alike(*texts)
    end = _alike(*(tokens[start:][::-1] for tokens in texts))
    middles = [tokens[start : len(tokens) - end] for tokens in texts]
    if max(map(len, middles)) > _COMPARED:
        stretches = [(0, len(middles[0]), 0, len(middles[1]))]
    else:
        codes = SequenceMatcher(None, middles[0], middles[1], autojunk=False).get_opcodes()
        stretches = [(a, b, c, d) for kind, a, b, c, d in codes if kind != "equal"]
    near: list[list[int]] = []
    for stretch in stretches:
        if near and stretch[0] - near[-1][1] < 2 * _CONTEXT and stretch[1] - near[-1][0] < _TOGETHER:
            near[-1][1], near[-1][3] = stretch[1], stretch[3]
        else:
            near.append(list(stretch))
    return [
        tuple(_around(texts[side], start + stretch[2 * side], start + stretch[2 * side + 1]) for side in (0, 1))
        for stretch in near
    ]


def _around(tokens: Sequence[str], first: int, end: int) -> str:
    """A stretch of a text with the words beside it; of a very long one the beginning and the end."""
    head, tail = max(0, first - _CONTEXT), min(len(tokens), end + _CONTEXT)
    words = "".join(tokens[head:tail]).strip()
    if len(words) > 2 * _WORDS:
        words = f"{words[:_WORDS]} … {words[-_WORDS:]}"
    return f"{'…' if head else ''}{words}{'…' if tail < len(tokens) else ''}"


def _alike(first: Sequence[str], second: Sequence[str]) -> int:
    """How many items two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))

"""Comparison methods: each a value that says what it is, what it survives and what it needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """What a reader must know of a method to judge a score of it."""

    id: str
    name: str
    version: str
    reference: str
    score_range: str
    invariances: tuple[str, ...]
    needs: tuple[str, ...]

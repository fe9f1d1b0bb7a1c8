"""A large measurement in shares, each for a job of its own: about equal in bytes, each a stretch of the files."""

from collections.abc import Sequence

from lineage.checkpoints.files import Span
from lineage.measuring.plan import Wanted


def number_of_shares(size: int, most_bytes: int, most_shares: int) -> int:
    """How many shares a measurement of so many bytes is cut into; at least 1, at most the bound on shares."""
    return max(1, min(most_shares, -(-size // most_bytes)))


def share_of(entries: Sequence[Wanted], number: int, count: int) -> list[Wanted]:
    """The tensors of one share of so many, numbered from 1; tied tensors, which lie on the same bytes, stay together.

    Every tensor is in one share, and in the same one wherever it is computed. A share may be empty.
    """
    by_span: dict[tuple[str, Span], list[Wanted]] = {}
    for wanted_tensor in entries:
        by_span.setdefault((wanted_tensor.tensor.file, wanted_tensor.tensor.span), []).append(wanted_tensor)
    total = sum(span.length for _, span in by_span)
    share, before = [], 0
    for file, span in sorted(by_span):
        if before * count // max(total, 1) == number - 1:
            share += by_span[file, span]
        before += span.length
    return share

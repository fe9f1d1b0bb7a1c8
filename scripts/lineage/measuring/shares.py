"""A large measurement in shares, each for a job of its own: about equal in bytes, each a stretch of the files."""

from collections.abc import Sequence

from lineage.checkpoints.files import Span
from lineage.measuring.plan import Wanted


def number_of_shares(size: int, most_bytes: int, most_shares: int) -> int:
    """Into how many shares so many bytes go, of at most so many bytes each, at most so many; at least one."""
    return max(1, min(most_shares, -(-size // most_bytes)))


def share_of(wanted: Sequence[Wanted], number: int, count: int) -> list[Wanted]:
    """The tensors of one share of so many, numbered from 1; tied tensors, which lie on the same bytes, stay together.

    Every tensor is in one share, and in the same one wherever it is computed. A share may be empty.
    """
    places: dict[tuple[str, Span], list[Wanted]] = {}
    for one in wanted:
        places.setdefault((one.tensor.file, one.tensor.span), []).append(one)
    total = sum(span.length for _, span in places)
    found, before = [], 0
    for file, span in sorted(places):
        if before * count // max(total, 1) == number - 1:
            found += places[file, span]
        before += span.length
    return found

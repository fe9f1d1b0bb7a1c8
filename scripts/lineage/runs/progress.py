"""What a long run says on the error stream: how many bytes were read, and lines."""

import sys
from typing import Any

from tqdm import tqdm


def byte_bar(*, quiet: bool) -> "tqdm[Any]":
    """A bar that counts bytes; none is drawn where quiet was asked for."""
    return tqdm(unit="B", unit_scale=True, unit_divisor=1000, disable=quiet, file=sys.stderr)


def advance(bar: "tqdm[Any]", count: int) -> None:
    """Moves a bar on by so many bytes: tqdm gives something back, and what reads bytes expects nothing."""
    bar.update(count)


def complain(line: str) -> None:
    """Says a line on the error stream, at once."""
    print(line, file=sys.stderr, flush=True)

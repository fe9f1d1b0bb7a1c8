"""What somebody asks a look for, once its arguments are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lineage.looking.outcome import Expected


@dataclass(frozen=True)
class LookRequest:
    """A checkpoint to look at, what it is set against, and what is expected of it, each as somebody named it."""

    address: str
    base: str  # of an adapter: where its base is; "" where the adapter says
    against: Sequence[str]
    expected: Sequence[Expected]
    match: bool  # whether the exact tests are run on the likeliest models on record
    kept: Path  # the folder of earlier measurements
    quiet: bool  # no progress on the error stream

    @property
    def others(self) -> list[str]:
        """Everything that the checkpoint is set against, once each, the bases of expectations too."""
        return list(dict.fromkeys([*self.against, *(expected.base for expected in self.expected)]))

"""What one job may spend on a measurement: bytes over the wire, time, and room on the disk."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic


class BudgetSpentError(Exception):
    """A job has spent what it may; the message says what of."""


@dataclass
class Budget:
    """What is left to spend. What is None is not bounded."""

    bytes: int | None = None  # over the wire
    seconds: float | None = None  # from now on
    disk: int | None = None  # bytes of what is kept until all is measured
    clock: Callable[[], float] = monotonic
    spent: int = 0  # bytes so far
    _start: float = field(init=False)

    def __post_init__(self) -> None:
        self._start = self.clock()

    def transferred(self, count: int) -> None:
        """Takes down bytes that came over the wire. Raises BudgetSpentError past the bound, or past the time."""
        self.spent += count
        if self.bytes is not None and self.spent > self.bytes:
            raise BudgetSpentError(f"more than {self.bytes:,} bytes came over the wire")
        if self.seconds is not None and self.clock() - self._start > self.seconds:
            raise BudgetSpentError(f"more than {self.seconds / 60:g} minutes went by")

    def stored(self, size: int) -> None:
        """Raises BudgetSpentError where what is kept, so many bytes, takes more room than it may."""
        if self.disk is not None and size > self.disk:
            raise BudgetSpentError(f"more than {self.disk:,} bytes are kept on the disk")

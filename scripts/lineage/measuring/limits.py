"""How much of the queue one run of the workflow takes on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one run takes on."""

    targets: int = 3  # models
    jobs: int = 12  # shares of all of them together
    share_bytes: int = 25_000_000_000  # what has more goes into more jobs; one that stops earlier is gone on with later
    most_bytes: int = 500_000_000_000  # a model that has more is refused

    @property
    def models_a_day(self) -> int:
        """How many models the runs of a day take on together, where each is whole within its run."""
        return self.targets * RUNS_A_DAY


RUNS_A_DAY = 2  # by the schedule of .github/workflows/measure.yml

"""A checkpoint whose headers were read, as a match asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lineage.checkpoints.files import CheckpointFile
from lineage.measurement import Plan
from lineage.model_blocks import Matrices, stored_matrices
from lineage.records import ConfigFacts


@dataclass(frozen=True)
class Opened:
    """A checkpoint whose headers were read."""

    model: str
    files: tuple[CheckpointFile, ...]
    plan: Plan  # of matching.ROLES
    config: ConfigFacts | None
    tokens: Mapping[str, int]  # each with its number
    known_sorted: bool = False  # documents say that its units were sorted

    def matrices(self, *roles: str) -> Matrices:
        """The matrices of some roles in its layers."""
        return stored_matrices(self.files, self.plan, roles)

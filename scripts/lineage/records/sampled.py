"""Curves over depth that a tool of another project sampled."""

from datetime import date
from typing import ClassVar, Literal

from lineage.records.fields import Command, Count, Line, Part, Positive, Record, ReleasedId, Sha256
from lineage.records.measured.files import MeasuredFile, Release
from lineage.records.measured.measurements import ConfigFacts


class WrittenHere(Part):
    """That the other tool was run here, on which weights."""

    tool_version: Line
    command: Command
    weights: MeasuredFile  # the file that it read
    address: Line  # where that file comes from


class Sampled(Record):
    """What another project's tool sampled of one model: data/sampled/<slug>.toml, written by import_sampled.py."""

    folder: ClassVar[str] = "sampled"

    model: ReleasedId
    tool: Literal["modelDNA"]  # that sampled it
    format: Positive  # the version of its files
    mode: Literal["fast", "full"]  # of the tool; the spreads are of the same numbers in both
    seed: Count  # by which it chooses places
    most_elements: Positive  # of a matrix that the tool looks at
    created: date  # the day that the file says
    revision: Line | None = None  # as the file says it
    weights_format: Line | None = None  # as the file says it; where it is empty, safetensors
    file: MeasuredFile  # the fingerprint itself
    table_sha256: Sha256  # of the table beside this record
    config: ConfigFacts  # what the file says of the shape
    release: Release | None = None  # that it came in; None of a file that somebody has
    written_here: WrittenHere | None = None  # where the tool was run here
    not_kept: tuple[Line, ...] = ()  # what else the file holds

    @property
    def attested(self) -> bool:
        """Whether it is more than the word of whoever sends it: it is in a pinned release, or was written here."""
        return self.release is not None or self.written_here is not None

"""What was measured again: data/reproductions/, which reproduce.py writes."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from lineage.records.fields import (
    AccountUrl,
    Command,
    Line,
    MeasuredPath,
    Part,
    Record,
    Sha256,
)


class ReproducedFile(Part):
    """A measured file, fixed by its bytes."""

    name: MeasuredPath  # from data/
    sha256: Sha256


class Repeat(Part):
    """One time that somebody measured the same again and got the same.

    Sums of a fingerprint are in one order on every machine, so its bytes are equal. Products of matrices of a match are
    not: another processor may round the last of seven digits otherwise.
    """

    by: Literal["continuous integration", "maintainer", "second person"]  # not who measured it first
    account: AccountUrl | None = None  # of a second person
    date: date
    weights: Literal["downloaded again", "made again"]  # where they came from that time
    command: Command
    machine: Line  # processor, Python and NumPy
    agrees: Literal["same bytes", "but for the last digit"] = "same bytes"  # the second of matches alone


class Reproduction(Record):
    """That a measurement or a match was made again: data/reproductions/<its name>.toml, written by reproduce.py."""

    folder: ClassVar[str] = "reproductions"

    measured: MeasuredPath  # "fingerprints/<maker_name>", or "matches/<pair>"
    made_here: bool = False  # its weights were made by a script of this project and are not published
    files: tuple[ReproducedFile, ...] = Field(min_length=1)  # every measured file, as it was then
    repeats: tuple[Repeat, ...] = ()  # none where what was made here has not been made again

    @property
    def id(self) -> str:
        """Its name in file names: that of the model or of the pair."""
        return self.measured.partition("/")[2]

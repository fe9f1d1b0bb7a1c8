"""Files that records name, each fixed by its content: of a checkpoint, and of a release."""

from typing import Annotated

from pydantic import Field

from lineage.records.fields import (
    Line,
    Part,
    Positive,
    Sha256,
)

_PLAIN = "[A-Za-z0-9][A-Za-z0-9._-]*"  # a word of an address


class MeasuredFile(Part):
    """A file whose weights were read."""

    name: Line
    sha256: Sha256
    bytes: Positive
    declared: bool = False  # the checksum is the hub's word: only ranges of the file were read


class Release(Part):
    """An archive of a release, fixed by its content."""

    repository: Annotated[str, Field(max_length=160, pattern=rf"^github\.com/{_PLAIN}/{_PLAIN}$")]  # where it is
    release: Annotated[str, Field(max_length=80, pattern=rf"^{_PLAIN}$")]  # its tag
    file: Annotated[str, Field(max_length=120, pattern=rf"^{_PLAIN}$")]  # its name there
    sha256: Sha256

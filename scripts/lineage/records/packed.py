"""Tables of measurements that lie outside git, and the bytes that they have there."""

from typing import Annotated, ClassVar

from pydantic import Field

from lineage.records.fields import Part, Positive, Record, Sha256, Slug
from lineage.records.measured.files import Release

MOST_TABLE = 4_000_000  # bytes, as in git


class PackedTable(Part):
    """A table that a pack holds, by its name under data/."""

    name: Annotated[str, Field(max_length=260, pattern=r"^fingerprints/[a-z0-9][a-z0-9._-]*\.csv$")]  # under data/
    sha256: Sha256  # of the table as it was in git
    bytes: Annotated[Positive, Field(le=MOST_TABLE)]  # of the same


class Pack(Record):
    """The tables of a family's measurements, in an archive of a release: data/packs/<id>.toml, written by pack.py.

    The record of each measurement stays in git. A table of the same name in data/fingerprints/ is newer and counts.
    """

    folder: ClassVar[str] = "packs"

    id: Slug  # the family that their tensors were read as, in letters of an address: "bert-and-roberta"
    release: Release  # that holds the archive
    bytes: Positive  # of the archive
    tables: tuple[PackedTable, ...] = Field(min_length=1)  # in the archive, in order of name

"""Checksums of files, and members of strangers' archives, whose descriptions are read only where they are short."""

import hashlib
import tarfile
from pathlib import Path

_MOST_HEADER = 10_000  # bytes of a long name, or of what else a member of an archive says of itself
_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def sha256_of(path: Path) -> str:
    """The checksum of a file; an OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class BoundedMember(tarfile.TarInfo):
    """A member whose description is read only where it is short: tarfile keeps it in memory as a whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "BoundedMember":
        """The member as its header describes it; tarfile.ReadError where that is too long."""
        member = super().frombuf(buf, encoding, errors)
        if member.type in _HEADERS and member.size > _MOST_HEADER:
            raise tarfile.ReadError("a description is too long")
        return member

"""A stranger's JSON, gzip or tar -> objects in memory, within bounds; nothing of it is written to a disk.

What a file may hold is counted before anything is made of it, so that a small one cannot grow into a large one: bytes
after decompression, and the marks of its lists, objects, numbers and texts.
"""

import io
import json
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lineage.store.archives import BoundedMember

_GZIP = b"\x1f\x8b"
_WINDOW = 31  # a gzip header, and the largest window
_PIECE = 1 << 20
MOST_JSON = 48_000_000  # bytes of one file; those that modelDNA wrote here have about 10,000,000
_MOST_MARKS = {b"[": 20_000, b"{": 20_000, b",": 4_000_000, b'"': 200_000}  # they have 49, 12, 520,000 and 184
MOST_ARCHIVE = 1_000_000_000  # bytes of an archive after decompression
_MOST_MEMBERS = 2_000
MOST_FILE = 60_000_000  # bytes of one file as it lies on the disk


class ForeignFileError(Exception):
    """A file of a stranger cannot be used. Says in one line why, and what would be right."""


def file_bytes(path: Path) -> bytes:
    """The bytes of a file; a ForeignFileError where there is none, or where it has more than are read."""
    if not path.is_file():
        raise ForeignFileError(f"{path.name}: there is no such file")
    if path.stat().st_size > MOST_FILE:
        raise ForeignFileError(f"{path.name}: has {path.stat().st_size:,} bytes; at most {MOST_FILE:,} are read")
    return path.read_bytes()


def unzipped(content: bytes, name: str, most: int = MOST_JSON) -> bytes:
    """The bytes inside one gzip member, at most so many; content itself where it is not packed."""
    if not content.startswith(_GZIP):
        if len(content) > most:
            raise ForeignFileError(f"{name}: has {len(content):,} bytes; at most {most:,} are read")
        return content
    packed = zlib.decompressobj(_WINDOW)
    try:
        unpacked = packed.decompress(content, most + 1)
    except zlib.error:
        raise ForeignFileError(f"{name}: is damaged: its gzip cannot be read") from None
    if len(unpacked) > most:
        raise ForeignFileError(f"{name}: holds more than {most:,} bytes once unpacked; that is no fingerprint")
    if not packed.eof:
        raise ForeignFileError(f"{name}: is cut short: its gzip has no end")
    if packed.unused_data:
        raise ForeignFileError(f"{name}: has {len(packed.unused_data):,} bytes after the end of its gzip")
    return unpacked


def parsed_json(content: bytes, name: str) -> dict[str, Any]:
    """The object in a JSON text; a ForeignFileError for a repeated key, an infinite number, or too much of it."""
    for mark, most in _MOST_MARKS.items():
        if content.count(mark) > most:
            raise ForeignFileError(f"{name}: holds more than {most:,} times {mark.decode()!r}; that is no fingerprint")
    try:
        document = json.loads(content, object_pairs_hook=_once, parse_constant=_not_finite, parse_float=_finite)
    except (RecursionError, UnicodeDecodeError, ValueError) as fault:
        reason = " ".join(str(fault).split())[:120]
        raise ForeignFileError(f"{name}: is no JSON that can be read: {reason}") from None
    if not isinstance(document, dict):
        raise ForeignFileError(f"{name}: holds no JSON object")
    return document


def archived_files(content: io.BufferedIOBase, name: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every plain file in a .tar.gz, one after another, as the archive has them.

    Folders are passed over. Anything else that is no plain file, a path out of the archive and a name that comes twice
    end the reading with a ForeignFileError.
    """
    seen: set[str] = set()
    try:
        with tarfile.open(fileobj=_Bounded(content, name), mode="r|", tarinfo=BoundedMember) as archive:
            for member in archive:
                if member.isdir():
                    continue
                seen.add(_plain_name(member, seen, name))
                file = archive.extractfile(member)
                yield member.name, file.read(MOST_JSON) if file else b""
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError, RecursionError) as fault:
        raise ForeignFileError(f"{name}: is no .tar.gz that can be read: {type(fault).__name__}") from None


def _plain_name(member: tarfile.TarInfo, seen: set[str], name: str) -> str:
    """The name of a member; a ForeignFileError where it is not what it should be."""
    shown = ascii(member.name)[:80]
    parts: Sequence[str] = member.name.split("/")
    if len(seen) >= _MOST_MEMBERS:
        raise ForeignFileError(f"{name}: holds more than {_MOST_MEMBERS:,} files")
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
        raise ForeignFileError(f"{name}: {shown} is a link, a device or a file with holes; plain files are read")
    if not member.name.isprintable():
        raise ForeignFileError(f"{name}: {shown} is a name that cannot be printed")
    if not all(parts) or {".", ".."} & {*parts} or "\\" in member.name or ":" in parts[0]:
        raise ForeignFileError(f"{name}: {shown} is a path out of the archive")
    if member.name in seen:
        raise ForeignFileError(f"{name}: holds {shown} twice")
    if not 0 <= member.size <= MOST_JSON:
        raise ForeignFileError(f"{name}: {shown} has {member.size:,} bytes; at most {MOST_JSON:,} are read")
    return member.name


class _Bounded(io.RawIOBase):
    """What a gzip holds, piece by piece, up to MOST_ARCHIVE bytes."""

    def __init__(self, content: io.BufferedIOBase, name: str) -> None:
        self._content, self._name = content, name
        self._packed = zlib.decompressobj(_WINDOW)
        self._given = 0
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = b""
        while len(block) < size and not self._packed.eof:
            piece = self._waiting or self._content.read(_PIECE)
            if not piece:
                raise ForeignFileError(f"{self._name}: is cut short: its gzip has no end")
            block += self._packed.decompress(piece, size - len(block))
            self._waiting = self._packed.unconsumed_tail
        self._given += len(block)
        if self._given > MOST_ARCHIVE:
            raise ForeignFileError(f"{self._name}: holds more than {MOST_ARCHIVE:,} bytes once unpacked")
        return block


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("an object has a key twice")
    return entries


def _not_finite(text: str) -> float:
    raise ValueError(f"{text} is no finite number")


def _finite(text: str) -> float:
    if abs(value := float(text)) == float("inf"):
        raise ValueError("a number is too large")
    return value

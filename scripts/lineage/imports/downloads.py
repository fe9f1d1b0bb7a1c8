"""An address -> the file that lies there, whole and with the checksum on record, in a cache; a download goes on."""

import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from lineage.imports.foreign_json import ForeignFileError
from lineage.store.archives import sha256_of

MOST_BYTES = 400_000_000  # of a file as it is sent; modelDNA's database of July 2026 has about 57,000,000
_PIECE = 1 << 20
_TRIES = 5
_TIMEOUT = 60  # seconds without a byte


def downloaded(path: Path, address: str, source: str, sha256: str = "") -> Path:
    """The file at a path, fetched where it is not there or, with a checksum, where other bytes are.

    What came of it before stays, and is gone on from. A ForeignFileError where it cannot be had from that source, or
    where what comes has another checksum; then nothing of it is kept.
    """
    if path.is_file() and (not sha256 or sha256_of(path) == sha256):
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    partial_file = path.with_name(f"{path.name}.part")
    reason = ""
    for _ in range(_TRIES):
        try:
            _go_on(address, partial_file)
        except (OSError, HTTPException) as fault:
            reason = f"{fault}" or type(fault).__name__
            continue
        if sha256 and (digest := sha256_of(partial_file)) != sha256:
            partial_file.unlink()
            reason = f"what came has the sha256 {digest}, on record is {sha256}"
            break
        partial_file.replace(path)
        return path
    note = "; what came is kept, and the next try goes on from it" if partial_file.is_file() else ""
    there = "is here with other bytes than on record, and " if path.is_file() else ""
    raise ForeignFileError(f"{path.name}: {there}cannot be downloaded from {source}: {reason}{note}")


def _go_on(address: str, partial_file: Path) -> None:
    """Fetches what is missing of a file; an OSError or HTTPException where the connection breaks first."""
    there = partial_file.stat().st_size if partial_file.is_file() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={there}-"} if there else {})  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - of a forge that the caller names
    except urllib.error.HTTPError as fault:
        if fault.code == 416 and there:
            return  # all of it came the last time
        raise
    with answer, partial_file.open("ab" if answer.status == 206 else "wb") as file:
        size = file.tell()
        total = size + int(answer.headers.get("Content-Length") or 0)
        while block := answer.read(_PIECE):
            size += len(block)
            if size > MOST_BYTES:
                raise ForeignFileError(f"{partial_file.stem}: has more than {MOST_BYTES:,} bytes")
            file.write(block)
    if total > size:
        raise ConnectionError(f"{size:,} of {total:,} bytes came")

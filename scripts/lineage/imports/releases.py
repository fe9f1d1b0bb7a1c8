"""A file that another project released -> the same file in a cache folder, whole and checked; a download goes on."""

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from lineage.imports.foreign_json import ForeignFileError

FORGE = "https://github.com"
_PIECE = 1 << 20
MOST_BYTES = 400_000_000  # of an archive as it is sent; that of July 2026 has about 57,000,000
_TRIES = 5
_TIMEOUT = 60  # seconds without a byte


class Asset(NamedTuple):
    """A file of a release of another project."""

    repository: str  # "github.com/owner/name"
    release: str  # its tag
    file: str


# The reference database that modelDNA 0.1.0 itself asks for. Its checksum is not known here: nobody could reach it.
MODELDNA = Asset("github.com/AwaisAdilKhokhar/modelDNA", "refdb-2026-07-08", "modeldna-refdb.tar.gz")


def fetched(asset: Asset, folder: Path, forge: str = FORGE) -> Path:
    """The file in the folder, downloaded where it is not there; what was there of it stays, and is gone on from."""
    path, part = folder / asset.file, folder / f"{asset.file}.part"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    owner_and_name = asset.repository.removeprefix("github.com/")
    address = f"{forge}/{owner_and_name}/releases/download/{asset.release}/{asset.file}"
    for _ in range(_TRIES):
        try:
            _go_on(address, part)
        except (urllib.error.URLError, TimeoutError, ConnectionError, OSError) as fault:
            reason = fault
            continue
        part.replace(path)
        return path
    raise ForeignFileError(f"{asset.file}: cannot be downloaded from {asset.repository}: {reason}; what came is kept")


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _go_on(address: str, part: Path) -> None:
    """Fetches what is missing of a file; an OSError where the connection breaks first."""
    there = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={there}-"} if there else {})  # noqa: S310
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - of a forge that the caller names
    except urllib.error.HTTPError as fault:
        if fault.code == 416 and there:
            return  # all of it came the last time
        raise
    with answer, part.open("ab" if answer.status == 206 else "wb") as file:
        size = file.tell()
        wanted = size + int(answer.headers.get("Content-Length") or 0)
        while block := answer.read(_PIECE):
            size += len(block)
            if size > MOST_BYTES:
                raise ForeignFileError(f"{part.stem}: has more than {MOST_BYTES:,} bytes")
            file.write(block)
    if wanted > size:
        raise ConnectionError(f"{size:,} of {wanted:,} bytes came")

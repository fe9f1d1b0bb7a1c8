"""A zip file that a stranger's run has made -> the texts in it that were agreed on; never written to the disk.

Standard library only: it runs where nothing is installed, beside a token that may write.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping

from lineage.web.foreign_text import RefusedError, checked_text

MOST_BYTES = 512 * 1024  # of the archive itself, where nothing else is said
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # read in bounded pieces; the others are not


def read_archive(content: bytes, most: Mapping[str, int], most_bytes: int = MOST_BYTES) -> dict[str, str]:
    """The text of each file by its name; most says which names are known and how many bytes each may have."""
    if len(content) > most_bytes:
        raise RefusedError(f"the archive is larger than {most_bytes} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > len(most):
                raise RefusedError(f"the archive holds {len(entries)} files; at most {len(most)} are known")
            names = [entry.filename for entry in entries]
            if len(set(names)) < len(names):
                raise RefusedError("the archive holds a name twice")
            return {entry.filename: _read(archive, entry, most) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError) as error:
        raise RefusedError(f"the archive cannot be read: {type(error).__name__}") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: Mapping[str, int]) -> str:
    name, mode = entry.filename, entry.external_attr >> 16
    if name not in most:
        raise RefusedError(f"the archive holds {name[:80]!r}; known are {', '.join(most)}")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG) or entry.is_dir():
        raise RefusedError(f"{name} is no plain file")
    if entry.flag_bits & 1:
        raise RefusedError(f"{name} is encrypted")
    if entry.compress_type not in _METHODS:
        raise RefusedError(f"{name} is packed in an unknown way")
    with archive.open(entry) as file:
        content = file.read(most[name] + 1)
    if len(content) > most[name] or entry.file_size > most[name]:
        raise RefusedError(f"{name} is larger than {most[name]} bytes")
    return checked_text(content, name)

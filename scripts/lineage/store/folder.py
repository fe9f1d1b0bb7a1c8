"""The files of a data folder as bytes: their names, sizes, checksums and contents."""

import hashlib
from collections.abc import Set
from pathlib import Path

from lineage.store.archives import sha256_of
from lineage.store.comments import without_comments
from lineage.store.limits import MOST_LARGE
from lineage.store.packs import lies_at, name_of


def read_bytes(data: Path, name: str) -> bytes:
    """The bytes of one file, named from the data folder: "derived/facts.csv"."""
    return lies_at(data, name).read_bytes()


def published_bytes(data: Path, name: str) -> bytes:
    """The bytes of one file as the site offers them: records and translations without their comments."""
    content = read_bytes(data, name)
    if not name.endswith((".toml", ".po")):
        return content
    return without_comments(content.decode("utf-8", "surrogateescape"), name).encode("utf-8", "surrogateescape")


def file_sizes(data: Path) -> dict[str, int]:
    """Bytes of every plain file that stands in a data folder itself, by its path from there; not of unpacked tables."""
    paths = ((name, data / name) for name in list_files(data))
    return {name: path.stat().st_size for name, path in paths if path.is_file() and not path.is_symlink()}


def folder_state(data: Path) -> str:
    """A checksum of the name, size and times of change of everything under a folder: another after any change."""
    stats = ((path, path.lstat()) for path in sorted(data.rglob("*")))
    state = [(str(path), at.st_mode, at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino) for path, at in stats]
    return hashlib.sha256(repr(state).encode()).hexdigest()


def read_toml_files(data: Path, refused_names: Set[str]) -> dict[str, bytes]:
    """The bytes of every TOML file under a data folder that was not refused, by its path from "data/"."""
    names = [name for name in list_files(data) if name.endswith(".toml") and f"data/{name}" not in refused_names]
    return {f"data/{name}": read_bytes(data, name) for name in names}


def list_files(data: Path) -> list[str]:
    """Every file under a data folder, named from it, sorted."""
    return sorted({name_of(path.relative_to(data).as_posix()) for path in data.rglob("*") if path.is_file()})


def size_and_sha256(path: Path) -> tuple[int, str]:
    """Bytes and sha256 of a file; nothing where it cannot be read, which another check tells."""
    try:
        return path.stat().st_size, sha256_of(path)
    except OSError:
        return 0, ""


def published_size(data: Path, name: str) -> tuple[int, str]:
    """Bytes and sha256 of a file as the site offers it; nothing where it cannot be read."""
    path = lies_at(data, name)
    if not name.endswith((".toml", ".po")) or path.stat().st_size > MOST_LARGE:
        return size_and_sha256(path)
    try:
        content = published_bytes(data, name)
    except OSError:
        return 0, ""
    return len(content), hashlib.sha256(content).hexdigest()

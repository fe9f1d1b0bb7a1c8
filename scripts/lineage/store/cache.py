"""Computed results on disk, each under a checksum of all its inputs, so that the next build reads them back."""

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from lineage.store.history import followed_under

Tables = tuple[pd.DataFrame, ...]
T = TypeVar("T")  # what JSON can hold, with texts as the only keys

FOLDER = "KEPT_FOLDER"  # names another folder; "": nothing is kept
_SCRIPTS = Path(__file__).resolve().parents[2]
_CODE = {".py", ".j2", ".css", ".po"}
_LIBRARIES = ("Jinja2", "MarkupSafe", "nh3", "numpy", "pandas")
_NUMBERS = (np.dtype("<f8"), np.dtype("<i8"))
_GENERATIONS = 3  # versions of the code whose results stay


def kept(label: str, made_from: Sequence[str], make: Callable[[], T]) -> T:
    """What make gives; from disk where it was made before from the same inputs by the same code.

    label names the computation, and made_from says everything that it reads, as text or as checksums. A result is not
    kept where make raises, and a folder that cannot be written or a file that cannot be read only costs time.
    """
    path = _path(label, made_from)
    if path is None:
        return make()
    with suppress(OSError, ValueError):
        value: T = json.loads(path.read_bytes())
        return value
    result = make()
    text = json.dumps(result)
    _write(path, text.encode())
    return result if isinstance(result, str) else json.loads(text)  # as it will be the next time


def kept_tables(label: str, made_from: Sequence[str], make: Callable[[], Tables]) -> Tables:
    """The tables that make gives, from disk as in kept: numbers are stored as bytes, ten times faster to read."""
    path = _path(label, made_from)
    if path is None:
        return make()
    with suppress(OSError, ValueError):
        return _unpacked(path.read_bytes())
    content = _packed(make())
    _write(path, content)
    return _unpacked(content)  # as it will be the next time


def _packed(tables: Tables) -> bytes:
    """A line of JSON with each column's name, type and, of text, its cells; then the bytes of columns of numbers.

    Not pickled: a file that somebody else put there is data and never runs.
    """
    columns = [[(str(name), cells) for name, cells in table.items()] for table in tables]
    header = [[(name, *_described(cells)) for name, cells in table] for table in columns]
    numbers = [cells.to_numpy().tobytes() for table in columns for _, cells in table if cells.dtype in _NUMBERS]
    return b"".join([json.dumps(header).encode(), b"\n", *numbers])


def _described(cells: pd.Series) -> tuple[str, int | list[Any]]:
    """Type and length of a column of numbers, or type and cells of one of text; TypeError of any other."""
    if cells.dtype in _NUMBERS:
        return cells.to_numpy().dtype.str, len(cells)
    texts = cells.fillna("").tolist() if isinstance(cells.dtype, pd.StringDtype) else cells.tolist()
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"the column {cells.name!r} holds neither numbers nor texts alone")
    return "text", texts


def _unpacked(content: bytes) -> Tables:
    header, _, numbers = content.partition(b"\n")
    tables, at = [], 0
    for table in json.loads(header):
        columns = {}
        for name, kind, cells in table:
            if kind == "text":
                columns[name] = pd.array(cells, dtype="str")
            else:
                columns[name] = np.frombuffer(numbers, kind, cells, at)
                at += 8 * cells
        tables.append(pd.DataFrame(columns))
    if at != len(numbers):
        raise ValueError("the file is cut short")
    return tuple(tables)


def _path(label: str, made_from: Sequence[str]) -> Path | None:
    folder = kept_folder()
    return folder and folder / sha256(json.dumps([label, *made_from]).encode()).hexdigest()


def kept_folder() -> Path | None:
    """The folder of results of this very code, made where there is none; None where nothing is kept.

    The usual folder is believed only where nobody could have sent it: neither as a link nor as committed files.
    """
    folder = os.environ.get(FOLDER)
    return _folder_of(usual_folder() if folder is None else folder, code_digest())


@cache
def usual_folder() -> str:
    """.make/kept of this repository, or "" where it came with the repository."""
    root = _SCRIPTS.parent
    folder = root / ".make" / "kept"
    is_redirected = folder.is_symlink() or folder.parent.is_symlink() or followed_under(root, [".make"])
    return "" if is_redirected else str(folder)


@cache
def code_digest() -> str:
    """A checksum of our code, templates and words, and of the libraries that shape results."""
    digest = sha256(platform.python_version().encode())
    for name in _LIBRARIES:
        digest.update(f"{name} {version(name)}\n".encode())
    for path in sorted(_SCRIPTS.rglob("*")):
        if path.suffix in _CODE:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(_SCRIPTS).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@cache
def _folder_of(name: str, digest: str) -> Path | None:
    if not name:
        return None
    folder = Path(name) / digest[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
    except OSError:
        return None
    older = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[_GENERATIONS:]
    for old in older:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _write(path: Path, content: bytes) -> None:
    """In one step, so that no other build reads half a file; nothing where the disk does not take it."""
    with suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

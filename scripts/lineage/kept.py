"""Results on disk by everything that they were computed from, so that the next build need not compute them again."""

import json
import os
import pickle
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import pandas as pd

Tables = tuple[pd.DataFrame, ...]
T = TypeVar("T")  # what JSON can hold, with texts as the only keys

FOLDER = "KEPT_FOLDER"  # names another folder; "": nothing is kept
_SCRIPTS = Path(__file__).resolve().parent.parent
_CODE = {".py", ".j2", ".css", ".po"}
_LIBRARIES = ("Jinja2", "MarkupSafe", "numpy", "pandas", "scipy")
_GENERATIONS = 3  # versions of the code whose results stay


def kept(what: str, made_from: Sequence[str], make: Callable[[], T]) -> T:
    """What make gives; from disk where it was made before from the same inputs by the same code.

    what names the computation, and made_from says everything that it reads, as text or as checksums. A result is not
    kept where make raises, and a folder that cannot be written or a file that cannot be read only costs time.
    """
    path = _path(what, made_from)
    if path is None:
        return make()
    with suppress(OSError, ValueError):
        found: T = json.loads(path.read_bytes())
        return found
    text = json.dumps(make())
    _write(path, text.encode())
    made: T = json.loads(text)  # as it will be the next time
    return made


def kept_tables(what: str, made_from: Sequence[str], make: Callable[[], Tables]) -> Tables:
    """The same of tables, pickled: reading one takes a tenth of the time of parsing it."""
    path = _path(what, made_from)
    if path is None:
        return make()
    with suppress(OSError, pickle.UnpicklingError, EOFError):
        found: Tables = pickle.loads(path.read_bytes())  # noqa: S301 - of our own folder, by this very code
        return found
    made = make()
    _write(path, pickle.dumps(made, protocol=5))
    return made


def _path(what: str, made_from: Sequence[str]) -> Path | None:
    folder = kept_folder()
    return folder and folder / sha256(json.dumps([what, *made_from]).encode()).hexdigest()


def kept_folder() -> Path | None:
    """The folder of results of this very code, made where there is none; None where nothing is kept."""
    return _folder_of(os.environ.get(FOLDER, str(_SCRIPTS.parent / ".make" / "kept")), code_digest())


@cache
def code_digest() -> str:
    """A checksum of our code, templates and words, and of the libraries that shape results."""
    found = sha256(platform.python_version().encode())
    for name in _LIBRARIES:
        found.update(f"{name} {version(name)}\n".encode())
    for path in sorted(_SCRIPTS.rglob("*")):
        if path.suffix in _CODE:
            content = path.read_bytes()
            found.update(f"{path.relative_to(_SCRIPTS).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()


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

"""A folder that is replaced as a whole or not at all: made aside, then swapped in."""

import ctypes
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HERE = -100  # AT_FDCWD of Linux: paths count from the working folder
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux


@contextmanager
def replacing(folder: Path, aside: Path, on_wait: Callable[[], None]) -> Iterator[Path]:
    """An empty folder inside `aside` that takes the place of `folder` when the block ends without an error.

    Until then, and after an error, `folder` is what it was. One process at a time: `on_wait` is called before waiting
    for another. What a killed one left is removed. Both folders lie on one disk. OSError where the disk refuses.
    """
    folder = folder.resolve()
    with _alone(folder.parent, on_wait):
        _clear(folder, aside)
        new = aside / "new"
        new.mkdir(parents=True)
        try:
            yield new
            _swap(folder, new, aside / "old")
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _alone(parent: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Holds the lock of a folder. Processes started meanwhile may share it, so none outlives it and goes on writing."""
    handle = os.open(parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        os.set_inheritable(handle, True)
        yield
    finally:
        os.close(handle)


def _clear(folder: Path, aside: Path) -> None:
    """Removes what a killed process left, after putting back the folder that it had just moved away."""
    old = aside / "old"
    if old.exists() and not folder.exists():
        old.rename(folder)
    if aside.exists():
        shutil.rmtree(aside)


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Puts the new folder in place: in one step where the system can, else in two."""
    if not folder.exists():
        new.rename(folder)
    elif not _exchanged(folder, new):
        folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:
            old.rename(folder)
            raise


def _exchanged(folder_a: Path, folder_b: Path) -> bool:
    """Whether two folders could change names in one step."""
    with suppress(AttributeError, OSError):
        rename = ctypes.CDLL(None).renameat2  # of Linux alone
        return bool(rename(_HERE, os.fsencode(folder_a), _HERE, os.fsencode(folder_b), _EXCHANGE) == 0)
    return False

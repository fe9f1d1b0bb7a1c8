"""What takes long to make is made once a run of the tests: by the first process that wants it, for all to read."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

_WHOLE = ".whole"  # stands in a folder once all of it is there


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of a name, which the first process fills while the others wait; whoever reads it changes nothing.

    Where it could not be made, the next one tries again in an empty folder, and so says why too.
    """
    shared = "PYTEST_XDIST_WORKER" in os.environ
    top = factory.getbasetemp().parent if shared else factory.getbasetemp()
    with (top / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for attempt in range(1_000):
            folder = top / f"{name}-{attempt}"
            if (folder / _WHOLE).is_file():
                return folder
            if not folder.exists():
                folder.mkdir()
                make(folder)
                (folder / _WHOLE).touch()
                return folder
    raise AssertionError(f"{name} could not be made")

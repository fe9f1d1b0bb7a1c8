"""A child of this process that has all that this one has read, and whose end is waited for."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path


def ended_child(run: Callable[[], object], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Runs something in a child, in a folder and an environment; how it ended, and what it wrote as errors.

    The child need not import again what is imported here. It has the open files of this process, locks among them. The
    first is its exit status, or less than zero for the signal that ended it. Where this process is interrupted, the
    child is ended first.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, sys.stderr.fileno())
        os._exit(_exit_status(run, folder, environment))
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as errors:
            said = errors.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def _exit_status(run: Callable[[], object], folder: Path, environment: Mapping[str, str]) -> int:
    """What a command that does this ends with; whatever it raises is written as an error."""
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status

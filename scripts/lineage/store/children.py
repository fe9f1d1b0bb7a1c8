"""Forked children of this process, which need not read again what it has read, and waiting for them to end."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def ended_children(
    runs: Sequence[Callable[[], object]], folder: Path, environment: Mapping[str, str]
) -> list[tuple[int, str]]:
    """Runs each in a child, all at once, in a folder and an environment; how each ended, and what it wrote as errors.

    A child need not import or read again what is here. It has the open files of this process, locks among them. The
    first is its exit status, or less than zero for the signal that ended it. Where this process is interrupted, the
    children are ended first.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    children: list[tuple[int, int]] = []
    ends = []
    try:
        children.extend(_started(run, folder, environment) for run in runs)
        streams = [os.fdopen(reading, encoding="utf-8", errors="replace") for _, reading in children]
        texts = [errors.read() for errors in streams]
    except BaseException:
        for child, _ in children:
            os.kill(child, signal.SIGKILL)
        raise
    finally:
        for child, _ in children:
            ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    for errors in streams:
        errors.close()
    return list(zip(ends, texts, strict=True))


def _started(run: Callable[[], object], folder: Path, environment: Mapping[str, str]) -> tuple[int, int]:
    """The number of a new child, and where its errors are read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(writing, sys.stderr.fileno())
        os._exit(_exit_status(run, folder, environment))
    os.close(writing)
    return child, reading


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

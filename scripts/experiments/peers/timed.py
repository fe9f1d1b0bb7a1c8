"""A command with what it cost, from a process that is small itself: a child's peak of memory begins at its parent's.

Usage: timed.py SECONDS FILE COMMAND...; writes exit code, CPU seconds and peak kB into the file, in a line.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path


def main() -> None:
    process = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL)  # noqa: S603 - a list of words, and no shell
    late = threading.Timer(float(sys.argv[1]), process.kill)
    late.start()
    _, status, usage = os.wait4(process.pid, 0)
    late.cancel()
    with Path(sys.argv[2]).open("w", encoding="ascii") as file:
        print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=file)


if __name__ == "__main__":
    main()

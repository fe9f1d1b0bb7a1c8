"""A clock that is wrong by some days, for processes that are started with it, where there is a C compiler."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SOURCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

int clock_gettime(clockid_t which, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, now);
    if (which == CLOCK_REALTIME) now->tv_sec += DAYS * 86400L;
    return failed;
}
"""


def other_clock(folder: Path, days: int) -> Mapping[str, str]:
    """What makes the clock of a Python process run so many days ahead; {} where nothing can be compiled here."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return {}
    (folder / "clock.c").write_text(SOURCE, encoding="utf-8")
    words = [compiler, f"-DDAYS={days}", "-shared", "-fPIC", "-o", "clock.so", "clock.c", "-ldl"]
    subprocess.run(words, cwd=folder, check=True)
    return {"LD_PRELOAD": str(folder / "clock.so")}

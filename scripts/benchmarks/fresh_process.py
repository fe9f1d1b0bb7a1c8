"""Code in a process of its own, with one thread of arithmetic: what it says of itself, as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SCRIPTS = Path(__file__).resolve().parent.parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # of arithmetic


def run_apart(
    code: str,
    *arguments: object,
    python: str = sys.executable,
    where: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Mapping[str, Any]:
    """The JSON on the last line that a program prints, which can import what is in scripts/.

    RuntimeError with the last of what it said, where it fails.
    """
    done = subprocess.run(  # noqa: S603 - our own code
        [python, "-c", code, *map(str, arguments)],
        cwd=where,
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(_SCRIPTS), **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError("\n".join([*done.stderr.splitlines()[-20:], f"it ended with {done.returncode}"]))
    printed: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return printed

"""The commit that a repository stands at, or that a packed record was made from."""

import shutil
import subprocess
from pathlib import Path

from lineage.store.bundled_record import DESCRIBED, read_description


def last_commit(root: Path) -> tuple[str, str]:
    """The commit that is checked out, 40 digits, and its time in seconds since 1970; "" where nothing says it."""
    words = git(root, "show", "--no-patch", "--format=%H %ct", "HEAD").split()
    if len(words) == 2:
        return words[0], words[1]
    path = root / DESCRIBED
    if not path.is_file():
        return "", ""
    description = read_description(path.read_bytes())
    return description.commit, description.seconds


def git(root: Path, *words: str) -> str:
    """What git answers in a repository whose top is that folder; "" without git, or inside another repository."""
    command = shutil.which("git")
    if command is None or not (root / ".git").exists():
        return ""
    answer = subprocess.run(  # noqa: S603 - our own words
        [command, "-C", str(root), *words], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else ""

"""What a pull request changes -> how much of the tests it has to pass: "data", or "everything".

It asks git alone which files differ, and runs none of them. The workflow of pull requests runs it as it stands on the
base branch, so no pull request decides for itself. Whatever is not plainly a file of records or tables is code: a link,
another repository, another mode, a file that git itself obeys.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lineage.store.history import BaseError, base_commit, find_commit, list_tree

ROOT = Path(__file__).resolve().parent.parent
_RECORD = re.compile(r"data/(?:[A-Za-z0-9_][^/\x00-\x1f]*/)+[A-Za-z0-9_][^/\x00-\x1f]*\.(?:toml|csv|po)")
_PLAIN = "100644"
_SHOWN = 10  # paths that are named


def changed_entries(folder: Path, base: str, head: str) -> dict[str, set[str]]:
    """The modes that each changed path has or had, between two commits of a repository."""
    before, after = (set(list_tree(folder, commit)) for commit in (base, head))
    modes: dict[str, set[str]] = {}
    for path, mode, _ in before ^ after:
        modes.setdefault(path, set()).add(mode)
    return modes


def beyond_data(modes: dict[str, set[str]]) -> Iterator[str]:
    """Each changed path that is no plain file of records or tables, with what it is instead, in order."""
    for path in sorted(modes):
        if not _RECORD.fullmatch(path):
            yield f"{path!r} is no record or table in a folder of data/"
        elif modes[path] != {_PLAIN}:
            yield f"{path!r} is or was a link, another repository, or a file to run"


def main(argv: Sequence[str] | None = None) -> int:
    """0 with a line scope=data or scope=everything, and the reasons on standard error; 1 where git cannot tell."""
    parser = argparse.ArgumentParser(description="Says whether a change is one of data alone.")
    parser.add_argument("--base", required=True, help="a branch or commit, such as origin/main")
    parser.add_argument("--head", default="HEAD", help="the commit that is asked about (default: HEAD)")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository (default: this one)")
    options = parser.parse_args(argv)
    root: Path = options.root.resolve()
    try:
        base, note = base_commit(root / "data", options.base, options.head)
        modes = changed_entries(root, base, find_commit(root / "data", options.head))
    except BaseError as error:
        print(error, file=sys.stderr)
        return 1
    reasons = [f"note: {note}"] if note else []
    reasons += list(beyond_data(modes)) if modes else ["nothing is changed"]
    for line in reasons[:_SHOWN]:
        print(line.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
    if len(reasons) > _SHOWN:
        print(f"and {len(reasons) - _SHOWN} more", file=sys.stderr)
    print(f"scope={'everything' if reasons else 'data'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

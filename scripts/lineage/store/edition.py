"""Which state of the record a page shows: its title, version, commit and day. The clock is never asked."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml  # of MkDocs


@dataclass(frozen=True)
class Edition:
    """What a reader names when citing: the record as a whole, in one state."""

    title: str
    authors: tuple[str, ...]
    version: str
    licences: tuple[str, ...]  # SPDX names, that of the data first
    abstract: str
    address: str = ""  # of the site, ends in "/"; "" where it has none yet
    commit: str = ""  # 40 digits, or "" where it is unknown
    day: date | None = None  # of the commit, in UTC; None where it is unknown
    changed: bool = False  # files differ from the commit

    @property
    def state(self) -> str:
        """The commit in words."""
        if not self.commit:
            return "commit unknown"
        return f"commit {self.commit}{', with changes that are not committed' if self.changed else ''}"


def read_citation(root: Path) -> Mapping[str, Any]:
    """What CITATION.cff of a repository holds."""
    held: Mapping[str, Any] = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return held


def find_edition(root: Path, citation: Mapping[str, Any], address: str, environment: Mapping[str, str]) -> Edition:
    """The edition of a repository, given what its CITATION.cff holds.

    SOURCE_COMMIT and SOURCE_DATE_EPOCH (seconds; reproducible-builds.org) come before what git says. ValueError
    where SOURCE_DATE_EPOCH is no whole number.
    """
    commit, seconds = last_commit(root)
    commit = environment.get("SOURCE_COMMIT") or commit
    seconds = environment.get("SOURCE_DATE_EPOCH") or seconds
    if seconds and not seconds.isdecimal():
        raise ValueError(f"SOURCE_DATE_EPOCH is {seconds!r}; write whole seconds since 1970, or leave it out")
    named = "SOURCE_COMMIT" in environment
    return Edition(
        title=citation["title"],
        authors=tuple(author["name"] for author in citation["authors"]),
        version=str(citation["version"]),
        licences=tuple(citation["license"]),
        abstract=citation["abstract"],
        address=f"{address.rstrip('/')}/" if address else "",
        commit=commit,
        day=datetime.fromtimestamp(int(seconds), UTC).date() if seconds else None,
        changed=not named and bool(_git(root, "status", "--porcelain", "--untracked-files=no")),
    )


def last_commit(root: Path) -> tuple[str, str]:
    """The commit that is checked out, 40 digits, and its time in seconds since 1970; "" where git does not say."""
    asked = _git(root, "show", "--no-patch", "--format=%H %ct", "HEAD").split()
    return (asked[0], asked[1]) if len(asked) == 2 else ("", "")


def _git(root: Path, *words: str) -> str:
    """What git answers in a repository whose top is that folder; "" without git, or inside another repository."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return ""
    answer = subprocess.run(  # noqa: S603 - our own words
        [git, "-C", str(root), *words], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() if answer.returncode == 0 else ""

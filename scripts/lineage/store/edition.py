"""Which state of the record a page shows: its title, version, commit and day. The clock is never asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml  # of MkDocs

from lineage.store.commits import git, last_commit


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
    citation: Mapping[str, Any] = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return citation


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
    has_commit = "SOURCE_COMMIT" in environment
    return Edition(
        title=citation["title"],
        authors=tuple(author["name"] for author in citation["authors"]),
        version=str(citation["version"]),
        licences=tuple(citation["license"]),
        abstract=citation["abstract"],
        address=f"{address.rstrip('/')}/" if address else "",
        commit=commit,
        day=datetime.fromtimestamp(int(seconds), UTC).date() if seconds else None,
        changed=not has_commit and bool(git(root, "status", "--porcelain", "--untracked-files=no")),
    )

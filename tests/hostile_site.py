"""A site with attacks in every text, built in both languages as `make site` builds them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hostile_data import Field, write_hostile
from repository import ROOT

LINKED = ("docs", "scripts", "mkdocs.yml", "mkdocs.zh.yml", "CITATION.cff")  # beside the data, as in the repository
_BUILT, _ATTACKED = "built", "attacked.json"
_QUIET = {"NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class HostileSite:
    """Where it stands, and which fields were attacked."""

    data: Path
    folder: Path
    attacked: frozenset[Field]

    @property
    def pages(self) -> list[Path]:
        """Every page, in order."""
        return sorted(self.folder.rglob("*.html"))


def build_hostile(folder: Path) -> None:
    """Writes hostile data and builds its site inside a folder."""
    attacked = write_hostile(folder / _BUILT / "data")
    build_site(folder / _BUILT)
    (folder / _ATTACKED).write_text(json.dumps(sorted(attacked)), encoding="utf-8")


def read_hostile(folder: Path) -> HostileSite:
    """What was built there."""
    attacked = json.loads((folder / _ATTACKED).read_text(encoding="utf-8"))
    built = folder / _BUILT
    return HostileSite(built / "data", built / "site", frozenset((kind, field) for kind, field in attacked))


def build_site(folder: Path) -> None:
    """Builds the site of a folder that holds data/, as `make site` does."""
    link_repository(folder)
    command = [sys.executable, str(ROOT / "scripts" / "build_site.py"), "--root", str(folder)]
    subprocess.run(command, cwd=folder, env=os.environ | _QUIET, check=True)


def site_command(folder: Path, settings: str, place: str) -> list[str]:
    """What Python is given to build one language beside data/, with everything else as in the repository."""
    link_repository(folder)
    return ["-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", settings, "--site-dir", place]


def link_repository(folder: Path) -> None:
    """Everything but data/ as in the repository."""
    for name in LINKED:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(ROOT / name)

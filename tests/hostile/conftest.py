"""One hostile site for all tests here: attacks in every text, built in both languages as `make site` builds them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile_data import Field, write_hostile
from repository import ROOT

LINKED = ("docs", "scripts", "mkdocs.yml", "mkdocs.zh.yml", "CITATION.cff")  # beside the data, as in the repository
QUIET = {"NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}


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


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> HostileSite:
    folder = tmp_path_factory.mktemp("hostile")
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    attacked = write_hostile(folder / "data")
    for settings, place in (("mkdocs.yml", "site"), ("mkdocs.zh.yml", "site/zh")):
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", settings]
        subprocess.run([*command, "--site-dir", place], cwd=folder, env=os.environ | QUIET, check=True)
    return HostileSite(folder / "data", folder / "site", frozenset(attacked))

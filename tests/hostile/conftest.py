"""One hostile site for all tests here: attacks in every text, built in both languages as `make site` builds them."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from hostile_data import Field, write_hostile
from repository import ROOT


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
    attacked = write_hostile(folder / "data")
    for settings, place in (("mkdocs.yml", folder / "site"), ("mkdocs.zh.yml", folder / "site" / "zh")):
        with (ROOT / settings).open("rb") as file:
            config = load_config(file, site_dir=str(place))
        config.extra["data"] = str(folder / "data")
        config.plugins.run_event("startup", command="build", dirty=False)
        build(config)
    return HostileSite(folder / "data", folder / "site", frozenset(attacked))

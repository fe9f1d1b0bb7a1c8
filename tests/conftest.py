"""What every test may use: a copy of the real data folder to break, and the day that counts as today."""

import shutil
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 24)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the committed data folder."""
    return Path(shutil.copytree(ROOT / "data", tmp_path / "data"))


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site; `make test` builds it first."""
    built = ROOT / "site"
    assert (built / "index.html").is_file(), "site/ is not built; run `make test`, which builds it first"
    return built

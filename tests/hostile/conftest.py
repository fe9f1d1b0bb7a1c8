"""One hostile site for all tests here."""

import pytest

from hostile_site import HostileSite, build_hostile, read_hostile
from made_once import made_once


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> HostileSite:
    return read_hostile(made_once(tmp_path_factory, "hostile", build_hostile))

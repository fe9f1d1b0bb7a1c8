"""One hostile site for all tests here."""

import pytest

from hostile_site import HostileSite, build_hostile


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> HostileSite:
    return build_hostile(tmp_path_factory.mktemp("hostile"))

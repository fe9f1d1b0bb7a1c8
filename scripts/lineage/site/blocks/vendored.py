"""Code of others that readers load: where it stands in docs/assets/vendor/, and its checksum for browsers."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = "assets/vendor"
_LISTED = Path(__file__).resolve().parents[4] / "docs" / FOLDER / "vendor.toml"


@cache
def vendored(name: str) -> Mapping[str, str]:
    """What is listed of a file: name, version, licence, project, path, licence_path, integrity, reason."""
    files = tomllib.loads(_LISTED.read_text(encoding="utf-8"))["files"]
    file: Mapping[str, str] = next(entry for entry in files if entry["name"] == name)
    return file

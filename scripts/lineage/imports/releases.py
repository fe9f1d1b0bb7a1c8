"""A file that another project released -> the same file in a cache folder, whole and checked."""

from pathlib import Path
from typing import NamedTuple

from lineage.imports.downloads import downloaded

FORGE = "https://github.com"


class Asset(NamedTuple):
    """A file of a release of another project."""

    repository: str  # "github.com/owner/name"
    release: str  # its tag
    file: str


# The reference database that modelDNA 0.1.0 itself asks for. Its checksum is not known here: nobody could reach it.
MODELDNA = Asset("github.com/AwaisAdilKhokhar/modelDNA", "refdb-2026-07-08", "modeldna-refdb.tar.gz")


def fetched(asset: Asset, folder: Path, forge: str = FORGE, sha256: str = "") -> Path:
    """The file in the folder, downloaded where it is not there, or not with the checksum on record."""
    owner_and_name = asset.repository.removeprefix("github.com/")
    address = f"{forge}/{owner_and_name}/releases/download/{asset.release}/{asset.file}"
    return downloaded(folder / asset.file, address, asset.repository, sha256)

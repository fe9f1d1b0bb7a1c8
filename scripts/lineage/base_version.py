"""An earlier version of a data folder, read from git."""

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SHALLOW = (
    "this clone does not know where the branch left its base, so the base itself is compared: what was added to it "
    "since looks removed here"
)


class BaseError(Exception):
    """The earlier version cannot be read, and why."""


@dataclass(frozen=True)
class Base:
    """The TOML files of an earlier data folder, and how large all its files were."""

    files: Mapping[str, bytes]  # by path, "data/..." whatever the folder is called
    sizes: Mapping[str, int] = field(default_factory=dict)  # in bytes, by path from the data folder
    note: str = ""  # what a reader of the comparison has to know


def read_base(data: Path, reference: str) -> Base:
    """The data folder as it was where the present branch left a reference, a branch or a commit."""
    archive, left = _archive(data, reference)
    return Base(dict(_toml_files(archive, data.name)), _sizes(archive, data.name), "" if left else _SHALLOW)


def write_base(data: Path, reference: str, folder: Path) -> None:
    """Puts the whole data folder as it was into a folder, under its own name."""
    archive, _ = _archive(data, reference)
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def _archive(data: Path, reference: str) -> tuple[bytes, bool]:
    """The data folder where the present branch left a reference, and whether that place is known."""
    place = data.parent
    commit = _git(place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if not commit:
        raise BaseError(_unknown(data, reference))
    left = _git(place, "merge-base", commit.decode().strip(), "HEAD")
    archive = _git(place, "archive", "--format=tar", (left or commit).decode().strip(), "--", data.name)
    if archive is None:
        raise BaseError(f"the base {reference!r} has no folder {data.name}/ at this place")
    return archive, bool(left)


def _toml_files(archive: bytes, folder: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            if member.name.endswith(".toml") and (content := files.extractfile(member)):
                yield f"data/{member.name.removeprefix(f'{folder}/')}", content.read()


def _sizes(archive: bytes, folder: str) -> dict[str, int]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {one.name.removeprefix(f"{folder}/"): one.size for one in files if one.isfile()}


def _unknown(data: Path, reference: str) -> str:
    shallow = _git(data.parent, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return f"{data} is not in a git repository, so there is no base {reference!r} to compare with"
    if shallow.strip() == b"true":
        return f"the base {reference!r} is not in this shallow clone; fetch it first, with --depth=1 if you like"
    return f"the base {reference!r} is no commit of this repository; fetch it first, or write another"


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints, or None where it fails."""
    command: Sequence[str] = ("git", "-C", str(folder), *arguments)
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell; a reference is no option
    return done.stdout if done.returncode == 0 else None

"""A version of the files of a repository, read from git's objects.

What `.gitattributes` says of a file (export-ignore, filters, line ends) has no effect: `git archive` and a checkout
obey it, `git ls-tree` and `git cat-file` do not.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_SHALLOW = (
    "this clone does not know where the branch left its base, so the base itself is compared: what was added to it "
    "since looks removed here"
)
TABLES = ("published", "controls")  # folders under data/ whose tables were copied from a source, or trained once
_FILE_MODES = ("100644", "100755", "100664")  # a link is 120000, another repository 160000


class BaseError(Exception):
    """The earlier version cannot be read, and why."""


@dataclass(frozen=True)
class Base:
    """The TOML files and tables of an earlier data folder, and how large all its files were."""

    files: Mapping[str, bytes]  # by path, "data/..." whatever the folder is called
    sizes: Mapping[str, int] = field(default_factory=dict)  # in bytes, by path from the data folder
    checksums: Mapping[str, str] = field(default_factory=dict)  # sha256 of each file, by path from the data folder
    note: str = ""  # what a reader of the comparison has to know
    tables: Mapping[str, str] = field(default_factory=dict)  # text of what was copied or trained, "data/..."


def read_base(data: Path, reference: str, head: str = "HEAD") -> Base:
    """The data folder as it was where a head, by default the present branch, left a reference, a branch or a commit."""
    commit, note = base_commit(data, reference, head)
    contents = {
        path.removeprefix(f"{data.name}/"): content for path, content in read_tree(data.parent, commit, data.name)
    }
    if not contents:
        raise BaseError(f"the base {reference!r} has no folder {data.name}/ at this place")
    return Base(
        {f"data/{name}": content for name, content in contents.items() if name.endswith(".toml")},
        {name: len(content) for name, content in contents.items()},
        {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
        note,
        {f"data/{name}": content.decode("utf-8", "replace") for name, content in contents.items() if _is_table(name)},
    )


def read_tables(data: Path) -> dict[str, str]:
    """The tables of a folder as it stands, by the names that read_base gives them."""
    paths = [path for folder in TABLES for path in sorted((data / folder).glob("*.csv")) if _plain(path)]
    return {f"data/{path.parent.name}/{path.name}": path.read_bytes().decode("utf-8", "replace") for path in paths}


def stood_before(data: Path, paths: Sequence[str]) -> frozenset[str] | None:
    """Those of some paths "data/..." at which any commit held a file; None where the history is not known whole."""
    folder = data.parent
    if _git(folder, "rev-parse", "--is-shallow-repository") != b"false\n":
        return None
    names = [f"{data.name}/{path.removeprefix('data/')}" for path in paths]
    touched = _git(folder, "log", "--all", "--relative", "--format=", "--name-only", "-z", "--", *names)
    if touched is None:
        return None
    past_names = {name.strip() for name in touched.decode("utf-8", "replace").split("\0")}
    return frozenset(path for path, name in zip(paths, names, strict=True) if name in past_names)


def _is_table(name: str) -> bool:
    return name.endswith(".csv") and name.partition("/")[0] in TABLES


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def base_commit(data: Path, reference: str, head: str = "HEAD") -> tuple[str, str]:
    """The commit where a head left a reference, and a note where that place is not known and the reference stands."""
    commit = find_commit(data, reference)
    ancestor = _git(data.parent, "merge-base", commit, find_commit(data, head))
    return (ancestor.decode().strip(), "") if ancestor else (commit, _SHALLOW)


def find_commit(data: Path, reference: str) -> str:
    """The full name of a commit; a BaseError that says what to do where there is none."""
    if shutil.which("git") is None:
        raise BaseError("git cannot be started, and the base is read from it; install git")
    commit = _git(data.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if not commit:
        raise BaseError(_unknown(data, reference))
    return commit.decode().strip()


def read_tree(folder: Path, commit: str, below: str = ".") -> Iterator[tuple[str, bytes]]:
    """Each plain file of a commit under a folder of a repository: its path from that folder, and its bytes."""
    entries = {path: oid for path, mode, oid in list_tree(folder, commit, below) if mode in _FILE_MODES}
    return zip(entries, _blobs(folder, entries.values()), strict=True)


def list_tree(folder: Path, commit: str, below: str = ".") -> list[tuple[str, str, str]]:
    """Each entry of a commit that is no folder: its path, its mode and the name of its object, in order of path.

    A BaseError where git fails, or where a path would lead out of the folder.
    """
    listing = _git(folder, "ls-tree", "-r", "-z", commit, "--", below)
    if listing is None:
        raise BaseError(f"git cannot list the files of {commit[:10]}")
    entries = []
    for line in filter(None, listing.decode("utf-8", "surrogateescape").split("\0")):
        about, _, path = line.partition("\t")
        mode, _, oid = about.split()
        if path.startswith("/") or {"..", ".git"} & set(PurePosixPath(path).parts):
            raise BaseError(f"the commit {commit[:10]} holds the path {path!r}, which leads out of its folder")
        entries.append((path, mode, oid))
    return entries


def links_of(folder: Path, commit: str) -> list[str]:
    """Each entry of a commit that is no plain file: symbolic links, and other repositories."""
    return [path for path, mode, _ in list_tree(folder, commit) if mode not in _FILE_MODES]


def _blobs(folder: Path, names: Iterable[str]) -> Iterator[bytes]:
    """The bytes of each object, in order."""
    blobs = list(names)
    request = "".join(f"{name}\n" for name in blobs).encode()
    answer = _git(folder, "cat-file", "--batch", content=request)
    if answer is None:
        raise BaseError("git cannot read the files of the base")
    position = 0
    for name in blobs:
        end = answer.index(b"\n", position)
        head = answer[position:end].split()
        if len(head) != 3 or head[1] != b"blob":
            raise BaseError(f"git has not the object {name[:10]}, which the base names; fetch it first")
        size = int(head[2])
        yield answer[end + 1 : end + 1 + size]
        position = end + size + 2


def _unknown(data: Path, reference: str) -> str:
    shallow = _git(data.parent, "rev-parse", "--is-shallow-repository")
    if shallow is None:
        return f"{data} is not in a git repository, so there is no base {reference!r} to compare with"
    if shallow.strip() == b"true":
        return f"the base {reference!r} is not in this shallow clone; fetch it first, with --depth=1 if you like"
    return f"the base {reference!r} is no commit of this repository; fetch it first, or write another"


def list_working_files(folder: Path) -> list[str]:
    """Each file that git follows or would add under a folder, by its path from there; links are among them."""
    paths = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if paths is None:
        raise BaseError(f"{folder} is not in a git repository")
    names = sorted(set(filter(None, paths.decode("utf-8", "surrogateescape").split("\0"))))
    return [name for name in names if (folder / name).is_symlink() or (folder / name).is_file()]


def followed_under(folder: Path, names: Sequence[str]) -> list[str]:
    """The files of these paths that are committed or staged; none without git."""
    paths = _git(folder, "ls-files", "-z", "--cached", "--", *names) or b""
    return sorted(filter(None, paths.decode("utf-8", "surrogateescape").split("\0")))


def _git(folder: Path, *arguments: str, content: bytes | None = None) -> bytes | None:
    """What git prints, or None where it fails or is not there."""
    command: Sequence[str] = ("git", "--no-replace-objects", "-C", str(folder), *arguments)
    try:
        process = subprocess.run(command, input=content, capture_output=True, check=False)  # noqa: S603 - no shell; a reference is no option
    except OSError:
        return None
    return process.stdout if process.returncode == 0 else None

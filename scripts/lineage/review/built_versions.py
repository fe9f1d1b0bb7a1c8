"""A version of the repository -> its files in a folder of their own, and the site that is built of them."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lineage.store.files import read_packs
from lineage.store.history import links_of, list_working_files, read_tree
from lineage.store.packs import borrow_tables

CODE = ("scripts", "mkdocs.yml", "mkdocs.zh.yml")  # what a build runs
_BESIDE = (*CODE, "docs", "CITATION.cff")  # what a build needs beside data/
# One state for both sites, so that only what was changed differs.
_SAME = {"SOURCE_COMMIT": "0" * 40, "SOURCE_DATE_EPOCH": "1767225600", "NO_MKDOCS_2_WARNING": "1"}
_SECONDS = 1_800  # that one build may take


@dataclass(frozen=True)
class Version:
    """The files of one version, laid out without git."""

    root: Path
    files: Mapping[str, str]  # sha256 of each plain file by its path, before anything was put beside it
    links: Sequence[str]  # what is no plain file, and was left out
    beside: list[str] = field(default_factory=list)  # what was put beside them, with its checksum

    @property
    def digest(self) -> str:
        """A name for exactly these files, with what was put beside them."""
        entries = [f"{name} {digest}\n" for name, digest in sorted(self.files.items())]
        return hashlib.sha256("".join([*entries, *self.beside]).encode("utf-8", "surrogateescape")).hexdigest()[:24]

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.root / "data"


def lay_out(repository: Path, commit: str, root: Path) -> Version:
    """The files of a commit, written into a folder."""
    version = _written(read_tree(repository, commit), root, links_of(repository, commit))
    borrow_tables(version.data, read_packs(version.data), repository / "data")
    return version


def lay_out_working(repository: Path, root: Path) -> Version:
    """The files of a working tree as they stand, those that git ignores left out."""
    names = list_working_files(repository)
    plain = [name for name in names if not _through_a_link(repository, name)]
    contents = ((name, (repository / name).read_bytes()) for name in plain)
    version = _written(contents, root, [name for name in names if name not in set(plain)])
    borrow_tables(version.data, read_packs(version.data), repository / "data")
    return version


def _through_a_link(repository: Path, name: str) -> bool:
    path = repository / name
    return any(step.is_symlink() for step in (path, *path.parents[: name.count("/")]))


def _written(contents: Iterator[tuple[str, bytes]], root: Path, links: Sequence[str]) -> Version:
    digests = {}
    for name, content in contents:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    root.mkdir(exist_ok=True)
    return Version(root, digests, links)


def complete(version: Version, code: Path, *, with_own_code: bool) -> None:
    """Copies into a version what a build needs and it lacks, from another folder; all code too, without its own."""
    for name in _BESIDE:
        target = version.root / name
        if name in CODE and not with_own_code and target.exists():
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        if target.exists() or not (code / name).exists():
            continue
        if (code / name).is_dir():
            shutil.copytree(code / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(code / name, target)
        paths = sorted(target.rglob("*")) if target.is_dir() else [target]
        contents = [path.read_bytes() for path in paths if path.is_file()]
        version.beside.append(f"{name} {hashlib.sha256(b''.join(contents)).hexdigest()}\n")


def outside_data(before: Version, after: Version) -> list[str]:
    """The files outside data/ that are new, gone or others, in order."""
    names = {*before.files, *after.files, *after.links}
    return sorted(
        name for name in names if not name.startswith("data/") and before.files.get(name) != after.files.get(name)
    )


def build_sites(versions: Mapping[Path, Version], results: str) -> list[str]:
    """Builds a site of each version into a folder, all at once; for each what went wrong, or "".

    results names the folder of results that a build may believe; "" for none.
    """
    environment = {**os.environ, **_SAME, "KEPT_FOLDER": results}
    running = [(site, _started(site, version.root, environment)) for site, version in versions.items()]
    return [_ended(site, process) for site, process in running]


def _started(site: Path, root: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(root / "scripts" / "build_site.py"), "--root", str(root), "--site-dir", str(site)]
    with _log(site).open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own words


def _log(site: Path) -> Path:
    return site.parent / f"{site.name}.log"


def _ended(site: Path, process: "subprocess.Popen[bytes]") -> str:
    """Why a build gave no site, or ""."""
    try:
        code = process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"took longer than {_SECONDS // 60} minutes"
    if code == 0 and (site / "manifest.json").is_file():
        return ""
    lines = _log(site).read_text("utf-8", "replace").splitlines()
    messages = [line for line in lines if not line.startswith("build: building")]
    return "; ".join(messages[-8:]) or f"ended with {code} and said nothing"

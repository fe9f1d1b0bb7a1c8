"""What a record of thousands of measured models takes: a clone of it, checks, deriving, building, a review.

The models are made up, in the real formats, and stand beside the real record. The same record is cloned twice: with
the tables of all measurements as text in git, and with those of the largest family in an archive outside git.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.site import folder_bytes, make_root, run_step
from benchmarks.synthetic_records import SYNTHETIC_FAMILY, change_licence
from lineage.records import BenchmarkRow
from measure import ROOT

MODELS = 10_000
WAYS = {
    "clone-text": "a clone, every table in git as text",
    "clone-packed": "a clone, the tables of the largest family in an archive outside git",
    "pack": "packing the tables of that family",
    "unpack": "unpacking and checking them",
    "check": "make check, without what was taken away since a base",
    "derive": "deriving everything",
    "build": "building the site",
    "diff": "make diff of one changed record, without building the sites",
}
_SETTINGS = ("user.name=bench", "user.email=bench@example.org", "init.defaultBranch=main", "gc.auto=0")
_GIT = tuple(word for setting in _SETTINGS for word in ("-c", setting))


def record_rows(folder: Path, models: int = MODELS) -> Iterator[BenchmarkRow]:
    """A row for each step on a record of so many models."""
    data = make_root(folder, models)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8")
    (folder / ".gitignore").write_text(f"{ignored}/kept/\n/archives/\n/scripts/\n/clone.git/\n", encoding="utf-8")
    (folder / "scripts").unlink()  # a repository holds files, and no links
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    step = _steps(folder, models)
    yield step("derive", "compare.py", "--data", data)
    yield _clone("clone-text", folder, models)
    packing = ("--data", data, "--archives", folder / "archives")
    where = ("--repository", "github.com/bench/bench", "--release", "tables")
    yield step("pack", "pack.py", *packing, "pack", SYNTHETIC_FAMILY, *where)
    yield _clone("clone-packed", folder, models)
    shutil.rmtree(data / "packs" / "unpacked")
    yield step("unpack", "pack.py", *packing, "unpack")
    yield step("check", "check.py", "--data", data, "--today", "2027-01-01")
    yield step("build", "-m", "mkdocs", "build", "--quiet", "--site-dir", folder / "site")
    change_licence(data, models)
    yield step("diff", "diff.py", "--data", data, "--base", "HEAD", "--records")


def _steps(folder: Path, models: int) -> Any:
    def step(way: str, program: str, *arguments: object) -> BenchmarkRow:
        command = "mkdocs" if program == "-m" else str(ROOT / "scripts" / program)
        words = arguments[1:] if program == "-m" else arguments
        return _row(way, models, run_step(command, *map(str, words), where=folder), folder)

    return step


def _clone(way: str, folder: Path, models: int) -> BenchmarkRow:
    """The size of a clone, as it is sent, of a repository whose only commit holds what git does not ignore."""
    shutil.rmtree(folder / ".git", ignore_errors=True)
    for words in (("init", "-q"), ("add", "data", "docs", "mkdocs.yml", ".gitignore"), ("commit", "-qm", "record")):
        subprocess.run(["git", "-C", folder, *_GIT, *words], check=True)  # noqa: S603, S607 - our own words
    target = folder / "clone.git"
    subprocess.run(["git", "clone", "-q", "--bare", f"file://{folder}", target], check=True)  # noqa: S603, S607
    size = folder_bytes(target)
    shutil.rmtree(target)
    return _row(way, models, {"cpu_seconds": 0.0, "peak_bytes": 0}, folder, size)


def _row(way: str, models: int, taken: Mapping[str, Any], folder: Path, written: int | None = None) -> BenchmarkRow:
    outputs = {"pack": "archives", "build": "site"}
    row = BenchmarkRow(
        way=way,
        what=WAYS[way],
        cpu_seconds=round(taken["cpu_seconds"], 2),
        peak_bytes=taken["peak_bytes"],
        input_bytes=folder_bytes(folder / "data"),
        models=models,
        output_bytes=written or (folder_bytes(folder / outputs[way]) if way in outputs else None),
    )
    print(f"{row.cpu_seconds:9.2f} CPU s  {row.peak_bytes / 1e6:6.0f} MB  {row.output_bytes or 0:15,} B  {row.what}")
    return row

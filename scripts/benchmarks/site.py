"""How long a site of 10 to 3,000 models takes to derive and build, beside plain MkDocs with the same tables and charts.

Each step runs in a process of its own, with one thread of arithmetic. The models are made up, in the real formats,
and stand beside the real record.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.fresh_process import run_apart
from benchmarks.plain_site import SETTINGS, plain_pages
from benchmarks.synthetic_records import change_record, write_records
from lineage.records import BenchmarkRow
from lineage.store.cache import FOLDER
from lineage.store.files import load_dataset
from lineage.store.writing import write_file
from measure import ROOT

SIZES = (10, 100, 1_000, 3_000)
FIXED = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0"}  # of the environment
WAYS = {
    "plain": "MkDocs + Material: the same pages, tables in Markdown, charts in the text; nothing derived",
    "derive": "ours: deriving scores, findings and error rates from measurements",
    "build": "ours: checking, drawing charts, writing pages, the site",
    "derive-again": "ours: deriving again after one record changed",
    "build-again": "ours: building again after one record changed",
}
RUN = """
import json, runpy, sys
from time import process_time
command, *sys.argv = sys.argv[1:]
from benchmarks.reading import peak_bytes
try:
    run = runpy.run_module if command == "mkdocs" else runpy.run_path
    run(command, run_name="__main__")
except SystemExit as stopped:
    if stopped.code:
        raise
print(json.dumps({"cpu_seconds": process_time(), "peak_bytes": peak_bytes()}))
"""


def make_root(folder: Path, models: int, code: Path = ROOT) -> Path:
    """A folder like that of the project, with so many made-up models beside the real records; its data folder."""
    for name in ("mkdocs.yml", "CITATION.cff"):
        shutil.copy(code / name, folder / name)
    shutil.copytree(code / "docs", folder / "docs")
    (folder / "scripts").symlink_to(code / "scripts")
    shutil.copytree(code / "data", folder / "data", ignore=shutil.ignore_patterns("derived"))
    write_records(folder / "data", models)
    return folder / "data"


def write_plain(data: Path, folder: Path) -> None:
    """The plain site of a data folder, as Markdown."""
    dataset, _ = load_dataset(data)
    for path, text in plain_pages(dataset):
        write_file(folder / "docs" / path, text)
    write_file(folder / "mkdocs.yml", SETTINGS)


def run_step(command: str, *arguments: str, where: Path) -> Mapping[str, Any]:
    """What a stage, or mkdocs, takes in a process of its own: cpu_seconds and peak_bytes."""
    return run_apart(RUN, command, command, *arguments, where=where, environment={**FIXED, FOLDER: str(where / "kept")})


def folder_bytes(folder: Path) -> int:
    """The size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def site_rows(folder: Path, models: int, code: Path = ROOT) -> Iterator[BenchmarkRow]:
    """A row for each step at one number of models beside the records of a repository, printed as it comes."""
    data = make_root(folder, models, code)
    derive = (str(ROOT / "scripts" / "compare.py"), "--data", str(data))
    build = ("mkdocs", "build", "--quiet", "--site-dir", str(folder / "site"))
    yield _row("derive", models, run_step(*derive, where=folder), folder)
    yield _row("build", models, run_step(*build, where=folder), folder)
    write_plain(data, folder / "plain")
    plain = folder / "plain"
    yield _row("plain", models, run_step("mkdocs", "build", "--quiet", where=plain), plain)
    change_record(data, models)
    yield _row("derive-again", models, run_step(*derive, where=folder), folder)
    yield _row("build-again", models, run_step(*build, where=folder), folder)


def _row(way: str, models: int, taken: Mapping[str, Any], folder: Path) -> BenchmarkRow:
    site, source = folder / "site", folder / ("docs" if way == "plain" else "data")
    built = list(site.rglob("index.html")) if way in ("plain", "build", "build-again") else []
    row = BenchmarkRow(
        way=way,
        what=WAYS[way],
        cpu_seconds=round(taken["cpu_seconds"], 2),
        peak_bytes=taken["peak_bytes"],
        input_bytes=folder_bytes(source),
        models=models,
        pages=len(built) or None,
        output_bytes=folder_bytes(site) if built else None,
    )
    print(
        f"{row.cpu_seconds:9.2f} CPU s  {row.peak_bytes / 1e6:6.0f} MB  {row.pages or 0:6} pages  {models} {row.what}",
        file=sys.stderr,
        flush=True,
    )
    return row


def all_sizes(folder: Path, sizes: Sequence[int] = SIZES) -> Iterator[BenchmarkRow]:
    """The rows of every size; what a size took on the disk is free before the next."""
    for models in sizes:
        with tempfile.TemporaryDirectory(dir=folder) as own:
            yield from site_rows(Path(own), models)

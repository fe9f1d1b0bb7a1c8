"""Outputs that other projects published -> data/published/; --check derives them again and compares."""

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from import_sampled import import_release
from lineage.imports.downloads import downloaded
from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.importers import (
    OTHER_METHODS,
    ImportFileError,
    other_method_tables,
    tensorlock_tables,
)
from lineage.imports.other_imports import atlas_edges, kit_models, rakuten_layers, survey_counts
from lineage.imports.permutation_imports import model_tracing_tables
from lineage.imports.releases import FORGE
from lineage.imports.tensor_imports import solar_glm_tables
from lineage.records import Dataset, Pin
from lineage.store.files import load_dataset
from lineage.store.folder import read_bytes
from lineage.store.writing import write_file

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = "https://raw.githubusercontent.com"  # where single files of repositories are, by commit
IMPORTERS: Mapping[str, Callable[[Callable[[str], bytes]], dict[str, pd.DataFrame]]] = {
    "tensorlock": tensorlock_tables,
    **{f"tensorlock-{name}": partial(other_method_tables, method=name) for name in OTHER_METHODS},
    "model-tracing": model_tracing_tables,
    "solar-glm": solar_glm_tables,
    "tensorlock-survey": survey_counts,
    "mpk": kit_models,
    "modeldna-atlas": atlas_edges,
    "rakuten-report": rakuten_layers,
}
# Files of a cache that are no file of a repository, or whose commit is known in part: made by hand, by content.
COPIES = {
    "mpk": ("mpk", "base-features.csv", "9bab413bb2cd7710b6be244a9d312da6e9ccfba37dd7171cc5a2313fd12640f9"),
    "modeldna-atlas": (
        "modeldna",
        "atlas-edges.csv",
        "c21fe27179cb0b7391a253a3b2e8e4c9595e32e33173a370ca1c917e3ca0edcf",
    ),
    "rakuten-report": (
        "rakuten",
        "comprehensive_analysis_results.csv",
        "5c5d27ed147e5161fd1b3c67b4ead7d8121d33d0787ba63d49aeea9aa13ed639",
    ),
}


# Repositories and files that a cache holds under another name than their own.
CACHED_FOLDERS = {"solar-vs-glm": "solar-glm"}
CACHED_NAMES = {
    "cluster.json": "clusters.json",
    "model_relation.csv": "relations.csv",
    "permutation_l2_updated_midpoint_wikitext_single.csv": "permutation_l2.csv",
}


def cached_folder(pin: Pin) -> str:
    """The folder of a pinned file in the cache: the name of its repository, or a shorter one."""
    name = Path(pin.repository).name.lower()
    return CACHED_FOLDERS.get(name, name)


def cached_name(pin: Pin) -> str:
    """The name of a pinned file in the cache folder."""
    name = Path(pin.file).name
    return CACHED_NAMES.get(name, name)


def read_pinned(folder: Path, pin: Pin) -> bytes:
    """The bytes of a pinned file in a cache folder; an ImportFileError where they are not the pinned ones."""
    return read_checked(folder / cached_name(pin), pin.sha256)


def read_checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file; an ImportFileError where it is not there, or where its checksum is another."""
    if not path.is_file():
        raise ImportFileError(f"{path.name}: is not in the folder {path.parent.name}/ of the cache")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ImportFileError(f"{path.name}: has the sha256 {digest}, pinned is {sha256}")
    return content


def download(folder: Path, pin: Pin, files: str = FILES) -> None:
    """Fetches a pinned file into a cache folder, where it is not there yet with the pinned checksum."""
    address = f"{files}/{pin.repository.removeprefix('github.com/')}/{pin.commit}/{quote(pin.file)}"
    downloaded(folder / cached_name(pin), address, pin.repository, pin.sha256)


def import_tables(dataset: Dataset, cache: Path) -> dict[str, str]:
    """The text of every imported table by its file name."""
    texts: dict[str, str] = {}
    for name, importer in IMPORTERS.items():
        pins = {cached_name(pin): pin for pin in dataset.published[name].pins}
        contents = {file: read_pinned(cache / cached_folder(pin), pin) for file, pin in pins.items()}
        if name in COPIES:
            folder, file, sha256 = COPIES[name]
            if not (cache / folder / file).is_file():
                continue  # nobody can fetch it: what is committed stays
            contents[file] = read_checked(cache / folder / file, sha256)
        for file, frame in importer(contents.__getitem__).items():
            texts[file] = frame.round(6).to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return texts


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Imports the published outputs of other projects, pinned by checksum.")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(os.environ.get("PUBLISHED_CACHE", ".make/published")),
        help="the folder that holds the pinned files (default: $PUBLISHED_CACHE, or .make/published)",
    )
    parser.add_argument("--download", action="store_true", help="fetch the pinned files into the cache first")
    parser.add_argument("--release-sha256", default="", help="of modelDNA's reference database, the first time")
    parser.add_argument("--files", default=FILES, help=argparse.SUPPRESS)
    parser.add_argument("--forge", default=FORGE, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a table would change")
    options = parser.parse_args(argv)
    data: Path = options.data.resolve()

    dataset, _ = load_dataset(data)
    if names_without_record := [name for name in IMPORTERS if name not in dataset.published]:
        print(
            f"{data.name}/published/: no usable record of {', '.join(names_without_record)}; run `make check`",
            file=sys.stderr,
        )
        return 2
    try:
        if options.download:
            for name in IMPORTERS:
                for pin in dataset.published[name].pins:
                    download(options.cache / cached_folder(pin), pin, options.files)
        texts = import_tables(dataset, options.cache)
    except (ImportFileError, ForeignFileError) as fault:
        print(f"{fault}\nNothing was written. With --download the pinned files are fetched first.", file=sys.stderr)
        return 2

    if options.check:
        stale_names = [name for name, text in texts.items() if not _is_current(data, f"published/{name}", text)]
        for name in stale_names:
            print(f"{data.name}/published/{name}: is not what its pinned input gives; run `make import`")
        return 1 if stale_names else 0
    for name, text in texts.items():
        if write_file(data / "published" / name, text):
            print(f"imported {data.name}/published/{name}")
    for record in IMPORTERS:
        if pin_tables(data, record, texts):
            print(f"wrote checksums into {data.name}/published/{record}.toml")
    try:
        print(*_import_release(data, options), sep="\n")
    except ForeignFileError as fault:
        print(f"{fault}\nNo sampled curves were imported; the tables above stand.", file=sys.stderr)
        return 2
    return 0


def _import_release(data: Path, options: argparse.Namespace) -> list[str]:
    """Imports the curves of modelDNA's reference database where it is there or is to be fetched; what came of it."""
    return import_release(
        data, options.cache, download=options.download, sha256=options.release_sha256, forge=options.forge
    )


def pin_tables(data: Path, record: str, texts: Mapping[str, str]) -> bool:
    """Writes the checksum of each imported table into its record; whether one changed."""
    content = read_bytes(data, f"published/{record}.toml").decode("utf-8")
    for name, text in texts.items():
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        line = rf'^(file = "{re.escape(name)}"\n)(?:sha256 = .*\n)?'
        content = re.sub(line, rf'\g<1>sha256 = "{digest}"\n', content, flags=re.MULTILINE)
    return write_file(data / "published" / f"{record}.toml", content)


def _is_current(data: Path, name: str, text: str) -> bool:
    return (data / name).is_file() and read_bytes(data, name) == text.encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())

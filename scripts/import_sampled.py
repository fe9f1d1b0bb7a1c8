"""Fingerprints that modelDNA wrote -> data/sampled/: one file, or the archive of a reference database."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.modeldna import ReadFingerprint, read_files
from lineage.imports.releases import FORGE, MODELDNA, Asset, fetched
from lineage.imports.sampled_record import sampled_record, whole_table
from lineage.records import Dataset, MeasuredFile, Release, Sampled, WrittenHere, model_slug
from lineage.store.archives import sha256_of
from lineage.store.files import load_dataset
from lineage.store.toml_text import ascii_toml
from lineage.store.writing import sampled_text, write_new_file, write_sampled

DATA = Path(__file__).resolve().parent.parent / "data"
_SOURCE = "modeldna-repo"


def keep(data: Path, fingerprints: Iterable[ReadFingerprint], dataset: Dataset, **origin: object) -> list[Sampled]:
    """Writes the record of each, and of a model that has none; only once all have been read and checked."""
    on_record = {model_slug(name): name for name in dataset.models}
    records = []
    hubs = set()
    for fingerprint in fingerprints:
        table = whole_table(fingerprint)
        record = sampled_record(fingerprint, sampled_text(table), **origin)  # type: ignore[arg-type]
        if record.model == fingerprint.model:
            hubs.add(fingerprint.model)
        model_name = on_record.get(model_slug(record.model), record.model)  # on a hub, capitals make no other model
        records.append((record.model_copy(update={"model": model_name}), table))
    names = [record.model for record, _ in records]
    slugs = [model_slug(name) for name in names]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        raise ForeignFileError(f"names two models whose files would be one: {', '.join(twice)}")
    for record, table in records:
        if record.model not in dataset.models:
            text = model_text(record, on_hub=record.model in hubs)
            write_new_file(data / "models" / f"{model_slug(record.model)}.toml", text)
        write_sampled(data, record, table)
    return [record for record, _ in records]


def model_text(record: Sampled, *, on_hub: bool) -> str:
    """The record of a model of which nothing else is known: its name and, where the file says one, its address."""
    maker, _, name = record.model.partition("/")
    lines = [f"# {record.tool} names it; nothing else was looked up. Its root is not on record, so it enters no null."]
    values = {"id": record.model, "name": name, "maker": maker, "sources": [_SOURCE]}
    lines += [f"{key} = {ascii_toml(value)}" for key, value in values.items()]
    lines += ["", "[[addresses]]", 'kind = "hub"', f"value = {ascii_toml(record.model)}"] if on_hub else []
    return "\n".join(lines) + "\n"


def pinned_sha256(asset: Asset, dataset: Dataset) -> str:
    """The checksum under which records already hold a file of that release, or ""."""
    releases = (curves.record.release for curves in dataset.sampled.values() if curves.record.release)
    digests = (
        release.sha256 for release in releases if (release.repository, release.release, release.file) == tuple(asset)
    )
    return next(digests, "")


def import_release(data: Path, cache: Path, *, download: bool, sha256: str = "", forge: str = FORGE) -> list[str]:
    """Imports modelDNA's reference database from the cache; lines that say what came, and what to do next.

    The first import of a release needs its checksum from whoever imports it; later ones take that on record.
    """
    dataset, _ = load_dataset(data)
    pinned = pinned_sha256(MODELDNA, dataset)
    folder = cache / "modeldna"
    path = fetched(MODELDNA, folder, forge, pinned or sha256) if download else folder / MODELDNA.file
    if not path.is_file():
        return [f"{MODELDNA.file}: is not in the cache, so no sampled curves were imported; --download fetches it"]
    digest = sha256_of(path)
    wanted_sha256 = pinned or sha256
    if not wanted_sha256:
        return [
            f"{MODELDNA.file}: has the sha256 {digest}, and none is pinned yet, so nothing of it was imported.",
            f"Compare it with another copy or with the release page, then run again with --release-sha256 {digest}",
        ]
    if digest != wanted_sha256:
        raise ForeignFileError(
            f"{path.name}: has the sha256 {digest}, pinned is {wanted_sha256}; remove it and download again"
        )
    written_here = {model_slug(name) for name, curves in dataset.sampled.items() if curves.record.written_here}
    release = Release(**MODELDNA._asdict(), sha256=digest)
    records = keep(
        data,
        (fingerprint for fingerprint in read_files(path) if model_slug(fingerprint.model) not in written_here),
        dataset,
        release=release,
    )
    clause = f"; {len(written_here)} that were written here stay as they are" if written_here else ""
    return [
        f"imported {len(records)} models sampled by modelDNA from {MODELDNA.release}{clause}",
        *_after(records, data),
    ]


def _after(records: Sequence[Sampled], data: Path) -> Iterator[str]:
    now, _ = load_dataset(data)
    rootless = [
        record.model for record in records if record.model in now.sampled_only and not now.models[record.model].root
    ]
    if rootless:
        yield f"{len(rootless)} of them have no root on record and enter no null until it is: {', '.join(rootless)}"
    if words := [record.model for record in records if not record.attested and record.model in now.sampled_only]:
        yield (
            f"{len(words)} are somebody's file, shown as such, and count nowhere; where modelDNA was run here on "
            "weights that others can get, import it with --weights, --address, --tool-version and --command"
        )
    yield "Next: make derive check, then make diff BASE=HEAD says what readers would see change."


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Imports curves over depth that modelDNA sampled.")
    parser.add_argument("file", type=Path, nargs="?", help="a fingerprint (.json, .json.gz) or a reference database")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--model", default="", help="the model, as maker/name, where the file does not say it")
    group = parser.add_argument_group("where modelDNA was run here, so that its word need not be taken")
    group.add_argument("--weights", type=Path, help="the file of weights that it read")
    group.add_argument("--address", help="where that file comes from")
    group.add_argument("--tool-version", help="the version of modelDNA")
    group.add_argument("--command", help="the command")
    parser.add_argument("--download", action="store_true", help="without a file: fetch the release that modelDNA pins")
    parser.add_argument("--release-sha256", default="", help="its checksum, the first time that it is imported")
    parser.add_argument("--forge", default=FORGE, help=argparse.SUPPRESS)
    cache = Path(os.environ.get("PUBLISHED_CACHE", ".make/published"))
    parser.add_argument("--cache", type=Path, default=cache, help="where downloads are kept")
    options = parser.parse_args(argv)
    try:
        lines = _imported(options)
    except ForeignFileError as fault:
        print(f"{fault}\nNothing was written.", file=sys.stderr)
        return 2
    print(*lines, sep="\n")
    return 0


def _imported(options: argparse.Namespace) -> list[str]:
    data: Path = options.data.resolve()
    if options.file is None:
        return import_release(
            data, options.cache, download=options.download, sha256=options.release_sha256, forge=options.forge
        )
    dataset, _ = load_dataset(data)
    fingerprints = list(read_files(options.file))
    if options.model and len(fingerprints) > 1:
        raise ForeignFileError(f"{options.file.name}: holds {len(fingerprints)} models; --model names one")
    origin = {"model": options.model, "written_here": _written_here(options)}
    records = keep(data, fingerprints, dataset, **origin)
    return [f"imported {record.model}, sampled by {record.tool}" for record in records] + [*_after(records, data)]


def _written_here(options: argparse.Namespace) -> WrittenHere | None:
    """What says that modelDNA was run here, or None; a ForeignFileError where it is said in part."""
    values = (options.weights, options.address, options.tool_version, options.command)
    if not any(values):
        return None
    if not all(values) or not options.weights.is_file():
        raise ForeignFileError("--weights, --address, --tool-version and --command go together; write all or none")
    weights: Path = options.weights
    file = MeasuredFile(name=weights.name, sha256=sha256_of(weights), bytes=weights.stat().st_size)
    return WrittenHere(
        tool_version=options.tool_version, command=options.command, weights=file, address=options.address
    )


if __name__ == "__main__":
    sys.exit(main())

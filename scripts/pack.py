"""Tables of measurements -> an archive for each family, outside git; and back, each table with the bytes on record.

Of a measurement its record stays in git, with its address, its files and their checksums. `pack` takes the tables of a
family out of data/fingerprints/ and writes data/packs/<family>.toml, which holds the checksum of each; the archive goes
into a release. `unpack` brings the tables of all packs back, from a folder or from their releases.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lineage.imports.foreign_json import ForeignFileError
from lineage.imports.releases import FORGE, Asset, fetched
from lineage.records import Pack, Release, model_slug
from lineage.store.archives import sha256_of
from lineage.store.files import load_dataset
from lineage.store.packs import (
    ENDINGS,
    PackError,
    absent_tables,
    pack_name,
    packed_tables,
    put_aside,
    unpack,
    write_archive,
)
from lineage.store.writing import write_pack

ROOT = Path(__file__).resolve().parent.parent
ARCHIVES = ROOT / ".make" / "packs"


def pack_family(data: Path, family: str, repository: str, release: str, folder: Path) -> Pack:
    """Writes the archive of a family's tables, then its record, then takes the tables out of data/fingerprints/."""
    dataset, problems = load_dataset(data)
    if problems:
        raise PackError(f"{problems[0]}\nmake check lists {len(problems)} problem(s); nothing was packed")
    of_family = [name for name, fingerprint in dataset.fingerprints.items() if fingerprint.measurement.family == family]
    if not of_family:
        families = sorted({fingerprint.measurement.family for fingerprint in dataset.fingerprints.values()})
        raise PackError(f"nothing measured is of the family {family!r}; there are {', '.join(map(repr, families))}")
    tables = packed_tables(data, [f"fingerprints/{model_slug(name)}{end}" for name in of_family for end in ENDINGS])
    archive = write_archive(data, tables, folder, pack_name(family))
    pack = Pack(
        path=f"data/packs/{pack_name(family)}.toml",
        id=pack_name(family),
        release=Release(repository=repository, release=release, file=archive.name, sha256=sha256_of(archive)),
        bytes=archive.stat().st_size,
        tables=tables,
    )
    write_pack(data, pack)
    put_aside(data, tables)
    return pack


def unpack_all(data: Path, folder: Path, forge: str = FORGE) -> Iterator[str]:
    """Unpacks what is absent, from a folder where archives are or come to; a line for each pack that had to be."""
    dataset, _ = load_dataset(data)
    for pack in dataset.packs.values():
        if not absent_tables(data, pack):
            continue
        release = pack.release
        archive = fetched(Asset(release.repository, release.release, release.file), folder, forge, release.sha256)
        yield f"{pack.id}: {unpack(data, pack, archive)} tables from {archive.name}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Tables of measurements into archives outside git, and back.")
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="the data folder (default: data/)")
    parser.add_argument("--archives", type=Path, default=ARCHIVES, help="where archives are (default: .make/packs)")
    parser.add_argument("--forge", default=FORGE, help=argparse.SUPPRESS)
    verbs = parser.add_subparsers(dest="verb", required=True)
    packing = verbs.add_parser("pack", help="the tables of one family into an archive")
    packing.add_argument("family", help='as its measurements name it: "BERT and RoBERTa"')
    packing.add_argument("--repository", required=True, help="where the archive is released: github.com/owner/name")
    packing.add_argument("--release", required=True, help="the tag of that release")
    verbs.add_parser("unpack", help="the tables of all packs, each checked")
    options = parser.parse_args(argv)
    data = options.data.resolve()
    try:
        if options.verb == "pack":
            pack = pack_family(data, options.family, options.repository, options.release, options.archives)
            print(
                f"{len(pack.tables)} tables, {sum(table.bytes for table in pack.tables):,} bytes, are in "
                f"{pack.release.file}, {pack.bytes:,} bytes.\nNext: put that file of {options.archives.name}/ into the "
                f"release {pack.release.release} of {pack.release.repository}, then git add -A {data.name}"
            )
        else:
            lines = list(unpack_all(data, options.archives, options.forge))
            print(*(lines or ["every table of every pack is here"]), sep="\n")
    except (PackError, ForeignFileError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

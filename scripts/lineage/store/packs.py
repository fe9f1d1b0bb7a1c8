"""Tables of measurements outside git: where they lie, which are not here, into an archive and out of it."""

import hashlib
import lzma
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lineage.records import Pack, PackedTable, Problem
from lineage.store.archives import BoundedMember, sha256_of

UNPACKED = "packs/unpacked"  # under data/; git ignores it
ENDINGS = (".csv", ".vectors.csv")  # of the two tables of a measurement
_ADVICE = "run `python scripts/pack.py unpack`, which fetches and checks them"
_TAR_MODE = 0o644
_PRESET = 2  # of xz: a third of the time of its usual one, for a fourth more bytes


class PackError(Exception):
    """An archive that cannot be used, and why, in a line."""


def lies_at(data: Path, name: str) -> Path:
    """Where a file of the data folder lies: a table that is not in data/fingerprints/ may have come out of a pack."""
    path = data / name
    unpacked_path = data / UNPACKED / path.name
    return (
        unpacked_path if name.startswith("fingerprints/") and not path.is_file() and unpacked_path.is_file() else path
    )


def name_of(path: str) -> str:
    """The name of a file of the data folder by where it lies there."""
    return f"fingerprints/{path.removeprefix(f'{UNPACKED}/')}" if path.startswith(f"{UNPACKED}/") else path


def absent_tables(data: Path, pack: Pack) -> list[PackedTable]:
    """The tables of a pack that are neither here with the bytes on record nor replaced by newer ones."""
    return [table for table in pack.tables if not (data / table.name).is_file() and not _is_here(data, table)]


def check_packs(data: Path, packs: Mapping[str, Pack], slugs: Iterable[str]) -> Iterator[Problem]:
    """A problem for each pack that is not unpacked, that shares a table with another or names what nobody measured.

    slugs are the names of the measurements, as files without an ending: "qwen_qwen2.5-14b".
    """
    tables = {f"fingerprints/{slug}{ending}" for slug in slugs for ending in ENDINGS}
    holders: dict[str, Pack] = {}
    for pack in packs.values():
        for table in pack.tables:
            if (holder := holders.setdefault(table.name, pack)) is not pack:
                yield Problem(pack.path, f"{table.name} is in {holder.path} too; leave it in one of them")
            if table.name not in tables:
                yield Problem(pack.path, f"holds {table.name}, and no measurement of that name is on record")
        if absentees := absent_tables(data, pack):
            yield Problem(
                pack.path,
                f"{len(absentees)} of {len(pack.tables)} tables, {absentees[0].name} first, are not here; {_ADVICE}",
            )
    for path in sorted((data / UNPACKED).glob("*")):
        if f"fingerprints/{path.name}" not in holders:
            yield Problem(f"data/{UNPACKED}/{path.name}", "no pack holds this table; remove it")


def pack_name(family: str) -> str:
    """The id of the pack of a family: "BERT and RoBERTa" is "bert-and-roberta"."""
    return re.sub(r"[^a-z0-9]+", "-", family.lower()).strip("-")


def packed_tables(data: Path, names: Sequence[str]) -> tuple[PackedTable, ...]:
    """The tables of these names as a pack has them, in order of name."""
    contents = ((name, lies_at(data, name).read_bytes()) for name in sorted(names))
    return tuple(
        PackedTable(name=name, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        for name, content in contents
    )


def write_archive(data: Path, tables: Sequence[PackedTable], folder: Path, name: str) -> Path:
    """An archive of the tables in a folder, whole or not at all: name, what it holds, ".tar.xz". The same each time."""
    digest = hashlib.sha256("".join(f"{table.sha256} {table.name}\n" for table in tables).encode()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{digest[:12]}.tar.xz"
    unfinished = path.with_suffix(".new")
    with lzma.open(unfinished, "wb", preset=_PRESET) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for table in tables:
            entry = tarfile.TarInfo(table.name)
            entry.size, entry.mode = table.bytes, _TAR_MODE
            with lies_at(data, table.name).open("rb") as content:
                archive.addfile(entry, content)
    unfinished.replace(path)
    return path


def unpack(data: Path, pack: Pack, archive: Path) -> int:
    """Writes the absent tables of a pack from its archive; how many. A PackError where the archive is another.

    Only tables that the pack names come out, each only with the bytes on record; the first thing that is none of them
    ends the reading, so that nothing else is even unpacked.
    """
    if (digest := sha256_of(archive)) != pack.release.sha256:
        raise PackError(f"{archive.name}: has the sha256 {digest}; {pack.path} says {pack.release.sha256}")
    absent_names = {table.name for table in absent_tables(data, pack)}
    waiting = {table.name: table for table in pack.tables}
    try:
        with tarfile.open(archive, mode="r|xz", tarinfo=BoundedMember) as entries:
            for entry in entries:
                table = waiting.pop(entry.name, None)
                if table is None or not entry.isreg() or entry.size != table.bytes:
                    raise PackError(f"{archive.name}: holds {entry.name!r}, which is not on record so")
                content = entries.extractfile(entry)
                if entry.name in absent_names and content is not None:
                    _write_table(data, table, content.read())
    except (tarfile.TarError, lzma.LZMAError, EOFError, ValueError) as fault:
        raise PackError(f"{archive.name}: cannot be read: {fault}") from None
    if waiting:
        raise PackError(f"{archive.name}: {len(waiting)} of its tables, {min(waiting)} first, are not in it")
    return len(absent_names)


def put_aside(data: Path, tables: Iterable[PackedTable]) -> None:
    """Moves packed tables from data/fingerprints/ to where unpacked ones lie."""
    folder = _unpacked_folder(data)
    for table in tables:
        path = data / table.name
        if path.is_file():
            path.replace(folder / path.name)


def borrow_tables(data: Path, packs: Iterable[Pack], lender: Path) -> None:
    """Takes the absent tables of packs from another data folder, where they are there with the bytes on record."""
    for pack in packs:
        for table in absent_tables(data, pack):
            if _is_here(lender, table):
                _write_table(data, table, (lender / UNPACKED / Path(table.name).name).read_bytes())


def _is_here(data: Path, table: PackedTable) -> bool:
    path = data / UNPACKED / Path(table.name).name
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == table.bytes
        and sha256_of(path) == table.sha256
    )


def _write_table(data: Path, table: PackedTable, content: bytes) -> None:
    if hashlib.sha256(content).hexdigest() != table.sha256:
        raise PackError(f"{table.name}: has other bytes in the archive than on record")
    path = _unpacked_folder(data) / Path(table.name).name
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)  # what a killed run left, or a link that somebody committed
    with unfinished.open("xb") as file:
        file.write(content)
    unfinished.replace(path)


def _unpacked_folder(data: Path) -> Path:
    """Where unpacked tables lie. A PackError where a link or a file stands there: they would come to lie elsewhere."""
    for folder in (data / "packs", data / UNPACKED):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise PackError(f"{data.name}/{folder.relative_to(data)}: is a link or a file, and no folder; remove it")
    (data / UNPACKED).mkdir(parents=True, exist_ok=True)
    return data / UNPACKED

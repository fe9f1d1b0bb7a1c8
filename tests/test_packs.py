"""Tables of measurements in archives outside git: the same record, the same site, and nothing taken on trust."""

import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

import compare
import pack
from branches import commit, first_commit, git
from check import find_changes, find_problems
from lineage.checks.repository import check_tree
from lineage.records import Dataset
from lineage.review.built_versions import lay_out, lay_out_working
from lineage.store import limits
from lineage.store.files import load_dataset, read_packs
from lineage.store.folder import published_bytes
from lineage.store.packs import PackError, unpack
from releases import breaking_forge
from repository import RECORD_DAY

FAMILY = "RoBERTa in fairseq"
TABLES = tuple(f"fingerprints/sapiens_sapiens-v{letter}{end}" for letter in "hl" for end in (".csv", ".vectors.csv"))


def packed(data: Path, family: str = FAMILY) -> int:
    """What the command says when it packs a family of that data folder."""
    where = ["--data", str(data), "--archives", str(data.parent / "archives")]
    return pack.main([*where, "pack", family, "--repository", "github.com/somebody/site", "--release", "tables-1"])


def unpacked(data: Path, forge: str = "http://127.0.0.1:9") -> int:
    """What the command says when it unpacks everything."""
    return pack.main(["--data", str(data), "--archives", str(data.parent / "archives"), "--forge", forge, "unpack"])


def archive_of(data: Path) -> Path:
    (path,) = (data.parent / "archives").glob("*.tar.xz")
    return path


def lines(data: Path) -> list[str]:
    return list(map(str, find_problems(data, RECORD_DAY)[1]))


def files_of(data: Path) -> dict[str, bytes]:
    dataset, _ = load_dataset(data)
    return {name: published_bytes(data, name) for name in dataset.files if not name.startswith("packs/")}


def measured(dataset: Dataset) -> dict[str, str]:
    return {name: held.digest for name, held in dataset.fingerprints.items()}


def test_a_packed_record_is_the_same_record(data: Path) -> None:
    before, digests = files_of(data), measured(load_dataset(data)[0])

    assert packed(data) == 0

    assert not list((data / "fingerprints").glob("*.csv"))
    assert lines(data) == []
    assert files_of(data) == before
    dataset, _ = load_dataset(data)
    assert measured(dataset) == digests
    assert [table.name for table in dataset.packs["roberta-in-fairseq"].tables] == sorted(TABLES)
    assert compare.main(["--data", str(data), "--check"]) == 0


def test_without_its_tables_a_pack_says_how_they_come(data: Path) -> None:
    packed(data)
    shutil.rmtree(data / "packs" / "unpacked")

    said = lines(data)

    assert [line for line in said if "are not here; run `python scripts/pack.py unpack`" in line] == [
        f"data/packs/roberta-in-fairseq.toml: 4 of 4 tables, {min(TABLES)} first, are not here; "
        "run `python scripts/pack.py unpack`, which fetches and checks them"
    ]
    assert not [line for line in said if "beside it" in line]


def test_tables_come_back_from_the_release(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_of(data)
    packed(data)
    archive = archive_of(data)
    content = archive.read_bytes()
    archive.unlink()
    shutil.rmtree(data / "packs" / "unpacked")
    capsys.readouterr()

    with breaking_forge(content) as (address, asked):
        assert unpacked(data, address) == 0

    path = f"/somebody/site/releases/download/tables-1/{archive.name}"
    assert asked == [f"{path} 0", f"{path} {len(content) // 2}"]
    assert capsys.readouterr().out == f"roberta-in-fairseq: 4 tables from {archive.name}\n"
    assert lines(data) == []
    assert files_of(data) == before
    assert unpacked(data) == 0
    assert capsys.readouterr().out == "every table of every pack is here\n"


def test_the_archive_is_the_same_each_time(data: Path, tmp_path: Path) -> None:
    again = Path(shutil.copytree(data, tmp_path / "again" / "data"))

    packed(data), packed(again)

    assert archive_of(data).read_bytes() == archive_of(again).read_bytes()
    assert packed(data) == 0  # what is packed already is packed again
    assert [one.release.sha256 for one in read_packs(data)] == [one.release.sha256 for one in read_packs(again)]


def rewritten(path: Path, change: Callable[[str, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> None:
    """Writes an archive again, each table changed; None leaves it out."""
    with tarfile.open(path) as archive:
        held = [(entry.name, archive.extractfile(entry).read()) for entry in archive]  # type: ignore[union-attr]
    with lzma.open(path, "wb") as content, tarfile.open(fileobj=content, mode="w|") as archive:
        for entry, table in filter(None, (change(*one) for one in held)):
            archive.addfile(entry, BytesIO(table))


def entry(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, table: (entry(name, len(table)), table.replace(b"1", b"2", 1)), "has other bytes in the archive"),
        (lambda name, table: (entry(f"../{name}", len(table)), table), "is not on record so"),
        (lambda name, _: (entry(name, 0, tarfile.SYMTYPE), b""), "is not on record so"),
        (lambda *_: None, "4 of its tables"),
        (lambda name, table: (entry(name, len(table) + 1), table + b"\n"), "is not on record so"),
    ],
    ids=["other bytes", "outside", "links", "empty", "longer"],
)
def test_an_archive_that_holds_something_else_writes_nothing_else(
    data: Path, change: Callable[[str, bytes], tuple[tarfile.TarInfo, bytes] | None], said: str
) -> None:
    """Also where its checksum is the one on record, as it is where a record and an archive were forged together."""
    packed(data)
    (before,) = read_packs(data)
    shutil.rmtree(data / "packs" / "unpacked")
    rewritten(archive_of(data), change)
    digest = subprocess.run(["sha256sum", archive_of(data)], capture_output=True, text=True, check=True).stdout[:64]
    forged = before.model_copy(update={"release": before.release.model_copy(update={"sha256": digest})})
    there = sorted(data.parent.rglob("*"))

    with pytest.raises(PackError, match=said):
        unpack(data, forged, archive_of(data))

    assert [path for path in sorted(data.parent.rglob("*")) if path not in there] == []


def test_an_archive_of_other_bytes_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed(data)
    shutil.rmtree(data / "packs" / "unpacked")
    archive_of(data).write_bytes(b"something else")
    capsys.readouterr()

    assert unpacked(data) == 1
    assert "is here with other bytes than on record" in capsys.readouterr().err
    with breaking_forge(b"something else again") as (address, _):
        assert unpacked(data, address) == 1
    assert "what came has the sha256" in capsys.readouterr().err
    assert not (data / "packs" / "unpacked").exists()


LINKED = [
    ("packs/unpacked", "is a link or a file, and no folder"),
    ("packs", "is a link or a file, and no folder"),
    (f"packs/unpacked/.{Path(TABLES[0]).name}.new", ""),
    (f"packs/unpacked/{Path(TABLES[0]).name}", ""),
]


@pytest.mark.parametrize(("name", "said"), LINKED)
def test_nothing_is_unpacked_through_a_link(
    data: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's branch may hold a link where make writes, before anything was checked."""
    packed(data)
    for path in (data / "packs" / "unpacked").iterdir():
        path.unlink()
    elsewhere = data.parent / "elsewhere"
    if (data / name).is_dir():
        (data / name).rename(elsewhere)
    else:
        elsewhere.write_text("precious")
    (data / name).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    capsys.readouterr()

    assert unpacked(data) == (1 if said else 0)

    assert said in capsys.readouterr().err
    assert sorted(elsewhere.rglob("*")) == before
    assert elsewhere.is_dir() or elsewhere.read_text() == "precious"


def test_a_broken_archive_is_told_in_a_line(data: Path) -> None:
    packed(data)
    (held,) = read_packs(data)
    shutil.rmtree(data / "packs" / "unpacked")
    archive_of(data).write_bytes(archive_of(data).read_bytes()[:-100])
    digest = subprocess.run(["sha256sum", archive_of(data)], capture_output=True, text=True, check=True).stdout[:64]
    cut = held.model_copy(update={"release": held.release.model_copy(update={"sha256": digest})})

    with pytest.raises(PackError, match="cannot be read"):
        unpack(data, cut, archive_of(data))


def test_a_table_that_was_changed_after_unpacking_is_absent(data: Path) -> None:
    packed(data)
    path = data / "packs" / "unpacked" / Path(TABLES[0]).name
    path.write_bytes(path.read_bytes() + b"\n")

    assert any("data/packs/roberta-in-fairseq.toml: 1 of 4 tables" in line for line in lines(data))


def test_what_is_measured_again_counts_in_place_of_what_is_packed(data: Path) -> None:
    packed(data)
    newer = data / TABLES[0]
    held = (data / "packs" / "unpacked" / newer.name).read_text("utf-8")
    newer.write_text(held.replace("0.1", "0.2", 1), encoding="utf-8")

    dataset, problems = load_dataset(data)

    assert problems == ()
    assert dataset.files[TABLES[0]][0] == len(newer.read_bytes())
    assert published_bytes(data, TABLES[0]) == newer.read_bytes()


def test_strays_and_packs_of_nothing_are_told(data: Path) -> None:
    packed(data)
    (data / "packs" / "unpacked" / "nobody_nothing.csv").write_text("", encoding="utf-8")
    (data / "fingerprints" / "sapiens_sapiens-vh.toml").unlink()
    shutil.copy(data / "packs" / "roberta-in-fairseq.toml", data / "packs" / "twice.toml")
    text = (data / "packs" / "twice.toml").read_text("utf-8")
    (data / "packs" / "twice.toml").write_text(text.replace('id = "roberta-in-fairseq"', 'id = "twice"'))

    said = "\n".join(lines(data))

    assert "data/packs/unpacked/nobody_nothing.csv: no pack holds this table; remove it" in said
    assert f"holds {TABLES[0]}, and no measurement of that name is on record" in said
    assert f"twice.toml: {TABLES[0]} is in data/packs/roberta-in-fairseq.toml too" in said


def test_a_family_that_nobody_measured_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert packed(data, "Lama") == 1
    assert f"nothing measured is of the family 'Lama'; there are {FAMILY!r}" in capsys.readouterr().err
    assert not (data / "packs").exists()


def test_a_branch_that_packs_keeps_every_byte(data: Path) -> None:
    """The tables leave git, the review has both versions whole, and a pack of other bytes is refused."""
    root = data.parent
    (root / ".gitignore").write_text("/data/packs/unpacked/\n/archives/\n", encoding="utf-8")
    first_commit(root)
    packed(data)
    commit(root, "packed")

    assert "csv" not in git(root, "ls-files", "data/fingerprints")
    dataset = load_dataset(data)[0]
    assert find_changes(data, "main~1", None, dataset)[0] == []
    assert find_changes(data, "main", None, dataset)[0] == []
    versions = [
        lay_out(root, "HEAD~1", root / "a"),
        lay_out(root, "HEAD", root / "b"),
        lay_out_working(root, root / "c"),
    ]
    assert [load_dataset(one.data)[1] for one in versions] == [(), (), ()]
    assert files_of(versions[0].data) == files_of(versions[1].data) == files_of(versions[2].data)

    (held,) = read_packs(data)
    other = held.tables[0].model_copy(update={"sha256": "0" * 64})
    forged = held.model_copy(update={"tables": (other, *held.tables[1:])})
    (line,) = find_changes(data, "main~1", None, Dataset(packs={forged.id: forged}, **kept(dataset)))[0]
    assert f"{forged.path}: holds {other.name} with other bytes than before" in str(line)


def test_what_lies_outside_git_is_no_growth_and_was_measured_before(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A later pull request carries none of the packed tables, and may say that one of them was made again."""
    root = data.parent
    (root / ".gitignore").write_text("/data/packs/unpacked/\n/archives/\n", encoding="utf-8")
    again = (data / "reproductions" / "sapiens_sapiens-vh.toml").read_text("utf-8")
    (data / "reproductions" / "sapiens_sapiens-vh.toml").unlink()
    packed(data)
    first_commit(root)
    (data / "reproductions" / "sapiens_sapiens-vh.toml").write_text(again, encoding="utf-8")
    monkeypatch.setitem(limits.MOST_GROWTH, "what tools write", (2_000, 1))

    assert find_changes(data, "main", None, load_dataset(data)[0])[0] == []


def test_a_table_that_somebody_committed_where_unpacked_ones_lie_is_refused() -> None:
    (problem,) = check_tree(["data/packs/unpacked/a_b.csv", "data/packs/llama.toml"], [])

    assert str(problem).startswith("data/packs/unpacked/a_b.csv: is committed, and data/packs/unpacked is what a build")


def kept(dataset: Dataset) -> dict[str, object]:
    """What the comparison with a base reads of a data set beside its packs."""
    return {"corrections": dataset.corrections, "removals": dataset.removals, "reproductions": dataset.reproductions}

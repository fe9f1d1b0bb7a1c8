"""Curves that modelDNA sampled: files that it really wrote, hostile ones, and what becomes of them on the record."""

import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import compare
import import_sampled
import look
from compare import derive_tables
from lineage.checks.rules import check_dataset
from lineage.evidence.reproductions import Level, level_of, null_lineage
from lineage.evidence.sampling import sampling_error
from lineage.imports import foreign_json
from lineage.imports.foreign_json import ForeignFileError, archived_files, parsed_json, unzipped
from lineage.imports.modeldna import read_archive, read_fingerprint
from lineage.imports.releases import MODELDNA
from lineage.records import model_slug
from lineage.records.model_facts import Origin, known_facts
from lineage.records.provenance import SAMPLED, measured_words
from lineage.site.pages import build_pages
from lineage.store.archives import sha256_of
from lineage.store.files import load_dataset
from releases import breaking_forge
from repository import ROOT, TODAY

WRITTEN = ROOT / "tests" / "sampled"  # by modelDNA 0.1.0: tests/write_sampled.py
ONE, TWO, THREE = (f"tiny-{name}/tiny-{name}" for name in ("one", "two", "three"))
DATABASE = WRITTEN / MODELDNA.file


def written() -> dict[str, Any]:
    """What modelDNA wrote of the third model."""
    found: dict[str, Any] = json.loads(gzip.decompress((WRITTEN / "tiny-three.json.gz").read_bytes()))
    return found


def packed(content: object) -> bytes:
    return gzip.compress(json.dumps(content).encode())


def test_a_real_fingerprint_is_read() -> None:
    content = (WRITTEN / "tiny-three.json.gz").read_bytes()

    read = read_fingerprint(content, "tiny-three.json.gz")

    assert (read.model, read.mode, read.config.layers, read.config.hidden_size) == (THREE, "fast", 4, 32)
    assert sorted({*read.curves["role"]}) == ["down", "gate", "k", "o", "q", "up", "v"]
    q = read.curves[read.curves["role"] == "q"]
    assert q["std"].tolist() == written()["sigma_curves"]["attn.q"]
    assert "pcs_samples" in read.not_kept


def test_a_real_reference_database_is_read() -> None:
    with DATABASE.open("rb") as content:
        found = list(read_archive(content, DATABASE.name))

    assert sorted(read.model for read in found) == [ONE, TWO]


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    content = written()
    change(content)
    return packed(content)


NAN = b'{"schema_version": 1, "sigma_curves": {"attn.q": [NaN]}, "arch": {}}'
HOSTILE = {
    "is no gzip that can be read": b"\x1f\x8b" + b"\0" * 40,
    "is cut short": gzip.compress(b'{"a": 1}' * 1000)[:-9],
    "has 20 bytes after the end": gzip.compress(b"{}") + b"\0" * 20,
    "is no JSON": b"not json",
    "is no JSON, for it nests deeply": b'{"a":' * 15_000 + b"1" + b"}" * 15_000,
    "holds a heap of lists": b"[" * 30_000,
    "holds a heap of numbers": b'{"a": [' + b"1," * 4_100_000 + b"1]}",
    "holds no JSON object": b"[1, 2]",
    "has a key twice": b'{"a": 1, "a": 2}',
    "has a number that is none": NAN,
    "has a number that is too large": NAN.replace(b"NaN", b"1e999"),
    "has an integer of many digits": NAN.replace(b"NaN", b"1" * 5000),
    "is of another format": edited(lambda one: one.update(schema_version=2)),
    "has no curves": edited(lambda one: one.pop("sigma_curves")),
    "has no curve that is known": edited(lambda one: one.update(sigma_curves={"attn.other": [0.1, 0.2]})),
    "has curves of two lengths": edited(lambda one: one["sigma_curves"]["attn.q"].pop()),
    "has a curve that is no list": edited(lambda one: one["sigma_curves"].update({"attn.q": {"0": 1.0}})),
    "has a text for a number": edited(lambda one: one["sigma_curves"].update({"attn.q": ["0.1"] * 4})),
    "has a truth value for a number": edited(lambda one: one["sigma_curves"].update({"attn.q": [True] * 4})),
    "has a negative spread": edited(lambda one: one["sigma_curves"].update({"attn.q": [-0.1] * 4})),
    "has a spread that no weights have": edited(lambda one: one["sigma_curves"].update({"attn.q": [1e31] * 4})),
    "has an id that is no text": edited(lambda one: one.update(model_id=["a"])),
    "has an id with a line break": edited(lambda one: one.update(model_id="a/b\nc")),
    "has no day": edited(lambda one: one.update(created_at="yesterday")),
    "has no seed": edited(lambda one: one.update(seed=-1)),
    "has another mode": edited(lambda one: one.update(mode="quick")),
    "has a shape that is none": edited(lambda one: one["arch"].update(n_layers=10**9)),
    "has a list for a shape": edited(lambda one: one.update(arch=[])),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_fingerprint_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(ForeignFileError) as refused:
        read_fingerprint(content, "f.json.gz")

    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith("f.json.gz: ")
    assert len(str(refused.value)) < 250


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 200_000_000, 9)

    with pytest.raises(ForeignFileError, match="holds more than 48,000,000 bytes once unpacked"):
        unzipped(bomb, "f.json.gz")


def test_bounds_leave_room_for_the_largest_that_was_written_here() -> None:
    """Of a model of 1.5 billion parameters: 12,000,000 bytes and 640,000 commas."""
    assert parsed_json(b'{"a": [' + b"1," * 3_000_000 + b"1]}", "f")["a"][0] == 1


def archive(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """A .tar.gz of members by name and content, or as they are."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))
    return target.getvalue()


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def long_header() -> bytes:
    """A member whose name is 20 million letters long."""
    return archive(("x" * 20_000_000, b"a"))


def says(size: int) -> bytes:
    """An archive whose member says that it has more bytes than there are."""
    info = tarfile.TarInfo("fingerprints/a.json")
    info.size = size
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024)


ARCHIVES = {
    "out of the archive": archive(("../../etc/passwd", b"x")),
    "an absolute path": archive(("/etc/passwd", b"x")),
    "a path of another system": archive(("C:/x", b"x")),
    "a path with backslashes": archive(("fingerprints\\x.json", b"x")),
    "a symbolic link": archive(special("fingerprints/x.json", tarfile.SYMTYPE, "/etc/passwd")),
    "a hard link": archive(special("fingerprints/x.json", tarfile.LNKTYPE, "/etc/passwd")),
    "a device": archive(special("fingerprints/x.json", tarfile.CHRTYPE)),
    "a name twice": archive(("a", b"x"), ("a", b"y")),
    "a long name": long_header(),
    "a member that is too large": says(10**12),
    "a member that is cut short": says(10_000),
    "no gzip": b"plain",
    "no tar": gzip.compress(b"plain" * 1000),
    "a cut": DATABASE.read_bytes()[:-200],
}


@pytest.mark.parametrize("content", ARCHIVES.values(), ids=ARCHIVES)
def test_a_hostile_archive_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(ForeignFileError) as refused:
        list(archived_files(io.BytesIO(content), "a.tar.gz"))

    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


def test_an_archive_of_many_files_or_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_json, "MOST_ARCHIVE", 100_000)
    with pytest.raises(ForeignFileError, match="more than 100,000 bytes once unpacked"):
        list(archived_files(io.BytesIO(archive(("a", b"\0" * 1_000_000))), "a.tar.gz"))
    monkeypatch.undo()
    with pytest.raises(ForeignFileError, match="more than 2,000 files"):
        list(archived_files(io.BytesIO(archive(*((f"f{number}", b"") for number in range(2_001)))), "a.tar.gz"))


MANIFEST = {"entries": [{"model_id": THREE, "file": "three.json.gz"}]}
DATABASES = {
    "has no manifest.json": {"fingerprints/three.json.gz": packed(written())},
    "lacks 'three.json.gz'": {"manifest.json": json.dumps(MANIFEST).encode()},
    "holds 'run.sh'": {"manifest.json": json.dumps(MANIFEST).encode(), "run.sh": b"x"},
    "is of another model": {
        "manifest.json": json.dumps({"entries": [{"model_id": ONE, "file": "three.json.gz"}]}).encode(),
        "fingerprints/three.json.gz": packed(written()),
    },
    "lists a file or a model twice": {"manifest.json": json.dumps({"entries": MANIFEST["entries"] * 2}).encode()},
    "lists no entries": {"manifest.json": b'{"entries": 7}'},
}


@pytest.mark.parametrize(("words", "files"), DATABASES.items(), ids=DATABASES)
def test_a_database_that_is_not_what_it_says_is_refused(words: str, files: dict[str, bytes]) -> None:
    with pytest.raises(ForeignFileError, match=words):
        list(read_archive(io.BytesIO(archive(*files.items())), "a.tar.gz"))


def write_source(data: Path) -> None:
    shutil.copyfile(ROOT / "data/sources/modeldna-repo.toml", data / "sources/modeldna-repo.toml")


def imported(data: Path, *arguments: str) -> int:
    return import_sampled.main([*arguments, "--data", str(data)])


def with_roots(data: Path, **roots: str) -> None:
    """Writes roots into the records of the tiny models."""
    for name, root in roots.items():
        path = data / "models" / f"{model_slug(f'tiny-{name}/tiny-{name}')}.toml"
        text = path.read_text().replace(
            "\n[[addresses]]", f'root = "{root}"\nroot_sources = ["modeldna-repo"]\n\n[[addresses]]'
        )
        path.write_text(text)


def put_release(data: Path, folder: Path) -> str:
    """Imports the reference database as the release of that name; its checksum."""
    (folder / "modeldna").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DATABASE, folder / "modeldna" / DATABASE.name)
    digest = sha256_of(DATABASE)
    assert imported(data, "--cache", str(folder), "--release-sha256", digest) == 0
    return digest


def test_a_release_comes_onto_the_record(data: Path, tmp_path: Path) -> None:
    write_source(data)

    digest = put_release(data, tmp_path)

    dataset, problems = load_dataset(data)
    assert [*problems, *check_dataset(dataset, TODAY)] == []
    assert sorted(dataset.sampled_only) == [ONE, TWO]
    assert dataset.sampled[ONE].record.release is not None
    assert dataset.sampled[ONE].record.release.sha256 == digest
    assert level_of(ONE, dataset) == Level.SAMPLED
    assert measured_words([ONE], dataset) == "sampled by modelDNA"
    assert measured_words([ONE, "sapiens/Sapiens-VH"], dataset) == "one of the two sampled by modelDNA"


def test_the_first_import_of_a_release_asks_for_its_checksum(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "modeldna").mkdir()
    shutil.copyfile(DATABASE, tmp_path / "modeldna" / DATABASE.name)

    assert imported(data, "--cache", str(tmp_path)) == 0

    assert sha256_of(DATABASE) in capsys.readouterr().out
    assert not (data / "sampled").exists()


def test_a_release_of_other_bytes_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_source(data)
    put_release(data, tmp_path)
    changed = archive(("manifest.json", b'{"entries": []}'))
    (tmp_path / "modeldna" / DATABASE.name).write_bytes(changed)

    assert imported(data, "--cache", str(tmp_path)) == 2

    assert "pinned is" in capsys.readouterr().err


def test_sampled_models_enter_the_null_by_root(data: Path, tmp_path: Path) -> None:
    write_source(data)
    put_release(data, tmp_path)
    before = derive_tables(load_dataset(data)[0], data)["positions.csv"]
    with_roots(data, one="tiny-one", two="tiny-two")

    tables = derive_tables(load_dataset(data)[0], data)

    scores = tables["scores.csv"]
    own = scores[scores["model_a"].eq(ONE) | scores["model_b"].eq(ONE)]
    assert {*own["method"]} == {"std_profile"}
    assert {*own["set"]} == {SAMPLED}
    assert {*own["level"]} == {str(Level.SAMPLED)}
    row = tables["positions.csv"].query("method == 'std_profile' and matched_on == 'nothing'").set_index("model_b")
    assert before["sampled"].max() == 0
    assert row.loc["sapiens/Sapiens-VL", "sampled"] == 2
    assert row.loc["sapiens/Sapiens-VL", "n_a"] == 2
    assert {*tables["error-rates.csv"]["set"]} >= {SAMPLED}


def test_what_the_tool_says_of_a_shape_is_its_word(data: Path, tmp_path: Path) -> None:
    write_source(data)
    put_release(data, tmp_path)
    dataset, _ = load_dataset(data)

    facts = {fact.field: fact for fact in known_facts(dataset.models[ONE], dataset)}

    assert (facts["layers"].value, facts["layers"].origin) == (4, Origin.SAMPLED)


def test_sampled_models_stand_on_pages_with_their_mark(data: Path, tmp_path: Path) -> None:
    write_source(data)
    put_release(data, tmp_path)
    with_roots(data, one="tiny-one", two="tiny-two")
    compare.main(["--data", str(data)])
    pages = {page.path: page for page in build_pages(load_dataset(data)[0])}

    model = pages[f"models/{model_slug(ONE)}.md"]
    pair = pages[f"pairs/sapiens_sapiens-vh--{model_slug(ONE)}.md"]
    compared = json.loads(pages["compare.md"].files[f"assets/compare/{model_slug(ONE)}.json"])
    scores = json.loads(pages["compare.md"].files["assets/compare/sapiens_sapiens-vh.json"])["rows"][model_slug(ONE)]

    assert 'class="woe-mark woe-mark-half"' in model.markdown
    assert "one of the two sampled by modelDNA" in pair.markdown
    assert compared["mark"] == "sampled by modelDNA"
    assert sorted(compared["curves"]) == ["down", "gate", "k", "o", "q", "up", "v"]
    assert [row["mark"] for row in scores["scores"]] == ["one of the two sampled by modelDNA"]
    assert "sampled by modelDNA" in scores["scores"][0]["places"][0]


def test_a_file_of_somebody_counts_nowhere(data: Path) -> None:
    write_source(data)

    assert imported(data, str(WRITTEN / "tiny-three.json.gz")) == 0

    with_roots(data, three="tiny-three")
    dataset, _ = load_dataset(data)
    assert level_of(THREE, dataset) == Level.REPORTED
    assert null_lineage(dataset).known_root(THREE) is None


def test_a_changed_table_is_told(data: Path) -> None:
    write_source(data)
    imported(data, str(WRITTEN / "tiny-three.json.gz"))
    table = data / "sampled" / f"{model_slug(THREE)}.csv"
    table.write_text(table.read_text().replace("q,0,0.0", "q,0,0.1"))

    dataset, _ = load_dataset(data)

    messages = [str(problem) for problem in check_dataset(dataset, TODAY)]
    assert messages == [f"data/sampled/{model_slug(THREE)}.csv: is not the table that was imported; import it again"]


def test_the_sampling_error_is_that_of_the_same_weights(data: Path, tmp_path: Path) -> None:
    """A model whose curves are known from both: here those of the record, with one matrix off by a tenth."""
    dataset, _ = load_dataset(data)
    name = "sapiens/Sapiens-VH"
    measured = dataset.fingerprints[name]
    curves = {f"attn.{role}": measured.outline.profile.curves[role].tolist() for role in ("q", "k", "v", "o")}
    curves["attn.q"][0] *= 1.1
    content = written() | {"sigma_curves": curves, "model_id": name}
    (tmp_path / "f.json.gz").write_bytes(packed(content))
    file = measured.measurement.files[0]
    write_source(data)
    imported(data, str(tmp_path / "f.json.gz"))
    record = data / "sampled" / f"{model_slug(name)}.toml"
    here = (
        f'\n[written_here]\ntool_version = "0.1.0"\ncommand = "modeldna"\naddress = "{measured.measurement.address}"\n'
    )
    here += f'[written_here.weights]\nname = "{file.name}"\nsha256 = "{file.sha256}"\nbytes = {file.bytes}\n'
    record.write_text(record.read_text() + here)

    tables = derive_tables(load_dataset(data)[0], data)

    errors = tables["sampling-error.csv"].set_index("role")
    assert errors.loc["q", "largest"] == pytest.approx(0.1, abs=1e-6)
    assert errors.loc["q", "typical"] == pytest.approx(0.1 / np.sqrt(errors.loc["q", "matrices"]), abs=1e-6)
    assert errors.loc["k", "largest"] == pytest.approx(0, abs=1e-6)
    scores = tables["sampling-scores.csv"]
    assert scores["difference"].abs().max() > 0
    assert sampling_error(load_dataset(data)[0]) is None  # until the tables are derived
    for name, table in tables.items():
        (data / "derived" / name).write_text(compare.csv_text(table), encoding="utf-8")
    error = sampling_error(load_dataset(data)[0])
    assert error is not None
    other = scores["model"] != scores["other"]
    assert (error.models, error.scores) == (1, int(other.sum()))
    assert error.score_largest == pytest.approx(scores.loc[other, "difference"].abs().max(), abs=1e-6)
    assert 0 < error.own_lowest <= error.own_highest < 1


def test_a_download_that_broke_goes_on(data: Path, tmp_path: Path) -> None:
    write_source(data)
    content = DATABASE.read_bytes()

    with breaking_forge(content) as (address, asked):
        chosen = ("--cache", str(tmp_path), "--forge", address, "--release-sha256", sha256_of(DATABASE))
        assert imported(data, "--download", *chosen) == 0

    path = f"/AwaisAdilKhokhar/modelDNA/releases/download/{MODELDNA.release}/{MODELDNA.file}"
    assert asked == [f"{path} 0", f"{path} {len(content) // 2}"]
    assert sorted(load_dataset(data)[0].sampled) == [ONE, TWO]


def test_nothing_is_written_where_one_of_many_is_unsound(data: Path, tmp_path: Path) -> None:
    files = {
        "manifest.json": json.dumps({"entries": [{"model_id": THREE, "file": "three.json.gz"}]}).encode(),
        "fingerprints/three.json.gz": packed(written() | {"seed": -1}),
    }
    (tmp_path / "db.tar.gz").write_bytes(archive(*files.items()))
    before = sorted(data.rglob("*"))

    assert imported(data, str(tmp_path / "db.tar.gz")) == 2

    assert sorted(data.rglob("*")) == before


def test_a_name_that_is_no_model_is_asked_for(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_source(data)
    (tmp_path / "f.json.gz").write_bytes(packed(written() | {"model_id": "a folder"}))

    assert imported(data, str(tmp_path / "f.json.gz")) == 2
    assert "--model" in capsys.readouterr().err
    assert imported(data, str(tmp_path / "f.json.gz"), "--model", "maker/name") == 0
    assert "maker/name" in load_dataset(data)[0].sampled


def test_the_table_keeps_the_digits(data: Path) -> None:
    write_source(data)
    imported(data, str(WRITTEN / "tiny-three.json.gz"))

    table = pd.read_csv(data / "sampled" / f"{model_slug(THREE)}.csv")

    curve = written()["sigma_curves"]["attn.v"]
    assert table.loc[table["role"] == "v", "std"].to_numpy() == pytest.approx(curve, rel=1e-6)


def looked(data: Path, file: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = look.main([str(file), "--data", str(data), "--quiet", *more])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_look_takes_a_file_of_modeldna(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = looked(data, WRITTEN / "tiny-three.json.gz", capsys, "--match")

    assert code == 4
    assert "sapiens/Sapiens-VH, from curves sampled by modelDNA" in said
    assert "cannot tell: the file holds no checksum of a tensor" in said
    assert "cannot tell: no residual norm profile" in said


def test_a_look_runs_no_exact_test_against_curves(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = looked(data, WRITTEN / "tiny-three.json.gz", capsys, "--against", "sapiens/Sapiens-VH")

    assert "is there as a fingerprint alone" in said


def test_a_look_refuses_a_hostile_file_in_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.json.gz").write_bytes(HOSTILE["is cut short"])

    code, said = looked(data, tmp_path / "f.json.gz", capsys)

    assert code == 2
    assert "f.json.gz: is cut short: its gzip has no end" in said


def test_a_model_is_known_in_every_spelling_of_its_id(data: Path, tmp_path: Path) -> None:
    write_source(data)
    path = tmp_path / "file.json.gz"
    path.write_bytes(packed(written() | {"model_id": "Sapiens/sapiens-VL"}))

    assert imported(data, str(path)) == 0

    dataset, problems = load_dataset(data)
    assert [*problems, *check_dataset(dataset, TODAY)] == []
    assert list(dataset.sampled) == ["sapiens/Sapiens-VL"]


@pytest.mark.parametrize("name", ["controls/seed-01", "ladder/x", "./somewhere/tiny"])
def test_no_file_names_a_model_made_here_or_a_folder(
    name: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json.gz"
    path.write_bytes(packed(written() | {"model_id": name}))
    before = sorted(data.rglob("*"))

    assert imported(data, str(path)) == 2

    assert "which is no id of a released model" in capsys.readouterr().err
    assert sorted(data.rglob("*")) == before


def test_a_model_that_somebody_named_has_no_address_and_counts_nowhere(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_source(data)
    path = tmp_path / "file.json.gz"
    path.write_bytes(packed(written() | {"model_id": "./folder"}))

    assert imported(data, str(path), "--model", "some/model") == 0

    assert "count nowhere" in capsys.readouterr().out
    assert load_dataset(data)[0].models["some/model"].addresses == ()


def test_a_file_whose_own_name_hides_something_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x\u202egpj.json.gz"
    path.write_bytes(packed(written()))

    assert imported(data, str(path)) == 2

    assert capsys.readouterr().err.startswith("'x\\u202egpj.json.gz': is a name that cannot be printed")

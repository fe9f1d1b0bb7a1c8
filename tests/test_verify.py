"""The manifest of a site, and what `make verify` says of copies."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

import verify
from lineage.site.out.manifest import manifest_text
from lineage.store.edition import Edition

EDITION = Edition("Title", ("X",), "1", ("CC0-1.0",), "", "https://example.org/", "0" * 40, date(2026, 1, 2))
REPOSITORY = "https://example.org/repository"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    made = tmp_path / "site"
    (made / "a").mkdir(parents=True)
    (made / "index.html").write_text("home", encoding="utf-8")
    (made / "a" / "index.html").write_text("a", encoding="utf-8")
    (made / "manifest.json").write_text(manifest_text(made, EDITION, REPOSITORY), encoding="utf-8")
    return made


@pytest.fixture
def copy(site: Path) -> Path:
    return Path(shutil.copytree(site, site.parent / "copy"))


def run(site: Path, copy: Path) -> int:
    return verify.main([str(copy), "--site", str(site)])


def test_the_manifest_holds_every_file_but_itself_and_what_it_was_built_from(site: Path) -> None:
    manifest = json.loads((site / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["files"] == {
        "a/index.html": {"size": 1, "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
        "index.html": {"size": 4, "sha256": "4ea140588150773ce3aace786aeef7f4049ce100fa649c94fbbddb960f1da942"},
    }
    assert manifest["commit"] == "0" * 40
    assert manifest["commit_date"] == "2026-01-02"
    assert manifest["files_differ_from_commit"] is False
    assert (manifest["address"], manifest["repository"]) == ("https://example.org/", REPOSITORY)
    assert manifest_text(site, EDITION, REPOSITORY) == (site / "manifest.json").read_text(encoding="utf-8")


def test_what_is_unknown_is_null(site: Path) -> None:
    unknown = json.loads(manifest_text(site, Edition("Title", (), "1", (), ""), ""))

    names = ("commit", "commit_date", "files_differ_from_commit", "address", "repository")
    assert [unknown[name] for name in names] == [None] * len(names)


def test_a_true_copy(site: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, copy) == 0
    assert capsys.readouterr().out == f"{copy}: all 2 files are those of site/manifest.json\n"


def test_every_difference_is_named(site: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "a" / "index.html").unlink()
    (copy / "b.html").touch()
    (copy / "index.html").write_text("HOME", encoding="utf-8")

    assert run(site, copy) == 1
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "missing: a/index.html",
        "extra: b.html",
        "different: index.html (4 bytes, 4 in the manifest)",
    ]
    assert said.err == "\n3 difference(s) from site/manifest.json\n"


def test_a_copy_of_another_commit_is_named_as_that(site: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    other = manifest | {"commit": "1" * 40, "address": None}
    (copy / "manifest.json").write_text(json.dumps(other), encoding="utf-8")
    (copy / "index.html").unlink()

    assert run(site, copy) == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"  commit: {'1' * 40} there, {'0' * 40} here",
        "  address: unknown there, https://example.org/ here",
    ]


@pytest.mark.parametrize("manifest", [None, "", "[]", "{}", '{"files": []}', "\xff"])
def test_a_copy_without_a_manifest_that_can_be_read(
    site: Path, copy: Path, capsys: pytest.CaptureFixture[str], manifest: str | None
) -> None:
    (copy / "manifest.json").unlink()
    (copy / "index.html").unlink()
    if manifest is not None:
        (copy / "manifest.json").write_text(manifest, encoding="latin-1")

    assert run(site, copy) == 1
    assert capsys.readouterr().err.endswith("  the folder has no manifest.json that says what it was built from\n")


def test_nothing_to_compare_with(site: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (site / "manifest.json").unlink()

    assert run(site, copy) == 2
    assert capsys.readouterr().err == "site/ has no manifest.json; run `make site` first\n"


def test_no_folder_to_compare(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, site / "none") == 2
    assert capsys.readouterr().err == f"{site / 'none'} is not a folder\n"

"""Code of others under docs/assets/vendor/: each file is listed, with its licence and the checksum of its bytes."""

import base64
import hashlib
import tomllib

from repository import ROOT

FOLDER = ROOT / "docs" / "assets" / "vendor"
LISTED = tomllib.loads((FOLDER / "vendor.toml").read_text(encoding="utf-8"))["files"]


def test_each_file_is_what_the_list_says() -> None:
    for one in LISTED:
        digest = base64.b64encode(hashlib.sha384((FOLDER / one["path"]).read_bytes()).digest()).decode()
        assert one["integrity"] == f"sha384-{digest}", one["name"]
        assert f"v{one['version']}" in (FOLDER / one["path"]).read_text(encoding="utf-8")
        assert "Permission is hereby granted" in (FOLDER / one["licence_path"]).read_text(encoding="utf-8")


def test_no_file_is_unlisted() -> None:
    named = {"vendor.toml"} | {one[key] for one in LISTED for key in ("path", "licence_path")}
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()} == named


def test_pages_that_load_it_hold_it_to_its_checksum() -> None:
    loading = [page for page in (ROOT / "site").rglob("index.html") if "vendor/" in page.read_text(encoding="utf-8")]
    assert len(loading) > 5
    for page in loading:
        assert page.read_text(encoding="utf-8").count(LISTED[0]["integrity"]) == 1, page

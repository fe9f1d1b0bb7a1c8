"""Pictures among the pages written by hand: what is called one is one."""

import shutil
from pathlib import Path

import pytest

from lineage.checks.repository import check_docs
from repository import ROOT


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.webp", b"<script>alert(1)</script>", "is no WebP picture"),
        ("a.webp", b"RIFF....WAVE", "is no WebP picture"),
        ("a.svg", b"<svg", "is no SVG picture"),
        ("a.png", b"\x89PNG", "does not belong here"),
    ],
)
def test_what_is_called_a_picture_and_is_none_is_named(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    assets = tmp_path / "docs" / "assets"
    assets.mkdir(parents=True)
    (assets / name).write_bytes(content)

    (problem,) = check_docs(tmp_path / "docs")

    assert said in problem.message


def test_the_pictures_of_this_site_are_pictures(tmp_path: Path) -> None:
    assets = tmp_path / "docs" / "assets"
    assets.mkdir(parents=True)
    for picture in (ROOT / "docs" / "assets").glob("*.webp"):
        shutil.copy(picture, assets)

    assert any(assets.iterdir())
    assert not [*check_docs(tmp_path / "docs")]

"""A repository whose record is the tiny one, or any other, with the docs of ours, to be built by our own stages."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lineage.site.languages import CHINESE, ENGLISH
from lineage.site.pages import build_pages
from lineage.store.files import load_dataset
from repository import RECORD, ROOT

_PAGE = re.compile(r"^( *)- (?:[^:]+: )?(\S+\.md)$")
_SECTION = re.compile(r"^( *)- [^:]+:$")


def lay_out(root: Path, record: Path = RECORD) -> Path:
    """Writes data/, docs/ and the settings into a folder, with a menu of the pages that this record has."""
    shutil.copytree(record, root / "data", dirs_exist_ok=True)
    shutil.copytree(ROOT / "docs", root / "docs", dirs_exist_ok=True)
    shutil.copy(ROOT / "CITATION.cff", root)
    write_settings(root)
    return root


def write_settings(root: Path, scripts: str = f"{ROOT}/scripts/") -> None:
    """The settings of both languages, with a menu of the pages that the record of a repository has now.

    scripts says where the stages stand: those of ours, or "scripts/" where the repository has its own.
    """
    dataset, problems = load_dataset(root / "data")
    assert problems == ()
    for name, language in (("mkdocs.yml", ENGLISH), ("mkdocs.zh.yml", CHINESE)):
        pages = {page.path for page in build_pages(dataset, language)}
        pages |= {path.name for path in (root / "docs" / language.folder).glob("*.md")}
        text = (ROOT / name).read_text(encoding="utf-8").replace("scripts/", scripts)
        (root / name).write_text("".join(_menu(text.splitlines(keepends=True), pages)), encoding="utf-8")


def build(root: Path) -> Path:
    """Builds the site of such a repository as `make site` does; what the build says where it fails."""
    command = [sys.executable, str(ROOT / "scripts" / "build_site.py"), "--root", str(root)]
    done = subprocess.run(command, env=os.environ | {"KEPT_FOLDER": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def _menu(lines: list[str], pages: set[str]) -> Iterator[str]:
    """The lines without entries of pages that there are none of, and without sections that are empty then."""
    kept = [line for line in lines if not (found := _PAGE.match(line)) or found[2] in pages]
    for place, line in enumerate(kept):
        section = _SECTION.match(line)
        following = kept[place + 1] if place + 1 < len(kept) else ""
        if section and len(following) - len(following.lstrip()) <= len(section[1]):
            continue
        yield line

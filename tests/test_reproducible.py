"""The same commit gives the same bytes: at another path, on another day, in another time zone, order and locale."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from lineage.site.out.manifest import find_differences
from lineage.store.commits import last_commit
from other_clock import other_clock
from repository import ROOT
from small_site import SmallSite, make_small_site

ELSEWHERE = {
    "TZ": "Pacific/Kiritimati",  # always another day than in the west
    "SOURCE_DATE_EPOCH": "86400",  # these two of somebody's shell; git knows better
    "SOURCE_COMMIT": "1" * 40,
    "PYTHONHASHSEED": "7",
    "LC_ALL": "POSIX",
    "PYTHONCOERCECLOCALE": "0",
    "KEPT_FOLDER": "",  # everything is computed again
    "PYTHONUTF8": "0",  # no text is read or written in the encoding of the locale
}
ADDRESS = {"SITE_URL": "https://example.org/small/"}
AHEAD = 400  # days


def git(folder: Path, *words: str, **more: str) -> str:
    names = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    command = ["git", "-C", str(folder), *names, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **more}).stdout


def clone_as_it_stands(folder: Path) -> Path:
    """A clone of this repository with the changes that are not committed yet, as new as it can be."""
    git(ROOT, "clone", "--quiet", str(ROOT), str(folder))
    changed = git(ROOT, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0")
    for name in filter(None, changed):
        (folder / name).unlink(missing_ok=True)
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def build(root: Path, environment: Mapping[str, str]) -> Mapping[str, object]:
    """The manifest of a repository that is built with its own stages."""
    command = [sys.executable, str(root / "scripts" / "build_site.py")]
    done = subprocess.run(command, cwd="/", env={**os.environ, **environment}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return read_manifest(root / "site")


def read_manifest(site: Path) -> dict[str, object]:
    return json.loads((site / "manifest.json").read_text(encoding="utf-8"))


def here(site: Path, spare: Path) -> Mapping[str, object]:
    """The manifest of what stands here: of site/, or of a clone where site/ was built before a commit or an edit."""
    manifest = read_manifest(site)
    changed = bool(git(ROOT, "status", "--porcelain", "--untracked-files=no").strip())
    if (manifest["commit"], manifest["files_differ_from_commit"]) == (last_commit(ROOT)[0], changed):
        return manifest
    return build(clone_as_it_stands(spare), {})


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="nothing to clone: this is no git repository")
def test_two_clones_at_two_places_and_times_give_the_same_bytes(site: Path, tmp_path: Path) -> None:
    first = here(site, tmp_path / "one")
    clone = clone_as_it_stands(tmp_path / "two, with spaces & é")
    addresses = {
        name: first[key] or ""
        for name, key in (("SITE_URL", "address"), ("REPOSITORY_URL", "repository"), ("ISSUES_URL", "issues"))
    }

    second = build(clone, ELSEWHERE | addresses | other_clock(tmp_path, AHEAD))

    differences = list(find_differences(first, clone / "site"))
    assert differences == [], "where site/ was built from other files, run `make site` first"
    assert second == first


def sitemap(small: SmallSite) -> str:
    """Its text, which the compressed one has too."""
    text = (small.site / "sitemap.xml").read_bytes()
    assert gzip.decompress((small.site / "sitemap.xml.gz").read_bytes()) == text
    return text.decode()


def test_the_day_in_the_sitemap_is_that_of_the_commit(tmp_path: Path) -> None:
    small = make_small_site(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    when = {"GIT_COMMITTER_DATE": "2001-02-03T04:05:06Z", "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z"}
    git(tmp_path, "commit", "--quiet", "--message", "x", **when)

    done = small.build(env={**os.environ, **ADDRESS, "SOURCE_DATE_EPOCH": "86400"})

    assert done.returncode == 0, done.stderr
    assert "unknown" not in done.stdout
    assert re.findall(r"<lastmod>(.*)</lastmod>", sitemap(small)) == ["2001-02-03"]
    assert read_manifest(small.site)["commit_date"] == "2001-02-03"


def test_outside_git_a_build_works_says_what_is_unknown_and_asks_no_clock(tmp_path: Path) -> None:
    small = make_small_site(tmp_path / "small")
    unset = {name: value for name, value in os.environ.items() if name not in ("SOURCE_DATE_EPOCH", "SOURCE_COMMIT")}

    first = small.build(env={**unset, **ADDRESS})
    files = small.files()
    small.build(env={**unset, **ADDRESS, "TZ": "Pacific/Kiritimati", **other_clock(tmp_path, AHEAD)})

    assert "unknown, unless you set it: the commit (SOURCE_COMMIT) and the day (SOURCE_DATE_EPOCH)" in first.stdout
    assert "lastmod" not in sitemap(small)
    assert "https://example.org/small/" in sitemap(small)
    assert (read_manifest(small.site)["commit"], read_manifest(small.site)["commit_date"]) == (None, None)
    assert small.files() == files


def test_outside_git_the_environment_may_say_commit_and_day(tmp_path: Path) -> None:
    small = make_small_site(tmp_path)

    done = small.build(env={**os.environ, **ADDRESS, "SOURCE_DATE_EPOCH": "86400", "SOURCE_COMMIT": "1" * 40})

    assert "unknown" not in done.stdout
    assert "<lastmod>1970-01-02</lastmod>" in sitemap(small)
    manifest = read_manifest(small.site)
    assert (manifest["commit"], manifest["commit_date"]) == ("1" * 40, "1970-01-02")


def test_the_other_clock_is_another_one(tmp_path: Path) -> None:
    clock = other_clock(tmp_path, AHEAD)
    if not clock:
        pytest.skip("no C compiler here: the clones differ in time zone, SOURCE_DATE_EPOCH and seconds alone")

    words = [sys.executable, "-c", "from datetime import date; print(date.today())"]
    said = subprocess.run(words, env={**os.environ, **clock}, capture_output=True, text=True, check=True).stdout

    assert date.fromisoformat(said.strip()) - date.today() >= timedelta(days=AHEAD - 1)

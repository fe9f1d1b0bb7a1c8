"""What must be true of the repository itself: locks, reasons, and nothing that names a machine or a package index."""

import re
import subprocess
import tomllib

import pytest

from repository import ROOT

LOCKS = ("site.txt", "weights.txt", "cluster.txt", "dev.txt")
# Written in two parts, so that this file does not hold what it looks for.
INDEXES = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"]
PATHS = ["/wo" + "rk/main", "/ro" + "ot/", "/tm" + "p/bash_jobs", "/ho" + "me/"]


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_with_hashes_and_no_index(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[a-zA-Z0-9])", "\n".join(line for line in text.splitlines() if line[:1] != "#"))

    for entry in filter(str.strip, entries):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert not re.search(r"(?m)^(torch|nvidia)", text)


def test_the_locks_hold_one_version_of_what_they_share() -> None:
    pins: dict[str, set[str]] = {}
    for lock in LOCKS:
        for line in (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines():
            if found := re.match(r"([\w.-]+)==([^ \\]+)", line):
                pins.setdefault(f"{found[1]}{line.partition(';')[2]}", set()).add(found[2])

    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads("\n".join(lines))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]

    for name in wanted:
        line = next(line for line in lines if f'"{name}"' in line)
        assert "#" in line, line


def test_no_file_names_a_package_index_or_a_path_of_a_machine() -> None:
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", "replace")  # binary files name no package index either
        for word in (*INDEXES, *PATHS):
            assert word not in text, f"{name} holds {word}"


def test_the_built_site_is_not_committed() -> None:
    assert not [name for name in tracked() if name.startswith(("site/", ".make/", ".venv/"))]


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "LICENSE-DATA", "CITATION.cff"]
)
def test_what_a_stranger_looks_for_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


def test_every_command_that_the_guides_name_is_in_the_makefile() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))

    for guide in ("README.md", "CONTRIBUTING.md", "docs/contribute.md"):
        for words in re.findall(r"`make ([a-z -]+?)(?: ARGS=[^`]*)?`", (ROOT / guide).read_text(encoding="utf-8")):
            assert set(words.split()) <= targets, (guide, words)

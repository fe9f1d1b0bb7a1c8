"""Real git repositories with a data folder, branches of them, and what diff.py reports of a branch."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import compare
import diff
from repository import ROOT

_RUN = re.compile(r"\b[a-z]+-\d+-r\d-\d\d\b")
_FEW_RUNS = {f"dense-48-r{recipe}-{seed:02d}" for recipe in (1, 2) for seed in (1, 2, 3, 4)}  # of the experiment
_IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")
# No setting of this machine decides what git does.
_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *words: str) -> str:
    """What a command of git prints."""
    command = ["git", "-C", folder, *_IDENTITY, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=_ENVIRONMENT).stdout.strip()


def commit(folder: Path, words: str) -> None:
    """Commits everything that git does not ignore."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", words)


def lay_out_data(folder: Path, data: Path, names: Iterable[str]) -> None:
    """Copies some folders of a data folder."""
    for name in names:
        shutil.copytree(data / name, folder / "data" / name)


def lay_out_few_controls(folder: Path) -> None:
    """Copies what was made here, of the experiment only the rows of few runs, and of geometry only their pairs."""
    lay_out_data(folder, ROOT / "data", ("controls",))
    controls = folder / "data" / "controls"
    for table in controls.glob("factorial-*.csv"):
        _leave_rows(table, lambda row: _FEW_RUNS.issuperset(_RUN.findall(row)))
    _leave_rows(controls / "geometry.csv", lambda row: set() < set(_RUN.findall(row)) <= _FEW_RUNS)


def _leave_rows(table: Path, wanted: Callable[[str], bool]) -> None:
    header, *rows = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([header, *filter(wanted, rows), ""]), "utf-8")


def first_commit(folder: Path) -> Path:
    """Makes a folder a repository whose only commit holds all that is in it."""
    git(folder, "init", "-q")
    commit(folder, "first")
    return folder


def branch_of(origin: Path, folder: Path) -> Path:
    """A clone on a branch of its own, "mine"."""
    git(origin, "clone", "-q", str(origin), str(folder))
    git(folder, "checkout", "-q", "-b", "mine")
    return folder


def derive(folder: Path) -> None:
    """Derives what follows from the data, as `make derive` does."""
    with redirect_stdout(StringIO()):
        assert compare.main(["--data", str(folder / "data")]) == 0


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Puts words into the place of the first others that are the same."""
    text = (folder / name).read_text("utf-8")
    assert old in text, f"{name} no longer holds {old!r}"
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def append(folder: Path, name: str, text: str) -> None:
    """Writes a text behind what a file holds, or a new file."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


def told(folder: Path, *arguments: str, base: str = "origin/main") -> tuple[int, str, str]:
    """What diff.py ends with, prints, and prints as errors, without building a site."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = diff.main(["--data", str(folder / "data"), "--base", base, "--records", *arguments])
    return code, out.getvalue(), err.getvalue()


def response_text(more: str, **fields: object) -> str:
    """The record of a response of a maker as TOML: its fields, then what stands below them."""
    held = {"kind": "response", "subject": "training", "claimant_role": "maker", **fields}
    lines = (f"{key} = {value if key == 'date' else json.dumps(value)}\n" for key, value in held.items())
    return f"{''.join(lines)}\n{more}"


def source_text(name: str, **fields: str) -> str:
    """The record of a source as TOML."""
    held = {
        "id": name,
        "title": "A page",
        "publisher": "A press",
        "url": "https://example.org/",
        "kind": "secondary",
        "read": "not read",
        "shows": "It.",
        **fields,
    }
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in held.items())

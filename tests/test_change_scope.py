"""Whether a pull request is one of data alone, told from git: nothing in its files can bend the answer."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import change_scope

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *IDENTITY, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository on a branch that has left main."""
    folder = tmp_path / "repository"
    for name, text in {
        "data/sources/a.toml": 'id = "a"\n',
        "data/published/a.csv": "x\n1\n",
        "scripts/check.py": "print(1)\n",
        "tests/test_a.py": "",
        ".github/workflows/pull-request.yml": "on: pull_request\n",
        "Makefile": "test:\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q", str(folder))
    commit(folder)
    git(folder, "checkout", "-q", "-b", "mine")
    return folder


def scope(folder: Path, capsys: pytest.CaptureFixture[str], base: str = "main") -> tuple[str, str]:
    capsys.readouterr()
    assert change_scope.main(["--base", base, "--head", "mine", "--root", str(folder)]) == 0
    said = capsys.readouterr()
    return said.out.strip().removeprefix("scope="), said.err


def written(name: str, text: str = "x\n") -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return change


def linked(name: str, target: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)

    return change


def moved(name: str, target: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).rename(folder / target)


def nested_repository(folder: Path) -> None:
    (folder / "data/sources/b.toml").mkdir()
    git(folder / "data/sources/b.toml", "init", "-q")
    git(folder / "data/sources/b.toml", "commit", "-q", "--allow-empty", "-m", "x")


def folder_for_a_link(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "data").rename(folder / "elsewhere" / "data")
    (folder / "data").symlink_to("elsewhere/data")


DATA_ALONE = {
    "a record changed": written("data/sources/a.toml"),
    "a record added": written("data/cases/one/claim-a.toml"),
    "a table added": written("data/fingerprints/a_b.vectors.csv"),
    "a record removed": lambda folder: (folder / "data/sources/a.toml").unlink(),
    "a record renamed": moved("data/sources/a.toml", "data/sources/b.toml"),
    "a translation": written("data/translations/zh.po"),
}
MORE = {
    "code": written("scripts/check.py"),
    "a test": written("tests/test_a.py"),
    "the workflow": written(".github/workflows/pull-request.yml"),
    "a page by hand": written("docs/about.md"),
    "the menu": written("mkdocs.yml"),
    "code beside data": written("data/check.py"),
    "code among records": written("data/sources/check.py"),
    "a file at the top of data": written("data/a.toml"),
    "what git obeys": written("data/.gitattributes"),
    "what git obeys, further down": written("data/sources/.gitattributes"),
    "a hidden folder": written("data/.hidden/a.toml"),
    "a folder that only begins so": written("data2/sources/a.toml"),
    "another data folder": written("docs/data/sources/a.toml"),
    "a name in other letters": written("Data/sources/b.toml"),
    "a link": linked("data/sources/a.toml", "../../scripts/check.py"),
    "a link added": linked("data/sources/b.toml", "a.toml"),
    "a file to run": lambda folder: (folder / "data/sources/a.toml").chmod(0o755),
    "code moved into data": moved("scripts/check.py", "data/sources/check.toml"),
    "another repository": nested_repository,
    "the data folder as a link": folder_for_a_link,
    "a line break in a name": written("data/sources/a\nb.toml"),
}


@pytest.mark.parametrize("name", DATA_ALONE)
def test_records_and_tables_are_data(name: str, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    DATA_ALONE[name](repository)
    commit(repository)

    assert scope(repository, capsys) == ("data", "")


@pytest.mark.parametrize("name", MORE)
def test_anything_else_runs_everything_and_is_named(
    name: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written("data/sources/more.toml")(repository)
    MORE[name](repository)
    commit(repository)

    found, reasons = scope(repository, capsys)

    assert found == "everything"
    assert reasons.isprintable() or all(map(str.isprintable, reasons.splitlines()))
    assert reasons.strip()


def test_what_main_has_since_is_no_change_of_the_branch(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written("data/sources/more.toml")(repository)
    commit(repository)
    git(repository, "checkout", "-q", "main")
    written("scripts/check.py", "print(2)\n")(repository)
    commit(repository)

    assert scope(repository, capsys) == ("data", "")


def test_a_change_that_is_taken_back_is_none_and_nothing_is_everything(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scope(repository, capsys) == ("everything", "nothing is changed\n")

    written("scripts/check.py", "print(2)\n")(repository)
    commit(repository)
    written("scripts/check.py", "print(1)\n")(repository)
    written("data/sources/more.toml")(repository)
    commit(repository)

    assert scope(repository, capsys) == ("data", "")


def test_the_settings_and_attributes_of_the_branch_do_not_bend_the_answer(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(".gitattributes", "scripts/* export-ignore -diff\n")(repository)
    written("scripts/check.py", "print(2)\n")(repository)
    commit(repository)
    monkeypatch.chdir(repository)

    found, reasons = scope(repository, capsys)

    assert found == "everything"
    assert "'scripts/check.py' is no record" in reasons


def test_an_unknown_base_is_one_line_and_no_answer(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert change_scope.main(["--base", "none", "--root", str(repository)]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("the base 'none' is no commit")


def test_where_the_branch_left_its_base_is_not_known_everything_runs(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written("data/sources/more.toml")(repository)
    commit(repository)
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repository}", os.fspath(shallow))
    git(shallow, "fetch", "-q", "--depth=1", "origin", git(repository, "rev-parse", "main"))

    found, reasons = scope(shallow, capsys, "FETCH_HEAD")

    assert found == "everything"
    assert "does not know where the branch left" in reasons

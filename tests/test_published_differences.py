"""The report on built sites: what nothing of the record tells, what no file explains, and the workflow's own steps."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import diff
from branches import branch_of, commit, edit, first_commit, git
from forge_api import REPOSITORY, RUN, Api, archive_of, serving_api
from lineage.review.change import in_order
from lineage.review.published_changes import published_changes
from lineage.review.report import Report, as_markdown
from lineage.review.site_differences import SiteDifferences, compare_sites
from lineage.store.writing import write_file
from lineage.web.foreign_text import END, FAILED
from repository import ROOT
from test_diff import measured  # noqa: F401 - a fixture
from test_hostile_branches import BESIDE
from test_workflows import GITHUB, read
from tiny_site import write_settings

pytestmark = pytest.mark.usefixtures("kept_by_this_run")
WORKED_ON = ("scripts", "schemas", "requirements", "Makefile", ".gitignore", *BESIDE)


@pytest.fixture(scope="module")
def repository(measured: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A whole repository with two measured models, whose only commit is main."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(measured / "data", folder / "data")
    for record in (folder / "data/reproductions").iterdir():
        if not (folder / "data/fingerprints" / record.name).exists():  # made for a measurement that comes later
            record.unlink()
    for name in WORKED_ON:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(place, folder / name)
    write_settings(folder, "scripts/")
    return first_commit(folder)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where built sites stay, so that the base is built once."""
    return tmp_path_factory.mktemp("sites")


@pytest.fixture
def fork(repository: Path, tmp_path: Path) -> Path:
    return branch_of(repository, tmp_path / "fork")


def told(folder: Path, sites: Path, *arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    known = ["--data", str(folder / "data"), "--base", "origin/main", "--sites", str(sites)]
    with redirect_stdout(out), redirect_stderr(err):
        code = diff.main([*known, *arguments])
    return code, out.getvalue(), err.getvalue()


def told_by_the_base(repository: Path, fork: Path, sites: Path) -> str:
    """What the base's own code says of the last commit of a fork, none of whose code is run."""
    known = ["--data", str(fork / "data"), "--base", "origin/main", "--sites", str(sites), "--head", "HEAD"]
    command = [sys.executable, str(repository / "scripts/diff.py"), *known]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_pages_styles_and_settings_are_told_of_by_what_is_published(repository: Path, fork: Path, sites: Path) -> None:
    edit(fork, "docs/about.md", "# ", "The maker stole it.\n\n# ")
    edit(fork, "docs/assets/site.css", "{", "{ display: none;")
    edit(fork, "mkdocs.yml", "Home: index.md", "Crimes: index.md")
    commit(fork, "words")

    code, words, errors = told(fork, sites)
    assert not errors
    unread = told_by_the_base(repository, fork, sites)

    assert code == 0, words
    first = words.splitlines()[0]
    assert "Changes code: 2 file(s) (docs/assets/site.css, mkdocs.yml)" in first
    assert "Changes hand-written pages and files: 1 file(s) (docs/about.md)" in first
    assert "The maker stole it." in words
    assert "Crimes" in words
    assert "styles, scripts: " in words
    assert "none of it was run" in unread.splitlines()[0]  # by the base's code
    assert "The maker stole it." in unread
    assert "Crimes" not in unread


def test_an_empty_report_means_sites_that_are_the_same_to_the_byte(fork: Path, sites: Path) -> None:
    edit(fork, "data/models/qwen_qwen2.5-14b.toml", "id = ", "# A thief.\nid = ")
    edit(fork, "data/translations/zh.po", "#: data/cases/pangu-qwen/case.toml", "# A thief.")
    commit(fork, "comments")

    code, words, errors = told(fork, sites)

    assert (code, errors) == (0, "")
    assert words.splitlines()[0].startswith(
        "Nothing changes for a reader: both sites have the same files, byte for byte"
    )
    assert words.endswith(f"{END}\n")


def test_what_no_changed_file_explains_comes_first() -> None:
    moved = SiteDifferences(10, (1, 1), others=("about/index.html", "api/v1/index.json"))

    changes = list(published_changes(moved, [], [], own_code=True))
    report = as_markdown(Report(changes=in_order(changes), site=moved))

    assert report.startswith("2 differences that nothing explains; ")
    assert "about/index.html is published with other bytes, and no changed file explains it" in report.splitlines()[1]


def test_sentences_links_and_hidden_words_of_pages_are_compared(tmp_path: Path) -> None:
    pages = {
        "a": '<p>Said <a href="https://a.example/">here</a> of 12 models.</p><p>It denies.</p><!-- x -->',
        "b": '<p>Said <a href="https://b.example/">here</a> of 13 models.</p><p title="thief">It denies.</p>',
    }
    for name, html in pages.items():
        write_file(tmp_path / name / "index.html", html)
        write_file(
            tmp_path / name / "manifest.json", json.dumps({"files": {"index.html": {"size": len(html), "of": name}}})
        )

    found = compare_sites(tmp_path / "a", tmp_path / "b")

    assert [(one.before, one.after) for one in found.sentences] == [
        ("Said [https://a.example/] here of 12 models.", "Said [https://b.example/] here of 13 models."),
        ("It denies.", "[thief] It denies."),
    ]


def test_a_report_that_crashes_says_do_not_merge(fork: Path, sites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "differences", lambda *_: 1 / 0)
    edit(fork, "docs/about.md", "# ", "Words.\n\n# ")
    commit(fork, "words")

    code, words, errors = told(fork, sites)

    assert (code, words) == (3, f"{FAILED}\n\n{END}\n")
    assert "ZeroDivisionError" in errors


def steps_of(workflow: str, job: str) -> Iterator[dict[str, Any]]:
    yield from read(GITHUB / "workflows" / workflow)["jobs"][job]["steps"]


def run_step(
    name: str, workflow: str, job: str, folder: Path, values: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs one step word for word, with the values that the service would put into its environment."""
    [step] = [step for step in steps_of(workflow, job) if step.get("name") == name]
    asked = read(GITHUB / "workflows" / workflow).get("env", {}) | step.get("env", {})
    known = {key: values[value] if value.startswith("${{") else value for key, value in asked.items()}
    environ = {**os.environ, **known, "OMP_NUM_THREADS": "1"}
    environ["MAKEFLAGS"] = f"PYTHONPYCACHEPREFIX={sys.pycache_prefix or ''}"  # or each compiles all packages again
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]  # as the service calls it
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


def prepared(folder: Path) -> None:
    """What pip would install: the environment of these tests."""
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("python", "pip"):
        (folder / ".venv/bin" / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
        (folder / ".venv/bin" / name).chmod(0o755)
    (folder / ".make").mkdir(exist_ok=True)
    (folder / ".make/env").touch()


def push_hostile(fork: Path) -> str:
    """Pushes a statement turned round, a committed folder of results, and code that would lie; the commit."""
    edit(fork, "data/cases/pangu-qwen/case.toml", "was not incrementally trained", "was incrementally trained")
    edit(
        fork, "scripts/diff.py", "def main(", 'raise SystemExit(print("Nothing changes for a reader."))\n\n\ndef main('
    )
    (fork / ".make/kept").mkdir(parents=True)
    (fork / ".make/kept/x").write_text("[]", "utf-8")
    git(fork, "add", "-A", "-f")
    git(fork, "commit", "-q", "-m", "hostile")
    git(fork, "push", "-q", "origin", "mine")
    return git(fork, "rev-parse", "HEAD")


def checked_as_a_pull_request(fork: Path, values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the steps of the workflow that has no rights do with the files of a pull request."""
    cleaned = run_step(
        "Believe nothing that was committed where a build writes", "pull-request.yml", "check", fork, values
    )
    assert cleaned.returncode == 0
    assert not (fork / ".make").exists()
    prepared(fork)
    return run_step("Check every record, and what was taken from it", "pull-request.yml", "check", fork, values)


def reported_by_the_base(base: Path, values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the steps of the workflow that may comment report, with the base's own code."""
    for name in (
        "Believe nothing that was committed where a build writes",
        "Ask who opened it",
        "Fetch the files of the pull request, and check none out",
    ):
        assert run_step(name, "comment.yml", "report", base, values).returncode == 0
    prepared(base)
    return run_step("Report", "comment.yml", "report", base, values)


def test_the_steps_of_the_workflows_word_for_word(
    repository: Path, fork: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = push_hostile(fork)
    base = tmp_path / "base"
    subprocess.run(["git", "clone", "-q", "-b", "main", f"file://{repository}", str(base)], check=True)
    head = {"full_name": "stranger/site", "owner": {"login": "stranger"}}
    event = {"head_sha": sha, "head_branch": "change", "head_repository": head}
    (tmp_path / "event.json").write_text(json.dumps({"workflow_run": event}), "utf-8")
    api = Api(None)
    api.pulls[5]["head"]["sha"] = sha
    values = {
        "${{ github.event.pull_request.base.sha }}": git(fork, "rev-parse", "origin/main"),
        "${{ github.event.pull_request.user.html_url }}": "https://forge.example/stranger",
        "${{ github.event.workflow_run.head_sha }}": sha,
        "${{ github.token }}": "secret",
    }

    checked = checked_as_a_pull_request(fork, values)
    with serving_api(api) as address:
        known = {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": str(RUN)}
        known |= {"GITHUB_SERVER_URL": "https://forge.example", "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        reported = reported_by_the_base(base, values)
        words = (base / ".make/report/comment.md").read_text("utf-8")
        api.artifact = archive_of({"comment.md": words.encode()})
        commented = run_step("Check the report and comment", "comment.yml", "comment", base, values)

    assert checked.returncode != 0
    assert ".make/kept/x: is committed" in checked.stdout
    assert (base / ".make/author.txt").read_text("utf-8") == "https://forge.example/stranger\n"
    assert reported.returncode != 0, reported.stderr
    first = words.splitlines()[:5]
    assert first[0].startswith("**Do not merge: 1 thing(s) to mend.** **Also changes code: 2 file(s)")
    assert any("its model was incrementally trained" in line for line in first)
    assert words.endswith(f"{END}\n")
    assert (base / ".make/report/whole.md").read_text("utf-8").endswith(f"{END}\n")
    assert commented.returncode == 0, commented.stderr
    body = api.written[0][2]["body"]
    assert "its model was incrementally trained" in body
    assert "&amp;#" not in body

"""Honest pull requests of data pass all that the workflow runs for them; each broken twin fails with its own line.

Eight kinds, on the tiny record: a date, a sentence, a source, a model, a response, a correction, a measured model and a
published score. Whoever sends one has run `make derive` where CONTRIBUTING.md says so, and has written no Chinese and
no code.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest

import change_scope
import check
import check_links
import compare
import diff
from benchmarks import synthetic_records
from branches import append, branch_of, commit, derive, edit, first_commit, response_text
from lineage.site.languages import LANGUAGES
from lineage.site.pages import build_pages
from lineage.store.files import load_dataset
from lineage.store.writing import write_file
from repository import RECORD, ROOT
from tiny_site import build, lay_out, write_settings

CASE = "data/cases/pangu-qwen"
CLAIM = f"{CASE}/claim-similarity.toml"
AUTHOR = "https://github.com/somebody"
Change = Callable[[Path], None]


def edited(path: str, old: str, new: str) -> Change:
    return lambda folder: edit(folder, path, old, new)


def added(path: str, text: str) -> Change:
    return lambda folder: append(folder, path, text)


def together(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


def correction(name: str, field: str, was: str) -> Change:
    return added(
        f"data/corrections/{name}.toml",
        f'id = "{name}"\ntitle = "A {field} of a claim"\npages = ["cases/pangu-qwen/"]\nrecords = ["{CLAIM}"]\n'
        'wrong = "The record had another."\nsince = 2026-11-24\ncorrected = 2026-11-25\nchanged = "It is mended."\n'
        f'pointed_out_by = "reader"\n\n[[edits]]\nrecord = "{CLAIM}"\nfield = "{field}"\nwas = {json.dumps(was)}\n',
    )


SENTENCE = """
[[unknown]]
text = "How the two models were tokenized before their release."
sources = ["{source}"]
"""
SOURCE = """id = "a-page"
title = "A page about both models"
publisher = "A press"
url = "{url}"
kind = "secondary"
read = "not read"
shows = "What the press says of both."
"""
MODEL = """id = "Maker/New-1B"
name = "New 1B"
maker = "A maker"
{licence} = "Apache-2.0"
sources = ["pangu-report"]

[[addresses]]
kind = "hub"
value = "Maker/New-1B"
"""
RESPONSE = response_text(
    """[check]
looked = 2026-11-28
looked_in = "the stored copy of the README"

[check.could]
text = "Exact tests of the parts whose shapes are equal."
sources = ["yi-readme"]
ours = true
""",
    id="response-again",
    title="The maker answers once more",
    claimant="01.AI",
    date="2024-03-01",
    models=["01-ai/Yi-34B"],
    statement="The maker says that its weights were trained by itself.",
    answers=["{answers}"],
    sources=["yi-readme"],
)
TABLE = "method,ari\nOne method,0.61\nAnother method,0.42\n"
PUBLISHED = """id = "new-bench"
title = "A benchmark of two methods"
source = "tensorlock-repo"
method = "Grouping of open models by two methods"
scale = "adjusted Rand index: 0 is what chance gives, 1 is a perfect grouping"
description = "Two scores that a project gives in its README."

[[tables]]
file = "new-bench-groups.csv"
sha256 = "{checksum}"
title = "How well do two methods group models?"
where = "README"
key = ["method"]
columns = [
  {{ name = "method", title = "Method", kind = "text" }},
  {{ name = "ari", title = "Adjusted Rand index", kind = "number", digits = 2, minimum = -1, maximum = 1 }},
]

[[figures]]
id = "qwen-coder"
model_a = "Qwen/Qwen2.5-14B"
model_b = "Qwen/Qwen2.5-Coder-14B"
value = 0.87
measure = "a score of two models"
where = "README"
sources = ["tensorlock-repo"]
"""
WAS = "The Pangu team of Noah's Ark Lab publishes its statement."
RENAMED = edited(CLAIM, "publishes its statement.", "publishes its statement on the web.")
MOVED = edited(CLAIM, "date = 2025-07-02", "date = 2025-07-03")


ANSWERED = added(
    "data/cases/yi-llama/claim-newspaper.toml",
    '\n[[history]]\ndate = 2024-03-01\ntext = "The maker answers."\nsources = ["yi-readme"]\nstate = "answered"\n',
)


def measured(folder: Path) -> None:
    """The model, its source, and the files that scripts/measure.py leaves; that it was measured again comes apart."""
    for name, text in synthetic_records._files(synthetic_records.Made(0)):
        if not name.startswith("reproductions/"):
            write_file(folder / "data" / name, text.replace("0" * 40, "a1b2c3d4e5" * 4))


def published(table: str) -> Change:
    checksum = sha256(TABLE.encode()).hexdigest()
    return together(
        added("data/published/new-bench.toml", PUBLISHED.format(checksum=checksum)),
        added("data/published/new-bench-groups.csv", table),
        derive,
    )


@dataclass(frozen=True)
class PullRequest:
    """What somebody sends, the same with a mistake in it, and the line that says so."""

    honest: Change
    broken: Change
    line: str


PULL_REQUESTS = {
    "a date": PullRequest(
        together(MOVED, correction("moved-date", "date", "2025-07-02")),
        MOVED,
        f"{CLAIM}:8: 'date' is another than before",
    ),
    "a sentence": PullRequest(
        added(f"{CASE}/case.toml", SENTENCE.format(source="pangu-report")),
        added(f"{CASE}/case.toml", SENTENCE.format(source="no-such-report")),
        "cites 'no-such-report', which has no record in data/sources/",
    ),
    "a source": PullRequest(
        added("data/sources/a-page.toml", SOURCE.format(url="https://example.org/page")),
        added("data/sources/a-page.toml", SOURCE.format(url="example.org/page")),
        "data/sources/a-page.toml:4: url: is not an http(s) address: 'example.org/page'",
    ),
    "a model": PullRequest(
        together(added("data/models/maker_new-1b.toml", MODEL.format(licence="licence")), derive),
        added("data/models/maker_new-1b.toml", MODEL.format(licence="license")),
        "data/models/maker_new-1b.toml:4: unknown key 'license'; did you mean 'licence'?",
    ),
    "a response": PullRequest(
        together(
            added("data/cases/yi-llama/response-again.toml", RESPONSE.format(answers="claim-newspaper")), ANSWERED
        ),
        added("data/cases/yi-llama/response-again.toml", RESPONSE.format(answers="claim-news")),
        "data/cases/yi-llama/response-again.toml:10: answers 'claim-news', which is not in data/cases/yi-llama/",
    ),
    "a correction": PullRequest(
        together(RENAMED, correction("mended-event", "history", WAS)),
        together(RENAMED, correction("mended-event", "history", "The team acknowledges it.")),
        "did not say 'The team acknowledges it.' in 'history'",
    ),
    "a measured model": PullRequest(
        together(measured, derive),
        measured,
        "data/derived/scores.csv: is not what its inputs give; run `make derive` and commit the change",
    ),
    "a published score": PullRequest(
        published(TABLE),
        published(TABLE.replace("0.61", "0.91")),
        "new-bench-groups.csv: the record has another sha256 than the table has now",
    ),
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the tiny record, whose branch main is the base of all that is sent."""
    folder = tmp_path_factory.mktemp("origin")
    shutil.copytree(RECORD, folder / "data")
    return first_commit(folder)


@pytest.fixture
def fork(origin: Path, tmp_path: Path) -> Path:
    return branch_of(origin, tmp_path / "fork")


def said_by(main: Callable[[list[str]], int], *arguments: str) -> tuple[int, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()):
        code = main(list(arguments))
    return code, out.getvalue()


def checked(folder: Path) -> tuple[int, str]:
    """What `make check` says with BASE and AUTHOR, as the workflow runs it, and whether it is content."""
    data = str(folder / "data")
    code, said = said_by(check.main, "--data", data, "--base", "origin/main", "--author", AUTHOR)
    if code:
        return code, said
    return said_by(compare.main, "--data", data, "--check")


@pytest.mark.parametrize("kind", PULL_REQUESTS)
def test_an_honest_pull_request_is_data_and_passes(kind: str, fork: Path) -> None:
    PULL_REQUESTS[kind].honest(fork)
    commit(fork, kind)

    assert said_by(change_scope.main, "--root", str(fork), "--base", "origin/main") == (0, "scope=data\n")
    assert checked(fork)[0] == 0, checked(fork)[1]
    code, report = said_by(diff.main, "--data", str(fork / "data"), "--base", "origin/main", "--records")
    assert code == 0, report
    dataset, problems = load_dataset(fork / "data")
    assert problems == ()
    for language in LANGUAGES:
        assert all(page.markdown for page in build_pages(dataset, language))


@pytest.mark.parametrize("kind", PULL_REQUESTS)
def test_its_broken_twin_fails_with_its_line(kind: str, fork: Path) -> None:
    PULL_REQUESTS[kind].broken(fork)
    commit(fork, kind)

    code, said = checked(fork)

    assert code == 1
    assert PULL_REQUESTS[kind].line in said


def test_all_of_them_in_one_branch_build_and_pass_the_tests_of_what_is_committed(tmp_path: Path) -> None:
    """The site, its links and the tests, by the stages that the workflow calls, in a process of their own."""
    root = lay_out(tmp_path / "all")
    together(*(one.honest for name, one in PULL_REQUESTS.items() if name != "a correction"))(root)
    derive(root)
    write_settings(root)

    site = build(root)
    links = said_by(check_links.main, "--site", str(site))
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--ignore", "tests/committed/test_parameters.py"]
    done = subprocess.run(
        [*tests, "tests/committed"],
        cwd=ROOT,
        env=os.environ | {"COMMITTED": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert links[0] == 0, links[1]
    assert done.returncode == 0, done.stdout[-6000:]
    wanting = re.search(r"texts that want Chinese: (\d+)", done.stdout)
    assert wanting is not None, "what the branch has no Chinese for is listed"
    assert "data/cases/yi-llama/response-again.toml: none: The maker answers once more" in done.stdout

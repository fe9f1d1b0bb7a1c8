"""check.py --base: what is taken from the record without saying so, in real repositories."""

import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from check import main
from repository import ROOT

CASE = "data/cases/pangu-qwen"
CLAIM = f"{CASE}/claim-similarity.toml"
REPLY = f"{CASE}/response-reply.toml"
OWNER = "https://github.com/some-maker"
REPLY_TEXT = f'''id = "response-reply"
kind = "response"
subject = "similarity"
title = "A reply of the maker"
claimant = "Huawei, the Pangu team of Noah's Ark Lab"
claimant_role = "maker"
date = 2025-08-01
models = ["ascend-tribe/pangu-pro-moe-model"]
statement = "The Lab answers the claim."
answers = ["claim-similarity"]
sources = ["noahs-ark-statement"]

[reply]
text = """
First paragraph.

Second paragraph.
"""
owner = "{OWNER}"
received = 2025-08-01
via = "https://github.com/x/y/issues/1"
'''
KEPT = ("models", "sources", "cases", "corrections", "published")  # nothing measured: check.py is quick without


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True, env=CLEAN
    )
    return done.stdout.strip()


CLEAN = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose only commit holds the data folder with a reply in it."""
    folder = tmp_path / "repository"
    for name in KEPT:
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    (folder / REPLY).write_text(REPLY_TEXT, encoding="utf-8")
    git(tmp_path, "init", "--quiet", str(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "base")
    return folder


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def check(folder: Path, *arguments: str) -> Done:
    """What check.py says and returns; in this process, since starting it takes longer than what it does here."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["--data", str(folder / "data"), "--today", "2026-11-25", *arguments])
    return Done(code, out.getvalue(), err.getvalue())


def edit(folder: Path, path: str, old: str, new: str) -> None:
    text = (folder / path).read_text(encoding="utf-8")
    assert old in text, f"{path} no longer holds {old!r}; mend this test"
    (folder / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def append(folder: Path, path: str, text: str) -> None:
    with (folder / path).open("a", encoding="utf-8") as file:
        file.write(text)


def edited(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, path, old, new)


def deleted(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def event_removed(folder: Path) -> None:
    text = (folder / CLAIM).read_text(encoding="utf-8")
    start = text.index("[[history]]\ndate = 2026-04-24")
    (folder / CLAIM).write_text(text[:start], encoding="utf-8")


SILENT: dict[str, tuple[Callable[[Path], None], str]] = {
    "an event removed": (
        event_removed,
        f"{CLAIM}: the event of 2026-04-24 ('arXiv marks the paper as withdrawn by its administrators, as') was "
        "removed or edited; events are only ever added: put it back, or say in data/corrections/ what was wrong",
    ),
    "an event edited": (
        edited(CLAIM, "publishes its statement.", "publishes a statement."),
        f'{CLAIM}: the event of 2025-07-05 ("The Pangu team of Noah\'s Ark Lab publishes its statement.") was removed '
        "or edited",
    ),
    "an event of the case edited": (
        edited(f"{CASE}/case.toml", "Reuters reports the denial", "Reuters reports a denial"),
        f"{CASE}/case.toml: the event of 2025-07-07 ('Reuters reports the denial; Alibaba does not comment.') was",
    ),
    "a statement changed": (
        edited(CLAIM, "HonestAGI reports that", "HonestAGI says that"),
        f"{CLAIM}: 'statement' is another than before; add a dated event to its history that says why, or a record in "
        "data/corrections/ that names this file",
    ),
    "a quotation changed": (
        edited(f"{CASE}/claim-hardware.toml", "4K Ascend NPUs", "4000 Ascend NPUs"),
        f"{CASE}/claim-hardware.toml: 'quote' is another than before",
    ),
    "a claim gone": (
        deleted(f"{CASE}/claim-hardware.toml"),
        f'{CASE}/claim-hardware.toml: is gone; say what stood there and why it went in data/removals/ (kind = "claim", '
        'id "claim-hardware")',
    ),
    "a correction gone": (
        deleted("data/corrections/controls-upper-end.toml"),
        "data/corrections/controls-upper-end.toml: is gone; corrections stay on the record, put it back",
    ),
    "a reply changed": (
        edited(REPLY, "Second paragraph.", "Another paragraph."),
        f"{REPLY}: changes 'reply' of a reply that only {OWNER} may change; nobody said who makes this change",
    ),
}


@pytest.mark.parametrize("kind", SILENT)
def test_what_is_taken_from_the_record_is_one_line(kind: str, repository: Path) -> None:
    change, expected = SILENT[kind]
    change(repository)

    with_base, without = check(repository, "--base", "main"), check(repository)

    found = [line for line in with_base.stdout.splitlines() if line]
    assert len(found) == 1, found
    assert re.sub(r":\d+: ", ": ", found[0], count=1).startswith(expected)
    assert with_base.returncode == 1
    assert without.returncode == 0, without.stdout


def test_nothing_changed_is_no_problem(repository: Path) -> None:
    done = check(repository, "--base", "main")

    assert done.returncode == 0, done.stdout
    assert done.stderr == ""


def test_an_added_event_says_why_a_statement_is_another(repository: Path) -> None:
    edit(repository, CLAIM, "HonestAGI reports that", "HonestAGI says that")
    append(
        repository,
        CLAIM,
        '\n[[history]]\ndate = 2026-11-25\ntext = "Put in other words."\nsources = ["honestyagi-readme"]\n',
    )

    assert check(repository, "--base", "main").stdout.endswith("no problem\n")


def test_a_new_correction_that_names_the_record_says_it_too(repository: Path) -> None:
    edit(repository, CLAIM, "publishes its statement.", "publishes a statement.")
    (repository / "data" / "corrections" / "one.toml").write_text(
        'id = "one"\ntitle = "A word"\npages = ["cases/pangu-qwen/"]\nrecords = ["' + CLAIM + '"]\nwrong = "A word."\n'
        'since = 2026-11-24\ncorrected = 2026-11-25\nchanged = "Another."\npointed_out_by = "reader"\n',
        encoding="utf-8",
    )

    assert check(repository, "--base", "main").returncode == 0


def test_an_old_correction_allows_no_new_edit(repository: Path) -> None:
    old = (repository / "data" / "corrections" / "pangu-dates-of-claims.toml").read_text(encoding="utf-8")
    assert CLAIM in old
    edit(repository, CLAIM, "publishes its statement.", "publishes a statement.")

    assert check(repository, "--base", "main").returncode == 1


@pytest.mark.parametrize(
    ("author", "refused"),
    [
        (OWNER, False),
        ("https://github.com/Some-Maker/", False),
        ("https://github.com/somebody-else", True),
        ("https://gitlab.com/some-maker", True),
    ],
)
@pytest.mark.parametrize("change", ["text", "statement", "owner", "part"])
def test_only_its_owner_changes_a_reply(change: str, author: str, refused: bool, repository: Path) -> None:
    if change == "text":
        edit(repository, REPLY, "Second paragraph.", "Another paragraph.")
    elif change == "owner":
        edit(repository, REPLY, OWNER, "https://github.com/somebody-else")
    elif change == "part":
        text = (repository / REPLY).read_text(encoding="utf-8")
        (repository / REPLY).write_text(text[: text.index("[reply]")], encoding="utf-8")
    else:
        edit(repository, REPLY, "The Lab answers the claim.", "The Lab answers.")
        append(
            repository,
            REPLY,
            '\n[[history]]\ndate = 2026-11-25\ntext = "Put anew."\nsources = ["noahs-ark-statement"]\n',
        )

    done = check(repository, "--base", "main", "--author", author)

    assert done.returncode == int(refused), done.stdout
    assert (f"a reply that only {OWNER} may change; this change is by {author}" in done.stdout) == refused


def test_anybody_may_add_a_dated_event_to_a_reply(repository: Path) -> None:
    append(
        repository,
        REPLY,
        '\n[[history]]\ndate = 2026-11-25\ntext = "It is quoted."\nsources = ["noahs-ark-statement"]\n',
    )

    assert check(repository, "--base", "main", "--author", "https://github.com/somebody-else").returncode == 0


def test_a_reply_removed_by_another_is_refused_whatever_the_removal_says(repository: Path) -> None:
    (repository / REPLY).unlink()
    write_removal(repository, "claim", "pangu-qwen/response-reply")

    done = check(repository, "--base", "main", "--author", "https://github.com/somebody-else")

    assert done.stdout.splitlines()[0] == (
        f"{REPLY}: removes a reply that only {OWNER} may change; this change is by https://github.com/somebody-else"
    )
    assert check(repository, "--base", "main", "--author", OWNER).returncode == 0


def write_removal(folder: Path, kind: str, removed: str, pairs: str = "[]") -> None:
    (folder / "data" / "removals").mkdir(exist_ok=True)
    (folder / "data" / "removals" / "gone.toml").write_text(
        f'id = "gone"\nkind = "{kind}"\nremoved = "{removed}"\nname = "What went"\nstood = "A record."\n'
        f'why = "It was asked for."\ndate = 2026-11-25\nasked_by = "maker"\npairs = {pairs}\n',
        encoding="utf-8",
    )


def test_a_removed_model_takes_the_pages_of_its_pairs_along_and_says_which(repository: Path) -> None:
    (repository / "data/models/qwen_qwen2.5-coder-14b.toml").unlink()
    write_removal(repository, "model", "Qwen/Qwen2.5-Coder-14B")
    before = check(repository, "--base", "main")
    write_removal(repository, "model", "Qwen/Qwen2.5-Coder-14B", '["qwen_qwen2.5-14b--qwen_qwen2.5-coder-14b"]')

    after = check(repository, "--base", "main")

    assert "data: the pages of the pairs qwen_qwen2.5-14b--qwen_qwen2.5-coder-14b are gone" in before.stdout
    assert "are gone" not in after.stdout


def test_what_main_has_since_is_not_taken_for_removed(repository: Path) -> None:
    git(repository, "switch", "--quiet", "-c", "branch")
    git(repository, "switch", "--quiet", "main")
    shutil.copy(repository / REPLY, repository / CASE / "response-later.toml")
    edit(repository, f"{CASE}/response-later.toml", "response-reply", "response-later")
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "later")
    git(repository, "switch", "--quiet", "branch")

    assert check(repository, "--base", "main").returncode == 0


def test_a_shallow_clone_says_what_it_cannot_compare_with(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")

    done = check(tmp_path / "shallow", "--base", first)

    assert done.returncode == 2
    assert (
        done.stderr == f"the base {first!r} is not in this shallow clone; fetch it first, with --depth=1 if you like\n"
    )


def test_a_shallow_clone_that_holds_the_base_is_compared_and_says_how(repository: Path, tmp_path: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "second")
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "third")
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", "origin", first)
    edit(tmp_path / "shallow", REPLY, "Second paragraph.", "Another paragraph.")

    done = check(tmp_path / "shallow", "--base", first)

    assert done.returncode == 1
    assert "changes 'reply'" in done.stdout
    assert done.stderr.startswith("note: this clone does not know where the branch left its base")


@pytest.mark.parametrize("reference", ["none", "--output=x", "main:data", "HEAD~40"])
def test_a_base_that_does_not_exist_is_one_line(reference: str, repository: Path) -> None:
    done = check(repository, f"--base={reference}")

    assert done.returncode == 2
    assert done.stderr == f"the base {reference!r} is no commit of this repository; fetch it first, or write another\n"


def test_a_folder_outside_git_is_one_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "sources", tmp_path / "data" / "sources")

    done = check(tmp_path, "--base", "main")

    assert done.returncode == 2
    assert done.stderr.endswith("is not in a git repository, so there is no base 'main' to compare with\n")

"""diff.py in real repositories: what a reviewer is told of a pull request, kind by kind."""

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import compare
import diff
from repository import ROOT

KEPT = ("models", "sources", "cases", "corrections", "published", "translations")  # nothing measured: quick
CASE = "data/cases/pangu-qwen"
CLAIM, UNANSWERED = f"{CASE}/claim-similarity.toml", f"{CASE}/claim-hardware.toml"
SOURCE = (
    'id = "{id}"\ntitle = "A page"\npublisher = "A press"\nurl = "https://example.org/"\n'
    'kind = "secondary"\nshows = "It."\n'
)
REMOVAL = (
    'id = "hardware"\nkind = "claim"\nremoved = "pangu-qwen/claim-hardware"\nname = "Trained on Ascend hardware"\n'
    'stood = "A claim on hardware."\nwhy = "Its source is gone."\ndate = 2026-11-25\nasked_by = "maintainer"\n'
)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path, words: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", words)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose only commit holds people's records and what is derived of them."""
    folder = tmp_path_factory.mktemp("origin")
    for name in KEPT:
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    with redirect_stdout(StringIO()):
        assert compare.main(["--data", str(folder / "data")]) == 0
    git(folder, "init", "-q")
    commit(folder, "first")
    return folder


@pytest.fixture
def fork(origin: Path, tmp_path: Path) -> Path:
    """A clone with a branch of its own."""
    folder = tmp_path / "fork"
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True)
    git(folder, "checkout", "-q", "-b", "mine")
    return folder


def told(folder: Path, *arguments: str, base: str = "origin/main") -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = diff.main(["--data", str(folder / "data"), "--base", base, *arguments])
    return code, out.getvalue(), err.getvalue()


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def a_new_source(folder: Path) -> None:
    (folder / "data/sources/a-page.toml").write_text(SOURCE.format(id="a-page"), "utf-8")


def a_source_under_another_id(folder: Path) -> None:
    for path in sorted((folder / "data").rglob("*.toml")):
        path.write_text(path.read_text("utf-8").replace('"c114-github-reply"', '"c114"'), "utf-8")
    (folder / "data/sources/c114-github-reply.toml").rename(folder / "data/sources/c114.toml")


def a_claim_removed(folder: Path) -> None:
    (folder / UNANSWERED).unlink()


def a_claim_removed_and_said(folder: Path) -> None:
    a_claim_removed(folder)
    (folder / "data/removals").mkdir()
    (folder / "data/removals/hardware.toml").write_text(REMOVAL, "utf-8")


def a_number_edited_by_hand(folder: Path) -> None:
    edit(folder, "data/derived/facts.csv", "derivations.count,131", "derivations.count,231")


def a_source_withdrawn(folder: Path) -> None:
    with (folder / "data/sources/leafbench-repo.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[history]]\ndate = 2026-11-20\nstate = "withdrawn"\nreported_by = ["tensorlock-repo"]\n')


def a_statement_with_a_source_less(folder: Path) -> None:
    edit(
        folder,
        f"{CASE}/case.toml",
        'sources = ["mdir-arxiv-v3", "leafbench-repo", "tensorlock-repo"]',
        'sources = ["mdir-arxiv-v3", "tensorlock-repo"]',
    )


def a_published_number_that_moves_the_null(folder: Path) -> None:
    path = "data/published/tensorlock-root-pairs.csv"
    edit(folder, path, "0.91848", "0.93848")
    with redirect_stdout(StringIO()):
        assert compare.main(["--data", str(folder / "data")]) == 0


def a_hostile_title(folder: Path) -> None:
    (folder / "data/sources/a-page.toml").write_text(
        SOURCE.format(id="a-page").replace("A page", "@everyone <img src=x> [a](javascript:b)"), "utf-8"
    )
    edit(folder, f"{CASE}/case.toml", "Why arXiv administrators", "Why @everyone <img> administrators")


# What is done; the code; words of the first line; words further down.
PULL_REQUESTS: dict[str, tuple[Callable[[Path], None], int, str, str]] = {
    "a new source": (a_new_source, 0, "1 record is new; 1 page is new.", "sources&#47;a&#45;page"),
    "a source under another id": (a_source_under_another_id, 2, "Do not merge", "c114"),
    "a claim removed": (a_claim_removed, 2, "Do not merge: 1 thing(s) to mend.", "claim&#45;hardware"),
    "a claim removed with a record of it": (a_claim_removed_and_said, 0, "1 record is removed", "claim&#45;hardware"),
    "a number edited by hand": (a_number_edited_by_hand, 2, "Do not merge", "is not what its inputs give"),
    "a source withdrawn": (a_source_withdrawn, 0, "1 state is another", "withdrawn"),
    "a source less": (a_statement_with_a_source_less, 0, "1 statement loses a source", "leafbench"),
    "the null moves": (a_published_number_that_moves_the_null, 0, "of the null move", "0&#46;93848"),
    "hostile words": (a_hostile_title, 0, "1 record is changed", "unknown"),
}


@pytest.mark.parametrize("name", PULL_REQUESTS)
def test_a_reviewer_is_told(name: str, fork: Path) -> None:
    change, wanted, first, further = PULL_REQUESTS[name]
    change(fork)
    commit(fork, name)

    code, words, errors = told(fork)

    assert (code, errors) == (wanted, "")
    assert first in words.splitlines()[0]
    assert further in words.replace("\u202f", " ")
    assert not any(attack in words for attack in ("@everyone", "<img", "](javascript"))


def test_nothing_is_said_where_nothing_changes_for_a_reader(fork: Path) -> None:
    edit(fork, CLAIM, 'id = "claim-similarity"', '# A comment.\nid   = "claim-similarity"')
    commit(fork, "a comment")

    assert told(fork) == (0, "", "")
    assert json.loads(told(fork, "--json")[1])["changes"] == []


def test_a_branch_left_behind_is_told_of_its_own_changes_alone(origin: Path, fork: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    subprocess.run(["git", "clone", "-q", str(origin), str(moved)], check=True)
    (moved / "data/sources/another.toml").write_text(SOURCE.format(id="another"), "utf-8")
    commit(moved, "main moves")
    a_new_source(fork)
    commit(fork, "mine")
    git(fork, "fetch", "-q", str(moved), "main:refs/remotes/origin/main")

    before = told(fork)[1]
    git(fork, "rebase", "-q", "origin/main")
    after = told(fork)[1]

    assert before.partition("The generated pages")[0] == after.partition("The generated pages")[0]
    assert "1 record is new; 1 page is new." in after


def test_a_broken_base_is_named_and_the_rest_is_told(fork: Path) -> None:
    sound = (fork / CLAIM).read_text("utf-8")
    (fork / CLAIM).write_text("not toml", "utf-8")
    commit(fork, "broken")
    (fork / CLAIM).write_text(sound, "utf-8")
    commit(fork, "mended")

    code, words, _ = told(fork, base="HEAD~1")

    assert code == 0
    assert "the base has 1 problem" in words.replace("&#40;s&#41;", "(s)")


def test_an_unknown_base_is_one_clear_line(fork: Path) -> None:
    code, words, errors = told(fork, base="no-such-branch")

    assert (code, words) == (1, "")
    assert "fetch it first" in errors


def test_a_shallow_clone_with_the_base_is_enough(origin: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", origin.as_uri(), str(shallow)], check=True)
    git(shallow, "checkout", "-q", "-b", "mine")
    a_new_source(shallow)
    commit(shallow, "mine")

    code, words, errors = told(shallow)

    assert (code, errors) == (0, "")
    assert words.startswith("1 record is new; 1 page is new.")


RUNS = [f"controls_seed-{number:02d}" for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two measured models that were trained here, and what is derived of them."""
    folder = tmp_path_factory.mktemp("measured")
    for name in (*KEPT, "controls"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    for run in RUNS[:2]:
        measure(folder, run)
    derive(folder)
    git(folder, "init", "-q")
    commit(folder, "first")
    return folder


def measure(folder: Path, run: str) -> None:
    """Adds the three files of a measurement."""
    (folder / "data/fingerprints").mkdir(exist_ok=True)
    for ending in (".toml", ".csv", ".vectors.csv"):
        shutil.copy(ROOT / "data/fingerprints" / f"{run}{ending}", folder / "data/fingerprints")


def derive(folder: Path) -> None:
    with redirect_stdout(StringIO()):
        assert compare.main(["--data", str(folder / "data")]) == 0


def test_a_new_measurement_that_moves_the_null_is_told_before_and_after(measured: Path, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    subprocess.run(["git", "clone", "-q", str(measured), str(fork)], check=True)
    git(fork, "checkout", "-q", "-b", "mine")
    measure(fork, RUNS[2])
    derive(fork)
    commit(fork, "a third run is measured")

    code, words, errors = told(fork)
    changes = json.loads(told(fork, "--json")[1])["changes"]

    assert (code, errors) == (0, "")
    assert "of the null move" in words.splitlines()[0]
    moved = {one["what"]: (one["before"], one["after"]) for one in changes if one["kind"] == "null"}
    assert ("1", "3") in moved.values()  # pairs of independent models of one shape


def test_a_measurement_without_what_follows_from_it_is_refused(measured: Path, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    subprocess.run(["git", "clone", "-q", str(measured), str(fork)], check=True)
    git(fork, "checkout", "-q", "-b", "mine")
    measure(fork, RUNS[2])
    commit(fork, "a third run is measured")

    code, words, _ = told(fork)

    assert code == 2
    assert words.startswith("**Do not merge")

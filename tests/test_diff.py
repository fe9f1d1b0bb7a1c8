"""diff.py in real repositories: what a reviewer is told of a pull request, kind by kind."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from branches import (
    branch_of,
    commit,
    derive,
    edit,
    first_commit,
    git,
    lay_out_data,
    lay_out_few_controls,
    source_text,
    told,
)
from lineage.review.report import NOT_COMPARED
from lineage.review.text_differences import turns
from lineage.web.foreign_text import FAILED
from repository import RECORD, ROOT

KEPT = ("models", "sources", "cases", "corrections", "published", "translations")  # nothing measured: quick
CASE = "data/cases/pangu-qwen"
CLAIM, UNANSWERED = f"{CASE}/claim-similarity.toml", f"{CASE}/claim-hardware.toml"
REMOVAL = (
    'id = "hardware"\nkind = "claim"\nremoved = "pangu-qwen/claim-hardware"\nname = "Trained on Ascend hardware"\n'
    'stood = "A claim on hardware."\nwhy = "Its source is gone."\ndate = 2026-11-25\nasked_by = "maintainer"\n'
)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose only commit holds people's records and what is derived of them."""
    folder = tmp_path_factory.mktemp("origin")
    lay_out_data(folder, RECORD, KEPT)
    derive(folder)
    return first_commit(folder)


@pytest.fixture
def fork(origin: Path, tmp_path: Path) -> Path:
    """A clone with a branch of its own."""
    return branch_of(origin, tmp_path / "fork")


def a_new_source(folder: Path) -> None:
    (folder / "data/sources/a-page.toml").write_text(source_text("a-page"), "utf-8")


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
    edit(folder, "data/derived/facts.csv", "derivations.count,15", "derivations.count,25")


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
    """As after an import from a later commit of the project: a file's pin, its table and the checksum of that."""
    path = "data/published/tensorlock-root-pairs.csv"
    before = sha256((folder / path).read_bytes()).hexdigest()
    edit(folder, path, "0.918493", "0.938493")
    edit(folder, "data/published/tensorlock.toml", before, sha256((folder / path).read_bytes()).hexdigest())
    edit(folder, "data/published/tensorlock.toml", "d2562ed5663700fc", "e2562ed5663700fc")
    edit(folder, "data/published/tensorlock.toml", "0662981d4f3af814", "1662981d4f3af814")
    derive(folder)


def a_hostile_title(folder: Path) -> None:
    hostile = source_text("a-page", title="@everyone <img src=x> [a](javascript:b)")
    (folder / "data/sources/a-page.toml").write_text(hostile, "utf-8")
    edit(folder, f"{CASE}/case.toml", "Why arXiv administrators", "Why @everyone <img> administrators")


# What is done; the code; words of the first line; words further down.
PULL_REQUESTS: dict[str, tuple[Callable[[Path], None], int, str, str]] = {
    "a new source": (a_new_source, 0, "1 record is new; 1 page is new.", "sources/a-page"),
    "a source under another id": (a_source_under_another_id, 2, "Do not merge", "c114"),
    "a claim removed": (a_claim_removed, 2, "Do not merge: 1 thing(s) to mend.", "claim-hardware"),
    "a claim removed with a record of it": (a_claim_removed_and_said, 0, "1 record is removed", "claim-hardware"),
    "a number edited by hand": (a_number_edited_by_hand, 2, "Do not merge", "is not what its inputs give"),
    "a source withdrawn": (a_source_withdrawn, 0, "1 state is another", "withdrawn"),
    "a source less": (a_statement_with_a_source_less, 0, "1 statement loses a source", "leafbench"),
    "the null moves": (a_published_number_that_moves_the_null, 0, "thresholds or places move", "0.938493"),
    "hostile words": (a_hostile_title, 2, "1 statement is another", "Why &#64;everyone &lt;img> administrators"),
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
    assert not re.search(r"@everyone|<img|(?<!\\)\]\(javascript", words)


def test_a_comment_is_published_nowhere_and_changes_nothing(fork: Path) -> None:
    edit(fork, CLAIM, 'id = "claim-similarity"', '# A comment.\nid = "claim-similarity" # "another')
    edit(fork, "data/translations/zh.po", "#: data/cases/pangu-qwen/case.toml", "# A thief.\n#: data/cases/x.toml")
    commit(fork, "comments")

    code, words, errors = told(fork)

    assert (code, errors) == (0, "")
    assert words.splitlines()[0] == f"**{NOT_COMPARED}** No page changes."
    assert json.loads(told(fork, "--json")[1])["changes"] == []


def test_a_branch_left_behind_is_told_of_its_own_changes_alone(origin: Path, fork: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    subprocess.run(["git", "clone", "-q", str(origin), str(moved)], check=True)
    (moved / "data/sources/another.toml").write_text(source_text("another"), "utf-8")
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
    assert "the base has 1 problem(s)" in words


def test_an_unknown_base_is_one_clear_line(fork: Path) -> None:
    code, words, errors = told(fork, base="no-such-branch")

    assert code == 1
    assert words.startswith(f"{FAILED}\n")
    assert "fetch it first" in errors


def test_a_shallow_clone_with_the_base_is_enough(origin: Path, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", origin.as_uri(), str(shallow)], check=True)
    git(shallow, "checkout", "-q", "-b", "mine")
    a_new_source(shallow)
    commit(shallow, "mine")

    code, words, errors = told(shallow)

    assert (code, errors) == (0, "")
    assert "1 record is new; 1 page is new." in words.splitlines()[0]


RUNS = [f"controls_seed-{number:02d}" for number in (1, 2, 3)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with two measured models that were trained here, and what is derived of them."""
    folder = tmp_path_factory.mktemp("measured")
    lay_out_data(folder, RECORD, KEPT)
    lay_out_few_controls(folder)
    (folder / "data/reproductions").mkdir()
    for run in RUNS:  # that a run was made here comes before its measurement: not in one change with it
        shutil.copy(ROOT / "data/reproductions" / f"{run}.toml", folder / "data/reproductions")
    for run in RUNS[:2]:
        measure(folder, run)
    derive(folder)
    return first_commit(folder)


def measure(folder: Path, run: str) -> None:
    """Adds the three files of a measurement."""
    (folder / "data/fingerprints").mkdir(exist_ok=True)
    for ending in (".toml", ".csv", ".vectors.csv"):
        shutil.copy(ROOT / "data/fingerprints" / f"{run}{ending}", folder / "data/fingerprints")


def test_a_new_measurement_that_moves_the_null_is_told_before_and_after(measured: Path, tmp_path: Path) -> None:
    fork = branch_of(measured, tmp_path / "fork")
    measure(fork, RUNS[2])
    derive(fork)
    commit(fork, "a third run is measured")

    code, words, errors = told(fork)
    changes = json.loads(told(fork, "--json")[1])["changes"]

    assert (code, errors) == (0, "")
    assert "nulls, rates, thresholds or places move" in words.splitlines()[0]
    moved = {one["what"]: (one["before"], one["after"]) for one in changes if one["kind"] == "null"}
    pairs = {what: told for what, told in moved.items() if what.startswith("number controls.pairs:")}
    assert [(before, after.partition(";")[0]) for before, after in pairs.values()] == [("1", "3")]
    assert all("controls_seed-03.csv (new)" in after for _, after in pairs.values())


def test_a_measurement_without_what_follows_from_it_is_refused(measured: Path, tmp_path: Path) -> None:
    fork = branch_of(measured, tmp_path / "fork")
    measure(fork, RUNS[2])
    commit(fork, "a third run is measured")

    code, words, _ = told(fork)

    assert code == 2
    assert words.startswith("**Do not merge")


@pytest.mark.parametrize(
    ("before", "after", "turned"),
    [
        ("It was not made from another.", "It was made from another.", True),
        ("It was made from another.", "It was never made from another.", True),
        ("The Lab denies it.", "The Lab says it.", True),
        ("It isn't.", "It is.", True),
        ("It says 0.927 of 1.", "It says 0.827 of 1.", True),
        ("It says so on its page.", "It says so upon its page.", False),
        ("并非基于其他模型", "确实基于其他模型", True),
        ("该公司否认此事", "该公司承认此事", True),
        ("没有公开证据", "有公开证据", True),
        ("它的权重是否由他人发展而来", "它的权重是不是由他人发展而来", False),
        ("归一化增益的数值", "归一化增益之数值", False),
    ],
)
def test_a_text_that_denies_what_another_does_not_is_turned_round(before: str, after: str, turned: bool) -> None:
    assert turns(before, after) == turns(after, before) == turned


def test_every_text_of_a_new_record_is_told_and_a_long_list_hides_no_other(fork: Path, tmp_path: Path) -> None:
    cited = 'sources = ["pangu-report"]\n'
    fields = 'id = "a-case"\nkind = "dispute"\ntitle = "A model and another"\nstatus = "Open."\nreviewed = 2026-11-24\n'
    asked = 'question = "Is it so?"\nquestion_sources = ["pangu-report"]\nstatus_sources = ["pangu-report"]\n'
    models = 'subject = "ascend-tribe/pangu-pro-moe-model"\nreference = "Qwen/Qwen2.5-14B"\n'
    parts = "".join(
        f'[{key}]\ntext = "The {key} of it."\n{cited}' for key in ("claimed", "evidence", "null", "outcome")
    )
    long = "The models have layers and heads, and pages give their sizes. " * 12
    summary = "".join(f'[[summary]]\ntext = "{place}: {long}"\n{cited}' for place in range(110))
    last = f'[[unknown]]\ntext = "Why its maker, which knew, is silent."\n{cited}'
    (fork / "data/cases/a-case").mkdir()
    (fork / "data/cases/a-case/case.toml").write_text(fields + asked + models + parts + summary + last, "utf-8")
    commit(fork, "a case")

    words = told(fork)[1]
    told(fork, "--whole", str(tmp_path / "whole.md"))

    assert all(f"The {key} of it." in words for key in ("claimed", "evidence", "null", "outcome"))
    assert words.index("Why its maker, which knew, is silent.") < words.index("0: The models have")
    assert len(re.findall(r"\d+: The models have", (tmp_path / "whole.md").read_text("utf-8"))) >= 110


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("zh.po", "some words\n", "data/translations/zh.po:1: is not a PO file on this line"),
        ("zh.po", 'msgid "a"\nmsgid "b"\n', "data/translations/zh.po: is not a PO file"),
        ("en.po", 'msgid "a"\nmsgid "b"\n', "data/translations/en.po: no such language on this site"),
        ("not a language.po", 'msgid "a"\nmsgstr "b"\n', "no such language on this site"),
        ("zh.po", b"\xff\xfe", "data/translations/zh.po:1: is not UTF-8"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_one_line_and_no_traceback(
    name: str, text: str | bytes, wanted: str, fork: Path
) -> None:
    path = fork / "data/translations" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    commit(fork, "Translations")

    code, words, errors = told(fork)

    assert code == 2
    assert errors == ""
    assert FAILED not in words
    assert wanted in words

"""check.py --base: what is taken from the record without saying so, in real repositories."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from branches import append, edit, first_commit, git, lay_out_data, response_text
from check import main
from repository import RECORD, ROOT

CASE = "data/cases/pangu-qwen"
CLAIM = f"{CASE}/claim-similarity.toml"
REPLY = f"{CASE}/response-reply.toml"
OWNER = "https://github.com/some-maker"
REPLY_TEXT = response_text(
    f'''[reply]
text = """
First paragraph.

Second paragraph.
"""
owner = "{OWNER}"
received = 2025-08-01
via = "https://github.com/x/y/issues/1"
''',
    id="response-reply",
    subject="similarity",
    title="A reply of the maker",
    claimant="Huawei, the Pangu team of Noah's Ark Lab",
    date="2025-08-01",
    models=["ascend-tribe/pangu-pro-moe-model"],
    statement="The Lab answers the claim.",
    answers=["claim-similarity"],
    sources=["noahs-ark-statement"],
)
KEPT = ("models", "sources", "cases", "corrections", "published")  # nothing measured: check.py is quick without


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose only commit holds the data folder with a reply in it."""
    folder = tmp_path / "repository"
    lay_out_data(folder, RECORD, KEPT)
    (folder / REPLY).write_text(REPLY_TEXT, encoding="utf-8")
    return first_commit(folder)


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def check(folder: Path, *arguments: str) -> Done:
    """What check.py says and returns; in this process, since starting it takes longer than what it does here."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["--data", str(folder / "data"), "--today", "2026-11-28", *arguments])
    return Done(code, out.getvalue(), err.getvalue())


def edited(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: edit(folder, path, old, new)


def deleted(path: str) -> Callable[[Path], None]:
    return lambda folder: (folder / path).unlink()


def event_removed(folder: Path) -> None:
    text = (folder / CLAIM).read_text(encoding="utf-8")
    start = text.index("[[history]]\ndate = 2026-04-24")
    (folder / CLAIM).write_text(text[:start], encoding="utf-8")


CHECK = """[check]
looked = 2026-11-25
looked_in = "this thread"

[check.could]
text = "Reading it again."
sources = ["noahs-ark-statement"]
"""
SILENT: dict[str, tuple[Callable[[Path], None], str]] = {
    "an event removed": (
        event_removed,
        f"{CLAIM}: the event of 2026-04-24 ('arXiv marks the paper as withdrawn by its administrators, as') was "
        "removed or edited; events are only ever added: put it back, or quote it in 'edits' of a record in "
        "data/corrections/",
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
        f"{CLAIM}: 'statement' is another than before; add a dated event to its history that says why, or quote what "
        "stood there in 'edits' of a record in data/corrections/ that names this file",
    ),
    "a quotation changed": (
        edited(f"{CASE}/claim-hardware.toml", "4K Ascend NPUs", "4000 Ascend NPUs"),
        f"{CASE}/claim-hardware.toml: 'quote' is another than before",
    ),
    "a claim gone": (
        deleted("data/cases/yi-llama/response-readme.toml"),
        "data/cases/yi-llama/response-readme.toml: is gone; say what stood there and why it went in data/removals/ "
        '(kind = "claim", id "response-readme")',
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


WAS = "The Pangu team of Noah's Ark Lab publishes its statement."


def write_correction(folder: Path, field: str, was: str, record: str = CLAIM, name: str = "one") -> None:
    (folder / "data" / "corrections" / f"{name}.toml").write_text(
        f'id = "{name}"\ntitle = "A word"\npages = ["cases/pangu-qwen/"]\nrecords = ["{CLAIM}"]\nwrong = "A word."\n'
        'since = 2026-11-24\ncorrected = 2026-11-25\nchanged = "Another."\npointed_out_by = "reader"\n'
        f"[[edits]]\nrecord = {json.dumps(record)}\nfield = {json.dumps(field)}\nwas = {json.dumps(was)}\n",
        encoding="utf-8",
    )


def test_a_new_correction_that_quotes_what_stood_there_says_it_too(repository: Path) -> None:
    edit(repository, CLAIM, "publishes its statement.", "publishes a statement.")
    write_correction(repository, "history", WAS)

    assert check(repository, "--base", "main").returncode == 0


def test_a_correction_unlocks_nothing_beyond_what_it_quotes(repository: Path) -> None:
    edit(repository, CLAIM, "publishes its statement.", "publishes a statement.")
    edit(repository, CLAIM, 'claimant = "HonestAGI, a GitHub account"', 'claimant = "Somebody else"')
    edit(repository, f"{CASE}/case.toml", "Reuters reports the denial", "Reuters reports a denial")
    write_correction(repository, "history", WAS)

    found = check(repository, "--base", "main").stdout

    assert "'claimant' is another than before" in found
    assert "the event of 2025-07-07" in found
    assert "the event of 2025-07-05" not in found


@pytest.mark.parametrize(
    ("field", "was", "record", "words"),
    [
        ("history", "The team acknowledges it.", CLAIM, "did not say 'The team acknowledges it.' in 'history'"),
        ("statement", WAS, CLAIM, "in 'statement'; quote it word for word"),
        ("history", WAS, f"{CASE}/claim-hardware.toml", "claim-hardware.toml did not say"),
        ("title", "The attention weights are remarkably similar", CLAIM, "'title' of"),
    ],
)
def test_a_correction_that_quotes_what_did_not_stand_there_is_refused(
    field: str, was: str, record: str, words: str, repository: Path
) -> None:
    edit(repository, CLAIM, "publishes its statement.", "publishes a statement.")
    write_correction(repository, "history", WAS)
    write_correction(repository, field, was, record, "two")

    found = check(repository, "--base", "main").stdout

    assert words in found


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('claimant = "HonestAGI, a GitHub account"', 'claimant = "Alibaba"', "claimant"),
        ('claimant_role = "accuser"', 'claimant_role = "third_party"', "claimant_role"),
        ("date = 2025-07-02", "date = 2025-07-01", "date"),
    ],
)
def test_an_added_event_allows_no_other_claimant_or_date(old: str, new: str, key: str, repository: Path) -> None:
    edit(repository, CLAIM, old, new)
    event = '\n[[history]]\ndate = 2026-11-25\ntext = "Put anew."\nsources = ["honestyagi-readme"]\n'
    append(repository, CLAIM, event)

    assert f"{key!r} is another than before" in check(repository, "--base", "main").stdout


ADMITTED = "data/parameters/permutation-test.toml"


def admission_gone(folder: Path) -> None:
    text = (folder / ADMITTED).read_text(encoding="utf-8")
    (folder / ADMITTED).write_text(text[: text.rindex("[[exceptions]]")], encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (admission_gone, "is gone from 'exceptions'; what a record admits is only added to"),
        (edited(ADMITTED, "informed_by = ", 'informed_by = "Nothing." #'), "'informed_by' says less than before"),
        (edited(ADMITTED, "R2/1", "R2/2"), "in the same version; another value is another version"),
        (
            edited("data/corrections/controls-upper-end.toml", "Nothing on record shows that.", "It is so."),
            "'wrong': is",
        ),
        (deleted("data/published/mdgbench.toml"), 'data/removals/ (kind = "published", id "mdgbench")'),
        (deleted(ADMITTED), 'data/removals/ (kind = "parameters", id "permutation_test")'),
        (deleted("data/benchmarks/matching.toml"), 'data/removals/ (kind = "benchmark", id "matching")'),
    ],
)
def test_what_is_admitted_is_only_added_to(change: Callable[[Path], None], words: str, repository: Path) -> None:
    for name in ("parameters", "benchmarks"):
        shutil.copytree(RECORD / name, repository / "data" / name)
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "more")
    assert "is only added to" not in check(repository, "--base", "main").stdout
    change(repository)

    assert words in check(repository, "--base", "main").stdout


def test_an_admission_may_be_added(repository: Path) -> None:
    shutil.copytree(RECORD / "parameters", repository / "data" / "parameters")
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "more")
    append(repository, ADMITTED, '\n[[exceptions]]\ntext = "One more choice came later."\n')

    assert "only added to" not in check(repository, "--base", "main").stdout


@pytest.mark.parametrize(
    ("kind", "removed", "stood"),
    [
        ("claim", "pangu-qwen/claim-that-never-was", False),
        ("source", "no-such-source", False),
        ("model", "Maker/Nothing", False),
        ("case", "no-such-case", False),
        ("source", "aaa-gone", True),
    ],
)
@pytest.mark.parametrize("with_base", [True, False])
def test_a_removal_names_what_stood_here(
    kind: str, removed: str, stood: bool, with_base: bool, repository: Path
) -> None:
    path = "data/sources/aaa-gone.toml"
    text = (repository / "data/sources/honestyagi-readme.toml").read_text(encoding="utf-8")
    (repository / path).write_text(text.replace('"honestyagi-readme"', '"aaa-gone"'), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "more")
    if stood:
        (repository / path).unlink()
    write_removal(repository, kind, removed)

    done = check(repository, *(("--base", "main") if with_base else ()))

    assert ("stand here" in done.stdout or "never stood here" in done.stdout) != stood, done.stdout


def test_without_history_a_removal_is_said_not_to_be_checked(tmp_path: Path) -> None:
    shutil.copytree(RECORD / "sources", tmp_path / "data" / "sources")
    write_removal(tmp_path, "source", "no-such-source")

    assert "whether what was removed ever stood here was not checked" in check(tmp_path).stderr


KEEPER = "https://github.com/keeper"


def identity(name: str, kind: str, account: str) -> str:
    rest = (
        'verification = "maintainers"\n'
        if kind == "maintainer"
        else 'speaks_for = ["Huawei (Pangu team)"]\nverification = "address at its domain"\ndomain = "huawei.com"\n'
    )
    return (
        f'id = "{name}"\nkind = "{kind}"\ntitle = "T"\naccounts = ["{account}"]\n{rest}shown = "A message came."\n'
        f'verified_by = "{KEEPER}"\nverified = 2026-11-20\n'
    )


@pytest.fixture
def known(repository: Path) -> Path:
    """The same repository with a maintainer on record, and a party."""
    (repository / "data/identities").mkdir()
    for name, kind, account in (("keeper", "maintainer", KEEPER), ("pangu", "party", OWNER)):
        (repository / f"data/identities/{name}.toml").write_text(identity(name, kind, account), encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "identities")
    return repository


@pytest.mark.parametrize(
    ("author", "refused"), [(OWNER, False), (KEEPER, False), ("https://github.com/stranger", True)]
)
@pytest.mark.parametrize("state", ["acknowledged_by_maker", "acknowledged_in_part"])
def test_only_its_account_speaks_as_a_party(state: str, author: str, refused: bool, known: Path) -> None:
    event = '\n[[history]]\ndate = 2026-11-25\ntext = "It is so."\nsources = ["noahs-ark-statement"]\n'
    append(known, CLAIM, f'{event}state = "{state}"\nidentity = "pangu"\n')

    found = check(known, "--base", "main", "--author", author).stdout

    assert ("speaks as 'pangu'; this change is by https://github.com/stranger, no account of it" in found) == refused
    told = [line for line in found.splitlines() if "so what pages say is false" not in line]  # true of it, and no fault
    assert bool(told and not told[-1].endswith("no problem")) == refused


def test_an_identity_and_what_rests_on_it_are_no_one_change(repository: Path) -> None:
    (repository / "data/identities").mkdir()
    for name, kind, account in (("keeper", "maintainer", KEEPER), ("pangu", "party", OWNER)):
        (repository / f"data/identities/{name}.toml").write_text(identity(name, kind, account), encoding="utf-8")
    edit(repository, REPLY, "received = ", 'identity = "pangu"\nreceived = ')

    assert "rests on 'pangu', which this change adds" in check(repository, "--base", "main", "--author", OWNER).stdout


def test_a_stranger_adds_no_identity_and_a_maintainer_does(known: Path) -> None:
    text = identity("other", "party", "https://github.com/stranger")
    (known / "data/identities/other.toml").write_text(text, encoding="utf-8")

    stranger = check(known, "--base", "main", "--author", "https://github.com/stranger").stdout

    assert "says whose an account is, which a maintainer does" in stranger
    assert check(known, "--base", "main", "--author", KEEPER).returncode == 0


def test_nobody_makes_themselves_the_first_maintainer(repository: Path) -> None:
    (repository / "data/identities").mkdir()
    record = repository / "data/identities/keeper.toml"
    record.write_text(identity("keeper", "maintainer", KEEPER), encoding="utf-8")

    by_request = check(repository, "--base", "main", "--author", KEEPER)

    assert "none is on record, and the first is put there on the default branch itself" in by_request.stdout
    assert by_request.returncode == 1
    assert check(repository, "--base", "main").returncode == 0


@pytest.mark.parametrize(
    ("author", "by", "words"),
    [
        ("https://github.com/stranger", "", "no maintainer on record: name the account in 'opened_by'"),
        ("https://github.com/stranger", "https://github.com/stranger", ""),
        ("https://github.com/stranger", KEEPER, f"says that {KEEPER} opened the address"),
        (KEEPER, "", ""),
    ],
)
def test_one_of_us_is_a_maintainer(author: str, by: str, words: str, known: Path) -> None:
    opened = f'opened_by = "{by}"\n' if by else ""
    append(known, "data/sources/qwen2.5-blog.toml", f'\n[[history]]\ndate = 2026-11-24\nstate = "live"\n{opened}')

    done = check(known, "--base", "main", "--author", author)

    assert words in done.stdout
    assert (done.returncode == 0) == (not words), done.stdout


def test_an_old_correction_allows_no_new_edit(repository: Path) -> None:
    write_correction(repository, "history", WAS)
    git(repository, "add", "-A")
    git(repository, "commit", "--quiet", "-m", "an old correction")
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
        (repository / REPLY).write_text(f"{text[: text.index('[reply]')]}{CHECK}", encoding="utf-8")
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
    shutil.copytree(RECORD / "sources", tmp_path / "data" / "sources")

    done = check(tmp_path, "--base", "main")

    assert done.returncode == 2
    assert done.stderr.endswith("is not in a git repository, so there is no base 'main' to compare with\n")


@pytest.mark.parametrize("stage", ["check.py", "diff.py"])
def test_without_git_a_base_is_one_clear_line(stage: str, tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / stage), "--base", "main"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith("git cannot be started")
    assert "Traceback" not in done.stderr

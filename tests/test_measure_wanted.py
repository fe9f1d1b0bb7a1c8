"""From the form of a stranger to a merged pull request: every job of the workflow, a real hub, a real repository.

The hub and the hosting service are servers on loopback; git, the readers, the check and the pages are the real ones.
"""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from http.client import BadStatusLine
from io import StringIO
from pathlib import Path

import pytest
import yaml

import check
import compare
import measure
import propose
from branches import append, commit, derive, first_commit, git
from git_forge import GitForge, serving_forge
from hub import COMMIT, Hub, serving_hub
from lineage.checkpoints import remote
from lineage.runs.requested import Refused, RunPlan, plan_text
from lineage.site.pages import build_pages
from lineage.store.files import load_dataset
from lineage.web.foreign_text import RefusedError
from measuring_jobs import WORKFLOW, Machines, form, issue, write_sharded
from repository import RECORD, RECORD_DAY, ROOT

HEADERS = 20_000  # bytes: what is longer is of tensors
KEY = f"org_model-{COMMIT[:12]}"


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny record as a repository, without its own list of what is wanted."""
    folder = tmp_path_factory.mktemp("origin")
    shutil.copytree(RECORD, folder / "data")
    shutil.copy(ROOT / ".gitignore", folder)
    derive(folder)
    return first_commit(folder)


@pytest.fixture(autouse=True)
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that holds a tiny model in three files."""
    write_sharded(tmp_path / "weights")
    monkeypatch.setattr(remote, "sleep", lambda _: None)
    with serving_hub(tmp_path / "weights") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def machines(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    bare = tmp_path / "forge.git"
    git(origin, "clone", "-q", "--bare", str(origin), str(bare))
    forge = GitForge(bare)
    with serving_forge(forge) as api:
        yield Machines(tmp_path, forge, api, monkeypatch)


def merged(machines: Machines) -> Path:
    """A clone of the default branch once the only open pull request is merged."""
    [pull] = [one for one in machines.forge.pulls if one["state"] == "open"]
    machines.forge.merge(pull["number"])
    clone = machines.folder / "merged"
    git(machines.folder, "clone", "-q", str(machines.forge.repository), str(clone))
    return clone


def said_by_check(folder: Path) -> tuple[int, str]:
    """What `make check` says of a clone."""
    with redirect_stdout(StringIO()) as out:
        code = check.main(["--data", str(folder / "data")]) or compare.main(["--data", str(folder / "data"), "--check"])
    return code, out.getvalue()


def test_a_form_becomes_a_merged_measurement_over_a_line_that_drops(served: Hub, machines: Machines) -> None:
    served.drop_after = 50_000

    machines.run(issue(form(revision=COMMIT)))

    [pull] = machines.forge.pulls
    assert pull["title"] == "Measure org/model"
    assert "Closes #12." in pull["body"]
    assert "## What to match it with" in pull["body"]
    assert f"`make match A=hub:org/model@{COMMIT} B=package:" in pull["body"]
    assert "End of the report." in pull["body"]
    assert "Do not merge" not in pull["body"]
    clone = merged(machines)
    assert said_by_check(clone)[0] == 0, said_by_check(clone)[1]
    dataset, problems = load_dataset(clone / "data")
    assert problems == ()
    assert dataset.fingerprints["org/model"].measurement.revision == COMMIT
    assert dataset.requests["org/model"].asked_by == "https://forge.example/stranger"
    assert dataset.requests["org/model"].reason == "A claim names it."
    assert dataset.models["org/model"].sources == ("hub-org-model",)
    page = next(page for page in build_pages(dataset) if page.path == "models/org_model.md")
    assert "reported by its contributor" in page.markdown
    assert served.tokens == []  # no account is sent to a hub
    assert machines.forge.refused == []


def test_shares_of_several_jobs_give_the_bytes_of_one_run(machines: Machines, tmp_path: Path) -> None:
    machines.run(issue(form()))
    where = ["--date", str(RECORD_DAY), "--data", str(tmp_path / "whole"), "--quiet"]
    assert measure.main([f"hub:org/model@{COMMIT}", *where]) == 0

    clone = merged(machines)
    assert sum(name.startswith("share 0") for name in machines.said) == 3
    for name in ("org_model.toml", "org_model.csv", "org_model.vectors.csv"):
        one, other = (folder / "fingerprints" / name for folder in (clone / "data", tmp_path / "whole"))
        assert one.read_bytes() == other.read_bytes(), name


def test_a_job_that_ends_at_its_budget_is_gone_on_with_by_the_next_run(served: Hub, machines: Machines) -> None:
    monkeypatch = machines.monkeypatch
    monkeypatch.setattr("measure_wanted.READ_LATE", 100_000)
    machines.budget = ("--bytes", "120000")

    machines.run(issue(form()))

    assert machines.forge.pulls == []
    [(number, words)] = machines.forge.comments
    assert number == 12
    assert "is not measured yet" in words
    assert "a later run of the workflow goes on from there" in words
    read = {one for one in served.ranges if one[2] - one[1] > HEADERS}
    served.ranges.clear()
    machines.budget = ()
    machines.run(issue(form()))

    again = [one for one in served.ranges if one[2] - one[1] > HEADERS]
    assert [one["title"] for one in machines.forge.pulls] == ["Measure org/model"]
    assert read
    assert again
    assert read.isdisjoint(again)
    assert said_by_check(merged(machines))[0] == 0


def test_a_journal_that_a_strangers_pull_request_left_is_not_taken(machines: Machines) -> None:
    run = machines.forge.start_run()
    plan = machines.choose(run, issue(form()))
    task = json.loads(plan["tasks"])[0]
    foreign = (
        {"event": "pull_request", "owner": "stranger/site"},
        {"path": ".github/workflows/pull-request.yml"},
        {"event": "workflow_dispatch", "branch": "changed"},
    )
    for held in foreign:
        machines.forge.keep(machines.forge.start_run(**held), f"journal-{task}", {"journal.jsonl": b"0\n"})

    machines.share(run, plan["plan"], task)
    machines.share(run, plan["plan"], task)

    fetched = [words for words in machines.said if words.startswith("fetch")]
    assert "no job has left a journal of it" in fetched[0]
    assert "its journal was fetched" in fetched[1]


def test_a_gated_model_is_said_in_its_thread_and_nothing_is_proposed(served: Hub, machines: Machines) -> None:
    served.gated = True

    machines.run(issue(form()))

    assert machines.forge.pulls == []
    [(number, words)] = machines.forge.comments
    assert number == 12
    assert "is gated" in words
    assert "org/model was not measured" in words


def test_a_commit_that_the_hub_does_not_have_is_refused(machines: Machines) -> None:
    machines.run(issue(form(revision="f" * 40)))

    assert machines.forge.pulls == []
    assert "has no such repository or revision" in machines.forge.comments[0][1]


def test_files_that_change_under_the_jobs_give_no_measurement(served: Hub, machines: Machines) -> None:
    machines.monkeypatch.setattr("measure_wanted.READ_LATE", 100_000)
    run = machines.forge.start_run()
    plan = machines.choose(run, issue(form()))
    served.change_after = len(served.ranges) + 8

    for task in json.loads(plan["tasks"]):
        machines.share(run, plan["plan"], task)
    machines.collect(run, plan["plan"], KEY)
    machines.propose(run, plan["plan"])

    assert any("changed while it was read" in words for words in machines.said)
    assert machines.forge.pulls == []
    assert "is not measured yet" in machines.forge.comments[0][1]


def test_journals_of_other_files_are_left_out(served: Hub, machines: Machines) -> None:
    run = machines.forge.start_run()
    plan = machines.choose(run, issue(form()))
    for task in json.loads(plan["tasks"]):
        machines.share(run, plan["plan"], task)
    write_sharded(served.folder, seed=4)  # what a commit names is other bytes now

    machines.collect(run, plan["plan"], KEY)

    assert any("is of other files than the hub has now" in words for words in machines.said)


def test_two_runs_at_once_open_one_pull_request(machines: Machines) -> None:
    runs = [machines.forge.start_run() for _ in range(2)]
    plans = [machines.choose(run, issue(form())) for run in runs]
    for run, plan in zip(runs, plans, strict=True):
        for task in json.loads(plan["tasks"]):
            machines.share(run, plan["plan"], task)
        machines.collect(run, plan["plan"], KEY)
    jobs = [
        {**machines.environment(run, "propose"), "PLAN": plan["plan"]} for run, plan in zip(runs, plans, strict=True)
    ]

    with ThreadPoolExecutor(2) as pool:
        said = [words for done in pool.map(lambda job: list(propose.report(job)), jobs) for words, _ in done]

    assert [pull["number"] for pull in machines.forge.pulls] == [1]
    assert sum(f"{KEY}: opened pull request 1" == words for words in said) == 1, said
    assert sum("pull request 1 " in words and "opened pull request 1" not in words for words in said) == 1, said


def test_what_is_proposed_already_is_not_chosen_again(machines: Machines) -> None:
    machines.run(issue(form()))

    again = machines.choose(machines.forge.start_run(), issue(form(), 13))

    assert again["targets"] == "[]"
    assert f"is proposed already, on the branch measure/{KEY}" in again["plan"]


def put_requests(machines: Machines, **priorities: str) -> None:
    """Requests for models of a maker "org" in the default branch, each with its priority."""
    clone = machines.folder / "maintainer"
    git(machines.folder, "clone", "-q", str(machines.forge.repository), str(clone))
    for name, priority in priorities.items():
        request = (
            f'id = "org/{name}"\naddress = "hub:org/{name}"\nreason = "A claim names it."\nasked = 2026-11-27\n'
            f'asked_by = "https://forge.example/somebody"\npriority = "{priority}"\n'
        )
        append(clone, f"data/requests/org_{name}.toml", request)
    commit(clone, "requests")
    git(clone, "push", "-q", "origin", "HEAD:main")


def test_the_queue_is_worked_off_by_priority_past_what_cannot_be_read(machines: Machines) -> None:
    put_requests(machines, model="usual", gone="first")

    machines.run()

    chosen = next(words for words in machines.said if words.startswith("choose"))
    assert "chosen: org/model" in chosen
    assert "refused: org/gone: org/gone: the hub has no such repository" in chosen
    assert [pull["title"] for pull in machines.forge.pulls] == ["Measure org/model"]
    assert "data/requests/org_model.toml" not in changed_files(machines)
    assert machines.forge.comments == []


def test_what_was_turned_down_is_not_proposed_again_unless_somebody_asks(machines: Machines) -> None:
    put_requests(machines, model="usual")
    machines.run()
    machines.forge.turn_down(1)

    machines.run()
    assert [one["state"] for one in machines.forge.pulls] == ["closed"]

    machines.run(issue(form()))
    assert [one["state"] for one in machines.forge.pulls] == ["closed", "open"]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (("--most-bytes", "1000"), "bytes, and at most 1,000 are read of one model"),
        (("--share-bytes", "1000"), "alone has"),
    ],
)
def test_what_is_over_the_budget_is_refused_with_its_size(
    limits: tuple[str, ...], words: str, served: Hub, machines: Machines
) -> None:
    machines.limits = limits

    machines.run(issue(form()))

    assert machines.forge.pulls == []
    assert words in machines.forge.comments[0][1]
    assert served.sent < 100_000  # headers alone


def test_a_disk_that_is_full_ends_a_share_and_keeps_what_it_has(machines: Machines) -> None:
    machines.budget = ("--disk", "10000")
    run = machines.forge.start_run()
    plan = machines.choose(run, issue(form()))

    machines.share(run, plan["plan"], json.loads(plan["tasks"])[0])

    assert "more than 10,000 bytes are kept on the disk" in machines.said[-1]
    assert len(machines.forge.artifacts) == 1


def test_a_card_names_the_parent_and_the_record_of_the_model_says_so(served: Hub, machines: Machines) -> None:
    served.card = {"base_model": "sapiens/Sapiens-VL", "base_model_relation": "finetune"}

    machines.run(issue(form()))

    pull = machines.forge.pulls[0]["body"]
    assert "| sapiens/Sapiens-VL | documented parent" in pull
    clone = merged(machines)
    dataset, _ = load_dataset(clone / "data")
    assert dataset.models["org/model"].parents == ("sapiens/Sapiens-VL",)
    assert said_by_check(clone)[0] == 0, said_by_check(clone)[1]


@pytest.mark.parametrize(
    "card",
    [
        {"base_model": ["sapiens/Sapiens-VL", "a/b` | x"], "base_model_relation": "merge"},
        {"base_model": "someone/else", "base_model_relation": "finetune"},
        {"base_model": "sapiens/Sapiens-VL"},
        {"base_model": {"a": 1}, "base_model_relation": ["x"]},
    ],
    ids=["no id", "not on record", "no relation", "another form"],
)
def test_a_card_that_does_not_say_it_whole_is_left_to_the_reviewer(
    card: dict[str, object], served: Hub, machines: Machines
) -> None:
    served.card = card

    machines.run(issue(form()))

    dataset, _ = load_dataset(merged(machines) / "data")
    assert dataset.models["org/model"].parents == ()


HOSTILE = "<script>window.ran=1</script> @someone #1 [x](javascript:1) ![y](https://evil.example/p.png) ```\n::error::x"


def test_hostile_words_of_a_form_stand_inert_in_record_and_pull_request(machines: Machines) -> None:
    machines.run(issue(form(reason=HOSTILE)))

    body = machines.forge.pulls[0]["body"]
    assert "<script>" not in body
    assert "@someone" not in body
    assert "](https://evil" not in body
    clone = merged(machines)
    dataset, problems = load_dataset(clone / "data")
    assert problems == ()
    page = next(page for page in build_pages(dataset) if page.path == "wanted.md")
    assert "<script>window" not in "".join((page.markdown, *page.blocks.values()))


@pytest.mark.parametrize("name", ["data/models/other.toml", "scripts/check.py", "../x", "data/derived/new.csv"])
def test_a_packed_file_that_was_not_agreed_is_refused(name: str, machines: Machines) -> None:
    run = machines.forge.start_run()
    plan = machines.choose(run, issue(form()))
    files = {"report.md": b"words", "data/fingerprints/org_model.toml": b"x", name: b"x"}
    machines.forge.keep(run, f"measured-{KEY}", files)

    assert machines.propose(run, plan["plan"]) == 1

    assert "refused: the archive holds" in machines.said[-1]
    assert machines.forge.pulls == []
    assert git(machines.forge.repository, "branch", "--list", "measure/*") == ""


@pytest.mark.parametrize("fault", [KeyError("number"), TimeoutError(), BadStatusLine("x"), RefusedError("no")])
def test_a_deed_that_fails_does_not_stop_the_others(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = RunPlan("a" * 40, refused=(Refused("org/one", "no", 1), Refused("org/two", "no", 2)))
    environ = {"PLAN": plan_text(plan), **dict.fromkeys(("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN"), "x")}

    def put(_: object, refused: Refused, __: object) -> str:
        if refused.issue == 1:
            raise fault
        return "said"

    monkeypatch.setattr(propose, "put_refused", put)

    assert [well for _, well in propose.report(environ)] == [False, True]


def test_no_job_but_the_last_has_a_right_to_write() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]

    writing = {name for name, job in jobs.items() if "write" in job["permissions"].values()}

    assert writing == {"propose"}
    assert [step["run"] for step in jobs["propose"]["steps"] if "run" in step] == ["python3 scripts/propose.py"]


def changed_files(machines: Machines) -> list[str]:
    """What the only pull request changes."""
    [pull] = machines.forge.pulls
    return git(machines.forge.repository, "diff", "--name-only", "main", f"refs/heads/{pull['head']['ref']}").split()

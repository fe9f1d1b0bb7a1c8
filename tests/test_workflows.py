"""The hosting service's files: safe workflows, sound forms, and nothing that a fork would have to change."""

import re
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage.checks.repository import BUILT
from lineage.records.columns.derived import DERIVED
from lineage.store import cache as kept
from lineage.web.journals import MOST, WORKFLOW
from lineage.web.proposal import DERIVED_TABLES
from repository import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
ZIZMOR = Path(sysconfig.get_path("scripts")) / "zizmor"


def read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else key: value for key, value in loaded.items()}  # YAML 1.1 reads on as true


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def zizmor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [ZIZMOR, "--offline", "--persona=auditor", "--no-progress", "--quiet", folder]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_zizmor_finds_nothing_in_the_workflows() -> None:
    done = zizmor(GITHUB)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new", "audit"),
    [
        ("persist-credentials: false", "persist-credentials: true", "artipacked"),
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "@v6", "unpinned-uses"),
        ("printf '%s\\n\\n'", "echo ${{ github.event.pull_request.title }}", "template-injection"),
        ("contents: read", "contents: write", ""),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_each_slip_in_a_workflow_is_found(old: str, new: str, audit: str, tmp_path: Path) -> None:
    text = (GITHUB / "workflows" / "pull-request.yml").read_text(encoding="utf-8")
    assert old in text
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    slip = folder / "pull-request.yml"
    slip.write_text(text.replace(old, new, 1), encoding="utf-8")

    found = zizmor(tmp_path / ".github").stdout

    assert (audit and audit in found) or problems_of(slip)


def problems_of(path: Path) -> list[str]:
    """What zizmor does not ask for: each workflow's rights are named at the job, and are those that we chose."""
    workflow, found = read(path), []
    if workflow["permissions"] != {}:
        found.append("rights stand at the jobs, none at the top")
    for name, job in workflow["jobs"].items():
        rights = {f"{right}: {level}" for right, level in job.get("permissions", {}).items()}
        if rights != RIGHTS.get((path.name, name)):
            found.append(f"{name} has other rights than this test names: {sorted(rights)}")
        if "timeout-minutes" not in job:
            found.append(f"{name} may run for ever")
    return found


RIGHTS = {
    ("pull-request.yml", "scope"): {"contents: read"},
    ("pull-request.yml", "check"): {"contents: read"},
    ("comment.yml", "report"): {"contents: read", "pull-requests: read"},
    ("comment.yml", "comment"): {"actions: read", "contents: read", "pull-requests: write"},
    ("deploy.yml", "build"): {"contents: read", "pages: read"},
    ("deploy.yml", "deploy"): {"pages: write", "id-token: write"},
    ("measure.yml", "choose"): {"contents: read", "pull-requests: read"},
    ("measure.yml", "share"): {"actions: read", "contents: read"},
    ("measure.yml", "collect"): {"actions: read", "contents: read"},
    ("measure.yml", "propose"): {"actions: read", "contents: write", "issues: write", "pull-requests: write"},
    ("weekly.yml", "look"): {"contents: read"},
    ("weekly.yml", "issue"): {"actions: read", "contents: read", "issues: write"},
}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_the_rights_that_are_named_here_and_no_more(path: Path) -> None:
    assert problems_of(path) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_and_says_its_version(path: Path) -> None:
    lines = re.findall(r"(?m)^\s*(?:- )?uses: (.+)$", path.read_text(encoding="utf-8"))

    assert lines
    for line in lines:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_one_action_has_one_commit() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for name, pin in re.findall(r"uses: (actions/[a-z-]+)@(.+)", path.read_text(encoding="utf-8")):
            pins.setdefault(name, set()).add(pin)

    assert {name: pin for name, pin in pins.items() if len(pin) > 1} == {}


def test_strangers_code_meets_no_secret_and_rights_meet_no_strangers_code() -> None:
    for path in WORKFLOWS:
        workflow, text = read(path), path.read_text(encoding="utf-8")
        assert "pull_request_target" not in text, path
        assert "secrets." not in text, path
        for step in steps(workflow):
            assert "${{" not in step.get("run", ""), (path, step)  # values come in by the environment
            if str(step.get("uses", "")).startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, path
                if "workflow_run" in workflow["on"]:
                    assert step["with"]["ref"] == "${{ github.event.repository.default_branch }}"
        if "pull_request" in workflow["on"]:
            assert "github.token" not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_results_that_were_committed_are_not_believed(path: Path) -> None:
    workflow = read(path)

    assert workflow["env"][kept.FOLDER] == ""
    for job in workflow["jobs"].values():
        runs = [step["run"] for step in job["steps"] if "run" in step]
        if any("make " in run for run in runs):
            assert runs[0] == "rm -rf .make .venv site .site-build .derived-build data/packs/unpacked"
            assert set(runs[0].split()[2:]) == set(BUILT)


def test_every_command_of_a_workflow_is_a_target_or_a_script_of_ours() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    called, ran = set(), set()
    for path in WORKFLOWS:
        for step in steps(read(path)):
            for words in re.findall(r"(?m)\bmake ((?:--silent )?[a-z -]+)", step.get("run", "")):
                called |= set(words.removeprefix("--silent ").split())
            ran |= set(re.findall(r"python3 (scripts/\w+\.py)", step.get("run", "")))

    assert (
        {"check", "site", "test", "test-data", "links", "diff", "recheck", "measure-wanted", "derive"}
        <= called
        <= targets
    )
    assert ran == {"scripts/change_scope.py", "scripts/comment.py", "scripts/open_issue.py", "scripts/propose.py"}
    assert all((ROOT / name).is_file() for name in ran)


def test_the_base_branch_says_what_a_pull_request_has_to_pass_and_everything_is_what_it_has_to_without_that() -> None:
    jobs = read(GITHUB / "workflows/pull-request.yml")["jobs"]
    asked, check = jobs["scope"]["steps"], jobs["check"]
    runs = {step["run"]: step.get("if", "") for step in check["steps"] if "run" in step}
    base = "${{ github.event.pull_request.base.sha }}"

    assert asked[0]["with"]["ref"] == base  # its code, and nothing else is checked out on that machine
    assert [step["run"].split()[:2] for step in asked[1:]] == [["git", "fetch"], ["python3", "scripts/change_scope.py"]]
    assert asked[2]["env"]["BASE"] == base
    assert (check["needs"], check["if"]) == ("scope", "${{ !cancelled() }}")  # never skipped, which counts as passed
    assert runs["make test-data"].endswith("needs.scope.outputs.scope == 'data' }}")
    assert runs["make test"].endswith("needs.scope.outputs.scope != 'data' }}")
    assert {"make check", "make site", "make links"} < {run for run, condition in runs.items() if not condition}


def test_the_comment_follows_the_workflow_that_makes_it() -> None:
    first, second = read(GITHUB / "workflows/pull-request.yml"), read(GITHUB / "workflows/comment.yml")

    assert second["on"]["workflow_run"]["workflows"] == [first["name"]]


OWN = ("actions", "someone", "owner", "github-actions", "org")
ADDRESS = re.compile(r"github\.com[/:]([\w.-]+)/|([\w-]+)\.github\.io|raw\.githubusercontent\.com/([\w.-]+)/")


def test_no_workflow_and_no_guide_names_an_owner_so_a_fork_changes_one_block() -> None:
    guides = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CITATION.cff", "mkdocs.yml", "pyproject.toml")]
    files = [path for path in GITHUB.rglob("*") if path.is_file()]
    for path in (*files, *guides, *sorted((ROOT / "docs").rglob("*.md"))):
        named = {name for found in ADDRESS.findall(path.read_text(encoding="utf-8")) for name in found if name}
        assert named <= set(OWN), (path, named)
    for path in files:
        assert "site_url" not in path.read_text(encoding="utf-8"), path


def test_the_settings_that_a_fork_changes_stand_in_one_block_and_take_what_the_workflow_gives() -> None:
    block = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\n\n")[0]
    deploy = (GITHUB / "workflows/deploy.yml").read_text(encoding="utf-8")

    variables = set(re.findall(r"!ENV \[(\w+),", block))

    assert block.startswith("# Settings that a fork changes")
    assert variables == {"SITE_URL", "REPOSITORY_URL", "ISSUES_URL"}
    assert variables <= set(re.findall(r"(?m)^ +([A-Z_]+): \$\{\{", deploy))


# The rules of the hosting service for forms, from its page "Syntax for GitHub's form schema".
KEYS = {
    "markdown": {"value"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "dropdown": {"label", "description", "multiple", "options", "default"},
    "checkboxes": {"label", "description", "options"},
}
TOP = {"name", "description", "body", "title", "labels", "assignees", "projects", "type"}


def form_problems(form: dict[str, Any]) -> Iterator[str]:
    """Each rule of the service that a form breaks."""
    for key in ("name", "description"):
        if not isinstance(form.get(key), str) or not form[key].strip():
            yield f"{key} is no text"
    if set(form) - TOP:
        yield f"unknown keys {sorted(set(form) - TOP)}"
    body = form.get("body")
    if not isinstance(body, list) or all(element.get("type") == "markdown" for element in body):
        yield "body asks for nothing"
        return
    for element in body:
        yield from element_problems(element)
    for what, values in (
        ("id", [element["id"] for element in body if "id" in element]),
        (
            "label",
            [element.get("attributes", {}).get("label") for element in body if element.get("type") != "markdown"],
        ),
    ):
        if len(set(values)) < len(values):
            yield f"a {what} stands twice"


def element_problems(element: dict[str, Any]) -> Iterator[str]:
    kind, attributes = element.get("type"), element.get("attributes", {})
    if kind not in KEYS:
        yield f"unknown type {kind}"
        return
    if set(element) - {"type", "id", "attributes", "validations"} or set(attributes) - KEYS[kind]:
        yield f"unknown keys in a {kind}"
    needed = "value" if kind == "markdown" else "label"
    if not isinstance(attributes.get(needed), str) or not attributes[needed].strip():
        yield f"a {kind} has no {needed}"
    if kind == "markdown" and "id" in element:
        yield "a markdown element has an id"
    if "id" in element and not re.fullmatch(r"[A-Za-z0-9_-]+", str(element["id"])):
        yield f"the id {element['id']!r} has another form"
    if kind == "dropdown":
        options = attributes.get("options") or []
        if not options or not all(isinstance(option, str) and option.strip() for option in options):
            yield "a dropdown has options that are no texts"
        if len(set(options)) < len(options) or "None" in options:
            yield "a dropdown has an option twice, or None, which is kept for the service"
    if kind == "checkboxes" and not all(isinstance(option.get("label"), str) for option in attributes["options"]):
        yield "a checkbox has no label"
    if not isinstance(element.get("validations", {}).get("required", False), bool):
        yield "required is neither true nor false"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_keeps_the_rules_of_the_service(path: Path) -> None:
    assert list(form_problems(read(path))) == []


def test_the_forms_are_there() -> None:
    assert [path.stem for path in FORMS] == [
        "add-a-source",
        "measure-a-model",
        "reply-as-a-maker",
        "report-an-error",
    ]
    assert len({read(path)["name"] for path in FORMS}) == len(FORMS)
    assert set(read(GITHUB / "ISSUE_TEMPLATE" / "config.yml")) <= {"blank_issues_enabled", "contact_links"}


Break = Callable[[dict[str, Any]], object]
BROKEN: dict[str, tuple[Break, str]] = {
    "no name": (lambda form: form.pop("name"), "name is no text"),
    "a key of another kind": (lambda form: form.update(labelz=[]), "unknown keys ['labelz']"),
    "words alone": (lambda form: form.update(body=form["body"][:1]), "body asks for nothing"),
    "an id twice": (lambda form: form["body"][2].update(id="page"), "a id stands twice"),
    "a label twice": (lambda form: form["body"][2]["attributes"].update(label="Page"), "a label stands twice"),
    "an unknown type": (lambda form: form["body"][1].update(type="text"), "unknown type text"),
    "no label": (lambda form: form["body"][1]["attributes"].pop("label"), "a input has no label"),
    "required as words": (
        lambda form: form["body"][1].update(validations={"required": "yes"}),
        "required is neither true nor false",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_break_of_a_rule_is_found(kind: str) -> None:
    change, wanted = BROKEN[kind]
    form = read(GITHUB / "ISSUE_TEMPLATE" / "report-an-error.yml")

    change(form)

    assert wanted in list(form_problems(form))


def test_a_journal_that_a_share_may_keep_can_be_fetched() -> None:
    words = (ROOT / WORKFLOW).read_text(encoding="utf-8")

    assert int(re.findall(r"--disk (\d+)", words)[0]) <= MOST


def test_a_proposal_may_bring_every_derived_table() -> None:
    assert set(DERIVED_TABLES) == set(DERIVED)

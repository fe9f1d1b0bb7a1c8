"""The workflow that measures, run here: its own commands, each job on a clone of its own with the rights it has."""

import json
import re
import shlex
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import save_file

import compare
import measure_wanted
import propose
from branches import git
from git_forge import REPOSITORY, GitForge
from match_models import CONFIG, llama
from repository import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "measure.yml"
_STEP = re.compile(r'make (?:--silent )?measure-wanted ARGS="((?:[^"\\]|\\\n)*)"')


def write_sharded(folder: Path, seed: int = 3, layers: int = 4) -> None:
    """A tiny model in the Llama manner, in three files with an index."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = llama(seed, layers)
    names = sorted(tensors)
    weight_map = {}
    for shard in range(3):
        file = f"model-{shard + 1:05d}-of-00003.safetensors"
        part = {name: np.ascontiguousarray(tensors[name]) for name in names[shard::3]}
        save_file(part, folder / file)
        weight_map |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    (folder / "config.json").write_text(json.dumps(CONFIG))


def issue(body: str, number: int = 12) -> dict[str, Any]:
    """An issue as the service gives it."""
    return {
        "number": number,
        "html_url": f"https://forge.example/{REPOSITORY}/issues/{number}",
        "user": {"html_url": "https://forge.example/stranger"},
        "body": body,
    }


def form(address: str = "hub:org/model", revision: str = "_No response_", reason: str = "A claim names it.") -> str:
    """The body that the service makes of the form "Measure a model"."""
    fields = {"Address of the model": address, "Revision": revision, "Why it would help": reason}
    return "\n\n".join(f"### {label}\n\n{text}" for label, text in fields.items())


@dataclass
class Machines:
    """Where the jobs of a run are done."""

    folder: Path
    forge: GitForge
    api: str
    monkeypatch: pytest.MonkeyPatch
    limits: Sequence[str] = ("--jobs", "3", "--share-bytes", "200000")  # of choose
    budget: Sequence[str] = ()  # of each share, over that of the workflow
    said: list[str] = field(default_factory=list)
    clones: int = 0

    def run(self, event: dict[str, Any] | None = None) -> int:
        """Every job of the workflow in turn; the number of the run."""
        run = self.forge.start_run("issues" if event else "schedule")
        plan = self.choose(run, event)
        for task in json.loads(plan["tasks"]):
            self.share(run, plan["plan"], task)
        for target in json.loads(plan["targets"]):
            self.collect(run, plan["plan"], target)
        self.propose(run, plan["plan"])
        return run

    def choose(self, run: int, event: dict[str, Any] | None = None) -> dict[str, str]:
        """The outputs of the first job."""
        clone = self._clone(run, "choose")
        (clone / "event.json").write_text(json.dumps({"action": "labeled", "issue": event}), encoding="utf-8")
        self.monkeypatch.setenv("GITHUB_EVENT_PATH", str(clone / "event.json"))
        [words] = commands("choose")
        words = words.replace(
            "${ISSUE:+--issue $GITHUB_EVENT_PATH}", f"--issue {clone / 'event.json'}" if event else ""
        )
        out = self._step(clone, words, *self.limits)
        return dict(line.partition("=")[::2] for line in out.splitlines())

    def share(self, run: int, plan: str, task: str) -> None:
        """One share, whose journal is kept as the workflow keeps it."""
        clone = self._clone(run, "share", plan)
        fetched, read = commands("share")
        self._step(clone, fetched, "--task", task)
        self._step(clone, read, "--task", task, *self.budget)
        journal = clone / ".make" / "journal.jsonl"
        if journal.is_file():
            self.forge.keep(run, f"journal-{task}", {"journal.jsonl": journal.read_bytes()})

    def collect(self, run: int, plan: str, target: str) -> None:
        """Puts one target together, derives, and keeps what is packed."""
        clone = self._clone(run, "collect", plan)
        fetched, collected, packed = commands("collect")
        self._step(clone, fetched, "--target", target)
        self._step(clone, collected, "--target", target)
        with redirect_stdout(StringIO()):
            assert compare.main(["--data", str(clone / "data")]) == 0
        self._step(clone, packed, "--target", target)
        out = clone / ".make" / "measured"
        files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        if files:
            self.forge.keep(run, f"measured-{target}", files)

    def propose(self, run: int, plan: str) -> int:
        """The last job, with the one token that may write; its exit status."""
        self._set(run, "propose")
        self.monkeypatch.setenv("PLAN", plan)
        with redirect_stdout(StringIO()) as out, redirect_stderr(out):
            status = propose.main([])
        self.said.append(out.getvalue())
        return status

    def _clone(self, run: int, job: str, plan: str = "") -> Path:
        """A machine of its own: the default branch, nothing else, and the token of the job."""
        self.clones += 1
        clone = self.folder / f"machine-{self.clones}"
        git(self.folder, "clone", "-q", str(self.forge.repository), str(clone))
        (clone / ".make").mkdir()
        (clone / ".make" / "plan.json").write_text(plan, encoding="utf-8")
        self._set(run, job)
        return clone

    def environment(self, run: int, job: str) -> dict[str, str]:
        """What a job has in its environment, with a token of its own that has the rights of the job."""
        token = f"token-{run}-{job}"
        rights = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"][job]["permissions"]
        self.forge.tokens[token] = frozenset(f"{right}: {level}" for right, level in rights.items())
        return {
            "GITHUB_API_URL": self.api,
            "GITHUB_SERVER_URL": "https://forge.example",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(run),
            "GITHUB_TOKEN": token,
            "BASE_BRANCH": "main",
        }

    def _set(self, run: int, job: str) -> None:
        for name, value in self.environment(run, job).items():
            self.monkeypatch.setenv(name, value)

    def _step(self, clone: Path, words: str, *more: str) -> str:
        """One command of the workflow, its paths under the clone; what it prints."""
        given = [str(clone / word) if word.startswith(".make/") else word for word in shlex.split(words)]
        step = given[0]
        own = {
            "--data": str(clone / "data"),
            "--unfinished": str(clone / ".make" / "unfinished"),
            "--date": "2026-11-28",
        }
        given += [
            part for name, value in own.items() if name in measure_wanted.STEPS[step][1] for part in (name, value)
        ]
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as said:
            status = measure_wanted.main([*given, *more])
        self.said.append(f"{step} {status}\n{out.getvalue() if step != 'choose' else ''}{said.getvalue()}")
        return out.getvalue()


def commands(job: str) -> list[str]:
    """What the steps of a job give to scripts/measure_wanted.py, in order."""
    steps = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"][job]["steps"]
    return [words.replace("\\\n", " ") for step in steps for words in _STEP.findall(step.get("run", ""))]

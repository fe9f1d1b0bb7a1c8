"""The queue of measurements -> fingerprints: chosen, read in shares, put together and packed, each step a command.

    ask      a form of an issue -> data/requests/
    choose   the queue, or the form of one issue -> a plan of targets and shares
    fetch    what earlier jobs of the workflow read of a share, or of every share of a target -> a folder
    share    reads one share of a target by ranges, within a budget -> its journal
    collect  the journals of all shares -> data/fingerprints/, and records that are missing
    pack     what a target changed under data/ -> a folder with the words of its pull request

Nothing that a repository on a hub holds is run. Texts of forms and hubs are hostile until they are checked. No step
writes to the hosting service: scripts/propose.py does, where nothing else runs.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import diff
from check import find_problems
from lineage.checkpoints.files import CheckpointError
from lineage.checks.wording import personal_accounts
from lineage.measuring.budget import Budget, BudgetSpentError
from lineage.measuring.choice import choose_targets, size_of_request, waiting_wishes, wish_of
from lineage.measuring.limits import Limits
from lineage.measuring.measurement import UNFINISHED, VERSION, measure_address
from lineage.measuring.newcomers import newcomer_texts
from lineage.measuring.run import AskedModel, known_layers, opened_run, read_share
from lineage.records import newest_day
from lineage.review.proposal_text import proposal_text, unfinished_text
from lineage.runs.progress import complain
from lineage.runs.requested import Refused, RunPlan, Target, outputs, plan_text, read_plan
from lineage.store.files import load_dataset
from lineage.store.writing import request_text, write_file, write_fingerprint, write_new_file
from lineage.web.foreign_text import RefusedError
from lineage.web.forge import Forge, forge_of
from lineage.web.journals import newest_journal
from lineage.web.request_form import FormError, request_of
from measure import DATA

_LIMITS = ("--targets", "--jobs", "--share-bytes", "--most-bytes")
_BUDGET = ("--bytes", "--minutes", "--disk")
OPTIONS: dict[str, dict[str, Any]] = {
    "--plan": {"type": Path, "help": "the file of the plan"},
    "--issue": {"type": Path, "help": "a file with the issue, or the event, as the service gives it"},
    "--task": {"help": "a share, as the plan names it"},
    "--target": {"help": "a target, as the plan names it"},
    "--data": {"type": Path, "default": DATA, "help": "the data folder (default: data/ of this repository)"},
    "--date": {"type": date.fromisoformat, "default": date.today(), "help": "the day (default: today)"},
    "--forge": {"action": "store_true", "help": "ask the hosting service what is proposed already"},
    "--into": {"type": Path, "help": "a folder for journals"},
    "--journal": {"type": Path, "help": "the file to leave the journal of the share in"},
    "--earlier": {"type": Path, "help": "a folder with journals of earlier jobs"},
    "--journals": {"type": Path, "help": "a folder with the journals of all shares"},
    "--out": {"type": Path, "help": "a folder for what is proposed"},
    "--unfinished": {"type": Path, "default": UNFINISHED, "help": "where what is finished is kept until all is"},
    "--targets": {"type": int, "default": Limits.targets, "help": "models in a run, at most"},
    "--jobs": {"type": int, "default": Limits.jobs, "help": "shares in a run, at most"},
    "--share-bytes": {"type": int, "default": Limits.share_bytes, "help": "bytes from which a share is cut in two"},
    "--most-bytes": {"type": int, "default": Limits.most_bytes, "help": "bytes of a model, at most"},
    "--bytes": {"type": int, "help": "bytes over the wire, at most"},
    "--minutes": {"type": float, "help": "time, at most"},
    "--disk": {"type": int, "help": "bytes on the disk, at most"},
}
_NEEDED = ("--task", "--target", "--plan", "--into", "--journal", "--journals", "--out")  # where a step has them
READ_LATE = 256_000_000  # bytes that the step which puts the shares together may read itself: an adapter, a last tensor
REPORT = "report.md"
FAULTS = (BudgetSpentError, CheckpointError, RefusedError, URLError, ValueError, OSError)


def ask(options: argparse.Namespace) -> int:
    """Writes the record that the form of an issue asks for."""
    dataset, _ = load_dataset(options.data)
    request = request_of(_issue(options.issue), options.date, personal_accounts(dataset))
    wish = wish_of(request, "", 1)
    try:
        request = request.model_copy(update={"size": size_of_request(wish.address, VERSION, options.date)})
    except (CheckpointError, OSError) as fault:
        complain(f"how much it would read is not known: {fault}")
    if not write_new_file(options.data / request.path.removeprefix("data/"), request_text(request)):
        complain(f"{request.path}: is there already, and was left as it is")
        return 1
    print(f"wrote {request.path}")
    return 0


def choose(options: argparse.Namespace) -> int:
    """Prints the plan of a run, as the outputs of a step of the workflow."""
    dataset, problems = load_dataset(options.data)
    if problems:
        raise ValueError(f"the record has {len(problems)} problems; run `make check` first")
    limits = Limits(options.targets, options.jobs, options.share_bytes, options.most_bytes)
    base = _git(options.data.parent, "rev-parse", "HEAD").strip()
    branches = _proposed(forge_of(os.environ), options.issue is not None) if options.forge else frozenset[str]()
    if options.issue is None:
        plan = choose_targets(waiting_wishes(dataset), limits, dataset, VERSION, base, branches)
    else:
        issue = _issue(options.issue)
        number = issue.get("number")
        if type(number) is not int:
            raise ValueError(f"{options.issue}: holds an issue without a number")
        try:
            request = request_of(issue, options.date, personal_accounts(dataset))
        except FormError as fault:
            plan = RunPlan(base, refused=(Refused("the form", str(fault), number),))
        else:
            is_known = request.id in dataset.requests
            wish = wish_of(request, "" if is_known else request_text(request), number)
            plan = choose_targets([wish], limits, dataset, VERSION, base, branches)
    for target in plan.targets:
        complain(f"chosen: {target.model} at {target.address}: {target.bytes:,} bytes in {target.shares} share(s)")
    for refusal in plan.refused:
        complain(f"refused: {refusal.model}: {refusal.reason}")
    if options.plan:
        write_file(options.plan, plan_text(plan) + "\n")
    print(*(f"{name}={value}" for name, value in outputs(plan).items()), sep="\n")
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Fetches the newest journal of each share that is named; nothing where there is none."""
    plan = _plan(options)
    tasks = [options.task] if options.task else plan.target(options.target).tasks
    forge = forge_of(os.environ)
    for task in tasks:
        plan.task(task)
        text = newest_journal(forge, task)
        if text is not None:
            write_file(options.into / f"{task}.jsonl", text)
        complain(f"{task}: {'its journal was fetched' if text is not None else 'no job has left a journal of it'}")
    return 0


def share(options: argparse.Namespace) -> int:
    """Reads one share within a budget, and leaves its journal; 0 where the budget ended it, for a later run goes on."""
    target, number = _plan(options).task(options.task)
    budget = Budget(options.bytes, options.minutes and 60 * options.minutes, options.disk)
    with _opened(target, options, budget) as run:
        for path in _journals(options.earlier, [options.task]):
            run.journal.take_in(path)
        try:
            read_share(run, number, target.shares, budget)
            complain(f"{options.task}: read whole; {budget.spent:,} bytes came over the wire")
        except BudgetSpentError as fault:
            complain(f"{options.task}: stopped, since {fault}; a later run goes on from what is finished")
        finally:
            run.journal.hand_over(options.journal)
    return 0


def collect(options: argparse.Namespace) -> int:
    """Puts the journals of a target together and writes its files; where something is left, words that say so."""
    target = _plan(options).target(options.target)
    with _opened(target, options, Budget(READ_LATE)) as run:
        for path in _journals(options.journals, target.tasks):
            if not run.journal.take_in(path):
                complain(f"{path.name}: is of other files than the hub has now, and was left out")
        bytes_to_read = run.left
    if bytes_to_read > READ_LATE:
        write_file(options.out / REPORT, unfinished_text(target, bytes_to_read))
        complain(f"{target.model}: {bytes_to_read:,} of {target.bytes:,} bytes are left to read")
        return 0
    layers = known_layers(options.data, target.model)
    model_asked = AskedModel(target.address, target.model, options.date, layers=layers)
    measurement, tables, journal = measure_address(model_asked, quiet=True, unfinished=options.unfinished)
    dataset, _ = load_dataset(options.data)
    texts = dict(newcomer_texts(target.model, target.address, target.parents, target.relation, dataset))
    if target.request:
        texts[f"requests/{target.slug}.toml"] = target.request
    write_fingerprint(options.data, measurement, tables)
    for name, text in texts.items():
        write_new_file(options.data / name, text)
    journal.discard()
    print(f"measured {target.model}: {measurement.path}; now: make derive, then pack")
    return 0


def pack(options: argparse.Namespace) -> int:
    """Copies what changed under data/ since the plan's base, with the words of the pull request."""
    plan = _plan(options)
    target = plan.target(options.target)
    if (options.out / REPORT).is_file():
        complain(f"{target.model}: is not measured yet; nothing is proposed but what {options.out / REPORT} says")
        return 0
    data: Path = options.data.resolve()
    changed_names = _git(data.parent, "diff", "--relative", "--name-only", "-z", plan.base, "--", data.name).split("\0")
    changed_names += _git(data.parent, "ls-files", "--others", "--exclude-standard", "-z", "--", data.name).split("\0")
    for name in filter(None, changed_names):
        if (path := data.parent / name).is_file():
            write_file(options.out / "data" / path.relative_to(data), path.read_text(encoding="utf-8"))
    dataset, problems = find_problems(data, newest_day())
    with redirect_stdout(StringIO()) as output:
        diff.main(["--data", str(data), "--base", plan.base, "--records"])
    write_file(options.out / REPORT, proposal_text(target, dataset, problems, output.getvalue()))
    print(f"{options.out}: {sum(map(bool, changed_names))} files of {target.model}, and {REPORT}")
    return 0


def _opened(target: Target, options: argparse.Namespace, budget: Budget) -> Any:
    model_asked = AskedModel(target.address, target.model, date.min)
    return opened_run(model_asked, VERSION, options.unfinished, budget.transferred)


def _journals(folder: Path | None, tasks: Sequence[str]) -> list[Path]:
    """The journals of some shares that lie in a folder."""
    return [path for task in tasks if folder and (path := folder / f"{task}.jsonl").is_file()]


def _plan(options: argparse.Namespace) -> RunPlan:
    return read_plan(options.plan.read_text(encoding="utf-8"))


def _issue(path: Path) -> dict[str, Any]:
    """The issue in a file as the service gives it: an event that holds one, or the issue itself."""
    content = json.loads(path.read_text(encoding="utf-8"))
    issue = content.get("issue", content) if isinstance(content, dict) else None
    if not isinstance(issue, dict):
        raise ValueError(f"{path}: holds no issue")
    return issue


def _proposed(forge: Forge, by_request: bool) -> frozenset[str]:
    """The branches on which a pull request is open; unless it was asked for, also those that were turned down."""
    pulls = forge.pages(f"/pulls?state={'open' if by_request else 'all'}")
    heads = (pull["head"] for pull in pulls if not pull.get("merged_at"))
    return frozenset(str(head["ref"]) for head in heads if (head["repo"] or {}).get("full_name") == forge.repository)


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words


STEPS = {
    "ask": (ask, ("--issue", "--data", "--date")),
    "choose": (choose, ("--issue", "--plan", "--data", "--date", "--forge", *_LIMITS)),
    "fetch": (fetch, ("--plan", "--task", "--target", "--into")),
    "share": (share, ("--plan", "--task", "--journal", "--earlier", "--unfinished", *_BUDGET)),
    "collect": (collect, ("--plan", "--target", "--journals", "--out", "--data", "--date", "--unfinished")),
    "pack": (pack, ("--plan", "--target", "--out", "--data")),
}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, (step, words) in STEPS.items():
        step_parser = steps.add_parser(name, help=(step.__doc__ or "").partition(".")[0])
        for word in words:
            is_required = (word in _NEEDED and name not in ("choose", "fetch")) or (name, word) == ("ask", "--issue")
            step_parser.add_argument(word, required=is_required, **OPTIONS[word])
    options = parser.parse_args(argv)
    if options.step == "fetch" and (not (options.plan and options.into) or bool(options.task) == bool(options.target)):
        parser.error("fetch needs --plan, --into, and either --task or --target")
    try:
        return STEPS[options.step][0](options)
    except HTTPError as fault:
        complain(f"the API answered {fault.code}")
    except (*FAULTS, subprocess.CalledProcessError) as fault:
        complain(" ".join(str(fault).split()))
    return 1


if __name__ == "__main__":
    sys.exit(main())

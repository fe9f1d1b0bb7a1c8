"""What earlier jobs of the workflow have measured, fetched so that a job goes on from there.

Anybody's pull request can leave an artifact under any name. Only those of runs of this very workflow, on the default
branch, are taken.
"""

from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from lineage.web.foreign_archive import read_archive
from lineage.web.foreign_text import RefusedError
from lineage.web.forge import Forge

WORKFLOW = ".github/workflows/measure.yml"
STARTED_BY = ("issues", "schedule", "workflow_dispatch")  # no stranger's code runs in any of these
FILE = "journal.jsonl"
MOST = 1_000_000_000  # bytes of a journal, and of the archive that holds it: what a share of the workflow may keep
_LOOKED_AT = 20  # artifacts of one name, the newest first


def artifact_name(task: str) -> str:
    """What the journal of a share is called among the artifacts."""
    return f"journal-{task}"


def newest_journal(forge: Forge, task: str) -> str | None:
    """The text of the newest journal of a share that a job of this workflow left; None where there is none."""
    name = artifact_name(task)
    newest = forge.get(f"/actions/artifacts?name={quote(name)}&per_page=100")["artifacts"]
    artifacts = [artifact for artifact in newest if artifact["name"] == name and not artifact["expired"]]
    branch = forge.get("")["default_branch"] if artifacts else ""
    for artifact in sorted(artifacts, key=lambda artifact: int(artifact["id"]), reverse=True)[:_LOOKED_AT]:
        if not _is_ours(forge, int(artifact["workflow_run"]["id"]), branch):
            continue
        try:
            files = read_archive(forge.download(int(artifact["id"]), MOST), {FILE: MOST}, MOST)
        except (HTTPError, RefusedError):
            continue  # one that cannot be read costs time alone
        if FILE in files:
            return files[FILE]
    return None


def _is_ours(forge: Forge, run: int, branch: str) -> bool:
    """Whether a run is one of this workflow, of the default branch's code."""
    try:
        run_facts: Mapping[str, Any] = forge.get(f"/actions/runs/{run}")
    except HTTPError:
        return False
    own = (run_facts.get("head_repository") or {}).get("full_name") == forge.repository
    by_us = run_facts.get("event") in STARTED_BY and run_facts.get("head_branch") == branch
    return own and by_us and str(run_facts.get("path", "")).partition("@")[0] == WORKFLOW

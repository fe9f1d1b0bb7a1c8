"""The files of a measurement -> one branch with one commit, and one pull request; never a second one for the same.

Standard library only: it runs where nothing is installed, beside a token that may write.
"""

from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from lineage.runs.requested import Target
from lineage.web.foreign_text import RefusedError, inert_markdown
from lineage.web.forge import Forge

REPORT = "report.md"
MOST_BYTES = 24 * 1024 * 1024  # of an archive with all files of one target
_SMALL, _LARGE, _TABLE = 100_000, 4_000_000, 20_000_000  # bytes of a record, of what tools write, of what is derived
# The tables that scripts/compare.py may write, whether or not they are there now; a test holds them to its list.
DERIVED_TABLES = (
    *("error-rates.csv", "facts.csv", "findings.csv", "neighbours.csv", "positions.csv", "power.csv"),
    *("published-power.csv", "roc.csv", "scores.csv", "std-profile-pairs.csv"),
    *("factorial-differences.csv", "factorial-effects.csv", "factorial-rejections.csv", "factorial-scores.csv"),
    *("factorial-upcycling.csv", "factorial-spread.csv", "factorial-ranges.csv", "factorial-children.csv"),
    "tool-answers.csv",
    *("geometry-null.csv", "geometry-rungs.csv", "geometry-recipes.csv", "geometry-rungs-by-recipe.csv"),
    *("sampling-error.csv", "sampling-scores.csv"),
    *("weight.csv", "weight-curve.csv", "weight-trials.csv"),
)
_REFUSED = 422  # what the service answers where a thing of that name is there already


def known_files(target: Target, source: str) -> dict[str, int]:
    """The files that a target may bring, each with its bytes at most."""
    stem = f"data/fingerprints/{target.slug}"
    return {
        REPORT: 512 * 1024,
        f"{stem}.toml": _LARGE,
        f"{stem}.csv": _LARGE,
        f"{stem}.vectors.csv": _LARGE,
        f"data/models/{target.slug}.toml": _SMALL,
        f"data/sources/{source}.toml": _SMALL,
        f"data/requests/{target.slug}.toml": _SMALL,
        **{f"data/derived/{name}": _TABLE for name in DERIVED_TABLES},
    }


def put_branch(forge: Forge, target: Target, base: str, files: Mapping[str, str]) -> None:
    """Puts a commit of these files on a base at the branch of the target, which there is one of."""
    parent = forge.get(f"/git/commits/{base}")
    tree = [{"path": path, "mode": "100644", "type": "blob", "content": text} for path, text in sorted(files.items())]
    made = forge.send("POST", "/git/trees", {"base_tree": parent["tree"]["sha"], "tree": tree})
    message = f"Measure {target.model}\n\n{target.address}"
    commit = forge.send("POST", "/git/commits", {"message": message, "tree": made["sha"], "parents": [base]})
    try:
        forge.send("POST", "/git/refs", {"ref": f"refs/heads/{target.branch}", "sha": commit["sha"]})
    except HTTPError as error:
        if error.code != _REFUSED:
            raise
        forge.send("PATCH", f"/git/refs/heads/{quote(target.branch)}", {"sha": commit["sha"], "force": True})


def propose(forge: Forge, target: Target, base: str, files: Mapping[str, str], run: str, into: str) -> str:
    """Opens the pull request of a target, unless one is open; what was done. RefusedError where files are missing."""
    changed = {path: text for path, text in files.items() if path != REPORT}
    if f"data/fingerprints/{target.slug}.toml" not in changed:
        raise RefusedError(f"{target.key}: brings no record of its measurement")
    if (number := open_pull(forge, target)) is not None:
        return f"{target.key}: pull request {number} is open for it; nothing was changed"
    put_branch(forge, target, base, changed)
    body = {"title": f"Measure {target.model}", "head": target.branch, "base": into}
    try:
        made = forge.send("POST", "/pulls", {**body, "body": pull_body(target, files[REPORT], run)})
    except HTTPError as error:
        if error.code == _REFUSED and (number := open_pull(forge, target)) is not None:
            return f"{target.key}: pull request {number} was opened for it meanwhile"
        raise
    return f"{target.key}: opened pull request {int(made['number'])}"


def open_pull(forge: Forge, target: Target) -> int | None:
    """The number of the open pull request from the branch of a target, or None."""
    owner = forge.repository.partition("/")[0]
    for pull in forge.pages(f"/pulls?state=open&head={quote(f'{owner}:{target.branch}')}"):
        head: Mapping[str, Any] = pull["head"]
        if head["ref"] == target.branch and (head["repo"] or {}).get("full_name") == forge.repository:
            return int(pull["number"])
    return None


def pull_body(target: Target, report: str, run: str) -> str:
    """Where the words come from, first; the thread that it answers; then the report, inert."""
    closing = f" Closes #{target.issue}." if target.issue else ""
    return f"Made by the code of the default branch: [the run]({run}).{closing}\n\n{inert_markdown(report.strip())}\n"

"""The report on a pull request, whose words are a stranger's -> one comment in its thread.

Runs beside a token that may write, so: standard library only, nothing from the artifact is run, unpacked or printed.
Where there is no whole report, the comment says so: silence would read as consent. With --author it only prints the
address of the account that opened the pull request.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

from lineage.web.foreign_archive import read_archive
from lineage.web.foreign_text import END, FAILED, RefusedError, inert_markdown
from lineage.web.forge import BOT, Forge, done_or_refused, forge_of, run_address

KNOWN = {"comment.md": 256 * 1024}  # bytes at most
ARTIFACT = "report"
MARK = "<!-- what-readers-would-see -->"


def comment_body(markdown: str, sha: str, run: str) -> str:
    """The comment: where its words come from, first, so that nothing in them can hide it; then the words, inert."""
    report = markdown.strip()
    words = (
        report
        if report.endswith(END)
        else f"{FAILED}\n\nThe report is {'cut short' if report else 'empty'}.\n\n{report}"
    )
    origin = f"On {sha[:10]}, made by the code of the default branch: [the run and the whole report]({run})."
    return f"{MARK}\n{origin}\n\n{inert_markdown(words.strip())}\n"


def pull_requests(forge: Forge, event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The open pull requests whose newest commit the run was of, as the service has them."""
    head, branch = event["head_repository"], event["head_branch"]
    label = f"{head['owner']['login']}:{branch}"
    head_state = (event["head_sha"], branch, head["full_name"])
    return [
        pull for pull in forge.pages(f"/pulls?state=open&head={quote(label)}") if _state(pull) == ("open", *head_state)
    ]


def _state(pull: Mapping[str, Any]) -> tuple[str, str, str, str | None]:
    head = pull["head"]
    return pull["state"], head["sha"], head["ref"], (head["repo"] or {}).get("full_name")


def author_of(event: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """The address of the account that opened the pull request; "" where it is not one account."""
    accounts = {str(pull["user"]["html_url"]) for pull in pull_requests(forge_of(environ), event)}
    return accounts.pop() if len(accounts) == 1 else ""


def put_comment(forge: Forge, number: int, body: str) -> str:
    """Changes the comment that an earlier run made, or makes one; what was done."""
    for comment in forge.pages(f"/issues/{number}/comments"):
        if comment["user"]["login"] == BOT and str(comment["body"]).startswith(MARK):
            forge.send("PATCH", f"/issues/comments/{int(comment['id'])}", {"body": body})
            return "changed"
    forge.send("POST", f"/issues/{number}/comments", {"body": body})
    return "made"


def comment_on(event: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Comments on the pull request of a finished run, whatever became of the report; what was done.

    RefusedError, after the comment, where the report has not the form that was agreed.
    """
    run, sha = int(environ["GITHUB_RUN_ID"]), str(event["head_sha"])
    forge = forge_of(environ)
    pulls = pull_requests(forge, event)
    if not pulls:
        return "no open pull request has this commit as its newest; no comment"
    refusal = ""
    try:
        archive = forge.artifact(run, ARTIFACT)
        words = read_archive(archive, KNOWN).get("comment.md", "") if archive else ""
    except (RefusedError, HTTPError) as error:
        refusal = str(error) if isinstance(error, RefusedError) else f"the API answered {error.code}"
        words = f"It was refused: {refusal}."
    body = comment_body(words, sha, run_address(environ, run))
    deeds = [f"{put_comment(forge, int(pull['number']), body)} the comment on {int(pull['number'])}" for pull in pulls]
    if refusal:
        raise RefusedError(refusal)
    return "; ".join(deeds)


def main(argv: Sequence[str] | None = None) -> int:
    words = list(argv if argv is not None else sys.argv[1:])
    if words not in ([], ["--author"]):
        print("usage: comment.py [--author] (in a workflow_run; all else comes from its environment)", file=sys.stderr)
        return 2

    def job() -> str:
        event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))["workflow_run"]
        return author_of(event, os.environ) if words else comment_on(event, os.environ)

    sentence, fault = done_or_refused(job, "the API or the event has not the form that was agreed")
    print(fault or sentence, file=sys.stderr if fault else sys.stdout)
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())

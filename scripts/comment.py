"""The artifact of a pull request's run, which is hostile -> one comment in its thread.

Runs beside a token that may write, so: standard library only, nothing from the artifact is run, unpacked or printed.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from lineage.foreign_archive import read_archive
from lineage.foreign_text import RefusedError, inert_markdown
from lineage.forge import BOT, Forge, forge_of, run_address

KNOWN = {"comment.md": 256 * 1024, "number.txt": 12}  # bytes at most
MARK = "<!-- what-readers-would-see -->"


def comment_body(markdown: str, sha: str, run: str) -> str:
    """The comment: where its words come from, first, so that nothing in them can hide it; then the words, inert."""
    words = inert_markdown(markdown).strip() or "Nothing changes for a reader."
    origin = f"Made by the code of this pull request, which nobody has reviewed: [{sha[:10]}]({run})."
    return f"{MARK}\n{origin}\n\n{words}\n"


def pull_request(forge: Forge, number_text: str, event: Mapping[str, Any]) -> int | None:
    """The number of the open pull request whose newest commit the run was of; None where no such one has it.

    The artifact only names it: the repository, the branch and the commit are those that the service says it ran.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,8}\n?", number_text):
        raise RefusedError("number.txt holds no number of a pull request")
    number = int(number_text)
    pull = forge.get(f"/pulls/{number}")
    head = pull["head"]
    ran = (event["head_sha"], event["head_branch"], event["head_repository"]["full_name"])
    is_of = (head["sha"], head["ref"], (head["repo"] or {}).get("full_name")) == ran
    return number if is_of and pull["state"] == "open" else None


def put_comment(forge: Forge, number: int, body: str) -> str:
    """Changes the comment that an earlier run made, or makes one; what was done."""
    for comment in forge.pages(f"/issues/{number}/comments"):
        if comment["user"]["login"] == BOT and str(comment["body"]).startswith(MARK):
            forge.send("PATCH", f"/issues/comments/{int(comment['id'])}", {"body": body})
            return "changed"
    forge.send("POST", f"/issues/{number}/comments", {"body": body})
    return "made"


def comment_on(event: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Comments on the pull request of a finished run; what was done."""
    run, sha = int(event["id"]), str(event["head_sha"])
    forge = forge_of(environ)
    archive = forge.artifact(run, "comment")
    if archive is None:
        return "the run left no comment"
    texts = read_archive(archive, KNOWN)
    if missing := sorted(set(KNOWN) - set(texts)):
        raise RefusedError(f"the archive lacks {', '.join(missing)}")
    number = pull_request(forge, texts["number.txt"], event)
    if number is None:
        return "no open pull request of that number has this commit as its newest; no comment"
    done = put_comment(forge, number, comment_body(texts["comment.md"], sha, run_address(environ, run)))
    return f"{done} the comment on pull request {number}"


def main(argv: Sequence[str] | None = None) -> int:
    if argv if argv is not None else sys.argv[1:]:
        print("usage: comment.py (in a workflow_run; everything comes from its environment)", file=sys.stderr)
        return 2
    try:
        event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))["workflow_run"]
        print(comment_on(event, os.environ))
    except RefusedError as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except HTTPError as error:
        print(f"the API answered {error.code}", file=sys.stderr)
        return 1
    except (URLError, KeyError, ValueError, TypeError) as error:
        print(f"the API or the event has not the form that was agreed: {type(error).__name__}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

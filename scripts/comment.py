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
from lineage.foreign_text import Refused, inert_markdown
from lineage.forge import BOT, Forge, forge_of, run_address

KNOWN = {"comment.md": 256 * 1024, "number.txt": 12}  # bytes at most
MARK = "<!-- what-readers-would-see -->"


def comment_body(markdown: str, sha: str, run: str) -> str:
    """The comment: the words of the artifact made inert, and where they come from."""
    words = inert_markdown(markdown).strip() or "Nothing changes for a reader."
    origin = f"Made of the code of the pull request at {sha[:10]}, which nobody has reviewed: [the run]({run})."
    return f"{MARK}\n{words}\n\n{origin}\n"


def pull_request(forge: Forge, number_text: str, sha: str) -> int | None:
    """The number of the open pull request that the run was of; None where it has moved on, Refused where it is not."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}\n?", number_text):
        raise Refused("number.txt holds no number of a pull request")
    number = int(number_text)
    pull = forge.get(f"/pulls/{number}")
    if pull["base"]["repo"]["full_name"] != forge.repository:
        raise Refused(f"pull request {number} is of another repository")
    if pull["head"]["sha"] != sha:
        commits = {one["sha"] for one in forge.pages(f"/pulls/{number}/commits")}
        if sha not in commits:
            raise Refused(f"pull request {number} has no commit of this run")
        return None
    return number if pull["state"] == "open" else None


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
        raise Refused(f"the archive lacks {', '.join(missing)}")
    number = pull_request(forge, texts["number.txt"], sha)
    if number is None:
        return "the pull request has moved on or is closed; no comment"
    done = put_comment(forge, number, comment_body(texts["comment.md"], sha, run_address(environ, run)))
    return f"{done} the comment on pull request {number}"


def main(argv: Sequence[str] | None = None) -> int:
    if argv if argv is not None else sys.argv[1:]:
        print("usage: comment.py (in a workflow_run; everything comes from its environment)", file=sys.stderr)
        return 2
    try:
        event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))["workflow_run"]
        print(comment_on(event, os.environ))
    except Refused as error:
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

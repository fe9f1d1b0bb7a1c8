"""What a run measured -> a pull request for each target, and words in the thread where one was asked for in vain.

Runs beside a token that may write, so: standard library only, nothing from an artifact is run, unpacked or printed.
What the artifacts hold was read from strangers' repositories, and is taken for hostile: names and sizes are those that
were agreed, words in Markdown are inert.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from lineage.runs.requested import Refused, RunPlan, Target, read_plan
from lineage.runs.source_names import repository_source
from lineage.web.foreign_archive import read_archive
from lineage.web.foreign_text import RefusedError, inert_markdown, plain_markdown
from lineage.web.forge import Forge, forge_of, run_address
from lineage.web.proposal import MOST_BYTES, REPORT, known_files, propose


def put_target(forge: Forge, target: Target, plan: RunPlan, environ: Mapping[str, str]) -> str:
    """Proposes what was measured of a target, or says in its thread why nothing was; what was done."""
    run = int(environ["GITHUB_RUN_ID"])
    page = run_address(environ, run)
    archive = forge.artifact(run, f"measured-{target.key}", MOST_BYTES)
    file_names = known_files(target, repository_source(target.address))
    files = read_archive(archive, file_names, MOST_BYTES) if archive else {}
    if set(files) > {REPORT}:
        return propose(forge, target, plan.base, files, page, environ["BASE_BRANCH"])
    words = files.get(REPORT, "").strip() or "No job of the run has left a measurement; its page says where it ended."
    return f"{target.key}: not measured; {_comment(forge, target.issue, words, page)}"


def put_refused(forge: Forge, refusal: Refused, environ: Mapping[str, str]) -> str:
    """Says in its thread why a request was not measured; what was done."""
    page = run_address(environ, int(environ["GITHUB_RUN_ID"]))
    words = f"{plain_markdown(refusal.model)} was not measured: {plain_markdown(refusal.reason)}"
    return f"refused; {_comment(forge, refusal.issue, words, page)}"


def _comment(forge: Forge, issue: int | None, words: str, page: str) -> str:
    if issue is None:
        return "nobody asked for it in a thread"
    forge.send("POST", f"/issues/{issue}/comments", {"body": f"From [the run]({page}):\n\n{inert_markdown(words)}\n"})
    return f"said in issue {issue}"


def report(environ: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """What was done about each part of the plan, and whether it went well; one that fails does not stop the others."""
    plan, forge = read_plan(environ["PLAN"]), forge_of(environ)
    deeds = [(refusal.model, partial(put_refused, forge, refusal, environ)) for refusal in plan.refused]
    deeds += [(target.key, partial(put_target, forge, target, plan, environ)) for target in plan.targets]
    for name, deed in deeds:
        try:
            yield deed(), True
        except RefusedError as error:
            yield f"{name}: refused: {error}", False
        except HTTPError as error:
            yield f"{name}: the API answered {error.code}", False
        except (OSError, HTTPException, KeyError, ValueError, TypeError) as error:
            yield f"{name}: an answer has not the form that was agreed: {type(error).__name__}", False


def main(argv: Sequence[str] | None = None) -> int:
    if argv if argv is not None else sys.argv[1:]:
        print("usage: propose.py (in the workflow Measure; everything comes from its environment)", file=sys.stderr)
        return 2
    has_failed = False
    try:
        for words, well in report(os.environ):
            print(words, file=sys.stdout if well else sys.stderr)
            has_failed |= not well
    except (URLError, KeyError, ValueError, TypeError) as error:
        print(f"the API or the plan has not the form that was agreed: {type(error).__name__}", file=sys.stderr)
        return 1
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""The reports of the weekly run -> one open issue, changed from week to week; nothing where there is nothing to say.

A report that is missing or cut short is something to say.

Runs beside a token that may write, so: standard library only. What servers answered stands in the reports, so they are
taken for foreign text.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from lineage.web.foreign_archive import read_archive
from lineage.web.foreign_text import END, inert_markdown
from lineage.web.forge import BOT, Forge, done_or_refused, forge_of, run_address

TITLE = "Weekly: sources and links"
KNOWN = {"links.md": 128 * 1024, "recheck.md": 256 * 1024}  # bytes at most
HEADINGS = {"links.md": "Links that lead nowhere", "recheck.md": "What the sources answered"}


def issue_body(texts: Mapping[str, str], run: str) -> str:
    """The words of the issue, or "" where no report says anything."""
    words_by_job = {name: _said(texts.get(name, "")) for name in sorted(KNOWN)}
    sections = [f"## {HEADINGS[name]}\n\n{words}" for name, words in words_by_job.items() if words]
    if not sections:
        return ""
    words = inert_markdown("\n\n".join(sections), keep_addresses=True)
    return f"From [the weekly run]({run}); no record was changed.\n\n{words}\n"


def _said(report: str) -> str:
    """What a report says; "" where it is whole and says nothing."""
    text = report.strip()
    if text.endswith(END):
        return text.removesuffix(END).strip()
    return f"**This report failed: it is {'cut short' if text else 'missing'}, so nothing is known.**\n\n{text}".strip()


def put_issue(forge: Forge, body: str) -> str:
    """Changes the open issue of an earlier week, or opens one; what was done."""
    for issue in forge.pages("/issues?state=open"):
        if issue["user"]["login"] == BOT and issue["title"] == TITLE and "pull_request" not in issue:
            forge.send("PATCH", f"/issues/{int(issue['number'])}", {"body": body})
            return f"changed issue {int(issue['number'])}"
    return f"opened issue {int(forge.send('POST', '/issues', {'title': TITLE, 'body': body})['number'])}"


def report(environ: Mapping[str, str]) -> str:
    """Puts the reports of this run into an issue; what was done."""
    run = int(environ["GITHUB_RUN_ID"])
    forge = forge_of(environ)
    archive = forge.artifact(run, "weekly")
    body = issue_body(read_archive(archive, KNOWN) if archive else {}, run_address(environ, run))
    return put_issue(forge, body) if body else "the reports say nothing; no issue"


def main(argv: Sequence[str] | None = None) -> int:
    if argv if argv is not None else sys.argv[1:]:
        print("usage: open_issue.py (in the weekly workflow; everything comes from its environment)", file=sys.stderr)
        return 2
    sentence, fault = done_or_refused(
        lambda: report(os.environ), "the API has not answered in the form that was agreed"
    )
    print(fault or sentence, file=sys.stderr if fault else sys.stdout)
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main())

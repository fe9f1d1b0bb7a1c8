"""The report of a run of recheck.py: Markdown for a reader, JSON for tools. It changes nothing by itself."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from lineage.site.days_and_amounts import day
from lineage.web.foreign_text import END, plain_markdown
from lineage.web.rechecks import Recheck

_CHANGED = {True: "changed against the record", False: "the same as on record", None: "nothing on record to compare"}


def report_json(rechecks: Sequence[Recheck], today: date) -> str:
    """Every answer as a JSON object, in the order in which they were asked."""
    report = {"date": today.isoformat(), "rechecks": [asdict(recheck) for recheck in rechecks]}
    return json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n"


def report_markdown(rechecks: Sequence[Recheck], today: date) -> str:
    """Every answer in words, with the event that it proposes; what servers said is inert."""
    lines = [
        f"# Sources asked on {day(today)}",
        "",
        "No record was changed. Open each address and read it before you add an event to a record: a server can answer",
        "for a page that is no longer what it was, and refuse a robot where a reader is welcome.",
    ]
    if rechecks and all(recheck.state == "unreachable" and recheck.status is None for recheck in rechecks):
        lines += ["", "**No address answered at all: the network of this machine may be at fault. Add no event.**"]
    for recheck in rechecks:
        lines += ["", f"## {plain_markdown(recheck.source)}", "", *_item(recheck)]
    return "\n".join([*lines, "", END]) + "\n"


def _item(recheck: Recheck) -> list[str]:
    lines = [
        f"- Found: **{plain_markdown(recheck.words)}**; on record: {recheck.recorded}",
        f"- Address: {plain_markdown(recheck.address, keep_addresses=True)}",
    ]
    if recheck.final_address not in ("", recheck.address):
        lines.append(f"- Answered by: {plain_markdown(recheck.final_address, keep_addresses=True)}")
    if recheck.new_address:
        lines.append(f"- Proposed address: {plain_markdown(recheck.new_address, keep_addresses=True)}")
    if recheck.text_sha256:
        lines.append(f"- Text: {recheck.text_characters} characters, {_CHANGED[recheck.text_changed]}")
    if recheck.archive_address:
        lines.append(f"- Proposed archive address: {plain_markdown(recheck.archive_address, keep_addresses=True)}")
    return [*lines, *(["", *_event(recheck)] if recheck.state else [])]


def _event(recheck: Recheck) -> list[str]:
    """The proposed event as TOML, indented as code."""
    lines = ["[[history]]", f"date = {recheck.date}", f'state = "{recheck.state}"']
    if recheck.text_sha256:
        lines += [f'text_sha256 = "{recheck.text_sha256}"', f"text_characters = {recheck.text_characters}"]
    return [f"    {line}" for line in lines]

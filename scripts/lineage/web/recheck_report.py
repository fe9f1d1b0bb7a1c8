"""The report of a run of recheck.py: Markdown for a reader, JSON for tools. It changes nothing by itself."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from lineage.site.days_and_amounts import day
from lineage.web.foreign_text import END, plain_markdown
from lineage.web.rechecks import Recheck

_CHANGED = {True: "changed against the record", False: "the same as on record", None: "nothing on record to compare"}


def report_json(found: Sequence[Recheck], today: date) -> str:
    """Every answer as a JSON object, in the order in which they were asked."""
    report = {"date": today.isoformat(), "rechecks": [asdict(one) for one in found]}
    return json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n"


def report_markdown(found: Sequence[Recheck], today: date) -> str:
    """Every answer in words, with the event that it proposes; what servers said is inert."""
    lines = [
        f"# Sources asked on {day(today)}",
        "",
        "No record was changed. Open each address and read it before you add an event to a record: a server can answer",
        "for a page that is no longer what it was, and refuse a robot where a reader is welcome.",
    ]
    if found and all(one.state == "unreachable" and one.status is None for one in found):
        lines += ["", "**No address answered at all: the network of this machine may be at fault. Add no event.**"]
    for one in found:
        lines += ["", f"## {plain_markdown(one.source)}", "", *_item(one)]
    return "\n".join([*lines, "", END]) + "\n"


def _item(one: Recheck) -> list[str]:
    lines = [
        f"- Found: **{plain_markdown(one.words)}**; on record: {one.recorded}",
        f"- Address: {plain_markdown(one.address, keep_addresses=True)}",
    ]
    if one.final_address not in ("", one.address):
        lines.append(f"- Answered by: {plain_markdown(one.final_address, keep_addresses=True)}")
    if one.new_address:
        lines.append(f"- Proposed address: {plain_markdown(one.new_address, keep_addresses=True)}")
    if one.text_sha256:
        lines.append(f"- Text: {one.text_characters} characters, {_CHANGED[one.text_changed]}")
    if one.archive_address:
        lines.append(f"- Proposed archive address: {plain_markdown(one.archive_address, keep_addresses=True)}")
    return [*lines, *(["", *_event(one)] if one.state else [])]


def _event(one: Recheck) -> list[str]:
    """The proposed event as TOML, indented as code."""
    lines = ["[[history]]", f"date = {one.date}", f'state = "{one.state}"']
    if one.text_sha256:
        lines += [f'text_sha256 = "{one.text_sha256}"', f"text_characters = {one.text_characters}"]
    return [f"    {line}" for line in lines]

"""Two versions of the records -> what a reviewer has to look at, each with what stood there and what stands there."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from lineage.checks.hosts import host_of
from lineage.review.raw_records import Raw, said
from lineage.review.serious.addresses import account_lines, accounts_in, addresses_in, host_lines, publisher_lines
from lineage.review.serious.citations import fallen_lines, number_lines, pair_of, quotation_line
from lineage.review.serious.fields import field_lines, record_lines
from lineage.review.serious.keys import GRAVE_WHEN_NEW, TOLD_ELSEWHERE
from lineage.review.serious.line import Line
from lineage.review.serious.parties import opening_lines, repeat_lines, reported_lines, spoken_lines


def serious_changes(base: Raw, now: Raw, author: str | None) -> list[Line]:
    """What a reviewer has to look at, the gravest first; author is the address of whoever makes the change."""
    lines: set[Line] = set()
    hosts = {host_of(address) for record in base.values() for _, address in addresses_in(record)}
    accounts = {account for record in base.values() for _, account in accounts_in(record)}
    models = {str(record.get("id")) for path, record in {**base, **now}.items() if path.startswith("data/models/")}
    disputed = [
        pair_of(record, "subject", "reference") for record in (*base.values(), *now.values()) if "subject" in record
    ]
    makers = {said(record.get("claimant")) for record in base.values() if record.get("claimant_role") == "maker"}
    for path in sorted(base.keys() | now.keys()):
        before, after = base.get(path, {}), now.get(path, {})
        folder = PurePosixPath(path).parts[1]
        if before == after or folder in TOLD_ELSEWHERE:
            continue
        lines.update(record_lines(folder, path, before, after))
        lines.update(spoken_lines(path, before, after, base, author))
        lines.update(reported_lines(path, before, after, makers))
        lines.update(host_lines(path, before, after, hosts))
        lines.update(account_lines(path, before, after, accounts))
        if folder == "sources":
            lines.update(opening_lines(path, before, after, base, author))
            lines.update(publisher_lines(path, before, after, base))
            lines.update(fallen_lines(path, before, after))
        if folder == "published":
            lines.update(number_lines(path, before, after, models, disputed))
        if folder == "reproductions":
            lines.update(repeat_lines(path, before, after, base, author))
        if after and isinstance(after.get("quote"), Mapping) and said(before.get("quote")) != said(after["quote"]):
            lines.add(quotation_line(path, before, after))
        grave = {key: after[key] for key in GRAVE_WHEN_NEW.get(folder, ()) if key in after}
        lines.update(field_lines(folder, path, before, after if before else grave))
    return sorted(lines)

"""Two versions of the records -> what a reviewer has to look at, each with what stood there and what stands there."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from lineage.checks.hosts import host_of
from lineage.review.raw_records import Raw, said
from lineage.review.serious.addresses import (
    account_concerns,
    host_concerns,
    linked_accounts,
    publisher_concerns,
    web_addresses,
)
from lineage.review.serious.citations import fallen_concerns, number_concerns, pair_of, quotation_concern
from lineage.review.serious.concern import Concern
from lineage.review.serious.fields import field_concerns, record_concerns
from lineage.review.serious.keys import GRAVE_WHEN_NEW, TOLD_ELSEWHERE
from lineage.review.serious.parties import opening_concerns, repeat_concerns, reported_concerns, spoken_concerns


def serious_changes(base: Raw, now: Raw, author: str | None) -> list[Concern]:
    """What a reviewer has to look at, the gravest first; author is the address of whoever makes the change."""
    concerns: set[Concern] = set()
    hosts = {host_of(address) for record in base.values() for _, address in web_addresses(record)}
    accounts = {account for record in base.values() for _, account in linked_accounts(record)}
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
        concerns.update(record_concerns(folder, path, before, after))
        concerns.update(spoken_concerns(path, before, after, base, author))
        concerns.update(reported_concerns(path, before, after, makers))
        concerns.update(host_concerns(path, before, after, hosts))
        concerns.update(account_concerns(path, before, after, accounts))
        if folder == "sources":
            concerns.update(opening_concerns(path, before, after, base, author))
            concerns.update(publisher_concerns(path, before, after, base))
            concerns.update(fallen_concerns(path, before, after))
        if folder == "published":
            concerns.update(number_concerns(path, before, after, models, disputed))
        if folder == "reproductions":
            concerns.update(repeat_concerns(path, before, after, base, author))
        if after and isinstance(after.get("quote"), Mapping) and said(before.get("quote")) != said(after["quote"]):
            concerns.add(quotation_concern(path, before, after))
        grave = {key: after[key] for key in GRAVE_WHEN_NEW.get(folder, ()) if key in after}
        concerns.update(field_concerns(folder, path, before, after if before else grave))
    return sorted(concerns)

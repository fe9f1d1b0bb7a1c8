"""Web addresses and accounts that lead elsewhere than before, or look like others on record."""

from collections.abc import Iterator, Mapping
from typing import Any

from lineage.checks.hosts import account_of, host_of, near_accounts, near_hosts, owner_of, registered_domain
from lineage.review.raw_records import Held, Raw
from lineage.review.serious.concern import ADMITS, CITES, Concern


def host_concerns(path: str, before: Held, after: Held, hosts: set[str]) -> Iterator[Concern]:
    """Addresses that lead to another host than before or are gone, and new hosts one letter from a known one."""
    old, new = dict(web_addresses(before)), dict(web_addresses(after))
    for key, address in new.items():
        host = host_of(address)
        if key in old and _domain(old[key]) != _domain(address):
            yield Concern(ADMITS, path, key, "leads to another domain", old[key], address)
        elif key in old and old[key] != address:
            yield Concern(CITES, path, key, "leads elsewhere on the same domain", old[key], address)
        if host and host not in hosts and (near := near_hosts(host, hosts)):
            why = f"new, is nearly {near[0]}, and is not it"
            yield Concern(ADMITS, path, f"{key}, host", why, old.get(key, ""), address, sort="nearly")
    for key, address in old.items() if after else ():
        if key not in new and address not in new.values():
            yield Concern(ADMITS, path, key, "an address is taken away", address)


def account_concerns(path: str, before: Held, after: Held, accounts: set[tuple[str, str]]) -> Iterator[Concern]:
    """New accounts of sites, hubs and package registries that look like one on record, or are one letter from it."""
    old = dict(linked_accounts(before))
    for key, account in linked_accounts(after):
        if near := near_accounts(account, accounts):
            site, name = account
            why = f"new on {site}, is nearly {near[0]}, and is not it"
            yield Concern(ADMITS, path, f"{key}, account", why, old.get(key, ("", ""))[1], name, sort="nearly")


def publisher_concerns(path: str, before: Held, after: Held, base: Raw) -> Iterator[Concern]:
    """A concern for a primary source at a domain where no other source of its publisher in the base is."""
    keys = ("url", "publisher", "kind")
    if after.get("kind") != "primary" or not after.get("url") or all(before.get(key) == after[key] for key in keys):
        return
    records = [
        record for name, record in base.items() if name != path and record.get("publisher") == after["publisher"]
    ]
    domains = sorted({_domain(str(record["url"])) for record in records if record.get("url")})
    if domains and (own := _domain(str(after["url"]))) not in domains:
        why = f"is called primary, of {after['publisher']}, at {own}; their other pages on record are elsewhere"
        yield Concern(ADMITS, path, "publisher", why, ", ".join(domains), own, sort="publisher")


def _domain(address: str) -> str:
    """The domain that somebody registered, of a web address; its host where that is no such domain."""
    host = host_of(address)
    return registered_domain(host) or host


def web_addresses(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Every web address in a record, by its key."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from web_addresses(inner, f"{above}.{key}" if above else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from web_addresses(inner, f"{above}.{number}")
    elif isinstance(value, str) and value.startswith(("http://", "https://")):
        yield above, value


def linked_accounts(record: Held) -> Iterator[tuple[str, tuple[str, str]]]:
    """The accounts that addresses in a record belong to, each with its site, by the key of the address."""
    for key, address in web_addresses(record):
        if account := account_of(address):
            yield key, account
    for field in ("addresses", "pins"):
        for number, entry in enumerate(entry for entry in record.get(field, ()) if isinstance(entry, Mapping)):
            weights = owner_of(str(entry.get("kind")), str(entry.get("value")))
            if account := weights if field == "addresses" else account_of(str(entry.get("repository"))):
                yield f"{field}.{number}", account

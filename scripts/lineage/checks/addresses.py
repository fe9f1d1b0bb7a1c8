"""Addresses in all records together: no host and no account looks like another that is on record."""

from collections.abc import Iterator

from lineage.checks.hosts import account_of, check_accounts, check_hosts, owner_of
from lineage.checks.wording import addresses_in
from lineage.records import Dataset, Match, Measurement, Problem, every_record


def check_addresses(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each host and each account that looks like another."""
    addressed = [record for record in every_record(dataset) if not isinstance(record, Match | Measurement)]
    addresses = {record.path: [*addresses_in(record)] for record in addressed}
    holders = {path: [account for account in map(account_of, urls) if account] for path, urls in addresses.items()}
    for model in dataset.models.values():
        holders[model.path] += [owner_of(account.kind, account.value) for account in model.addresses]
    for path, message in (*check_hosts(addresses), *check_accounts(holders)):
        yield Problem(path, message)

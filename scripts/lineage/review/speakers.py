"""In whose name a record speaks: maintainers, identities, and who opened or made something again."""

from collections.abc import Iterator, Mapping

from lineage.checks.kinds.identities import account_key, same_account
from lineage.review.raw_records import Held, Raw


def maintainer_accounts(raw: Raw) -> set[str]:
    """The accounts of the maintainers on record, as account_key writes them."""
    identities = [identity for path, identity in raw.items() if path.startswith("data/identities/")]
    maintainers = [identity for identity in identities if identity.get("kind") == "maintainer"]
    return {account_key(str(account)) for identity in maintainers for account in identity.get("accounts", ())}


def is_maintainer(author: str | None, base: Raw) -> bool:
    """Whether the account that makes a change is of a maintainer in the base; not where nobody said whose it is."""
    return bool(author) and account_key(str(author)) in maintainer_accounts(base)


def by_whom(author: str | None) -> str:
    """Who makes a change, in words."""
    return f"this change is by {author}" if author else "nobody said who makes this change"


def identities_named(record: Held) -> Iterator[tuple[str, str]]:
    """The identities on which a claim or response rests, each with where it is named."""
    reply = record.get("reply")
    if isinstance(reply, Mapping) and reply.get("identity"):
        yield "reply", str(reply["identity"])
    for event in record.get("history", ()):
        if isinstance(event, Mapping) and event.get("identity"):
            yield f"event of {event.get('date')}", str(event["identity"])


def speaks_as(author: str, identity: Held) -> bool:
    """Whether an account is one of those that the record of an identity lists."""
    return any(same_account(author, str(account)) for account in identity.get("accounts", ()))


def opened_here(source: Held) -> list[Held]:
    """The events of a source that say that one of us opened its address."""
    return [event for event in source.get("history", ()) if not event.get("reported_by") and not event.get("opened_by")]


def says_package_opened(before: Held, after: Held) -> bool:
    """Whether a source says, and did not before, that one of us opened the package that holds it."""
    words = "package opened here"
    same = before.get("read") == words and before.get("package") == after.get("package")
    return after.get("read") == words and not same


def repeats_not_by(before: Held, after: Held, author: str | None, *, ours: bool) -> list[Held]:
    """The new repeats of a measurement that a record says somebody other than the author made.

    A repeat with an account is the author's where that is theirs; one without, of a maintainer or of continuous
    integration, is the author's where they are a maintainer on record (ours).
    """
    new = [repeat for repeat in after.get("repeats", ()) if repeat not in before.get("repeats", ())]
    return [repeat for repeat in new if not _is_by(repeat, author, ours=ours)]


def _is_by(repeat: Held, author: str | None, *, ours: bool) -> bool:
    account = repeat.get("account")
    return same_account(author, account) if account else ours


def who_repeated(repeat: Held) -> str:
    """Who made a measurement again, in words: an account, or what stands in `by`."""
    return str(repeat.get("account") or repeat.get("by"))

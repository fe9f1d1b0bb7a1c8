"""What only a maintainer, an identified party or the owner of a reply may change."""

from collections.abc import Iterator, Mapping

from lineage.checks.kinds.identities import same_account
from lineage.records import Problem
from lineage.review.raw_records import Held, Raw, said
from lineage.review.speakers import (
    by_whom,
    identities_named,
    is_maintainer,
    maintainer_accounts,
    opened_here,
    repeats_not_by,
    says_package_opened,
    speaks_as,
    who_repeated,
)

_OWNED = ("title", "claimant", "date", "statement", "quote", "answers", "reply")  # what the owner of a reply may change


def reply_problems(path: str, before: Held, after: Held, author: str | None) -> Iterator[Problem]:
    """A problem for a reply that another account than its owner's changed or removed."""
    if not isinstance(reply := before.get("reply"), Mapping):
        return
    owner = reply.get("owner")
    changed = [key for key in _OWNED if before.get(key) != after.get(key)]
    if changed and not same_account(author, owner):
        what = f"changes {', '.join(map(repr, changed))} of" if after else "removes"
        option = "" if author else "; --author does"
        yield Problem(path, f"{what} a reply that only {owner} may change; {by_whom(author)}{option}")


def foreign_identities(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for what only a maintainer, or an identified party, may add or change."""
    ours = is_maintainer(author, base)
    for path in sorted(base.keys() | now.keys()):
        if base.get(path) == now.get(path):
            continue
        before, after = base.get(path, {}), now.get(path, {})
        if path.startswith("data/identities/") and author and not ours:
            first = (
                ""
                if maintainer_accounts(base)
                else "; none is on record, and the first is put there on the default branch itself"
            )
            yield Problem(path, f"says whose an account is, which a maintainer does; this change is by {author}{first}")
        owner = (after.get("reply") or {}).get("owner")
        if owner and not before.get("reply") and author and not ours and not same_account(author, owner):
            message = f"holds a reply of {owner}; this change is by {author}: send it with that account"
            yield Problem(path, f"{message}, or ask a maintainer to add it")
        earlier = set(identities_named(before))
        for where, name in identities_named(after) if path.startswith("data/cases/") else ():
            if (where, name) in earlier and said(before.get("reply")) == said(after.get("reply")):
                continue
            identity = base.get(f"data/identities/{name}.toml")
            if identity is None:
                message = f"{where}: rests on {name!r}, which this change adds; a maintainer adds an identity first"
                yield Problem(path, f"{message}, in a change of its own")
            elif author and not ours and not speaks_as(author, identity):
                yield Problem(path, f"{where}: speaks as {name!r}; this change is by {author}, no account of it")


def foreign_openings(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for each new event of a source that says that another account than the author's opened its address."""
    if author is None:
        return
    ours = is_maintainer(author, base)
    for path, after in sorted(now.items()):
        if not path.startswith("data/sources/"):
            continue
        if says_package_opened(base.get(path, {}), after) and not ours:
            message = f"'read' says that one of us opened the package; this change is by {author}, no maintainer"
            yield Problem(path, f'{message} on record: write "not read", and a maintainer opens it')
        before = base.get(path, {}).get("history", ())
        for event in opened_here(after):
            if event not in before and not ours:
                message = f"the event of {event.get('date')} says that one of us opened the address; this change is by"
                yield Problem(path, f"{message} {author}, no maintainer on record: name the account in 'opened_by'")
        for event in after.get("history", ()):
            by = event.get("opened_by")
            if by and event not in before and not same_account(author, by):
                message = f"the event of {event.get('date')} says that {by} opened the address; this change is by"
                yield Problem(path, f"{message} {author}")


def foreign_repeats(base: Raw, now: Raw, author: str | None) -> Iterator[Problem]:
    """A problem for each repeat of a measurement that is gone, or that another account than the one named there adds.

    For a maintainer and continuous integration a maintainer speaks, and for a second person that account alone.
    """
    ours = author is None or is_maintainer(author, base)
    for path in sorted(path for path in base.keys() | now.keys() if path.startswith("data/reproductions/")):
        before, after = base.get(path, {}), now.get(path, {})
        measurement = f"data/{(after or before).get('measured')}.toml"
        same = base.get(measurement) == now.get(measurement)
        lost = [repeat for repeat in before.get("repeats", ()) if repeat not in after.get("repeats", ())]
        if lost and after and same:
            message = f"says no more that it was made again on {lost[0].get('date')}, or says it otherwise"
            yield Problem(path, f"{message}; what was made again is only added to: put it back")
        elif not after and same and not ours:
            message = f"is gone, and {measurement} is as it was; this change is by {author}, no maintainer on record"
            yield Problem(path, f"{message}: put it back")
        if after.get("made_here") and not ours and before.get("files") != after.get("files"):
            message = f"says that this project made the weights of {measurement}; this change is by {author}"
            yield Problem(path, f"{message}, no maintainer on record: leave it out")
        for repeat in repeats_not_by(before, after, author, ours=ours) if author else ():
            message = (
                f"says that {who_repeated(repeat)} made it again on {repeat.get('date')}; this change is by {author}"
            )
            yield Problem(path, f"{message}: whoever made it again says so")

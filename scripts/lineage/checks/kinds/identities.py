"""Rules for identities, and for what only an identified party may say."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from lineage.checks.hosts import name_form, registered_domain
from lineage.evidence.standing import OF_PARTIES
from lineage.records import Claim, ClaimEvent, Dataset, Identity, Problem

# Where anybody gets an address, or a name under a domain: an address there says nothing about an organisation.
_ANYBODYS = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com aol.com
    proton.me protonmail.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.ru yandex.com zoho.com tutanota.com
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com aliyun.com 139.com 189.cn naver.com daum.net
    hanmail.net fastmail.com hey.com duck.com pm.me github.com huggingface.co gitee.com gitcode.com
    modelscope.cn
    """.split()  # noqa: SIM905 - a list of them, one a line, would be no easier to read
)


def account_key(address: str) -> str:
    """The address of an account in one form, whatever its capitals and last slash."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}".casefold()


def same_account(address_a: str | None, address_b: str | None) -> bool:
    """Whether two addresses are those of one account."""
    return bool(address_a and address_b) and account_key(str(address_a)) == account_key(str(address_b))


def maintainers(dataset: Dataset) -> dict[str, Identity]:
    """The identity of each account of a maintainer on record."""
    records = (identity for identity in dataset.identities.values() if identity.kind == "maintainer")
    return {account_key(account): identity for identity in records for account in identity.accounts}


def check_identity(identity: Identity, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for an identity: what it rests on, who verified it, and whom it may speak for."""
    yield from _rests_on(identity)
    yield from _verified(identity, dataset)
    if identity.kind == "maintainer" and identity.speaks_for:
        yield Problem(identity.path, "is a maintainer, who speaks for nobody here; leave 'speaks_for' out")
    if identity.kind == "party" and not identity.speaks_for:
        yield Problem(identity.path, "speaks for nobody; name the maker or claimant in 'speaks_for', as records do")
    parties = {model.maker for model in dataset.models.values()} | _claimants(dataset)
    for name in identity.speaks_for:
        if name not in parties and not dataset.refused:
            message = (
                f"speaks for {name!r}, whom no record names as maker or claimant; write the name as it stands there"
            )
            yield Problem(identity.path, message)
    for holder in dataset.identities.values():
        shared = {account_key(account) for account in identity.accounts} & {
            account_key(account) for account in holder.accounts
        }
        if holder.id < identity.id and shared:
            yield Problem(identity.path, f"has the account {min(shared)!r}, which {holder.id!r} has; keep one")


def check_names(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each maker, claimant or publisher whose name looks like another's on record and is not it."""
    bearers = [(model.maker, model.path, "maker") for model in dataset.models.values()]
    bearers += [(claim.claimant, claim.path, "claimant") for claims in dataset.claims.values() for claim in claims]
    bearers += [(source.publisher, source.path, "publisher") for source in dataset.sources.values()]
    numbers = Counter(name for name, _, _ in bearers)
    alike: dict[str, set[str]] = defaultdict(set)
    for name in numbers:
        alike[name_form(name)].add(name)

    def plainness(name: str) -> tuple[int, bool, int, int, str]:
        """More for the name that more records bear, then for the plainer one: who imitates adds to what is there."""
        return numbers[name], name.isascii(), -len(name), -len(re.findall(r"[^\w\s()]", name)), name

    usual = {form: max(names, key=plainness) for form, names in alike.items()}
    for name, path, key in bearers:
        if (usual_name := usual[name_form(name)]) != name:
            yield Problem(
                path, f"{key}: {name!r} looks like {usual_name!r}, which is on record; write it so, or another name"
            )


def check_parties(claim: Claim, case_id: str, dataset: Dataset) -> Iterator[Problem]:
    """What must hold where a record says that a maker or claimant spoke, or did what only they can do."""
    if (reply := claim.reply) and reply.identity:
        identity = dataset.identities.get(reply.identity)
        yield from _known(claim, "reply.identity", reply.identity, dataset)
        if identity:
            if not any(same_account(reply.owner, account) for account in identity.accounts):
                message = f"reply: {reply.owner} is no account of {identity.id!r}; leave 'identity' out until it is"
                yield Problem(claim.path, message)
            makers = {dataset.models[name].maker for name in claim.models if name in dataset.models}
            theirs = {claim.claimant, *(makers if claim.claimant_role == "maker" else ())}
            yield from _speaks(claim, "reply", identity, theirs)
    for event in claim.history:
        yield from _check_event(claim, event, case_id, dataset)


def _check_event(claim: Claim, event: ClaimEvent, case_id: str, dataset: Dataset) -> Iterator[Problem]:
    where = f"the event of {event.date} in 'history'"
    if event.identity:
        yield from _known(claim, where, event.identity, dataset)
        identity = dataset.identities.get(event.identity)
        if identity:
            yield from _speaks(claim, where, identity, _may_cause(claim, event, case_id, dataset))
    elif event.state in OF_PARTIES and not _reported(event, dataset):
        message = f"{where} says {event.state!r}, which only the party itself can, and no source reports it: name a "
        message += (
            "source of its own or of the press that is not unverified and no thread of replies here, or the party"
        )
        yield Problem(claim.path, f"{message} in 'identity'")


def _may_cause(claim: Claim, event: ClaimEvent, case_id: str, dataset: Dataset) -> set[str]:
    """Who can bring about the state of an event, by name: the claimant, or the maker of the case's subject."""
    case = dataset.cases.get(case_id)
    subject = dataset.models.get(case.subject or "") if case else None
    maker = {subject.maker} if subject else set()
    if event.state == "withdrawn_by_claimant":
        return {claim.claimant}
    return maker if event.state in OF_PARTIES else {claim.claimant} | maker


def _reported(event: ClaimEvent, dataset: Dataset) -> bool:
    """Whether a source reports an event: one that is not unverified, and not what somebody posted here as a reply."""
    threads = {
        str(claim.reply.via).rstrip("/")
        for claims in dataset.claims.values()
        for claim in claims
        if claim.reply and claim.reply.via and not claim.reply.identity
    }
    for name in event.sources:
        source = dataset.sources.get(name)
        if source is None:
            return True  # told elsewhere
        if source.kind != "unverified" and str(source.url or "").partition("#")[0].rstrip("/") not in threads:
            return True
    return False


def _speaks(claim: Claim, where: str, identity: Identity, names: set[str]) -> Iterator[Problem]:
    if not names & set(identity.speaks_for):
        who = " or ".join(map(repr, sorted(names))) or "nobody on record"
        yield Problem(claim.path, f"{where}: {identity.id!r} does not speak for {who}; see its 'speaks_for'")


def _known(claim: Claim, where: str, name: str, dataset: Dataset) -> Iterator[Problem]:
    if name not in dataset.identities and f"data/identities/{name}.toml" not in dataset.refused:
        yield Problem(claim.path, f"{where}: {name!r} has no record in data/identities/; a maintainer adds it first")


def _rests_on(identity: Identity) -> Iterator[Problem]:
    """A problem where the record lacks what its verification rests on."""
    needed_keys = {"address at its domain": "domain", "account of the organisation": "organisation"}
    if (key := needed_keys.get(identity.verification)) and not getattr(identity, key):
        yield Problem(identity.path, f"was verified by {identity.verification!r}; say which in {key!r}")
    if (identity.verification == "maintainers") != (identity.kind == "maintainer"):
        yield Problem(identity.path, "'verification' is \"maintainers\" for a maintainer, and for nobody else")
    if identity.domain and registered_domain(identity.domain) in _ANYBODYS | {""}:
        yield Problem(identity.path, f"domain: anybody has an address at {identity.domain}; it shows no organisation")
    if identity.organisation and any(same_account(identity.organisation, account) for account in identity.accounts):
        yield Problem(identity.path, "'organisation' is the account itself; name the one that vouches for it")


def _verified(identity: Identity, dataset: Dataset) -> Iterator[Problem]:
    of_maintainers = maintainers(dataset)
    by = account_key(identity.verified_by)
    other_maintainers = {key for key, maintainer in of_maintainers.items() if maintainer.id != identity.id}
    if by in map(account_key, identity.accounts):
        if identity.kind == "party" or other_maintainers:
            yield Problem(identity.path, "nobody verifies an account of their own; another maintainer does")
    elif by not in of_maintainers and not any("identities/" in path for path in dataset.refused):
        message = f"was verified by {identity.verified_by}, which is no account of a maintainer in data/identities/"
        yield Problem(identity.path, f"{message}; their record comes first")


def _claimants(dataset: Dataset) -> set[str]:
    return {claim.claimant for claims in dataset.claims.values() for claim in claims}

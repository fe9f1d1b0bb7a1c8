"""Hosts of addresses: the domain that somebody registered, and hosts that look like one on record and are not it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from lineage.checks.lookalikes import latin_form

# Sites whose addresses begin with the name of an account.
ACCOUNT_HOSTS = ("github.com", "gitee.com", "huggingface.co", "x.com", "twitter.com", "t.me", "gitcode.com")
# Kinds of addresses of weights, by site.
_HUBS = {"hub": "huggingface.co", "modelscope": "modelscope.cn", "gitcode": "gitcode.com"}
_SHORT = 4  # letters below which two names that differ in one letter are two names
_ALIKE = str.maketrans("10i5", "lols")  # in most typefaces
_ALIKE_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))


def host_of(address: str) -> str:
    """The host of an address in Unicode, in small letters: "https://XN--E1AFMKFD.example/" is "пример.example"."""
    try:
        host = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
    return unicode_host(host)


def unicode_host(host: str) -> str:
    """A host with each label in Unicode, in one form, whether it was written so or in punycode."""
    return ".".join(map(_unicode_label, unicodedata.normalize("NFKC", host).casefold().split(".")))


@cache
def registered_domain(host: str) -> str:
    """The domain that somebody registered: "cm.asiae.co.kr" is "asiae.co.kr"; "" for a suffix by itself."""
    return _suffixes().privatesuffix(unicode_host(host)) or ""


@cache
def seen_as(host: str) -> str:
    """What a reader takes a host for: look-alike letters and pairs of letters in one form, hyphens gone."""
    return seen_name(unicode_host(host).replace("-", ""))


def seen_name(name: str) -> str:
    """What a reader takes a name for: look-alike letters and pairs of letters in one form."""
    seen = latin_form(name).translate(_ALIKE)
    for pair, letter in _ALIKE_PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def name_form(name: str) -> str:
    """What is compared of the name of a maker: as it is seen, without case, spaces, signs and joiners."""
    return re.sub(r"[\W_]", "", seen_name(name))


def imitated_host(host: str, hosts: Iterable[str]) -> str:
    """The known host whose registered domain this one imitates; "" where it is itself known, or like none."""
    own = registered_domain(host) or unicode_host(host)
    domains = {registered_domain(known_host) or known_host for known_host in map(unicode_host, hosts)}
    if own in domains:
        return ""
    for domain in sorted(domains):
        name, suffix = domain.partition(".")[::2]
        inside = f".{unicode_host(host)}."
        if seen_as(own) == seen_as(domain) or f".{domain}." in inside or f".{name}-{suffix}." in inside:
            return domain
    return ""


def check_hosts(addresses: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """Each path of a record with what is wrong with a host in it; addresses are those of each record, by its path.

    Of two hosts that look alike, the one that fewer records name is told.
    """
    uses = Counter(host for urls in addresses.values() for host in set(map(host_of, urls)))
    domains = Counter[str]()
    for host, number in uses.items():
        domains[registered_domain(host) or host] += number
    for path, urls in addresses.items():
        for host in sorted(set(map(host_of, urls))):
            own = registered_domain(host) or host
            rank = (domains[own], own.isascii())
            better = [domain for domain in domains if (domains[domain], domain.isascii()) > rank]
            if original := imitated_host(host, better):
                message = f"the host {host!r} looks like {original!r}, which is on record, and is not it"
                yield path, f"{message}; write the address that was meant, or another source"
            elif _mixes(host):
                yield path, f"the host {host!r} mixes alphabets in one name; write the address that was meant"


def near_hosts(host: str, hosts: Iterable[str]) -> list[str]:
    """The known domains that differ from that of a host in one letter, or in their ending alone."""
    own = registered_domain(host) or host
    domains = {registered_domain(known_host) or known_host for known_host in hosts} - {own}
    return sorted(known_host for known_host in domains if _near(own, known_host))


def account_of(address: str) -> tuple[str, str] | None:
    """The site and the name of the account that a web address, or "github.com/owner/name", belongs to, or None."""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    owner = parts.path.strip("/").partition("/")[0]
    return (host, owner) if host in ACCOUNT_HOSTS and owner else None


def owner_of(kind: str, value: str) -> tuple[str, str]:
    """The site and the name of whoever holds an address of weights: of a package its own name, on no site."""
    if kind in _HUBS:
        return _HUBS[kind], value.partition("/")[0]
    return kind, value.partition("==")[0]


def near_accounts(account: tuple[str, str], accounts: Iterable[tuple[str, str]]) -> list[str]:
    """The names of known accounts of the same site that look like this one, or differ from it in one letter."""
    site, name = account
    own = name.casefold()
    names = {
        account_name
        for account_site, account_name in accounts
        if account_site == site and account_name.casefold() != own
    }
    if any(account_site == site and account_name.casefold() == own for account_site, account_name in accounts):
        return []
    return sorted(
        account_name
        for account_name in names
        if seen_name(account_name) == seen_name(name) or _near_name(own, account_name.casefold())
    )


def check_accounts(accounts: Mapping[str, Iterable[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Each path of a record with the account in it whose name looks like another's on the same site that more name."""
    uses = Counter(
        account for holders in accounts.values() for account in {(site, name.casefold()) for site, name in holders}
    )
    looks: dict[tuple[str, str], list[str]] = {}
    for site, name in uses:
        looks.setdefault((site, seen_name(name)), []).append(name)
    for path, holders in accounts.items():
        for site, name in sorted(set(holders)):
            own = (uses[site, name.casefold()], name.isascii())
            for lookalike in looks[site, seen_name(name.casefold())]:
                if (uses[site, lookalike], lookalike.isascii()) > own:
                    message = (
                        f"the account {name!r} looks like {lookalike!r} on {site}, which is on record, and is not it"
                    )
                    yield path, f"{message}; write the address that was meant"


def _near_name(name_a: str, name_b: str) -> bool:
    return min(len(name_a), len(name_b)) >= _SHORT and _one_letter_apart(name_a, name_b)


def _near(domain_a: str, domain_b: str) -> bool:
    if domain_a.partition(".")[0] == domain_b.partition(".")[0]:
        return True
    return _one_letter_apart(domain_a, domain_b)


def _one_letter_apart(text_a: str, text_b: str) -> bool:
    if abs(len(text_a) - len(text_b)) > 1:
        return False
    start = next(
        (position for position, (a, b) in enumerate(zip(text_a, text_b, strict=False)) if a != b),
        min(map(len, (text_a, text_b))),
    )
    rests = (text_a[start:], text_b[start:])
    swapped = rests[0][1:2] + rests[0][:1] + rests[0][2:] == rests[1]
    return swapped or rests[0][1:] == rests[1][1:] or rests[0][1:] == rests[1] or rests[0] == rests[1][1:]


def _mixes(host: str) -> bool:
    """Whether a label holds letters of two alphabets, of which one is Latin, Cyrillic or Greek."""
    return any(len(_alphabets(label)) > 1 for label in host.split("."))


def _alphabets(label: str) -> set[str]:
    alphabets = {unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}
    return alphabets if alphabets & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"} else set()


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_encoded_idn=False)

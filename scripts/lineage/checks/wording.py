"""Words that are printed: none of verdict outside a quotation, none of this site's own, no account or private name."""

import json
import re
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from urllib.parse import urlsplit

from pydantic import BaseModel

from lineage.checks.hosts import ACCOUNT_HOSTS
from lineage.checks.lookalikes import imitations, latin_form, plain_form, read_forms, too_many_marks
from lineage.checks.verdict_lists import RESERVED, VERDICT, may_be_reserved, may_judge
from lineage.records import (
    Case,
    Claim,
    Correction,
    Dataset,
    Identity,
    Model,
    Problem,
    Published,
    Record,
    Removal,
    Request,
    every_record,
)

# "Copied", "copy of" and "is a copy" judge in a sentence without a technical word: files have copies.
_COPY = re.compile(
    r"\b(?:copied|copying|copycats?|(?<!no )cop(?:y|ies) of"
    r"|(?:is|are|was|were|be|being|merely|just|as) (?:an? |the )?(?:\w+ )?cop(?:y|ies))\b",
    re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"\b(?:archiv\w*|quanti[sz]\w*|licen[cs]\w*|files?|pages?|readme|onnx|gguf|packages?|packaged|repositor\w+|bytes?"
    r"|bits?|checksums?|mirror\w*|accounts?|tensors?|matri\w+)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"]*)\"|「([^「」]*)」|『([^『』]*)』|«([^«»]*)»")
_QUOTED_WORDS = 25  # a longer passage is no quotation that this site may carry
_AT_NAME = re.compile(r"(?<![\w./])@[A-Za-z0-9_]\w*|(?<![\w.+-])[\w.+-]++@[\w-]+\.\w+")
_ADDRESS = re.compile(r"https?://\S+")
# A person by name: after a form of address or an office, as two words with capitals.
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Herr|Frau|Monsieur|Madame|Señor|Señora)\.? [^\W\d_a-z]\w+"
    r"|\b(?:CEO|CTO|engineer|employee|researcher|scientist|author|developer|founder|intern|student|whistle-?blower)"
    r"(?: called| named|,)? [A-Z][a-z]+(?: [A-Z]\.)? [A-Z][a-z]+\b"
    r"(?! (?:Lab|Labs|AI|Inc|Institute|University|Team|Group))"
    r"|[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐)"
)
# Keys whose text is no name and no sentence: addresses, checksums, and ids of what is on record under its own name.
_ADDRESSES = {
    *("path", "url", "archive_url", "owner", "via", "accounts", "opened_by", "verified_by", "organisation"),
    *("asked_by", "thread"),
    *("sha256", "text_sha256", "commit"),
}
_IDS = {
    *("source", "sources", "reported_by", "answers", "supersedes", "withdrawn_by", "identity", "domain"),
    *("pages", "records", "record", "state"),
}
_BY_TOOLS = ("Match", "Measurement")
_JSON_TEXT = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"(:?)|\Z)')  # and whether it is the name of a key
_THEIRS = {"quote", "reply"}  # what somebody else wrote, letter by letter
_TITLES = {"Source": "title"}  # whose own words may be quoted in it
# Keys in which people and accounts are not looked for: names of organisations, models and files, and addresses.
_NAMES = {"id", "name", "maker", "file", "models", "removed", "pairs", "value", "repository", "publisher", "claimant"}
_WRITTEN = Case | Claim | Correction | Identity | Model | Published | Removal | Request
_STATEMENTS = ("text", "statement", "wrong", "stood")  # keys whose sentence rests on the sources beside it


def written_records(dataset: Dataset) -> Iterator[Record]:
    """The records whose words are ours; not sources, and not what tools write."""
    yield from (record for record in every_record(dataset) if isinstance(record, _WRITTEN))


def check_words(record: Record, accounts: Set[str], dataset: Dataset) -> Iterator[Problem]:
    """A problem for each account or person that a record names, and each sentence that lacks "unverified"."""
    for key, text in _texts(record):
        names = set(key.split("."))
        if not names & _NAMES and not (type(record).__name__ == "Source" and key == "title"):
            yield from _people(record.path, key, text, accounts)
    for key, statement in _parts(record):
        yield from _unverified(record, key, statement, dataset)


def check_printed(record: Record) -> Iterator[Problem]:
    """A problem for each word of verdict, word of this site, and letter that is made to look like another, in any text.

    Names, titles and ids are printed too. A verdict in quotation marks inside a text stands only where the record's
    own [quote] has it, with the place in its source; a quotation and a reply, which a reviewer is shown, may hold any.
    """
    quote = getattr(record, "quote", None)
    quoted = frozenset(map(plain_form, _judging(quote.text))) if quote else frozenset()
    ours = type(record).__name__ == "MethodParameters"  # what this site says of its own methods
    for key, text in _texts(record) if type(record).__name__ not in _BY_TOOLS else _strings(record):
        theirs = bool(set(key.split(".")) & _THEIRS)
        title = _TITLES.get(type(record).__name__) == key
        for message in printed_problems(text, theirs=theirs, quoted=None if title else quoted, ours=ours):
            yield Problem(record.path, f"{key}: {message}")


@lru_cache(16_384)
def printed_problems(text: str, *, theirs: bool, quoted: frozenset[str] | None, ours: bool = False) -> tuple[str, ...]:
    """What is wrong with a text that pages print, in words.

    Theirs says that somebody else wrote it; quoted are the words of verdict that it may hold in quotation marks, None
    for any; ours says that this site speaks, as in what it says of its own methods.
    """
    problems = [] if theirs else [_JUDGES.format(word) for word in verdict_words(text)]
    if not theirs and quoted is not None:
        inside = {plain_form(word) for word in _judging(text)} - {plain_form(word) for word in verdict_words(text)}
        problems += [_QUOTED_VERDICT.format(word) for word in sorted(inside - quoted)]
    problems += [_SITE_WORDS.format(word) for word in reserved_words(text) if not ours]
    problems += [_IMITATES.format(word) for word in imitations(text)]
    if letter := too_many_marks(text):
        problems.append(f"{letter!r} and the marks on it are no letter of an alphabet; write the letter without them")
    return tuple(problems)


_JUDGES = "{!r} judges; say what was reported, or quote it in quotation marks with its source"
_QUOTED_VERDICT = (
    "{!r} judges, in a quotation without a place; put the passage into the [quote] of a claim, with its place"
)
_SITE_WORDS = "{!r} is what this site says itself; say in other words who says so"
_IMITATES = "{!r} mixes alphabets: some letters look like Latin ones and are others; write it in one alphabet"


def addresses_in(record: BaseModel) -> Iterator[str]:
    """Every web address in a record, and the domains of identities."""
    for key, value in record:
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, BaseModel):
                yield from addresses_in(entry)
            elif isinstance(entry, str) and key == "domain":
                yield f"https://{entry}/"
            elif isinstance(entry, str) and key in _ADDRESSES and "://" in entry:
                yield entry


def check_translations(path: str, catalogue: Mapping[str, str], accounts: Set[str]) -> Iterator[Problem]:
    """A problem for each word in a translation that check_printed would refuse, and each account or person in it."""
    for words, translation in catalogue.items():
        quoted = None if set(_judging(words)) else frozenset[str]()
        for message in printed_problems(translation, theirs=False, quoted=quoted):
            yield Problem(path, f"{words[:40]!r}: {message}")
        yield from _people(path, f"{words[:40]!r}", translation, accounts)


def check_cells(path: str, cells: Set[str]) -> Iterator[Problem]:
    """A problem for each cell of a published table with a word that check_printed would refuse."""
    for cell in sorted(cells):
        for message in printed_problems(cell, theirs=False, quoted=frozenset()):
            yield Problem(path, f"{cell[:40]!r}: {message}")


def reserved_words(text: str) -> list[str]:
    """The words in a text that this site says itself, as "Maintainer verified", quoted or not."""
    forms = read_forms(text)
    if not may_be_reserved(forms):
        return []
    return list(dict.fromkeys(match[0] for form in forms for match in RESERVED.finditer(form)))


def verdict_words(text: str) -> list[str]:
    """The words of verdict in a text, outside quotations, in order; then those that it holds in other letters."""
    return _judging(_QUOTED.sub(_without_quotation, text))


@lru_cache(16_384)
def _judged(text: str) -> tuple[str, ...]:
    words = []
    forms = read_forms(text)
    judges, copies = may_judge((text, *forms)), "cop" in text.casefold()
    for sentence in re.split(r"(?<=[.!?。！？])\s+|\n", text) if judges or copies else ():
        words += [word[0] for word in VERDICT.finditer(sentence)]
        words += _COPY.findall(sentence) if not _TECHNICAL.search(sentence) else []
    seen = {latin_form(word) for word in words}
    for form in forms if judges else ():
        for word in VERDICT.findall(form):
            if latin_form(word) not in seen:
                seen.add(latin_form(word))
                words.append(word)
    return tuple(words)


def _judging(text: str) -> list[str]:
    """The words of verdict in a text, quoted or not."""
    return list(_judged(text))


def account_names(text: str, accounts: Set[str]) -> list[str]:
    """Account names in a text, outside addresses: "@name", e-mail addresses, and the given accounts."""
    bare = _ADDRESS.sub(" ", text)
    words = set(re.findall(r"[\w-]+", bare.casefold()))
    return _AT_NAME.findall(bare) + sorted(words & accounts)


def personal_accounts(dataset: Dataset) -> frozenset[str]:
    """Accounts that addresses of sources and replies name, less those of makers, publishers and claimants."""
    urls = [source.url for source in dataset.sources.values() if source.url]
    urls += [request.asked_by for request in dataset.requests.values() if request.asked_by]
    urls += [claim.reply.owner for claims in dataset.claims.values() for claim in claims if claim.reply]
    parties = [source.publisher for source in dataset.sources.values()]
    parties += dataset.published  # sets are called after who published them
    parties += [f"{model.id} {model.maker}" for model in dataset.models.values()]
    parties += [claim.claimant for claims in dataset.claims.values() for claim in claims]
    words = _squeezed(" ".join(parties))
    return frozenset(name for name in map(account_under, urls) if len(name) > 2 and _squeezed(name) not in words)


def account_under(url: str) -> str:
    """The account that an address lies under, in lower case, or ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return parts.path.strip("/").partition("/")[0].casefold() if host in ACCOUNT_HOSTS else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[^\w]", "", text.casefold())


def _people(path: str, key: str, text: str, accounts: Set[str]) -> Iterator[Problem]:
    """A problem for each account and each person that a text names."""
    for name in account_names(text, accounts):
        message = f"{name!r} names an account; account names stand only inside addresses, people by role"
        yield Problem(path, f"{key}: {message}")
    for person in _PERSON.finditer(text):
        yield Problem(path, f"{key}: {person[0]!r} names a person; people stand by role, without their names")


def names_somebody(text: str, accounts: Set[str]) -> bool:
    """Whether a text names an account or a person, which no text of a record does."""
    return any(_people("", "", text, accounts))


def _without_quotation(quotation: re.Match[str]) -> str:
    quoted = next(words for words in quotation.groups() if words is not None)
    return " " if len(quoted.split()) < _QUOTED_WORDS else quotation[0]


def _texts(record: BaseModel, above: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a record that pages print, with its key; ids of other records stand under their own."""
    for key, value in record:
        if key in _ADDRESSES | _IDS or key.endswith(("_sources", "_url")):
            continue
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, BaseModel):
                yield from _texts(entry, f"{above}{key}.")
            elif isinstance(entry, str):
                yield f"{above}{key}", entry


def _strings(record: Record) -> Iterator[tuple[str, str]]:
    """Every text in a record of many numbers, each once, without its key: walking all of them takes a second."""
    texts = _JSON_TEXT.findall(record.model_dump_json(exclude={"path", "files"}))
    for text in dict.fromkeys(text for text, is_key in texts if not is_key):
        yield "text", json.loads(f'"{text}"')


def _parts(record: BaseModel, above: str = "") -> Iterator[tuple[str, BaseModel]]:
    yield above.rstrip("."), record
    for key, value in record:
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, BaseModel):
                yield from _parts(entry, f"{above}{key}.")


def _unverified(record: Record, key: str, statement: BaseModel, dataset: Dataset) -> Iterator[Problem]:
    """A sentence that rests on unverified sources alone says so."""
    sources = getattr(statement, "sources", ())
    kinds = {dataset.sources[name].kind for name in sources if name in dataset.sources}
    texts = [getattr(statement, name) for name in _STATEMENTS if isinstance(getattr(statement, name, None), str)]
    if kinds == {"unverified"} and texts and not any("unverified" in text.lower() for text in texts):
        where = f"{key}: " if key else ""
        yield Problem(record.path, f'{where}rests on unverified sources only; write "unverified" in the sentence')

"""Words of ours: no word of verdict outside a quotation, no account or private name, "unverified" where it is due."""

import re
from collections.abc import Iterator, Mapping, Set
from urllib.parse import urlsplit

from pydantic import BaseModel

from lineage.records import Dataset, Problem, Record

# Words that judge. "Copied", "copy of" and "is a copy" judge in a sentence without a technical word: files have copies.
_VERDICT = re.compile(
    r"\b(?:steal(?:s|ing|er)?|stole|stolen|theft|thie(?:f|ves)|plagiari\w+|guilt|guilty|fraud\w*|cheat(?:s|ed|er|ing)?"
    r"|fak(?:e|es|ed|er|ing|ery)|debunk\w*|expos(?:e|es|ed|ing|é)|proofs?|prove[sdn]?|proving|disprove[sdn]?"
    r"|admits?|admitted|confess\w*|counterfeit\w*|rip-?offs?)\b"
    r"|抄袭|抄襲|套壳|套殼|剽窃|剽竊|造假|实锤|實錘|石锤|偷窃|窃取|盗用|盗窃|作弊|欺诈|打假|표절|도용|盗作",
    re.IGNORECASE,
)
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
_QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"|「([^」]*)」|『([^』]*)』|«([^»]*)»")
_QUOTED_WORDS = 25  # a longer passage is no quotation that this site may carry
_AT_NAME = re.compile(r"(?<![\w./])@[A-Za-z0-9_]\w*|\b[\w.+-]+@[\w-]+\.\w+")
_ADDRESS = re.compile(r"https?://\S+")
_ACCOUNT_HOSTS = ("github.com", "gitee.com", "huggingface.co", "x.com", "twitter.com", "t.me", "gitcode.com")
# Keys whose text is not ours, or is a name, an id or an address.
_NOT_OURS = {
    *("path", "id", "name", "maker", "quote", "header", "file", "source", "sources", "url", "owner", "via"),
    *("answers", "supersedes", "withdrawn_by", "models", "pages", "records", "removed", "pairs"),
    *("value", "repository"),  # of the address of a model and of a pinned file
}
_STATEMENTS = ("text", "statement", "wrong", "stood")  # keys whose sentence rests on the sources beside it


def written_records(dataset: Dataset) -> Iterator[Record]:
    """The records whose words are ours; not sources, and not what tools write."""
    yield from dataset.models.values()
    yield from dataset.cases.values()
    for claims in dataset.claims.values():
        yield from claims
    yield from dataset.published.values()
    yield from dataset.corrections.values()
    yield from dataset.removals.values()


def check_words(record: Record, accounts: Set[str], dataset: Dataset) -> Iterator[Problem]:
    """A problem for each word in a record that this site does not use, and each that is missing."""
    for key, text in _texts(record):
        yield from _refused(record.path, key, text, accounts, ours=".reply." not in f".{key}.")
    for key, part in _parts(record):
        yield from _unverified(record, key, part, dataset)


def check_translations(path: str, catalogue: Mapping[str, str], accounts: Set[str]) -> Iterator[Problem]:
    """The same for what a catalogue says in another language."""
    for words, said in catalogue.items():
        yield from _refused(path, f"{words[:40]!r}", said, accounts, ours=True)


def verdict_words(text: str) -> list[str]:
    """The words of verdict in a text, outside quotations, in order."""
    found = []
    for sentence in re.split(r"(?<=[.!?。！？])\s+|\n", _QUOTED.sub(_without_quotation, text)):
        found += _VERDICT.findall(sentence)
        found += _COPY.findall(sentence) if not _TECHNICAL.search(sentence) else []
    return found


def account_names(text: str, accounts: Set[str]) -> list[str]:
    """Account names in a text, outside addresses: "@name", e-mail addresses, and the given accounts."""
    bare = _ADDRESS.sub(" ", text)
    words = set(re.findall(r"[\w-]+", bare.casefold()))
    return _AT_NAME.findall(bare) + sorted(words & accounts)


def personal_accounts(dataset: Dataset) -> frozenset[str]:
    """Accounts that addresses of sources and replies name, less those of makers, publishers and claimants."""
    urls = [source.url for source in dataset.sources.values() if source.url]
    urls += [claim.reply.owner for claims in dataset.claims.values() for claim in claims if claim.reply]
    parties = [source.publisher for source in dataset.sources.values()]
    parties += dataset.published  # sets are called after who published them
    parties += [f"{model.id} {model.maker}" for model in dataset.models.values()]
    parties += [claim.claimant for claims in dataset.claims.values() for claim in claims]
    known = _squeezed(" ".join(parties))
    return frozenset(name for name in map(_account, urls) if len(name) > 2 and _squeezed(name) not in known)


def _account(url: str) -> str:
    """The account that an address lies under, in lower case, or ""."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return parts.path.strip("/").partition("/")[0].casefold() if host in _ACCOUNT_HOSTS else ""


def _squeezed(text: str) -> str:
    return re.sub(r"[^\w]", "", text.casefold())


def _refused(path: str, key: str, text: str, accounts: Set[str], ours: bool) -> Iterator[Problem]:
    """What a text may not hold; words that judge are refused where the words are ours."""
    for word in verdict_words(text) if ours else ():
        message = f"{word!r} judges; say what was reported, or quote it in quotation marks with its source"
        yield Problem(path, f"{key}: {message}")
    for name in account_names(text, accounts):
        message = f"{name!r} names an account; account names stand only inside addresses, people by role"
        yield Problem(path, f"{key}: {message}")


def _without_quotation(found: re.Match[str]) -> str:
    quoted = next(part for part in found.groups() if part is not None)
    return " " if len(quoted.split()) < _QUOTED_WORDS else found[0]


def _texts(part: BaseModel, above: str = "") -> Iterator[tuple[str, str]]:
    """Every text of ours in a record with its key; a reply in full is its author's, and only checked for names."""
    for key, value in part:
        if key in _NOT_OURS or key.endswith(("_sources", "_url")):
            continue
        items = value if isinstance(value, tuple) else (value,)
        for item in items:
            if isinstance(item, BaseModel):
                yield from _texts(item, f"{above}{key}.")
            elif isinstance(item, str):
                yield f"{above}{key}", item


def _parts(part: BaseModel, above: str = "") -> Iterator[tuple[str, BaseModel]]:
    yield above.rstrip("."), part
    for key, value in part:
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _parts(item, f"{above}{key}.")


def _unverified(record: Record, key: str, part: BaseModel, dataset: Dataset) -> Iterator[Problem]:
    """A sentence that rests on unverified sources alone says so."""
    sources = getattr(part, "sources", ())
    kinds = {dataset.sources[name].kind for name in sources if name in dataset.sources}
    texts = [getattr(part, name) for name in _STATEMENTS if isinstance(getattr(part, name, None), str)]
    if kinds == {"unverified"} and texts and not any("unverified" in text.lower() for text in texts):
        where = f"{key}: " if key else ""
        yield Problem(record.path, f'{where}rests on unverified sources only; write "unverified" in the sentence')

"""Two versions of people's records -> each text that is another, with its rank among all that changed."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Any

from lineage.checks.hosts import host_of
from lineage.evidence.case_figures import home_case
from lineage.records import Case, Claim, Dataset, Match, Measurement, Record, Source, every_record
from lineage.review.change import Change, key_in_words

_PART = 3  # the rank of a part that is no list: behind that of a list of an entry or two
_LAST = 10_000  # a rank behind that of any entry
_TITLE_WORDS = 12  # a field of more words is told by itself
_NAMES = ("id", "name", "file", "title", "date", "model", "value")  # what tells one entry of a list from another
# What somebody says, or is said of somebody: a change of these is a change of the record itself.
_STATEMENTS = frozenset(
    (
        *("statement", "quote", "text", "question", "answer", "title", "claimant", "claimant_role", "name", "maker"),
        *("wrong", "changed", "stood", "why", "shows", "description", "owner", "kind", "answers", "withdrawn_by"),
        *("state", "date", "ours", "direction_ours", "title_ours", "unverified"),
    )
)


def record_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = ({record.path: record for record in every_record(dataset)} for dataset in (before, after))
    for path in old.keys() - new.keys():
        yield Change("record removed", path, _title(old[path]), file=path)
    for path in new.keys() - old.keys():
        record = new[path]
        kind = "claim new" if isinstance(record, Case | Claim) else "record added"
        yield Change(kind, path, after=_new_words(record), file=path)
        if not isinstance(record, Match | Measurement):
            yield from _new_texts(path, record)
    front = front_texts(before) | front_texts(after)
    for path in old.keys() & new.keys():
        if old[path] != new[path]:
            yield from _changed(path, old[path], new[path], front)


def _new_texts(path: str, record: Record) -> Iterator[Change]:
    """Everything that a new record says: each entry of a list, each part and each sentence, and the rest in one.

    Those of long lists come last, so that a long list hides nothing else.
    """
    fields = record.model_dump(mode="json", exclude={"path"}, exclude_defaults=True)
    long = {name for name, value in fields.items() if isinstance(value, list | dict) or _in_sentences(value)}
    short = {name: value for name, value in fields.items() if name not in long}
    yield Change("text new", path, after=_shown(short), file=path, rank=_LAST, sort=path)
    for name, value in fields.items():
        is_list = isinstance(value, list) and any(isinstance(entry, dict) for entry in value)
        for number, entry in enumerate(value if is_list else [value] if name not in short else ()):
            kind = "published" if path.startswith("data/published/") and name == "figures" else "text new"
            key = key_in_words(f"{name}.{number}" if is_list else name)
            rank = len(value) if is_list else _PART
            yield Change(kind, f"{path}, {key}", after=_shown(entry), file=path, rank=rank, sort=f"{path}, {name}")


def _in_sentences(value: Any) -> bool:
    return isinstance(value, str) and len(value.split()) > _TITLE_WORDS


def _changed(path: str, old: Record, new: Record, front: Set[str]) -> Iterator[Change]:
    """One change for each value that is another, of what people write; one in all of what tools write."""
    old_values, new_values = (record.model_dump(mode="json", exclude={"path"}) for record in (old, new))
    values = [
        (key, _shown(before), _shown(after), names) for key, before, after, names in _differing(old_values, new_values)
    ]
    if isinstance(new, Match | Measurement):
        shown = [f"{key_in_words(key)}: {before} → {after}" for key, before, after, _ in values[:3]]
        more = f" and {len(values) - 3} more values" if len(values) > 3 else ""
        yield Change("measurement", path, after="; ".join(shown) + more, file=path)
        return
    for key, before, after, names in values:
        kind = "published" if path.startswith("data/published/") and "value" in names else "record changed"
        is_statement = path.startswith("data/cases/") and " " in f"{before}{after}"
        kind = "statement" if is_statement or (kind == "record changed" and names & _STATEMENTS) else kind
        on_front = key.split(".")[0] == "home" or bool({before, after} & front)
        rank, sort = _consequence(before, after, on_front) if kind == "statement" else (0, "")
        yield Change(kind, f"{path}, {key_in_words(key)}", before, after, path, rank, sort)


def front_texts(dataset: Dataset) -> frozenset[str]:
    """The texts of cases that the front page prints."""
    titles = [text for case in dataset.cases.values() for text in (case.title, case.status)]
    case = home_case(dataset)
    plain = [case.figure.plain.text] if case and case.figure else []
    return frozenset([*titles, *plain, *(block.text for block in (case.home if case else ()))])


def _consequence(before: str, after: str, front: bool) -> tuple[int, str]:
    """The rank of another text, and its sort: on the front page, then turned round or with another number, the rest."""
    turned = turns(before, after)
    if front:
        return (0 if turned else 1), "front"
    return (2, "turned") if turned else (3, "")


def turns(before: str, after: str) -> bool:
    """Whether one text denies what the other does not, or has other numbers: by the words for it in both languages."""
    return any(_counted(of, before) != _counted(of, after) for of in (_DENIES, _NUMBER))


def _counted(of: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(match[0].casefold() for match in of.finditer(_ASKS.sub("", text)))


_DENIES = re.compile(
    r"\b(?:not|no|non|never|none|nobody|nothing|neither|nor|cannot|without|den(?:y|ies|ied|ial)|refut\w+|reject\w+"
    r"|un(?:verified|resolved|known|related|settled))\b|n['’]t\b|并非|否认|没有|不|未|无|非|否",
    re.IGNORECASE,
)
_ASKS = re.compile(r"是否|能否|(.)不\1")  # "whether", which denies nothing
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|\d")


def _differing(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, Any, Any, Set[str]]]:
    """Each value inside a record that is another; an entry of a list that is new or gone is told whole.

    With the keys that lead to it, what stood there and stands there, None for nothing, and the names of the fields that
    it is or holds.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in {**old, **new}:
            yield from _differing(old.get(name), new.get(name), f"{key}.{name}" if key else str(name))
    elif isinstance(old, list) and isinstance(new, list):
        gained = {number: entry for number, entry in enumerate(new) if entry not in old}
        for entry in (entry for entry in old if entry not in new):
            match = next((number for number, new_entry in gained.items() if _named(new_entry) == _named(entry)), None)
            number = old.index(entry) if match is None else match
            yield from _differing(entry, None if match is None else gained.pop(match), f"{key}.{number}")
        for number, entry in gained.items():
            yield from _differing(None, entry, f"{key}.{number}")
        if old != new and len(old) == len(new) and all(entry in new for entry in old):
            yield f"{key}.order", old, new, set()
    elif old != new:
        last = next((name for name in reversed(key.split(".")) if not name.isdecimal()), key)
        yield key, old, new, {last, *_fields(old), *_fields(new)}


def _named(entry: Any) -> str:
    """What tells one entry of a list from another; "" where nothing does."""
    return next((str(entry[name]) for name in _NAMES if entry.get(name)), "") if isinstance(entry, Mapping) else ""


def _fields(value: Any) -> Iterator[str]:
    """The names of the fields that a part of a record holds, however deep."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if inner is not None:
                yield str(name)
            yield from _fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner)


def _shown(value: Any) -> str:
    """A value, or a part of a record with all that stands in it, on one line; "" for nothing."""
    if isinstance(value, Mapping):
        return "; ".join(
            f"{key_in_words(str(key))}: {_shown(inner)}" for key, inner in value.items() if inner not in (None, [])
        )
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else "" if value is None else str(value)


def _title(record: Record) -> str:
    for key in ("title", "name", "model", "id"):
        if value := getattr(record, key, ""):
            return str(value)
    return ""


def _new_words(record: Record) -> str:
    """What a record that is new says first: who claims what; what is cited for what, and whose page it is called."""
    if isinstance(record, Claim):
        return f"{record.claimant} ({record.claimant_role.replace('_', ' ')}): {record.statement}"
    if isinstance(record, Case):
        return f"{record.title}: {record.claimed.text}"
    if isinstance(record, Source):
        host = host_of(record.url) if record.url else record.package or "no address"
        return f"{_title(record)} ({record.kind}, {record.publisher}, {host}): {record.shows}"
    return _title(record)


def translation_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    """Each translation that is new, gone or another, whole, with its English."""
    front = front_texts(before) | front_texts(after)
    for language in sorted({*before.translations, *after.translations}):
        old, new = (dataset.translations.get(language, {}) for dataset in (before, after))
        for english in {**old, **new}:
            if old.get(english) != new.get(english):
                kind = "translation" if english in old else "translation new"
                texts = old.get(english, ""), new.get(english, "")
                rank, sort = _consequence(*texts, english in front)
                file = f"data/translations/{language}.po"
                yield Change(kind, f"in {language}: {english}", *texts, file, rank, sort)

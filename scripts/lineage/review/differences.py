"""Two versions of the record -> what a reader of the site would see change, what matters most first."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pandas as pd
from pydantic import BaseModel

from lineage.checks.hosts import host_of
from lineage.checks.rules import every_record
from lineage.evidence.case_figures import home_case
from lineage.methods.registry import SCREENINGS
from lineage.records import Case, Claim, Dataset, Match, Measurement, Record, Source
from lineage.review.moved import moved
from lineage.review.serious_changes import OTHER, Line
from lineage.site.citations import inner_parts
from lineage.site.pages import build_pages
from lineage.site.templating import score

# What changes, by consequence and never by number, with the words for one and for many.
KINDS: Mapping[str, tuple[str, str]] = {
    "unexplained": ("difference that nothing explains", "differences that nothing explains"),
    "serious": ("grave change to the record", "grave changes to the record"),
    "page gone": ("page is gone", "pages are gone"),
    "record removed": ("record is removed", "records are removed"),
    "finding": ("finding is another", "findings are others"),
    "null": ("null, rate, threshold or place moves", "nulls, rates, thresholds or places move"),
    "statement": ("statement is another", "statements are others"),
    "translation": ("translation is another", "translations are others"),
    "state": ("state is another", "states are others"),
    "source lost": ("statement loses a source", "statements lose a source"),
    "published": ("published number is another", "published numbers are others"),
    "control": ("row of the controls is another", "rows of the controls are others"),
    "run": ("run is new that nobody made again", "runs are new that nobody made again"),
    "claim new": ("case, claim or response is new", "cases, claims and responses are new"),
    "text new": ("text of a new record", "texts of new records"),
    "translation new": ("translation is new", "translations are new"),
    "score": ("score moves", "scores move"),
    "record changed": ("record is changed", "records are changed"),
    "measurement": ("measurement is another", "measurements are others"),
    "page words": ("sentence on pages is another", "sentences on pages are others"),
    "source gained": ("statement gains a source", "statements gain a source"),
    "record added": ("record is new", "records are new"),
    "page new": ("page is new", "pages are new"),
    "page numbers": ("number on pages is another", "numbers on pages are others"),
    "derived": ("derived table is another", "derived tables are others"),
    "layout": ("file is written in another way", "files are written in another way"),
    "file": ("other published file differs", "other published files differ"),
}
_PART = 3  # the rank of a part that is no list: behind that of a list of an entry or two
_LAST = 10_000  # a rank behind that of any entry
_TITLE_WORDS = 12  # a field of more words is told by itself
_MOVED = 5e-4  # a score that moves less is printed with the same three digits
_PAIR = ["method", "model_a", "model_b"]
_FOLDERS = (
    *("cases", "corrections", "removals", "models", "published", "parameters"),
    *("fingerprints", "matches", "sources"),
)
_NAMES = ("id", "name", "file", "title", "date", "model", "value")  # what tells one entry of a list from another
# What somebody says, or is said of somebody: a change of these is a change of the record itself.
_STATEMENTS = frozenset(
    (
        *("statement", "quote", "text", "question", "answer", "title", "claimant", "claimant_role", "name", "maker"),
        *("wrong", "changed", "stood", "why", "shows", "description", "owner", "kind", "answers", "withdrawn_by"),
        *("state", "date", "ours", "direction_ours", "unverified"),
    )
)


@dataclass(frozen=True)
class Change:
    """One thing that readers would see change."""

    kind: str  # of KINDS
    what: str
    before: str = ""
    after: str = ""
    file: str = ""  # the file under data/ whose change this explains
    rank: int = 0  # within its kind: the lower, the further up
    sort: str = ""  # within its kind: of what is alike one stands in the first lines before others do


def list_pages(dataset: Dataset) -> Mapping[str, str]:
    """The titles of the generated pages by their paths."""
    return _titles_of(_Files(dataset))


class _Files:
    """A data set that equals any other which was read from the same files."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._key = (frozenset(dataset.files.items()), dataset.refused)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Files) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=2)
def _titles_of(files: _Files) -> Mapping[str, str]:
    return {page.path: page.title for page in build_pages(files.dataset)}


def differences(before: Dataset, after: Dataset) -> list[Change]:
    """Every change of the record that readers would see, in the order of KINDS; of pages the built sites tell."""
    return in_order(
        [
            *_records(before, after),
            *_findings(before, after),
            *_sources(before, after),
            *_states(before, after),
            *_moved(before, after),
            *_scores(before, after),
            *_translations(before, after),
            *_tables(before, after),
            *_measurements(before, after),
        ]
    )


def told_seriously(lines: Iterable[Line]) -> list[Change]:
    """What somebody says in another's name, and what else only a party or a maintainer may change, with both texts."""
    return [
        Change(
            *("serious", f"{line.path}: {_field(line.key)}: {line.why}", line.before, line.after, line.path),
            rank=line.rank,
            sort=line.sort or line.why,
        )
        for line in lines
        if line.rank < OTHER
    ]


def _field(key: str) -> str:
    """The words for the field of a line; the entry of it stays as it is written."""
    field, comma, entry = key.partition(", ")
    return f"{in_words(field)}{comma}{entry}"


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The same by consequence: by kind, by rank in it, then by what people write before what tools write."""
    order = list(KINDS)
    return sorted(changes, key=lambda change: (order.index(change.kind), change.rank, _weight(change), change.what))


def in_words(key: str) -> str:
    """The words for a key of a record: "claimant role", "history 2, text"."""
    parts = re.sub(r"\.(\d+)", lambda found: f" {int(found.group(1)) + 1}", key).split(".")
    return ", ".join(part.replace("_", " ") for part in parts)


def _weight(change: Change) -> int:
    folder = change.file.split("/")[1] if change.file.count("/") > 1 else ""
    return _FOLDERS.index(folder) if folder in _FOLDERS else len(_FOLDERS)


def _records(before: Dataset, after: Dataset) -> Iterator[Change]:
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
    held = record.model_dump(mode="json", exclude={"path"}, exclude_defaults=True)
    long = {name for name, value in held.items() if isinstance(value, list | dict) or _in_sentences(value)}
    short = {name: value for name, value in held.items() if name not in long}
    yield Change("text new", path, after=_shown(short), file=path, rank=_LAST, sort=path)
    for name, value in held.items():
        listed = isinstance(value, list) and any(isinstance(one, dict) for one in value)
        for place, one in enumerate(value if listed else [value] if name not in short else ()):
            kind = "published" if path.startswith("data/published/") and name == "figures" else "text new"
            key = in_words(f"{name}.{place}" if listed else name)
            rank = len(value) if listed else _PART
            yield Change(kind, f"{path}, {key}", after=_shown(one), file=path, rank=rank, sort=f"{path}, {name}")


def _in_sentences(value: Any) -> bool:
    return isinstance(value, str) and len(value.split()) > _TITLE_WORDS


def _changed(path: str, old: Record, new: Record, front: Set[str]) -> Iterator[Change]:
    """One change for each value that is another, of what people write; one in all of what tools write."""
    one, other = (record.model_dump(mode="json", exclude={"path"}) for record in (old, new))
    found = [(key, _shown(before), _shown(after), names) for key, before, after, names in _differing(one, other)]
    if isinstance(new, Match | Measurement):
        shown = [f"{in_words(key)}: {before} → {after}" for key, before, after, _ in found[:3]]
        more = f" and {len(found) - 3} more values" if len(found) > 3 else ""
        yield Change("measurement", path, after="; ".join(shown) + more, file=path)
        return
    for key, before, after, names in found:
        kind = "published" if path.startswith("data/published/") and "value" in names else "record changed"
        said = path.startswith("data/cases/") and " " in f"{before}{after}"
        kind = "statement" if said or (kind == "record changed" and names & _STATEMENTS) else kind
        place = key.split(".")[0] == "home" or bool({before, after} & front)
        rank, sort = _consequence(before, after, place) if kind == "statement" else (0, "")
        yield Change(kind, f"{path}, {in_words(key)}", before, after, path, rank, sort)


def front_texts(dataset: Dataset) -> frozenset[str]:
    """The texts of cases that the front page prints."""
    listed = [text for case in dataset.cases.values() for text in (case.title, case.status)]
    case = home_case(dataset)
    plain = [case.figure.plain.text] if case and case.figure else []
    return frozenset([*listed, *plain, *(part.text for part in (case.home if case else ()))])


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
    return Counter(found[0].casefold() for found in of.finditer(_ASKS.sub("", text)))


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
        gained = {place: one for place, one in enumerate(new) if one not in old}
        for one in (one for one in old if one not in new):
            match = next((place for place, other in gained.items() if _named(other) == _named(one)), None)
            place = old.index(one) if match is None else match
            yield from _differing(one, None if match is None else gained.pop(match), f"{key}.{place}")
        for place, one in gained.items():
            yield from _differing(None, one, f"{key}.{place}")
        if old != new and len(old) == len(new) and all(one in new for one in old):
            yield f"{key}.order", old, new, set()
    elif old != new:
        last = next((name for name in reversed(key.split(".")) if not name.isdecimal()), key)
        yield key, old, new, {last, *_fields(old), *_fields(new)}


def _named(entry: Any) -> str:
    """What tells one entry of a list from another; "" where nothing does."""
    return next((str(entry[name]) for name in _NAMES if entry.get(name)), "") if isinstance(entry, Mapping) else ""


def _fields(held: Any) -> Iterator[str]:
    """The names of the fields that a part of a record holds, however deep."""
    if isinstance(held, Mapping):
        for name, inner in held.items():
            if inner is not None:
                yield str(name)
            yield from _fields(inner)
    elif isinstance(held, list):
        for inner in held:
            yield from _fields(inner)


def _shown(value: Any) -> str:
    """A value, or a part of a record with all that stands in it, on one line; "" for nothing."""
    if isinstance(value, Mapping):
        return "; ".join(f"{in_words(str(key))}: {_shown(one)}" for key, one in value.items() if one not in (None, []))
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
        place = host_of(record.url) if record.url else record.package or "no address"
        return f"{_title(record)} ({record.kind}, {record.publisher}, {place}): {record.shows}"
    return _title(record)


def _findings(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "findings.csv", ["model_a", "model_b"], "status") for dataset in (before, after))
    for pair in old.keys() & new.keys():
        if old[pair] != new[pair]:
            yield Change("finding", " and ".join(pair), old[pair], new[pair], "data/derived/findings.csv")


def _scores(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "scores.csv", _PAIR, "similarity") for dataset in (before, after))
    for key in old.keys() & new.keys():
        one, other = float(old[key]), float(new[key])
        if (one == one) != (other == other) or abs(one - other) >= _MOVED:
            method = SCREENINGS[key[0]].name if key[0] in SCREENINGS else key[0].replace("_", " ")
            what = f"{key[1]} and {key[2]} ({method})"
            yield Change("score", what, score(one), score(other), "data/derived/scores.csv")


def _moved(before: Dataset, after: Dataset) -> Iterator[Change]:
    """What moved other than findings, which are a kind of their own, and the records that moved it."""
    for move in moved(before, after):
        if not move.what.startswith("finding"):
            because = f"; because of {', '.join(move.because[:5])}" if move.because else ""
            more = f" and {len(move.because) - 5} more" if len(move.because) > 5 else ""
            yield Change("null", move.what, move.before, f"{move.after}{because}{more}")


def _states(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_stated(dataset) for dataset in (before, after))
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change("state", name, old[name].replace("_", " "), new[name].replace("_", " "), name)


def _stated(dataset: Dataset) -> dict[str, str]:
    claims = {claim.path: claim.state for claims in dataset.claims.values() for claim in claims}
    return {**claims, **{source.path: source.state for source in dataset.sources.values()}}


def _sources(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (dict(_sourced(dataset)) for dataset in (before, after))
    for key in old.keys() & new.keys():
        lost, gained = old[key] - new[key], new[key] - old[key]
        if lost:
            yield Change("source lost", f"{key[0]}: {key[1]}", ", ".join(sorted(lost)), file=key[0])
        if gained:
            yield Change("source gained", f"{key[0]}: {key[1]}", after=", ".join(sorted(gained)), file=key[0])


def _sourced(dataset: Dataset) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """Every statement of people's records, by its path and words, with the sources that it names."""
    for record in every_record(dataset):
        for part in _parts(record):
            words = getattr(part, "text", None) or getattr(part, "statement", None)
            if words and hasattr(part, "sources"):
                yield (record.path, words), frozenset(part.sources)


def _parts(part: BaseModel) -> Iterator[BaseModel]:
    yield part
    for _, value in part:
        for inner in inner_parts(value):
            yield from _parts(inner)


def _translations(before: Dataset, after: Dataset) -> Iterator[Change]:
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


def _tables(before: Dataset, after: Dataset) -> Iterator[Change]:
    """Each row of a published or control table that is another, each run that is new, and each derived table."""
    fresh = new_runs(before.control_tables, after.control_tables)
    for run, tables in fresh.items():
        for name in tables[:1]:
            table = after.control_tables[name]
            row = _lines(table[_is_of(table, {run})])[0]
            yield Change("run", f"results of a run that nobody made again: {run}", after=row, file=_control(name))
    models = before.models.keys() | after.models.keys()
    for name in sorted({*before.tables, *after.tables}):
        for lost, gained in _rows(before.tables.get(name), after.tables.get(name)):
            rank = 0 if {*f"{lost} · {gained}".split(" · ")} & models else 1
            yield Change("published", name, lost, gained, f"data/published/{name}", rank, f"rows {rank}")
    for name in sorted({*before.control_tables, *after.control_tables}):
        old, new = before.control_tables.get(name), after.control_tables.get(name)
        told = {run for run, tables in fresh.items() if name in tables}
        if new is not None and told:
            of_new = _is_of(new, told)
            yield Change("run", f"{name}: {of_new.sum():,} row(s) of new runs", file=_control(name), rank=1)
            new = new[~of_new]
        for lost, gained in _rows(old, new):
            yield Change("control", name, lost, gained, _control(name))
    for name in sorted({*before.derived, *after.derived}):
        rows = list(_rows(before.derived.get(name), after.derived.get(name)))
        if rows:
            lost, gained = rows[0]
            what = f"{name}: {len(rows):,} row(s), the first"
            yield Change("derived", what, lost, gained, f"data/derived/{name}")


def new_runs(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> dict[str, list[str]]:
    """Each run that no row of the tables of controls was of before, with the tables that hold rows of it now.

    Of a result for two runs it is the first; such tables come after those that describe a run.
    """
    known = {run for table in before.values() for run in _runs(table)}
    found: dict[str, list[str]] = {}
    for name in sorted(after, key=lambda name: ("weights_sha256" not in after[name], name)):
        for run in dict.fromkeys(_runs(after[name])):
            if run not in known:
                found.setdefault(run, []).append(name)
    return found


def _runs(table: pd.DataFrame) -> list[str]:
    column = _run_column(table)
    return [] if column is None else list(table[column].astype(str))


def _is_of(table: pd.DataFrame, runs: Set[str]) -> "pd.Series[bool]":
    """For each row of a table of controls, whether it is of one of some runs."""
    return pd.Series([run in runs for run in _runs(table)], index=table.index, dtype=bool)


def _run_column(table: pd.DataFrame) -> str | None:
    """The column of a table of controls that names the run or the made model that a row is of."""
    return next((name for name in ("run", "name", "run_a") if name in table), None)


def _control(name: str) -> str:
    return f"data/controls/{name}"


def _rows(old: pd.DataFrame | None, new: pd.DataFrame | None) -> Iterator[tuple[str, str]]:
    """The rows in which two tables differ, those of the same first cell beside each other."""
    one, other = (dict.fromkeys(_lines(table)) for table in (old, new))
    lost, gained = [line for line in one if line not in other], [line for line in other if line not in one]
    waiting: dict[str, list[str]] = {}
    for line in gained:
        waiting.setdefault(line.partition(" · ")[0], []).append(line)
    for line in lost:
        beside = waiting.get(line.partition(" · ")[0])
        yield line, beside.pop(0) if beside else ""
    yield from (("", line) for left in waiting.values() for line in left)


def _lines(table: pd.DataFrame | None) -> list[str]:
    if table is None:
        return []
    return [" · ".join(_cell(cell) for cell in row) for row in table.itertuples(index=False, name=None)]


def _cell(cell: Any) -> str:
    return f"{cell:.10g}" if isinstance(cell, float) and cell == cell else "" if cell != cell else str(cell)


def _measurements(before: Dataset, after: Dataset) -> Iterator[Change]:
    """Each measurement whose tables are others."""
    for model in sorted(before.fingerprints.keys() & after.fingerprints.keys()):
        one, other = before.fingerprints[model], after.fingerprints[model]
        if one.digest != other.digest:
            path = other.measurement.path
            for ending in (".csv", ".vectors.csv"):
                table = path.removesuffix(".toml") + ending
                if before.files.get(table[5:]) != after.files.get(table[5:]):
                    yield Change("measurement", f"{model}: the numbers in {table}", file=table)
    for dataset, lacking, word in ((before, after, "gone"), (after, before, "new")):
        for model in sorted(dataset.fingerprints.keys() - lacking.fingerprints.keys()):
            path = dataset.fingerprints[model].measurement.path
            for ending in (".csv", ".vectors.csv"):
                table = path.removesuffix(".toml") + ending
                yield Change("measurement", f"{model}: the numbers in {table} are {word}", file=table)


def unshown_translations(language: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """What a catalogue holds otherwise and no page shows: read_unshown of both; the header is explained by nothing."""
    file = f"data/translations/{language}.po"
    for english in {**before, **after}:
        old, new = before.get(english), after.get(english)
        if english == "" and old != new:
            yield Change("unexplained", f"{file}: its header", old or "", new or "")
        elif old != new:
            yield Change("translation new", f"in {language}, on no page: {english}", old or "", new or "", file)


def unexplained_files(
    before: Dataset, after: Dataset, changes: Sequence[Change], base: Mapping[str, object], now: Mapping[str, object]
) -> list[Change]:
    """Each file under data/ that is published with other bytes though no change tells why.

    Base and now hold what each TOML and PO file holds, by its path: only where that is equal is a file said to be laid
    out otherwise.
    """
    explained = {change.file for change in changes}
    found = []
    for name in sorted({*before.files, *after.files}):
        path = f"data/{name}"
        if before.files.get(name) == after.files.get(name) or path in explained:
            continue
        if name in before.files and name in after.files and path in base and base[path] == now.get(path):
            found.append(Change("layout", path, after="the same values, in other order or spaces", file=path))
        else:
            found.append(Change("unexplained", path, after="published with other bytes", file=path))
    return found


def _by(dataset: Dataset, file: str, key: list[str], value: str) -> dict[tuple[str, ...], Any]:
    """One column of a derived table by the others that name its rows."""
    table = dataset.derived.get(file, pd.DataFrame(columns=[*key, value]))
    return {tuple(map(str, row[:-1])): row[-1] for row in table[[*key, value]].itertuples(index=False, name=None)}

"""One thing that readers would see change, and the kinds of changes, the gravest first."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
_FOLDERS = (
    *("cases", "corrections", "removals", "models", "published", "parameters"),
    *("fingerprints", "matches", "sources"),
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


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes, the gravest first: by kind, by rank within it, and what people write before what tools write."""
    order = list(KINDS)
    return sorted(changes, key=lambda change: (order.index(change.kind), change.rank, _weight(change), change.what))


def _weight(change: Change) -> int:
    folder = change.file.split("/")[1] if change.file.count("/") > 1 else ""
    return _FOLDERS.index(folder) if folder in _FOLDERS else len(_FOLDERS)


def first_names(names: Sequence[str], most: int = 3) -> str:
    """The first names with commas, at most so many, and how many more there are: "a, b, c and 4 more"."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def key_in_words(key: str) -> str:
    """The words for a key of a record: "claimant role", "history 2, text"."""
    parts = re.sub(r"\.(\d+)", lambda match: f" {int(match.group(1)) + 1}", key).split(".")
    return ", ".join(word.replace("_", " ") for word in parts)

"""How much a file, a list and a pull request may hold, so that what checks accept is built in bounded memory."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from lineage.records import Problem, Record
from lineage.records.packed import MOST_TABLE

_SMALL, MOST_LARGE = 100_000, MOST_TABLE  # bytes: what people write, and what tools write
MOST_BYTES = {
    **dict.fromkeys(
        (
            *("models", "sources", "corrections", "removals", "identities", "parameters", "designs", "cases"),
            "reproductions",
            "families",
            "requests",
        ),
        _SMALL,
    ),
    **dict.fromkeys(
        ("fingerprints", "packs", "sampled", "matches", "benchmarks", "controls", "translations"), MOST_LARGE
    ),
    "published": 1_000_000,
    "derived": 100_000_000,  # of thousands of models, by our own stage
}
MOST_ITEMS = 200  # in one list that people write; the longest has 16
BY_TOOLS = ("fingerprints", "packs", "sampled", "matches", "reproductions", "benchmarks", "controls")
MOST_GROWTH = {  # bytes and files by which one pull request may enlarge data/, without what is derived
    "what people write": (1_000_000, 500),  # all of data/cases/ has 79,000 bytes
    "what tools write": (20_000_000, 1_200),
}


def size_problem(name: str, size: int) -> Problem | None:
    """A problem where a file, by its path "data/...", is larger than its folder allows; None elsewhere."""
    folder = name.split("/")[1]
    most = MOST_BYTES.get(folder, _SMALL)
    if size <= most:
        return None
    return Problem(name, f"has {size:,} bytes; a file in {folder}/ has at most {most:,}: split it, or say less")


def check_lists(record: Record) -> Iterator[Problem]:
    """A problem for each list of a record that is too long to be read by anybody."""
    for key, items in _lists(record):
        if len(items) > MOST_ITEMS:
            message = f"{key}: has {len(items):,} items; write at most {MOST_ITEMS}, or more than one record"
            yield Problem(record.path, message)


def check_growth(base: Mapping[str, int], now: Mapping[str, int]) -> Iterator[Problem]:
    """A problem where files grew by more than one pull request may; sizes in bytes by path from the data folder."""
    for owner, (most_bytes, most_files) in MOST_GROWTH.items():
        (before, earlier), (after, later) = (_amount(sizes, owner) for sizes in (base, now))
        if after - before > most_bytes or later - earlier > most_files:
            grew = f"{owner} grew by {after - before:,} bytes and {later - earlier:,} files"
            most = f"{most_bytes:,} bytes and {most_files:,} files"
            yield Problem("data", f"{grew}; at most {most} in one pull request, so send more than one")


def _amount(sizes: Mapping[str, int], owner: str) -> tuple[int, int]:
    """Bytes and number of files that people, or tools, write."""
    amounts = [size for name, size in sizes.items() if _whose(name) == owner]
    return sum(amounts), len(amounts)


def _whose(name: str) -> str:
    folder = name.partition("/")[0]
    return "nobody" if folder == "derived" else "what tools write" if folder in BY_TOOLS else "what people write"


def _lists(record: BaseModel, above: str = "") -> Iterator[tuple[str, tuple[object, ...]]]:
    for key, value in record:
        if isinstance(value, tuple):
            yield f"{above}{key}", value
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, BaseModel):
                yield from _lists(entry, f"{above}{key}.")

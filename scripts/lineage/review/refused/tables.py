"""Tables and figures that were copied, imported or trained once, and are others now.

Nobody can see from a changed cell whether it is right: what stood in a source, or came out of a training run, changes
with a new pin, or with a correction that says what was wrong.
"""

from collections.abc import Iterator, Mapping

from lineage.records import Correction, Problem
from lineage.review.raw_records import Held, Raw
from lineage.review.speakers import is_maintainer

_CORRECT = "put it back, or say what was wrong in a new record of data/corrections/ that names this file in 'records'"


def check_unchanged(
    base: Raw,
    now: Raw,
    before: Mapping[str, str],
    after: Mapping[str, str],
    corrections: Mapping[str, Correction],
    author: str | None = None,
) -> Iterator[Problem]:
    """A problem for each published or control table, and each published figure, that changed without saying why.

    Base and now are the TOML files by path "data/..."; before and after are the texts of the tables by path. Author is
    the address of the account that makes the change: only a maintainer adds rows to data/controls/.
    """
    corrected = {path for record in corrections.values() if record.path not in base for path in record.records}
    described = {path: _tables(published) for path, published in base.items() if path.startswith("data/published/")}
    for path, tables in described.items():
        if path in corrected or _replaced(base[path], now.get(path, {})):
            continue
        for table in sorted(tables & before.keys() - corrected):
            if path in now and before[table] != after.get(table):
                yield Problem(table, _published(base[path], gone=table not in after))
        yield from _changed_figures(path, base[path], now.get(path))
    for table in sorted(before.keys() - corrected):
        if table.startswith("data/controls/") and (lost := _lost_rows(before[table], after.get(table, ""))):
            what = f"{len(lost)} row(s) of what was made here are gone or edited, the first {lost[0][:80]!r}"
            yield Problem(table, f"{what}; rows are only ever added: {_CORRECT}")
    if author and not is_maintainer(author, base):
        yield from _added_by_strangers(before, after, author)


def _added_by_strangers(before: Mapping[str, str], after: Mapping[str, str], author: str) -> Iterator[Problem]:
    """A problem for each table of what was made here that somebody else adds to: nobody can make a run again."""
    for table in sorted(after):
        new = _lost_rows(after[table], before.get(table, ""))
        if table.startswith("data/controls/") and new:
            what = f"{len(new)} row(s) are new, of what is said to have been made here, the last {new[-1][:80]!r}"
            message = f"{what}; this change is by {author}, no maintainer on record: say in an issue what you ran"
            yield Problem(table, f"{message}, and a maintainer runs it")


def _published(record: Held, *, gone: bool) -> str:
    """What is said of a published table that changed, and what to do about it."""
    what = "is gone" if gone else "holds other cells than before"
    if _pins(record):
        message = f"{what}, and no pin of its record moved to other content of the same file"
        return f"{message}; scripts/import_published.py writes it: {_CORRECT}"
    return f"{what}; it was copied from its source: {_CORRECT}"


def _changed_figures(path: str, before: Held, after: Held | None) -> Iterator[Problem]:
    """A problem for each figure of a published set that is still there with another value, pair or measure."""
    if after is None:
        return
    values = {figure.get("id"): figure for figure in _entries(after, "figures")}
    for figure in _entries(before, "figures"):
        later = values.get(figure.get("id"))
        for key in ("value", "model_a", "model_b", "measure"):
            if later is not None and figure.get(key) != later.get(key):
                what = f"figures: {figure.get('id')!r} had {key!r} {figure.get(key)!r} and has {later.get(key)!r}"
                yield Problem(path, f"{what}; it was copied from its source: {_CORRECT}")


def _lost_rows(before: str, after: str) -> list[str]:
    """The lines of a table that another version of it holds no more."""
    rows = set(after.splitlines())
    return [line for line in before.splitlines() if line not in rows]


def _tables(record: Held) -> set[str]:
    return {f"data/published/{table.get('file')}" for table in _entries(record, "tables")}


def _pins(record: Held) -> dict[tuple[str, str], set[str]]:
    """The checksums of each pinned file, by repository and name."""
    digests: dict[tuple[str, str], set[str]] = {}
    for pin in _entries(record, "pins"):
        digests.setdefault((str(pin.get("repository")), str(pin.get("file"))), set()).add(str(pin.get("sha256")))
    return digests


def _replaced(before: Held, after: Held) -> bool:
    """Whether a pinned file is pinned with other content, and no more with what it held: one pin more is none moved."""
    old, new = _pins(before), _pins(after)
    return any(name in new and not old[name] & new[name] for name in old)


def _entries(record: Held, key: str) -> list[Held]:
    """The tables that a field of a record lists; none where it holds something else."""
    entries = record.get(key)
    return [entry for entry in entries if isinstance(entry, Mapping)] if isinstance(entries, list) else []

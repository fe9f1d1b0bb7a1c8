"""Two versions of the record's tables -> rows, runs, scores, findings and measurements that are others."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

import pandas as pd

from lineage.methods.registry import SCREENINGS
from lineage.records import Dataset
from lineage.review.change import Change
from lineage.site.templating import score

_MOVED = 5e-4  # a score that moves less is printed with the same three digits
_PAIR = ["method", "model_a", "model_b"]


def finding_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "findings.csv", ["model_a", "model_b"], "status") for dataset in (before, after))
    for pair in old.keys() & new.keys():
        if old[pair] != new[pair]:
            yield Change("finding", " and ".join(pair), old[pair], new[pair], "data/derived/findings.csv")


def score_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    old, new = (_by(dataset, "scores.csv", _PAIR, "similarity") for dataset in (before, after))
    for key in old.keys() & new.keys():
        was, now = float(old[key]), float(new[key])
        if (was == was) != (now == now) or abs(was - now) >= _MOVED:
            method = SCREENINGS[key[0]].name if key[0] in SCREENINGS else key[0].replace("_", " ")
            what = f"{key[1]} and {key[2]} ({method})"
            yield Change("score", what, score(was), score(now), "data/derived/scores.csv")


def table_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
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
        runs = {run for run, tables in fresh.items() if name in tables}
        if new is not None and runs:
            of_new = _is_of(new, runs)
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
    """Each run that is new in the tables of controls, with the tables that hold rows of it now.

    Of a result for two runs it is the first; such tables come after those that describe a run.
    """
    earlier = {run for table in before.values() for run in _runs(table)}
    tables: dict[str, list[str]] = {}
    for name in sorted(after, key=lambda name: ("weights_sha256" not in after[name], name)):
        for run in dict.fromkeys(_runs(after[name])):
            if run not in earlier:
                tables.setdefault(run, []).append(name)
    return tables


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
    if old is not None and new is not None and old.equals(new):
        return
    old_lines, new_lines = (dict.fromkeys(_lines(table)) for table in (old, new))
    lost, gained = (
        [line for line in old_lines if line not in new_lines],
        [line for line in new_lines if line not in old_lines],
    )
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


def measurement_changes(before: Dataset, after: Dataset) -> Iterator[Change]:
    """Each measurement whose tables are others."""
    for model in sorted(before.fingerprints.keys() & after.fingerprints.keys()):
        old, new = before.fingerprints[model], after.fingerprints[model]
        if old.digest != new.digest:
            path = new.measurement.path
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


def _by(dataset: Dataset, file: str, key: list[str], value: str) -> dict[tuple[str, ...], Any]:
    """One column of a derived table by the others that name its rows."""
    table = dataset.derived.get(file, pd.DataFrame(columns=[*key, value]))
    return {tuple(map(str, row[:-1])): row[-1] for row in table[[*key, value]].itertuples(index=False, name=None)}

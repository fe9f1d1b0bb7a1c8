"""Roots of published tables -> the training runs behind them: a root that comes from another is none of its own."""

from collections.abc import Mapping

import pandas as pd

from lineage.records import Published


def ancestors(records: Mapping[str, Published]) -> dict[str, str]:
    """For each root that a record documents as coming from another root, the eldest of that line."""
    parents = {descent.root: descent.ancestor for record in records.values() for descent in record.descents}
    eldest = {}
    for root in parents:
        line = [root]
        while line[-1] in parents and parents[line[-1]] not in line:
            line.append(parents[line[-1]])
        eldest[root] = line[-1]
    return eldest


def by_training_run(scores: pd.DataFrame, records: Mapping[str, Published]) -> pd.DataFrame:
    """The same rows, where root, root_a and root_b name training runs; each two in order of name."""
    runs = ancestors(records)
    columns = [name for name in ("root", "root_a", "root_b") if name in scores]
    by_run = scores.assign(**{name: scores[name].replace(runs) for name in columns})
    if {"root_a", "root_b"} <= {*columns}:
        swapped = by_run["root_a"] > by_run["root_b"]
        by_run.loc[swapped, ["root_a", "root_b"]] = by_run.loc[swapped, ["root_b", "root_a"]].to_numpy()
    return by_run

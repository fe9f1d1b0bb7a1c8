"""Rules for what tools said: of pairs that the plan names, by tools that are known, once each."""

from collections.abc import Iterator, Mapping

import pandas as pd

from experiments.peers.answers import read_as
from experiments.peers.plan import VERSIONS, asked_pairs
from lineage.records import Design, Problem

_PATH = "data/controls/peers.csv"
_BY_TOOL = "scripts/peers.py writes this file; do not edit it by hand"


def check_peers(design: Design, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each row of no planned pair, of an unknown tool, or read as what its words are not."""
    told = tables.get("peers.csv")
    if told is None:
        return
    planned = {(pair.a.name, pair.b.name): (pair.kind, pair.truth, *pair.roots) for pair in asked_pairs(design)}
    for row in told.to_dict("records"):
        said = tuple(row[key] for key in ("kind", "truth", "root_a", "root_b"))
        wrong = []
        if planned.get((row["model_a"], row["model_b"])) != said:
            wrong.append("is not as scripts/experiments/peers/plan.py has this pair")
        if row["tool"] not in VERSIONS:
            wrong.append(f"no tool of scripts/experiments/peers/plan.py is {row['tool']!r}")
        elif (row["version"] or "") != VERSIONS[str(row["tool"])]:
            wrong.append(f"the version of {row['tool']!r} is {VERSIONS[str(row['tool'])]!r} there")
        elif row["answer"] != (answer := read_as(str(row["tool"]), str(row["said"]))):
            wrong.append(f"{row['said']!r} is read as {answer!r}, and not as {row['answer']!r}")
        pair = f"{row['model_a']} and {row['model_b']}"
        yield from (Problem(_PATH, f"{pair}, {row['tool']}: {words}; {_BY_TOOL}") for words in wrong)

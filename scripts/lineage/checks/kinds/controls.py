"""Rules for the tables of controls: what can be told again from the plan, the curves, the measurements, the tools."""

import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.controls.plan import RUNS, Run
from experiments.geometry.plan import (
    DERIVED,
    INDEPENDENT,
    RELEASED,
    Trained,
    derived_pairs,
    independent_pairs,
    released_pairs,
)
from experiments.peers.answers import read_as
from experiments.peers.plan import VERSIONS, asked_pairs
from lineage.records import Dataset, Design, Problem

Row = dict[Hashable, Any]
_PLANNED = ("model", "kind", "parent", "init_seed", "order_seed", "trained", "text", "steps", "learning_rate")
_BY_TOOL = "scripts/train_controls.py writes this file; do not edit it by hand"
_PEERS = "data/controls/peers.csv"
_GEOMETRY = "data/controls/geometry.csv"
_BY_GEOMETRY = "scripts/geometry.py writes this file; do not edit it by hand"
_BY_PEERS = "scripts/peers.py writes this file; do not edit it by hand"


def check_controls(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each run whose row contradicts the plan, its loss curve or its measurement."""
    runs = dataset.control_tables.get("runs.csv")
    if runs is None:
        return
    plan = {run.name: run for run in RUNS}
    for row in runs.to_dict("records"):
        wrong = [*_unlike_plan(row, plan.get(str(row["run"]))), *_unlike_curve(row, dataset), *_unlike(row, dataset)]
        yield from (Problem("data/controls/runs.csv", f"{row['run']}: {words}; {_BY_TOOL}") for words in wrong)


def _unlike_plan(row: Row, run: Run | None) -> Iterator[str]:
    if run is None:
        yield "no run of scripts/experiments/controls/plan.py has this name"
        return
    for key in _PLANNED:
        in_plan, in_table = getattr(run, key), row[key]
        missing = in_table == "" or (isinstance(in_table, float) and math.isnan(in_table))
        if (in_plan in (None, "")) != missing or (not missing and in_plan != in_table):
            yield f"{key!r} is {in_table!r}, and {in_plan!r} in the plan"


def _unlike_curve(row: Row, dataset: Dataset) -> Iterator[str]:
    curves = dataset.control_tables.get("loss-curves.csv")
    if curves is None:
        return
    curve: pd.DataFrame = curves[curves["run"] == row["run"]]
    if curve.empty:
        yield "has no curve in loss-curves.csv"
        return
    first, last = curve.iloc[0], curve.iloc[-1]
    expected = {
        "first_heldout_loss": first["heldout_loss"],
        "final_train_loss": last["train_loss"],
        "final_heldout_loss": last["heldout_loss"],
        "steps": last["step"],
    }
    for key, value in expected.items():
        if row[key] != value:
            yield f"{key!r} is {row[key]!r}, and {value!r} in loss-curves.csv"


def _unlike(row: Row, dataset: Dataset) -> Iterator[str]:
    fingerprint = dataset.fingerprints.get(str(row["model"]))
    if fingerprint and str(row["weights_sha256"]) not in {file.sha256 for file in fingerprint.measurement.files}:
        yield "'weights_sha256' is not that of the file that was measured"


def check_peers(design: Design, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each answer of a tool that is of no planned pair, of an unknown tool, or read wrongly."""
    peers = tables.get("peers.csv")
    if peers is None:
        return
    plan = {(pair.a.name, pair.b.name): (pair.kind, pair.truth, *pair.roots) for pair in asked_pairs(design)}
    for row in peers.to_dict("records"):
        cells = tuple(row[key] for key in ("kind", "truth", "root_a", "root_b"))
        wrong = []
        if plan.get((row["model_a"], row["model_b"])) != cells:
            wrong.append("is not as scripts/experiments/peers/plan.py has this pair")
        if row["tool"] not in VERSIONS:
            wrong.append(f"no tool of scripts/experiments/peers/plan.py is {row['tool']!r}")
        elif (row["version"] or "") != VERSIONS[str(row["tool"])]:
            wrong.append(f"the version of {row['tool']!r} is {VERSIONS[str(row['tool'])]!r} there")
        elif row["answer"] != (answer := read_as(str(row["tool"]), str(row["said"]))):
            wrong.append(f"{row['said']!r} is read as {answer!r}, and not as {row['answer']!r}")
        pair = f"{row['model_a']} and {row['model_b']}"
        yield from (Problem(_PEERS, f"{pair}, {row['tool']}: {words}; {_BY_PEERS}") for words in wrong)


def check_geometry(design: Design, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each row of no planned pair, or with another truth or other roots than the plan gives."""
    told = tables.get("geometry.csv")
    if told is None:
        return
    released = told[told["kind"] == RELEASED]
    models = tuple(sorted({str(name) for end in ("model_a", "model_b") for name in released[end]}))
    pairs = [*independent_pairs(design), *derived_pairs(design), *released_pairs(models)]
    planned = {(pair.a.name, pair.b.name): pair for pair in pairs}
    for row in told.to_dict("records"):
        pair = planned.get((str(row["model_a"]), str(row["model_b"])))
        names = f"{row['model_a']} and {row['model_b']}, {row['measure']}"
        if pair is None or (pair.kind, pair.rung) != (row["kind"], row["rung"] or ""):
            words = "is not as scripts/experiments/geometry/plan.py has this pair"
            yield Problem(_GEOMETRY, f"{names}: {words}; {_BY_GEOMETRY}")
        elif isinstance(pair.a, Trained) and isinstance(pair.b, Trained):
            roots = pair.a.root, pair.b.root
            truth = DERIVED if roots[0] == roots[1] else INDEPENDENT
            if (row["root_a"], row["root_b"], row["truth"]) != (*roots, truth):
                yield Problem(_GEOMETRY, f"{names}: roots and truth are {*roots, truth} in the plan; {_BY_GEOMETRY}")

"""Rules for the tables of controls: what can be told again from the plan, the curves and the measurements."""

import math
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from experiments.controls.plan import RUNS, Run
from lineage.records import Dataset, Problem

Row = dict[Hashable, Any]
_PLANNED = ("model", "kind", "parent", "init_seed", "order_seed", "trained", "text", "steps", "learning_rate")
_BY_TOOL = "scripts/train_controls.py writes this file; do not edit it by hand"


def check_controls(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each run that is not as planned, or not as its curve and its measurement have it."""
    runs = dataset.control_tables.get("runs.csv")
    if runs is None:
        return
    planned = {run.name: run for run in RUNS}
    for row in runs.to_dict("records"):
        wrong = [*_unlike_plan(row, planned.get(str(row["run"]))), *_unlike_curve(row, dataset), *_unlike(row, dataset)]
        yield from (Problem("data/controls/runs.csv", f"{row['run']}: {words}; {_BY_TOOL}") for words in wrong)


def _unlike_plan(row: Row, run: Run | None) -> Iterator[str]:
    if run is None:
        yield "no run of scripts/experiments/controls/plan.py has this name"
        return
    for key in _PLANNED:
        wanted, given = getattr(run, key), row[key]
        missing = given == "" or (isinstance(given, float) and math.isnan(given))
        if (wanted in (None, "")) != missing or (not missing and wanted != given):
            yield f"{key!r} is {given!r}, and {wanted!r} in the plan"


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
    measured = dataset.fingerprints.get(str(row["model"]))
    if measured and str(row["weights_sha256"]) not in {file.sha256 for file in measured.measurement.files}:
        yield "'weights_sha256' is not that of the file that was measured"

"""Rules for the tables of a design's runs: each is as planned, and its loss and its profile say the same of it."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Set
from typing import Any

import pandas as pd

from experiments.factorial.plan import PlannedRun, curve_steps, planned_runs, snapshot_steps
from experiments.factorial.weights import ATTENTION
from lineage.records import Design, Problem

RowsOf = Callable[[str], pd.DataFrame]  # of a table, by the name of a run
_BY_TESTS = "scripts/match_factorial.py writes this file; do not edit it by hand"
_ROUNDED = 0.01  # of a logarithm that is written with five digits
_BY_TOOL = "scripts/train_factorial.py writes this file; do not edit it by hand"


def check_factorial(design: Design, tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """A problem for each run that is not as the design has it, or whose tables contradict each other."""
    names = ("runs", "loss-curves", "profiles")
    run_tables = {name: tables.get(f"factorial-{name}.csv", pd.DataFrame({"run": []})) for name in names}
    plan = {run.name: run for run in planned_runs(design)}
    runs = {str(row["run"]): row for row in run_tables["runs"].to_dict("records")}
    for name in names[1:]:
        for stranger in sorted(set(map(str, run_tables[name]["run"])) - set(runs)):
            yield Problem(f"data/controls/factorial-{name}.csv", f"{stranger}: has no row in factorial-runs.csv")
    by_run = {name: _rows_by_run(run_tables[name]) for name in names[1:]}
    yield from _tests_of_runs(tables.get("factorial-tests.csv", pd.DataFrame()), set(runs))
    for name, row in runs.items():
        run = plan.get(name)
        if run is None:
            wrong = [f"no run of {design.path} has this name"]
        else:
            curve, profile = (by_run[table](name) for table in names[1:])
            wrong = [*_unlike_plan(row, run), *_unlike_tables(row, run, design, curve, profile)]
            wrong += _unlike_parent(run, by_run["profiles"])
        yield from (Problem("data/controls/factorial-runs.csv", f"{name}: {words}; {_BY_TOOL}") for words in wrong)


def _tests_of_runs(tests: pd.DataFrame, runs: Set[str]) -> Iterator[Problem]:
    """A problem for each test of what is no run, or with a p-value that could not have come."""
    for row in tests.to_dict("records"):
        wrong = [f"{row[key]!r} has no row in factorial-runs.csv" for key in ("run_a", "run_b") if row[key] not in runs]
        if row["log10_p"] < row["log10_floor"] - _ROUNDED:
            wrong.append(f"the p-value 10^{row['log10_p']} is below the smallest that could have come")
        pair = f"{row['run_a']} and {row['run_b']}"
        yield from (Problem("data/controls/factorial-tests.csv", f"{pair}: {words}; {_BY_TESTS}") for words in wrong)


def _rows_by_run(table: pd.DataFrame) -> RowsOf:
    """A function from the name of a run to its rows of a table, in their order."""
    places = table.groupby("run", sort=False).indices
    return lambda run: table.iloc[places.get(run, [])]


def _unlike_parent(run: PlannedRun, profile_of: RowsOf) -> Iterator[str]:
    """Why a child was not made of the run on record: it begins with the attention that its parent ends with."""
    own, parent = profile_of(run.name), profile_of(run.parent)
    if not run.parent or "step" not in own:
        return
    first = own[own["step"] == 0]
    last = parent[parent["step"] == parent["step"].max()]
    if last.empty:
        yield f"its parent {run.parent} is not on record"
    elif first[[*ATTENTION]].to_numpy().tolist() != last[[*ATTENTION]].to_numpy().tolist():
        yield f"it begins with other weights than those that {run.parent} ends with on record"


def _unlike_plan(row: Mapping[Hashable, Any], run: PlannedRun) -> Iterator[str]:
    for key, value in run.columns.items():
        if row[key] != value:
            yield f"{key!r} is {row[key]!r}, and {value!r} in the design"


def _unlike_tables(
    row: Mapping[Hashable, Any], run: PlannedRun, design: Design, curve: pd.DataFrame, profile: pd.DataFrame
) -> Iterator[str]:
    if curve.empty or list(curve["step"]) != list(curve_steps(run)):
        yield f"its loss curve is not of the steps {', '.join(map(str, curve_steps(run)))}"
    else:
        ends = {"first_heldout_loss": curve.iloc[0], "final_heldout_loss": curve.iloc[-1]}
        for key, end in ends.items():
            if row[key] != end["heldout_loss"]:
                yield f"{key!r} is {row[key]!r}, and {end['heldout_loss']!r} in factorial-loss-curves.csv"
    rows_planned = [(step, layer) for step in snapshot_steps(design, run) for layer in range(run.cell.layers)]
    if profile.empty or list(zip(profile["step"], profile["layer"], strict=True)) != rows_planned:
        steps = ", ".join(map(str, snapshot_steps(design, run)))
        yield f"its profile is not of {run.cell.layers} layers at each of the steps {steps}"

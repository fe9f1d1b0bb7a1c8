"""Pinned texts -> small models whose history is known, and data/controls/: their runs and loss curves.

Needs torch, which no lock file holds since nothing else needs it: install what `make test` installs, then
`pip install torch==2.13.0`. All runs take about an hour of one idle core; a finished run is not trained again,
and several processes may share one folder if each is given its own --only.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from experiments.controls.finished import (
    Point,
    curves_table,
    read_run,
    read_weights,
    runs_table,
    texts_table,
    write_run,
)
from experiments.controls.plan import RUNS, SHAPE, Run
from experiments.controls.texts import TEXTS, SplitText, TextError, fetch_text, split_text
from experiments.controls.weights import Weights, initial_weights
from lineage.checkpoints.files import CheckpointError
from lineage.store.writing import write_file

DATA = Path(__file__).resolve().parent.parent / "data"


class OrderError(Exception):
    """A run whose parent has not been trained."""


def starting_weights(run: Run, runs: Mapping[str, Run], out: Path) -> Weights:
    """The weights that a run starts from: drawn from its seed, or those of its parent."""
    if run.init_seed is not None:
        return initial_weights(SHAPE, np.random.default_rng(run.init_seed))
    if read_run(out / run.parent, runs[run.parent]) is None:
        raise OrderError(f"{run.name}: its parent {run.parent} has not been trained; train that first")
    return read_weights(out / run.parent)


def train_to(out: Path, run: Run, start: Weights, text: SplitText, today: date) -> None:
    """Trains one run and writes its checkpoint."""
    from experiments.controls.training import TORCH, train  # what needs no torch works without it

    with tqdm(total=run.steps, desc=run.name, unit="step", mininterval=5, file=sys.stderr) as bar:

        def show(point: Point | None) -> None:
            bar.update()
            if point:
                bar.set_postfix_str(f"held-out loss {point.heldout_loss:.3f}", refresh=False)

        outcome = train(run, start, text, SHAPE, show)
    write_run(out / run.name, run, outcome, SHAPE, TORCH, today)


def write_tables(data: Path, out: Path, texts: Mapping[str, SplitText]) -> list[str]:
    """Writes the tables of all runs; the names of those that are not finished, and then nothing is written."""
    runs = {run.name: read_run(out / run.name, run) for run in RUNS}
    finished_runs = [run for run in runs.values() if run]
    if len(finished_runs) < len(RUNS):
        return [name for name, run in runs.items() if run is None]
    tables = {
        "runs": runs_table(finished_runs),
        "loss-curves": curves_table(finished_runs),
        "texts": texts_table(texts),
    }
    for name, table in tables.items():
        write_file(data / "controls" / f"{name}.csv", _csv(table))
    return []


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Trains the controls on the CPU and records their loss curves.")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this run; may be given again")
    parser.add_argument("--steps", type=int, help="as many steps for every run, to try it out; writes no table")
    parser.add_argument("--out", type=Path, default=Path(".make/controls"), help="where checkpoints go (%(default)s)")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the training")
    options = parser.parse_args(argv)
    runs = {run.name: replace(run, steps=options.steps or run.steps) for run in RUNS}
    if unknown_names := sorted(set(options.only or ()) - set(runs)):
        parser.error(f"no run is named {', '.join(unknown_names)}; there are {', '.join(runs)}")
    runs_to_train = [run for run in runs.values() if options.only is None or run.name in options.only]

    try:
        texts = {name: split_text(fetch_text(text, options.out / "wheels")) for name, text in TEXTS.items()}
        for run in runs_to_train:
            if read_run(options.out / run.name, run) is None:
                train_to(options.out, run, starting_weights(run, runs, options.out), texts[run.text], options.date)
    except ImportError as fault:
        print(f"{fault}\nInstall it first: pip install torch==2.13.0", file=sys.stderr)
        return 2
    except (CheckpointError, TextError, OrderError, OSError) as fault:
        print(f"{fault}\nStopped; what has finished is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what has finished is kept.", file=sys.stderr)
        return 130

    if options.steps:
        return 0
    if runs_to_go := write_tables(options.data, options.out, texts):
        print(f"no table was written: {len(runs_to_go)} run(s) to go: {', '.join(runs_to_go)}")
    else:
        print(f"wrote the tables of {len(RUNS)} runs to {options.data.name}/controls/")
    return 0


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, lineterminator="\n", float_format="%.6g")


if __name__ == "__main__":
    sys.exit(main())

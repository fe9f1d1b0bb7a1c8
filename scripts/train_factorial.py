"""data/designs/factorial.toml -> the runs that it plans, and their tables in data/controls/.

Needs torch, which no lock file holds: install what `make test` installs, then `pip install torch==2.13.0`. Runs are
worked off in the order of the design, on one thread or a GPU. It can be killed at any time and goes on where it was;
several processes may share one folder. A run that stands in the tables is not trained again, so that another machine
goes on from what is committed. --collect puts what has finished into the tables.
"""

import argparse
import fcntl
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from experiments.controls.texts import TEXTS, TextError, fetch_text, split_text
from experiments.factorial.pieces import (
    RUNS,
    TESTS,
    Piece,
    merged_text,
    piece_tables,
    read_piece,
    read_weights,
    weights_path,
    without_runs,
    write_piece,
    write_weights,
)
from experiments.factorial.plan import Network, PlannedRun, network, planned_runs
from experiments.factorial.vocabulary import TokenText, token_text
from experiments.factorial.weights import Weights, drawn_weights, upcycled_weights
from lineage.checkpoints.files import CheckpointError
from lineage.checks.kinds.designs import check_design
from lineage.records.designs import Design
from lineage.store.files import read_record
from lineage.store.writing import write_file

DATA = Path(__file__).resolve().parent.parent / "data"
DESIGN = "designs/factorial.toml"


@contextmanager
def alone(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Locks a folder for the block: False where another process has it and is not waited for."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


class Workshop:
    """Trains the runs of a design in a folder."""

    def __init__(self, design: Design, out: Path, today: date) -> None:
        self.design = design
        self.out = out
        self.today = today
        self.named = {run.name: run for run in planned_runs(design)}
        self.texts: dict[tuple[str, int], TokenText] = {}

    def train(self, run: PlannedRun, bar: str) -> Piece:
        """Trains a run, and first its parent where its weights are not here; what is kept of it."""
        from experiments.factorial.training import (  # what needs no torch works without it
            TORCH,
            Progress,
            device,
            train,
        )

        net = network(run, self.design.network)
        start = self.begin(run, net)
        text = self.text(run.text, net.vocabulary)
        folder = self.out / run.name
        digests: dict[int, str] = {}

        def keep(step: int, weights: Weights) -> None:
            if step == run.cell.steps or (run.parent and step):
                digests[step] = write_weights(folder, step, weights)

        with tqdm(total=run.cell.steps, desc=bar, unit="step", mininterval=60, file=sys.stderr) as progress:

            def show(now: Progress) -> None:
                progress.update(now.step - progress.n)

            outcome = train(self.design, run, net, start, text, folder, keep, show)
        piece = Piece(
            run=run,
            parameters=sum(value.size for value in start.values()),
            bytes_a_token=text.bytes_a_token,
            curve=tuple(outcome.curve),
            profiles=outcome.profiles,
            cpu_seconds=outcome.seconds,
            weights_sha256=digests[run.cell.steps],
            device=device().type,
            torch=TORCH,
            date=self.today,
        )
        write_piece(folder, piece)
        (folder / "state.pt").unlink(missing_ok=True)
        return piece

    def begin(self, run: PlannedRun, net: Network) -> Weights:
        """The weights that a run starts from."""
        if not run.parent:
            return drawn_weights(self.design, run, net)
        parent = self.named[run.parent]
        folder = self.out / parent.name
        if not weights_path(folder, parent.cell.steps).is_file():
            with alone(folder, wait=True):
                if not weights_path(folder, parent.cell.steps).is_file():
                    self.train(parent, f"{parent.name}, parent of {run.name}")
        return upcycled_weights(self.design, run, net, read_weights(folder, parent.cell.steps))

    def text(self, name: str, vocabulary: int) -> TokenText:
        """A text in tokens."""
        if (name, vocabulary) not in self.texts:
            text = split_text(fetch_text(TEXTS[name], self.out / "wheels"))
            self.texts[name, vocabulary] = token_text(text, vocabulary)
        return self.texts[name, vocabulary]


def work_in(run: PlannedRun) -> float:
    """About how long a run takes, in units of a layer and a step of the usual width."""
    width: float = (run.cell.width / 64) ** 1.2
    return run.cell.layers * run.cell.steps * (1.9 if run.cell.experts else 1) * width


def recorded(data: Path) -> set[str]:
    """The runs that stand in the tables."""
    path = data / "controls" / RUNS
    return set(pd.read_csv(path)["run"]) if path.is_file() else set()


def collect(data: Path, out: Path, runs: Sequence[PlannedRun]) -> int:
    """Puts the finished runs of a folder into the tables; how many stand in them now."""
    pieces = [piece for run in runs if (piece := read_piece(out / run.name, run)) is not None]
    again = trained_again(data, pieces)
    for name, table in {**piece_tables(pieces), TESTS: pd.DataFrame()}.items():
        path = data / "controls" / name
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text := merged_text(name, without_runs(name, old, again), table):
            write_file(path, text)
    return len(recorded(data))


def trained_again(data: Path, pieces: Sequence[Piece]) -> set[str]:
    """The runs on record that came to other weights here, as parents of children: another processor sums otherwise.

    What is on record of them, tests included, is of weights that no child comes from; it gives way.
    """
    path = data / "controls" / RUNS
    digests = (
        dict(pd.read_csv(path, dtype=str)[["run", "weights_sha256"]].to_numpy().tolist()) if path.is_file() else {}
    )
    return {
        piece.run.name for piece in pieces if digests.get(piece.run.name, piece.weights_sha256) != piece.weights_sha256
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Trains the controls by design, or collects what has finished.")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this run; may be given again")
    parser.add_argument("--out", type=Path, default=Path(".make/factorial"), help="where runs go (%(default)s)")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the training")
    parser.add_argument("--collect", action="store_true", help="train nothing; put what has finished into the tables")
    options = parser.parse_args(argv)
    design = read_record(options.data, DESIGN, Design)
    if design is None or list(check_design(design)):
        parser.error(f"{options.data.name}/{DESIGN} cannot be used; scripts/check.py says why")
    runs = planned_runs(design)
    if unknown_names := sorted(set(options.only or ()) - {run.name for run in runs}):
        parser.error(f"no run is named {', '.join(unknown_names)}; the first is {runs[0].name}")

    if options.collect:
        print(f"{collect(options.data, options.out, runs)} of {len(runs)} runs stand in {options.data.name}/controls/")
        return 0
    workshop = Workshop(design, options.out, options.date)
    runs_to_train = [run for run in runs if options.only is None or run.name in options.only]
    try:
        work_off(workshop, runs_to_train, recorded(options.data))
    except ImportError as fault:
        print(f"{fault}\nInstall it first: pip install torch==2.13.0", file=sys.stderr)
        return 2
    except (CheckpointError, TextError, OSError) as fault:
        print(f"{fault}\nStopped; what has finished is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what has finished is kept.", file=sys.stderr)
        return 130
    print("nothing is left to train here; now: python scripts/train_factorial.py --collect")
    return 0


def work_off(workshop: Workshop, runs: Sequence[PlannedRun], names_on_record: set[str]) -> None:
    """Trains what is in no table and no folder yet, in order, and says after each how long the rest will take."""
    work = spent = 0.0
    for number, run in enumerate(runs, 1):
        folder = workshop.out / run.name
        if run.name in names_on_record or read_piece(folder, run) is not None:
            continue
        with alone(folder) as is_mine:
            if not is_mine or read_piece(folder, run) is not None:
                continue
            start = time.monotonic()
            piece = workshop.train(run, f"{number}/{len(runs)} {run.name}")
        work, spent = work + work_in(run), spent + time.monotonic() - start
        work_to_go = sum(work_in(later_run) for later_run in runs[number:] if later_run.name not in names_on_record)
        hours = work_to_go / work * spent / 3600
        loss = f"held-out loss {piece.curve[-1].heldout_loss:.3f} nats a byte"
        print(f"{run.name}: {loss}, {piece.cpu_seconds:.0f} CPU s; about {hours:.1f} h to go", flush=True)


if __name__ == "__main__":
    sys.exit(main())

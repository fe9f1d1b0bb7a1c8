"""A packaged encoder and a pinned text -> the trained rungs of the ladder, and data/controls/ladder-loss-curves.csv.

Needs torch, which no lock file holds since nothing else needs it: install what `make test` installs, then
`pip install torch==2.13.0`. All runs take some twenty minutes on one core of 2026; a finished run is not trained again.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from derive_ladder import DATA, OUT, fetch_model, load_state, measurement_of
from experiments.controls.texts import TEXTS, TextError, fetch_text
from experiments.ladder.folders import WEIGHTS, find_rung, write_rung
from experiments.ladder.plan import BASES, RUNGS, TRAINED, Rung
from experiments.ladder.state import LadderError
from experiments.ladder.wordpiece import token_numbers
from lineage.checkpoints.files import CheckpointError
from lineage.store.writing import write_file

TEXT = TEXTS["messages"]
TABLE = Path("controls") / "ladder-loss-curves.csv"
CURVE = "curve.json"


def train_to(out: Path, rung: Rung) -> None:
    """Trains one rung and writes its checkpoint and its loss curve."""
    from experiments.ladder.training import TORCH, trained_further  # what needs no torch works without it

    path = fetch_model(BASES[rung.base], out)
    vocabulary = json.loads((path.parent / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    text = token_numbers(fetch_text(TEXT, out / "wheels").decode("utf-8"), vocabulary)
    steps = int(rung.level or 0)
    with tqdm(total=steps, desc=rung.name, unit="step", mininterval=5, file=sys.stderr) as bar:

        def show(loss: float) -> None:
            bar.update()
            bar.set_postfix_str(f"loss {loss:.3f}", refresh=False)

        state, curve = trained_further(load_state(path), text, vocabulary, steps, rung.seed or 0, show)
    folder = out / rung.name
    folder.mkdir(parents=True, exist_ok=True)
    points = [(point.step, point.train_loss) for point in curve]
    write_file(folder / CURVE, json.dumps({"torch": TORCH, "points": points}, indent=2) + "\n")
    write_rung(folder, rung, state, measurement_of(BASES[rung.base]).files[0].sha256)


def is_trained(out: Path, rung: Rung) -> bool:
    """Whether a rung was trained as it is planned now, with its weights or its measurement kept."""
    made_of = measurement_of(BASES[rung.base]).files[0].sha256
    return bool(find_rung(out / rung.name, rung, made_of)) and (out / rung.name / CURVE).is_file()


def curves_table(out: Path, rungs: Sequence[Rung]) -> pd.DataFrame:
    """Loss curves: columns run, step, train_loss in nats a hidden token; by run and step."""
    rows = [
        (rung.model, step, loss)
        for rung in rungs
        for step, loss in json.loads((out / rung.name / CURVE).read_text(encoding="utf-8"))["points"]
    ]
    return pd.DataFrame(rows, columns=["run", "step", "train_loss"]).sort_values(["run", "step"])


def write_curves(out: Path, rungs: Sequence[Rung]) -> str:
    """Writes the table of loss curves once every run has finished; what was done, in a few words."""
    if rungs_to_go := [rung.name for rung in rungs if not is_trained(out, rung)]:
        return f"no table was written; to go: {', '.join(rungs_to_go)}"
    table = curves_table(out, rungs)
    write_file(DATA / TABLE, table.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
    return f"wrote data/{TABLE.as_posix()}"


def main(argv: Sequence[str] | None = None) -> int:
    trained_rungs = [rung for rung in RUNGS.values() if rung.kind.name == TRAINED]
    parser = argparse.ArgumentParser(description="Trains a real encoder further on the CPU, at three lengths.")
    names = [rung.name for rung in trained_rungs]
    parser.add_argument("--only", action="append", choices=names, help="only this rung; may be given again")
    parser.add_argument("--steps", type=int, help="one run of as many steps, to try it out; writes no table")
    parser.add_argument("--again", action="store_true", help="train even where only the weights are gone")
    parser.add_argument("--out", type=Path, default=OUT, help="where rungs and models go (default: .make/ladder/)")
    options = parser.parse_args(argv)
    rungs = [rung for rung in trained_rungs if options.only is None or rung.name in options.only]
    if options.steps:
        rungs = [replace(trained_rungs[0], level=options.steps)]

    try:
        for rung in rungs:
            is_gone = options.again and not (options.out / rung.name / WEIGHTS).is_file()
            if is_gone or not is_trained(options.out, rung):
                train_to(options.out, rung)
    except ImportError as fault:
        print(f"{fault}\nInstall it first: pip install torch==2.13.0", file=sys.stderr)
        return 2
    except (CheckpointError, TextError, LadderError, OSError) as fault:
        print(f"{fault}\nStopped; what has finished is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what has finished is kept.", file=sys.stderr)
        return 130
    if not options.steps:
        print(write_curves(options.out, trained_rungs))
    return 0


if __name__ == "__main__":
    sys.exit(main())

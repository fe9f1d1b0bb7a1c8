"""Weights that train_factorial.py left -> data/controls/factorial-tests.csv: the tests of pairs that the design names.

Tested are independent runs, none in two pairs of a kind, and each child with its parent at every snapshot, while the
weights of both are at hand. What stands in the table is not tested again.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import lineage as _one_thread  # noqa: F401 - before NumPy, which learns there how many threads to take

# isort: split
import pandas as pd
from tqdm import tqdm

from experiments.controls.texts import TEXTS, TextError, fetch_text, split_text
from experiments.factorial.checkpoints import write_checkpoint
from experiments.factorial.pieces import TESTS, merged_text, read_weights, weights_path
from experiments.factorial.plan import PairToTest, PlannedRun, network, pairs_to_test
from experiments.factorial.vocabulary import Pair, learned_merges
from lineage.checkpoints.files import CheckpointError
from lineage.checks.kinds.designs import check_design
from lineage.evidence.experiment.pair_tests import results_table
from lineage.matching.match import usual_reads
from lineage.matching.pair import match_pair
from lineage.matching.request import AskedCheckpoint
from lineage.measuring.measurement import measure_asked
from lineage.measuring.run import AskedModel
from lineage.methods.method import HeldTables
from lineage.methods.residual_norms import compare_residual_norms
from lineage.records import Design
from lineage.store.files import read_record
from lineage.store.writing import write_file
from measure import DATA
from train_factorial import DESIGN


class Bench:
    """Tests pairs of runs whose weights are in a folder."""

    def __init__(self, design: Design, out: Path, today: date) -> None:
        self.design = design
        self.out = out
        self.today = today
        self.merges: dict[tuple[str, int], tuple[Pair, ...]] = {}

    def is_ready(self, pair: PairToTest) -> bool:
        """Whether the weights of both are at hand."""
        ends = ((pair.a, pair.a.cell.steps), (pair.b, pair.step))
        return all(weights_path(self.out / run.name, step).is_file() for run, step in ends)

    def test(self, pair: PairToTest) -> pd.DataFrame:
        """The rows of a pair."""
        with tempfile.TemporaryDirectory() as scratch:
            folders = [Path(scratch) / name for name in ("a", "b")]
            self.put(folders[0], pair.a, pair.a.cell.steps)
            self.put(folders[1], pair.b, pair.step)
            models = [f"factorial/{name}" for name in ("a", "b")]
            checkpoints = [AskedCheckpoint(model, str(folder)) for model, folder in zip(models, folders, strict=True)]
            match = match_pair(
                (checkpoints[0], checkpoints[1]),
                usual_reads([checkpoint.address for checkpoint in checkpoints]),
                self.today,
                quiet=True,
            )
            tables = []
            for model, folder in zip(models, folders, strict=True):
                measurement, measured_tables = measure_asked(AskedModel(str(folder), model, self.today))
                if measured_tables is None:
                    raise CheckpointError(f"{pair.a.name}, {pair.b.name}: {measurement.not_testable}")
                tables.append(HeldTables(*measured_tables))
            return results_table(pair, match, compare_residual_norms(tables[0], tables[1]))

    def put(self, folder: Path, run: PlannedRun, step: int) -> None:
        """Writes the checkpoint of a run after a number of steps."""
        net = network(run, self.design.network)
        key = (run.text, net.vocabulary)
        if key not in self.merges:
            train = split_text(fetch_text(TEXTS[run.text], self.out / "wheels")).train
            self.merges[key] = learned_merges(train, net.vocabulary)
        write_checkpoint(folder, run, net, read_weights(self.out / run.name, step), self.merges[key])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Tests pairs of the controls by design, one by one.")
    parser.add_argument("--out", type=Path, default=Path(".make/factorial"), help="where runs are (%(default)s)")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the test")
    options = parser.parse_args(argv)
    design = read_record(options.data, DESIGN, Design)
    if design is None or list(check_design(design)):
        parser.error(f"{options.data.name}/{DESIGN} cannot be used; scripts/check.py says why")
    bench = Bench(design, options.out, options.date)
    path = options.data / "controls" / TESTS
    old = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=["run_a", "run_b", "step"])
    tested_pairs = set(zip(old["run_a"], old["run_b"], old["step"], strict=True))
    pairs = [pair for pair in pairs_to_test(design) if (pair.a.name, pair.b.name, pair.step) not in tested_pairs]
    pairs_ready = [pair for pair in pairs if bench.is_ready(pair)]
    try:
        for pair in tqdm(pairs_ready, desc="testing", unit="pair", file=sys.stderr):
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            write_file(path, merged_text(TESTS, text, bench.test(pair)))
    except (CheckpointError, TextError, ValueError, OSError) as fault:
        print(f"{fault}\nStopped; what was recorded is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what was recorded is kept.", file=sys.stderr)
        return 130
    print(f"tested {len(pairs_ready)} pairs; {len(pairs) - len(pairs_ready)} wait for weights that are not here")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The checkpoints of train_controls.py -> their fingerprints and matches under data/: run after they are trained.

Independent runs are matched with each other, runs of shared initial weights too, and every derivation with its parent.
What is recorded already with the same weights is not done again.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from tqdm import tqdm

from experiments.controls.plan import RUNS, Run, derivation_pairs, independent_pairs, shared_initialisation_pairs
from lineage.checkpoints.files import CheckpointError
from lineage.matching.match import usual_reads
from lineage.matching.pair import match_pair
from lineage.matching.request import AskedCheckpoint, in_order
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from lineage.records import Dataset, pair_slug
from lineage.store.files import load_dataset
from lineage.store.writing import write_match
from measure import DATA


def recorded_address(run: Run) -> str:
    """What stands for the address of a checkpoint that is not published: how to make it again."""
    return f"made by: python scripts/train_controls.py --only {run.name}"


def asked(run: Run, out: Path) -> AskedCheckpoint:
    """A run's checkpoint as match.py asks for it."""
    return AskedCheckpoint(run.model, str(out / run.name), recorded_address(run))


def pairs_to_match() -> Iterator[tuple[Run, Run]]:
    """Every pair whose relation is known."""
    yield from independent_pairs()
    yield from shared_initialisation_pairs()
    yield from derivation_pairs()


def missing(dataset: Dataset, out: Path) -> tuple[list[Run], list[tuple[Run, Run]]]:
    """The runs to measure and the pairs to match: trained, and not on record yet."""
    names_here = {run.name for run in RUNS if (out / run.name / "model.safetensors").is_file()}
    runs = [run for run in RUNS if run.name in names_here and run.model not in dataset.fingerprints]
    pairs = [
        (a, b)
        for a, b in pairs_to_match()
        if {a.name, b.name} <= names_here and pair_slug(a.model, b.model) not in dataset.matches
    ]
    return runs, pairs


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measures and matches the models that were trained here.")
    parser.add_argument("--out", type=Path, default=Path(".make/controls"), help="where they are (%(default)s)")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurement")
    options = parser.parse_args(argv)

    dataset, _ = load_dataset(options.data)
    runs, pairs = missing(dataset, options.out)
    try:
        for run in tqdm(runs, desc="measuring", unit="run", file=sys.stderr):
            address = recorded_address(run)
            model = AskedModel(str(options.out / run.name), run.model, options.date, address)
            measure_to(options.data, model, quiet=True)
        for a, b in tqdm(pairs, desc="matching", unit="pair", file=sys.stderr):
            checkpoints = in_order(asked(a, options.out), asked(b, options.out))
            reads = usual_reads([side.address for side in checkpoints])
            write_match(options.data, match_pair(checkpoints, reads, options.date, quiet=True))
    except (CheckpointError, ValueError, OSError) as fault:
        print(f"{fault}\nStopped; what was recorded is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what was recorded is kept.", file=sys.stderr)
        return 130
    print(f"measured {len(runs)} and matched {len(pairs)} pairs; now: make derive check")
    return 0


if __name__ == "__main__":
    sys.exit(main())

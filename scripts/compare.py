"""data/fingerprints/, data/published/ -> data/derived/; --check fails when that is stale."""

import argparse
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lineage.annotations import report_lines
from lineage.cluster import ClusterError, connected, where_to_look
from lineage.comparisons import derive_pairs
from lineage.derivation import DISPUTED, control_facts, derive_facts, find_figure
from lineage.disk_words import in_words
from lineage.error_tables import derive_error_rates, derive_positions, derive_power, derive_roc, with_relations
from lineage.finding_tables import derive_findings, exact_scores
from lineage.folder_swap import replacing
from lineage.kept import kept_tables
from lineage.methods.std_profile import std_profile_pairs
from lineage.neighbours import derive_neighbours
from lineage.panel import in_full, panel_of, profiled_pairs
from lineage.provenance import documented_lineage
from lineage.published_rates import derive_published_power
from lineage.records import Dataset, Fingerprint, Problem
from lineage.roots import Lineage
from lineage.store import load_dataset, located, read_bytes, write_file

DATA = Path(__file__).resolve().parent.parent / "data"
_STALE = "is not what its inputs give; run `make derive` and commit the change"
INPUTS = ("models", "fingerprints", "matches", "controls", "published")


def derive_tables(dataset: Dataset, data: Path, client: Any = None) -> Mapping[str, pd.DataFrame]:
    """Every table of data/derived/ by its file name; what grows with all pairs is done by a client's workers."""
    lineage = documented_lineage(dataset)
    profiles = {name: found.outline.profile for name, found in dataset.released.items()}
    panel = {name: dataset.fingerprints[name] for name in panel_of(dataset)}
    inputs = inputs_of(panel, lineage)
    (screened,) = kept_tables("screened pairs", inputs, lambda: (derive_pairs(panel, lineage, client),))
    scores = with_relations(pd.concat([screened, exact_scores(dataset)], ignore_index=True), dataset, lineage)
    (positions,) = kept_tables(
        "positions", [*inputs, scores.to_csv()], lambda: (derive_positions(scores, dataset, lineage),)
    )
    return {
        "scores.csv": scores,
        "findings.csv": derive_findings(dataset, lineage),
        "error-rates.csv": derive_error_rates(scores, dataset, lineage),
        "roc.csv": derive_roc(scores, dataset, lineage),
        "power.csv": derive_power(scores, dataset),
        "published-power.csv": derive_published_power(dataset),
        "positions.csv": positions,
        "facts.csv": all_facts(dataset, data, scores),
        "std-profile-pairs.csv": std_profile_pairs(profiles, profiled_pairs(dataset)),
        "neighbours.csv": derive_neighbours(profiles, in_full=in_full(dataset), client=client),
    }


def inputs_of(panel: Mapping[str, Fingerprint], lineage: Lineage) -> list[str]:
    """All that screening methods read: the measurements, and what is documented of where the models come from."""
    named = sorted({name for model in panel for name in lineage.line(model)})
    documented = (lineage.roots, lineage.makers, lineage.base_models)
    lines = json.dumps([[name, *(of.get(name) for of in documented)] for name in named])
    return [lines, *(f"{model} {found.digest}" for model, found in sorted(panel.items()))]


def all_facts(dataset: Dataset, data: Path, scores: pd.DataFrame) -> pd.DataFrame:
    """Every number that pages print by name, from published tables and from the scores derived in this run."""
    published = derive_facts(dataset, lambda name: hashlib.sha256(read_bytes(data, name)).hexdigest())
    disputed = find_figure(dataset, DISPUTED)
    if disputed is None:
        return published
    ours = control_facts(
        scores, dataset.controls, disputed.value, hashlib.sha256(csv_text(scores).encode()).hexdigest()
    )
    return pd.concat([published, ours]).sort_values("name", ignore_index=True) if len(ours) else published


def csv_text(frame: pd.DataFrame) -> str:
    """A table as it is committed: numbers with at most six decimals, Unix line ends."""
    return frame.round(6).to_csv(index=False, lineterminator="\n", float_format="%.10g")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Derives data/derived/ from what was measured and published.")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file would change")
    parser.add_argument(
        "--cluster", default="", help='compare on Dask: tcp://..., or "local" for this machine; gives the same bytes'
    )
    options = parser.parse_args(argv)
    data: Path = options.data.resolve()

    dataset, problems = load_dataset(data)
    folders = tuple(f"{data.name}/{folder}/" for folder in INPUTS)
    unreadable = [problem for problem in problems if problem.path.startswith(folders)]
    if unreadable:
        print(*report_lines(located(data, unreadable), os.environ), sep="\n")
        print("\nNothing was derived: these files cannot be read.", file=sys.stderr)
        return 1
    try:
        with connected(options.cluster) as client:
            if client is not None:
                print(where_to_look(client), file=sys.stderr)
            tables = derive_tables(dataset, data, client)
    except ClusterError as fault:
        print(f"{fault}; nothing was derived", file=sys.stderr)
        return 1
    texts = {name: csv_text(frame) for name, frame in tables.items() if not frame.empty}

    if options.check:
        stale = [name for name, text in texts.items() if not _is_current(data, name, text)]
        wrong = [Problem(f"{data.name}/derived/{name}", _STALE) for name in stale]
        for line in report_lines(wrong, os.environ):
            print(line)
        return 1 if stale else 0
    moved = [name for name, text in texts.items() if not _is_current(data, name, text)]
    try:
        if moved:
            _replace(data, texts)
    except OSError as error:
        print(f"{data.name}/derived/ is what it was, since {in_words(error)}", file=sys.stderr)
        return 1
    for name in moved:
        print(f"derived {data.name}/derived/{name}")
    return 0


def _replace(data: Path, texts: Mapping[str, str]) -> None:
    """Puts every derived file in place at once, with what else the folder holds."""
    folder = data / "derived"
    with replacing(folder, data.parent / ".derived-build", _say_waiting) as new:
        if folder.is_dir():
            shutil.copytree(folder, new, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*texts))
        for name, text in texts.items():
            write_file(new / name, text)


def _say_waiting() -> None:
    print("another process is deriving; waiting", flush=True)


def _is_current(data: Path, name: str, text: str) -> bool:
    path = f"derived/{name}"
    return (data / path).is_file() and read_bytes(data, path) == text.encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())

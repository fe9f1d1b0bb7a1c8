"""data/fingerprints/, data/published/ -> data/derived/; --check fails when that is stale."""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pandas as pd

from lineage.checks.report import report_lines
from lineage.evidence.compared_models import in_full, panel_of, profiled_pairs
from lineage.evidence.error_tables import derive_error_rates, derive_positions, derive_power, derive_roc, with_relations
from lineage.evidence.experiment.tables import derive_factorial
from lineage.evidence.facts import derive_facts
from lineage.evidence.finding_tables import derive_findings, exact_scores
from lineage.evidence.geometry import derive_geometry
from lineage.evidence.neighbours import derive_neighbours
from lineage.evidence.published import derive_published_power
from lineage.evidence.reproductions import null_lineage
from lineage.evidence.sampling import derive_sampled_scores, derive_sampling_error
from lineage.evidence.scores import derive_pairs, derive_sampled_pairs
from lineage.evidence.tool_answers import derive_tool_answers
from lineage.evidence.weight_tables import derive_weight
from lineage.methods.std_profile import std_profile_pairs
from lineage.records import Dataset, Fingerprint, Problem
from lineage.records.origins import Lineage
from lineage.records.provenance import documented_lineage
from lineage.runs.cluster import ClusterError, connected, where_to_look
from lineage.store.cache import kept_tables
from lineage.store.disk_words import in_words
from lineage.store.files import load_dataset, located
from lineage.store.folder import read_bytes
from lineage.store.swap import replacing
from lineage.store.writing import write_file

DATA = Path(__file__).resolve().parent.parent / "data"
_UNGIVEN = "is what no input gives; remove it, or run `make derive` and commit the change"
_STALE = "is not what its inputs give; run `make derive` and commit the change"
INPUTS = ("models", "fingerprints", "sampled", "matches", "controls", "designs", "published", "parameters")


def derive_tables(dataset: Dataset, data: Path, client: Any = None) -> Mapping[str, pd.DataFrame]:
    """Every table of data/derived/ by its file name; what grows with all pairs is done by a client's workers."""
    lineage = documented_lineage(dataset)
    null = null_lineage(dataset)
    profiles, sampled_models = dataset.profiles, dataset.sampled_only
    models = panel_of(dataset)
    panel = {name: dataset.fingerprints[name] for name in models if name not in sampled_models}
    inputs = inputs_of(panel, null)
    (screened,) = kept_tables("screened pairs", inputs, lambda: (derive_pairs(panel, null, client),))
    beside = [derive_sampled_pairs({name: profiles[name] for name in models if name in profiles}, sampled_models)]
    score_tables = [screened, *(beside if sampled_models else ()), exact_scores(dataset)]
    scores = with_relations(pd.concat(score_tables, ignore_index=True), dataset, lineage)
    factorial, weights = derive_factorial(dataset), derive_weight(scores, dataset, lineage)
    geometry = derive_geometry(dataset)
    shapes = json.dumps({name: astuple(curves.shape) for name, curves in sorted(sampled_models.items())})
    (positions,) = kept_tables(
        "positions", [*inputs, scores.to_csv(), shapes], lambda: (derive_positions(scores, dataset, null),)
    )
    return {
        "scores.csv": scores,
        "findings.csv": derive_findings(dataset, lineage),
        "error-rates.csv": derive_error_rates(scores, dataset, lineage),
        "roc.csv": derive_roc(scores, dataset, lineage),
        "power.csv": derive_power(scores, dataset),
        "published-power.csv": derive_published_power(dataset),
        "positions.csv": positions,
        "facts.csv": all_facts(dataset, data, {"scores.csv": scores, **factorial, **weights, **geometry}),
        "std-profile-pairs.csv": std_profile_pairs(profiles, profiled_pairs(dataset)),
        "sampling-error.csv": derive_sampling_error(dataset),
        "sampling-scores.csv": derive_sampled_scores(dataset),
        "neighbours.csv": derive_neighbours(profiles, in_full=in_full(dataset), client=client),
        **factorial,
        **derive_tool_answers(dataset),
        **geometry,
        **weights,
    }


def inputs_of(panel: Mapping[str, Fingerprint], lineage: Lineage) -> list[str]:
    """All that screening methods read: the measurements, and what is documented of where the models come from."""
    line_models = sorted({name for model in panel for name in lineage.line(model)})
    documented = (lineage.roots, lineage.makers, lineage.parents, lineage.parts)
    lines = json.dumps(
        [[name, *(of.get(name) for of in documented), name in lineage.uncounted] for name in line_models]
    )
    return [lines, *(f"{model} {fingerprint.digest}" for model, fingerprint in sorted(panel.items()))]


def all_facts(dataset: Dataset, data: Path, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Every number that pages print by name, from published tables and from the tables derived in this run."""
    digests = {  # as they will be written
        f"derived/{name}": hashlib.sha256(csv_text(table).encode()).hexdigest() for name, table in tables.items()
    }

    def checksum(name: str) -> str:
        return digests.get(name) or hashlib.sha256(read_bytes(data, name)).hexdigest()

    return derive_facts(dataset, tables, checksum)


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

    stale_names = [name for name, text in texts.items() if not _is_current(data, name, text)]
    ungiven = sorted(path.name for path in (data / "derived").glob("*") if path.name not in texts)
    if options.check:
        wrong = [Problem(f"{data.name}/derived/{name}", _STALE) for name in stale_names]
        wrong += [Problem(f"{data.name}/derived/{name}", _UNGIVEN) for name in ungiven]
        for line in report_lines(wrong, os.environ):
            print(line)
        return 1 if wrong else 0
    try:
        if stale_names or ungiven:
            _replace(data, texts)
    except OSError as error:
        print(f"{data.name}/derived/ is what it was, since {in_words(error)}", file=sys.stderr)
        return 1
    for name in stale_names:
        print(f"derived {data.name}/derived/{name}")
    for name in ungiven:
        print(f"removed {data.name}/derived/{name}, which no input gives")
    return 0


def _replace(data: Path, texts: Mapping[str, str]) -> None:
    """Puts every derived file in place at once; the folder holds nothing else."""
    folder = data / "derived"
    with replacing(folder, data.parent / ".derived-build", _say_waiting) as new:
        for name, text in texts.items():
            write_file(new / name, text)


def _say_waiting() -> None:
    print("another process is deriving; waiting", flush=True)


def _is_current(data: Path, name: str, text: str) -> bool:
    path = f"derived/{name}"
    return (data / path).is_file() and read_bytes(data, path) == text.encode("utf-8")


if __name__ == "__main__":
    sys.exit(main())

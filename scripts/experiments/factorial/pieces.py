"""Finished runs of a design: one folder each outside the repository, and the tables in data/controls/ that are kept.

The tables are the state that another machine goes on from: a run that stands in them is not trained again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from experiments.controls.finished import Point
from experiments.factorial.plan import PlannedRun
from experiments.factorial.weights import ATTENTION, Weights
from lineage.store.writing import write_file

RUNS, CURVES, PROFILES = "factorial-runs.csv", "factorial-loss-curves.csv", "factorial-profiles.csv"
TESTS = "factorial-tests.csv"
KEYS = {
    RUNS: ["run"],
    CURVES: ["run", "step"],
    PROFILES: ["run", "step", "layer"],
    TESTS: ["run_a", "run_b", "step", "test"],
}
_NUMBERS = ("step", "layer")


@dataclass(frozen=True)
class Piece:
    """What is kept of a finished run."""

    run: PlannedRun
    parameters: int
    bytes_a_token: float
    curve: tuple[Point, ...]
    profiles: Mapping[int, Mapping[str, Sequence[float]]]  # by step and role: standard deviations by layer
    cpu_seconds: float
    weights_sha256: str  # of the safetensors file with the last weights
    device: str
    torch: str
    date: date


def weights_path(folder: Path, step: int) -> Path:
    """Where the weights of a run after so many steps are."""
    return folder / f"weights-{step}.safetensors"


def write_weights(folder: Path, step: int, weights: Weights) -> str:
    """Writes weights in one step; the checksum of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = weights_path(folder, step)
    new = path.with_suffix(".new")
    save_file({name: np.ascontiguousarray(value) for name, value in weights.items()}, new)
    new.replace(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_weights(folder: Path, step: int) -> Weights:
    """The weights of a run after so many steps."""
    return dict(load_file(weights_path(folder, step)))


def write_piece(folder: Path, piece: Piece) -> None:
    """Writes what is kept of a run, the last thing that a run does."""
    record = asdict(piece) | {"run": _planned(piece.run), "date": piece.date.isoformat()}
    write_file(folder / "piece.json", json.dumps(record) + "\n")


def read_piece(folder: Path, run: PlannedRun) -> Piece | None:
    """What is kept of a run, or None where it has not finished as planned."""
    path = folder / "piece.json"
    if not path.is_file():
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["run"] != _planned(run):
        return None
    return Piece(
        **record
        | {
            "run": run,
            "curve": tuple(Point(**point) for point in record["curve"]),
            "profiles": {int(step): roles for step, roles in record["profiles"].items()},
            "date": date.fromisoformat(record["date"]),
        }
    )


def piece_tables(pieces: Iterable[Piece]) -> dict[str, pd.DataFrame]:
    """The tables of finished runs by file name; losses in nats a byte."""
    pieces = list(pieces)
    return {
        RUNS: pd.DataFrame([_run_row(piece) for piece in pieces]),
        CURVES: pd.DataFrame([{"run": piece.run.name, **asdict(point)} for piece in pieces for point in piece.curve]),
        PROFILES: pd.DataFrame([row for piece in pieces for row in _profile_rows(piece)]),
    }


def merged_text(name: str, old: str, new: pd.DataFrame) -> str:
    """A table as it is committed, with the rows of new runs; rows that it has stay to the letter. "" without rows."""
    texts = filter(None, (old, _text(new) if len(new) else ""))
    tables = [pd.read_csv(StringIO(text), dtype=str, keep_default_na=False) for text in texts]
    if not tables:
        return ""
    rows = pd.concat(tables).drop_duplicates(KEYS[name])
    sorted_rows = rows.sort_values(
        KEYS[name], key=lambda column: column.astype(int) if column.name in _NUMBERS else column
    )
    return _text(sorted_rows)


def without_runs(name: str, old: str, runs: Set[str]) -> str:
    """A table as it is committed, without the rows of runs that were trained again, and without tests of them."""
    if not old or not runs:
        return old
    table = pd.read_csv(StringIO(old), dtype=str, keep_default_na=False)
    run_columns = [column for column in KEYS[name] if column.startswith("run")]
    return _text(table[~table[run_columns].isin(runs).any(axis=1)])


def _text(table: pd.DataFrame) -> str:
    """A table as CSV, with five digits: more than a correlation of curves needs."""
    return table.to_csv(index=False, lineterminator="\n", float_format="%.5g")


def _planned(run: PlannedRun) -> dict[str, object]:
    """What a run was planned to be, as JSON holds it."""
    return {
        "name": run.name,
        "recipe": run.recipe,
        "seed": run.seed,
        "high": sorted(run.high),
        "parent": run.parent,
        "cell": json.loads(run.cell.model_dump_json()),
    }


def _run_row(piece: Piece) -> dict[str, object]:
    return {
        "run": piece.run.name,
        **piece.run.columns,
        "parameters": piece.parameters,
        "bytes_a_token": piece.bytes_a_token,
        "first_heldout_loss": piece.curve[0].heldout_loss,
        "final_heldout_loss": piece.curve[-1].heldout_loss,
        "cpu_seconds": round(piece.cpu_seconds),
        "weights_sha256": piece.weights_sha256,
        "device": piece.device,
        "torch": piece.torch,
        "date": piece.date.isoformat(),
    }


def _profile_rows(piece: Piece) -> Iterable[dict[str, object]]:
    for step, roles in piece.profiles.items():
        for layer, spreads in enumerate(zip(*(roles[role] for role in ATTENTION), strict=True)):
            yield {"run": piece.run.name, "step": step, "layer": layer, **dict(zip(ATTENTION, spreads, strict=True))}

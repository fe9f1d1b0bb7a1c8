"""Trained controls on the disk, one folder each, and the tables of what they did."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from safetensors.numpy import load_file, save_file

from experiments.controls.plan import Run, Shape
from experiments.controls.texts import TEXTS, SplitText, bigram_loss, unigram_loss
from experiments.controls.weights import Weights, model_config
from lineage.store.writing import write_file


@dataclass(frozen=True)
class Point:
    """A row of a loss curve, in nats a byte."""

    step: int  # updates made so far
    train_loss: float  # mean of the batches since the row before; in row 0 the first batch, before any update
    heldout_loss: float


@dataclass(frozen=True)
class Outcome:
    """What a run ends with."""

    weights: Weights
    curve: tuple[Point, ...]


@dataclass(frozen=True)
class Finished:
    """What is known of a finished run beside its weights."""

    run: Run
    curve: tuple[Point, ...]
    weights_sha256: str
    torch: str
    date: date


def write_run(folder: Path, run: Run, outcome: Outcome, shape: Shape, torch: str, today: date) -> None:
    """Writes the checkpoint of a run, and last the record that says it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "model.safetensors"
    save_file(outcome.weights, weights, {"format": "pt"})
    write_file(folder / "config.json", json.dumps(model_config(shape), indent=2) + "\n")
    record = {
        "recipe": asdict(run),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "torch": torch,
        "date": today.isoformat(),
        "curve": [asdict(point) for point in outcome.curve],
    }
    write_file(folder / "run.json", json.dumps(record, indent=2) + "\n")


def read_run(folder: Path, run: Run) -> Finished | None:
    """What is known of a run, or None where it has not finished as planned."""
    path = folder / "run.json"
    if not path.is_file():
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    if record["recipe"] != asdict(run):
        return None
    curve = tuple(Point(**point) for point in record["curve"])
    return Finished(run, curve, record["weights_sha256"], record["torch"], date.fromisoformat(record["date"]))


def read_weights(folder: Path) -> Weights:
    """The weights of a finished run."""
    return dict(load_file(folder / "model.safetensors"))


def runs_table(runs: Iterable[Finished]) -> pd.DataFrame:
    """One row a run, by name; losses in nats a byte."""
    rows = [
        {
            "run": row.run.name,
            "model": row.run.model,
            "kind": row.run.kind,
            "parent": row.run.parent,
            "init_seed": row.run.init_seed,
            "order_seed": row.run.order_seed,
            "trained": row.run.trained,
            "text": row.run.text,
            "steps": row.run.steps,
            "learning_rate": row.run.learning_rate,
            "first_heldout_loss": row.curve[0].heldout_loss,
            "final_train_loss": row.curve[-1].train_loss,
            "final_heldout_loss": row.curve[-1].heldout_loss,
            "weights_sha256": row.weights_sha256,
            "torch": row.torch,
            "date": row.date.isoformat(),
        }
        for row in runs
    ]
    return pd.DataFrame(rows).astype({"init_seed": "Int64"}).sort_values("run")


def curves_table(runs: Iterable[Finished]) -> pd.DataFrame:
    """Loss curves: columns run, step, train_loss, heldout_loss; by run and step."""
    rows = [{"run": run.run.name, **asdict(point)} for run in runs for point in run.curve]
    return pd.DataFrame(rows).sort_values(["run", "step"])


def texts_table(texts: Mapping[str, SplitText]) -> pd.DataFrame:
    """One row a text, by id, with the held-out loss of guessing by byte counts alone, in nats a byte."""
    rows = [
        {
            "text": name,
            "title": TEXTS[name].title,
            "package": f"{TEXTS[name].package}=={TEXTS[name].version}",
            "files": TEXTS[name].files,
            "rights": TEXTS[name].rights,
            "sha256": TEXTS[name].sha256,
            "train_bytes": len(text.train),
            "heldout_bytes": len(text.heldout),
            "unigram_loss": unigram_loss(text),
            "bigram_loss": bigram_loss(text),
        }
        for name, text in texts.items()
    ]
    return pd.DataFrame(rows).sort_values("text")

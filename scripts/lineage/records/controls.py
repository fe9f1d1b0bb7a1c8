"""The models that nobody released: those trained here and those derived here from real ones, by their tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

TRAINED = "trained here"
SYNTHETIC = "synthetic derivation of a real model"
SEED = "seed"  # the kind of a run from random weights that no other run of that kind starts from
RUNS_TABLE, LADDER_TABLE = "runs.csv", "ladder.csv"


@dataclass(frozen=True)
class Control:
    """A model whose history is known because it was made here. Its weights are not published, its script is."""

    id: str  # "controls/seed-01", "ladder/mpnet-int8"
    mark: str  # TRAINED or SYNTHETIC
    kind: str  # how it was made: seed, shared_initialisation, finetune, noise, int8, ...
    parents: tuple[str, ...]  # the models whose trained weights it starts from
    drawn: str = ""  # names the random weights that it starts from, where it has no parent
    level: str = ""  # how much was changed, where that is graded

    @property
    def name(self) -> str:
        """What pages call it."""
        return self.id.partition("/")[2]


def known_controls(tables: Mapping[str, pd.DataFrame]) -> dict[str, Control]:
    """Every control by its id, from the tables of data/controls/ by file name."""
    controls = [*_trained(tables[RUNS_TABLE])] if RUNS_TABLE in tables else []
    controls += [*_ladder(tables[LADDER_TABLE])] if LADDER_TABLE in tables else []
    return {control.id: control for control in controls}


def control_root(control: Control, controls: Mapping[str, Control], roots: Mapping[str, str | None]) -> str | None:
    """The independent training run that a control belongs to; roots holds those of real models.

    Runs that start from the same random weights count as one root: they are not independent. None for a merge of
    parents of several roots, or where one is unknown.
    """
    if control.drawn:
        return f"controls-{control.drawn}"
    root_set = {
        control_root(controls[parent], controls, roots) if parent in controls else roots.get(parent)
        for parent in control.parents
    }
    return root_set.pop() if len(root_set) == 1 else None


def _trained(runs: pd.DataFrame) -> Iterator[Control]:
    models = dict(zip(runs["run"], runs["model"], strict=True))
    for run in runs.to_dict("records"):
        parents = (models[run["parent"]],) if run["parent"] else ()
        seed = "" if parents else f"{run['init_seed']:.0f}"
        yield Control(run["model"], TRAINED, run["kind"], parents, seed)


def _ladder(ladder: pd.DataFrame) -> Iterator[Control]:
    for rung in ladder.to_dict("records"):
        parents = (rung["base_model"], *((rung["other_model"],) if rung["other_model"] else ()))
        level = "" if np.isnan(rung["level"]) else f"{rung['level']:g}"
        yield Control(rung["name"], SYNTHETIC, rung["rung"], parents, level=level)

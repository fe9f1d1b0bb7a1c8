"""Finished runs of a design by cell and step, and what two of them score."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.factorial.plan import PlannedRun, planned_runs
from lineage.methods.std_profile import ROLES
from lineage.records import Design
from lineage.statistics.jackknife import Numbers

DISPUTED = 0.927  # the score that the dispute is about
REACHED = f"share of pairs that reach {DISPUTED}"
MEAN = "mean"
PARTS = (*ROLES, MEAN, REACHED)  # what is computed of two runs: four correlations, their mean, whether it is as high
DEPTHS = ("dense-6", "dense-12", "dense-24", "dense-48")


@dataclass(frozen=True)
class Measured:
    """The finished runs of a cell, or of some of its recipes, after one number of steps."""

    runs: tuple[PlannedRun, ...]
    curves: Numbers  # (runs, roles, layers)
    recipes: tuple[str, ...]
    planned: int  # runs that there will be

    @property
    def groups(self) -> NDArray[np.intp]:
        """The number of the recipe of each run."""
        return np.array([self.recipes.index(run.recipe) for run in self.runs], dtype=np.intp)

    def of_recipes(self, recipes: tuple[str, ...]) -> "Measured":
        """The runs of some of the recipes alone."""
        indices = [index for index, run in enumerate(self.runs) if run.recipe in recipes]
        planned = self.planned * len(recipes) // len(self.recipes)
        return Measured(tuple(self.runs[index] for index in indices), self.curves[indices], recipes, planned)


class Results:
    """The profiles of the finished runs of a design, by cell and step."""

    def __init__(self, design: Design, profiles: pd.DataFrame) -> None:
        self.design = design
        self.plan = planned_runs(design)
        rows = profiles.sort_values(["run", "step", "layer"])
        names = list(zip(rows["run"].tolist(), rows["step"].tolist(), strict=True))
        numbers = rows[list(ROLES)].to_numpy(dtype=float)
        rows_by_name: dict[tuple[str, int], list[int]] = {}
        for row_number, name in enumerate(names):
            rows_by_name.setdefault(name, []).append(row_number)
        self._curves: dict[tuple[str, int], Numbers] = {
            name: numbers[row_numbers].T for name, row_numbers in rows_by_name.items()
        }

    def measured(self, cell: str, step: int | None = None) -> Measured:
        """The finished runs of a cell after a number of steps, by default at their end."""
        planned = [run for run in self.plan if run.cell.id == cell]
        at = planned[0].cell.steps if step is None else step
        runs = tuple(run for run in planned if (run.name, at) in self._curves)
        empty = np.empty((0, len(ROLES), planned[0].cell.layers))
        curves = np.array([self._curves[run.name, at] for run in runs]) if runs else empty
        return Measured(runs, curves, planned[0].cell.recipes, len(planned))

    def steps(self, cell: str) -> list[int]:
        """The numbers of steps after which runs of a cell were measured."""
        return sorted({step for run, step in self._curves if run.startswith(f"{cell}-r")})


def pair_scores(curves: Numbers, column_curves: Numbers | None = None) -> Numbers:
    """The scores that PARTS names, of every run of one list with every run of another: (parts, runs, others).

    curves is (runs, roles, layers), of any one number of layers in both lists.
    """
    rows, columns = (
        _standardised(run_curves) for run_curves in (curves, curves if column_curves is None else column_curves)
    )
    roles = np.einsum("irl,jrl->rij", rows, columns)
    mean = roles.mean(axis=0, keepdims=True)
    return np.concatenate([roles, mean, (mean >= DISPUTED).astype(float)])


def _standardised(curves: Numbers) -> Numbers:
    deviations = curves - curves.mean(axis=-1, keepdims=True)
    norms = np.linalg.norm(deviations, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(deviations / norms)

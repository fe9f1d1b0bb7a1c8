"""Scores by geometry of models trained here -> what they say by recipe, since runs of one recipe are no apart draws."""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from experiments.geometry.plan import CHILD, CONTROL_RUNG, INDEPENDENT
from lineage.records import Dataset
from lineage.statistics.binomial import binomial_interval

RECIPES, RUNGS_BY_RECIPE = "geometry-recipes.csv", "geometry-rungs-by-recipe.csv"
RUNS = "factorial-runs.csv"
_DIGITS = 5  # of a score, as it is committed


def derive_by_recipe(
    controls: pd.DataFrame, highest: Mapping[Hashable, float], recipes: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """RECIPES and RUNGS_BY_RECIPE, from the scored pairs of models trained here.

    highest is that of independent pairs by measure and way of matching layers; recipes that of each run.
    """
    return {RECIPES: _recipe_table(controls, recipes), RUNGS_BY_RECIPE: _rungs_by_recipe(controls, highest, recipes)}


def recipe_of_runs(dataset: Dataset) -> Mapping[str, str]:
    """The recipe of each run of the design that is on record."""
    runs = dataset.control_tables.get(RUNS, pd.DataFrame(columns=["run", "recipe"]))
    return dict(zip(runs["run"].astype(str), runs["recipe"].astype(str), strict=True))


def by_roots(rows: pd.DataFrame) -> pd.Series:
    """The highest score of each pair of roots, by their names in order; a model without a known root stands for one."""
    sides = [rows[f"root_{side}"].replace("", np.nan).fillna(rows[f"model_{side}"]).astype(str) for side in "ab"]
    edges = pd.DataFrame(np.sort(np.column_stack(sides), axis=1), columns=["first", "second"], index=rows.index)
    return rows["score"].astype(float).groupby([edges["first"], edges["second"]]).max()


def _recipe_table(controls: pd.DataFrame, recipes: Mapping[str, str]) -> pd.DataFrame:
    """Each recipe held against the independent pairs of the others: a row a measure, way of matching and recipe.

    Runs of one recipe are no draws that know nothing of each other, so this says what another recipe may do.
    """
    independent = controls[controls["truth"] == INDEPENDENT]
    rows = []
    for (measure, matched), pairs in independent.groupby(["measure", "matched"], sort=False):
        scores = by_roots(pairs)
        ends = np.array([[recipes.get(root, "") for root in edge] for edge in scores.index])
        for recipe in sorted(set(ends.ravel()) - {""}):
            count = (ends == recipe).sum(axis=1)
            others, mixed, own = (scores[count == number] for number in range(3))
            if others.empty or not len(own) + len(mixed):
                continue
            rows.append(
                {
                    "measure": measure,
                    "matched": matched,
                    "recipe": recipe,
                    "own": len(own),
                    "own_median": round(float(own.median()), _DIGITS) if len(own) else None,
                    "own_above": int((own > others.max()).sum()),
                    "mixed": len(mixed),
                    "mixed_above": int((mixed > others.max()).sum()),
                    "others_highest": float(others.max()),
                }
            )
    return pd.DataFrame(rows)


def _rungs_by_recipe(
    controls: pd.DataFrame, highest: Mapping[Hashable, float], recipes: Mapping[str, str]
) -> pd.DataFrame:
    """How many derivations of runs lie above all independent pairs, by the recipe of the run, with 95 % intervals."""
    derived = controls[controls["kind"].isin([CHILD, CONTROL_RUNG])]
    marks = [highest[key] for key in zip(derived["measure"], derived["matched"], strict=True)]
    judged = derived.assign(mark=pd.Series(marks, derived.index, dtype=float), recipe=derived["root_b"].map(recipes))
    judged = judged[judged["mark"].notna() & judged["recipe"].notna()]
    rows = []
    for (kind, rung, measure, recipe), own in judged.groupby(["kind", "rung", "measure", "recipe"], sort=False):
        above = int((own["score"].astype(float) > own["mark"]).sum())
        low, high = binomial_interval(above, len(own)) if own["root_b"].is_unique else (None, None)
        names = {"kind": kind, "rung": rung, "measure": measure, "recipe": recipe}
        rows.append({**names, "above": above, "tested": len(own), "low": low, "high": high})
    return pd.DataFrame(rows)

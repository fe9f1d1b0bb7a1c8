"""Finished runs of a design -> what its questions ask of the standard-deviation profile, as tables.

Every number says how many runs it rests on and how many of the design there will be.
"""

from collections.abc import Iterator
from functools import partial
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.experiment.runs import DEPTHS, PARTS, Measured, Results, pair_scores
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.jackknife import FEWEST_RUNS, Estimates, Numbers, jackknifed, recipe_means

SCORE_COLUMNS = (
    *("cell", "step", "pairs", "part", "value", "low", "high", "lowest", "highest"),
    *("recipes", "runs", "planned"),
)
DIFFERENCE_COLUMNS = ("question", "of", "less", "pairs", "part", "value", "low", "high", "runs", "planned")
EFFECT_COLUMNS = ("cell", "factor", "part", "value", "low", "high", "share", "runs", "planned")
UPCYCLING_COLUMNS = ("step", "other", "part", "value", "low", "high", "children", "planned")


def summary(scores: Numbers, groups: NDArray[np.intp], recipes: int, pairs: str, runs: NDArray[np.intp]) -> Numbers:
    """The mean over recipes, or over pairs of recipes, of the mean over pairs of those runs: (parts,)."""
    means = recipe_means(scores[:, runs][:, :, runs], groups[runs], recipes)
    return _mean(_chosen(means, pairs))


def score_table(results: Results) -> pd.DataFrame:
    """One row a cell, step, kind of pairs and part, where there is a pair: mean, interval, range over recipes."""
    return pd.DataFrame(list(_score_rows(results)), columns=SCORE_COLUMNS)


def difference_table(results: Results) -> pd.DataFrame:
    """The plain differences that the design asks for, where both sides have a pair."""
    return pd.DataFrame(list(_difference_rows(results)), columns=DIFFERENCE_COLUMNS)


def effect_table(results: Results) -> pd.DataFrame:
    """The effect of differing in each factor, in cells of which every recipe has three finished runs."""
    return pd.DataFrame(list(_effect_rows(results)), columns=EFFECT_COLUMNS)


def upcycling_table(results: Results) -> pd.DataFrame:
    """Children at each step with their parents, with others of the parent's recipe, with mixtures from scratch."""
    return pd.DataFrame(list(_upcycling_rows(results)), columns=UPCYCLING_COLUMNS)


def factor_effects(means: Numbers, levels: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """By least squares on means of pairs of recipes: the effect of differing in each factor, and what it explains.

    means is (parts, recipes, recipes), levels (recipes, factors), True where high. The terms are a constant, for each
    factor whether two recipes differ in it, and how many of the two are at its high level. Both results are (parts,
    factors); what is explained is the share of the squares around the mean that is lost without a factor's two terms.
    """
    factors = levels.shape[1]
    pairs = list(combinations_with_replacement(range(len(levels)), 2))
    differs = np.array([levels[a] ^ levels[b] for a, b in pairs], dtype=float)
    high = np.array([levels[a].astype(float) + levels[b] - 1 for a, b in pairs])
    terms = np.column_stack([np.ones(len(pairs)), differs, high])
    targets = np.array([means[:, a, b] for a, b in pairs])  # (pairs, parts)

    def left_over(columns: NDArray[np.intp]) -> Numbers:
        design = terms[:, columns]
        fit = design @ np.linalg.lstsq(design, targets, rcond=None)[0]
        return np.asarray(((targets - fit) ** 2).sum(axis=0))

    term_numbers = np.arange(terms.shape[1])
    effects = np.linalg.lstsq(terms, targets, rcond=None)[0][1 : 1 + factors].T
    around = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    without = np.array(
        [left_over(np.delete(term_numbers, [1 + factor, 1 + factors + factor])) for factor in range(factors)]
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return effects, np.asarray(((without - left_over(term_numbers)) / around).T)


def _chosen(means: Numbers, pairs: str) -> Numbers:
    """The means of pairs of one recipe, or of two, out of a table (..., recipes, recipes): (..., means)."""
    recipes = means.shape[-1]
    if pairs == ONE:
        return np.asarray(means[..., range(recipes), range(recipes)])
    first, second = np.triu_indices(recipes, k=1)
    return np.asarray(means[..., first, second])


def _mean(means: Numbers) -> Numbers:
    """The mean over the last axis of the numbers that are finite; NaN where none is."""
    finite = np.isfinite(means)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(finite, means, 0).sum(axis=-1) / finite.sum(axis=-1))


def _score_rows(results: Results) -> Iterator[tuple[object, ...]]:
    for cell in (cell.id for cell in results.design.cells if not cell.parents):
        for step in results.steps(cell):
            cell_runs = results.measured(cell, step)
            scores, groups, recipes = pair_scores(cell_runs.curves), cell_runs.groups, len(cell_runs.recipes)
            means = recipe_means(scores, groups, recipes)
            for pairs in (ONE, TWO):
                values = _chosen(means, pairs)
                finite = np.isfinite(values[0])
                if not finite.any():
                    continue
                estimates = jackknifed(partial(summary, scores, groups, recipes, pairs), groups)
                ends = values[:, finite].min(axis=1), values[:, finite].max(axis=1)
                counts = len(set(groups.tolist())), len(cell_runs.runs), cell_runs.planned
                for index, score_name in enumerate(PARTS):
                    row = (estimates.values, estimates.low, estimates.high, *ends)
                    yield (cell, step, pairs, score_name, *(numbers[index] for numbers in row), *counts)


def _difference_rows(results: Results) -> Iterator[tuple[object, ...]]:
    ends = {cell.id: results.measured(cell.id) for cell in results.design.cells}
    for depth in DEPTHS[:-1]:
        yield from _compared("depth", (depth, ends[depth]), (DEPTHS[-1], ends[DEPTHS[-1]]))
    for wide, usual in (("wide-12", "dense-12"), ("wide-48", "dense-48")):
        yield from _compared("width", (wide, ends[wide]), (usual, ends[usual].of_recipes(ends[wide].recipes)))
    for cell in (cell for cell in results.design.cells if not cell.parents):
        early = results.measured(cell.id, round(0.1 * cell.steps))
        yield from _over_training(cell.id, ends[cell.id], early)
    yield from _experts(ends["moe-48"], ends["dense-48"])


def _compared(
    question: str, of: tuple[str, Measured], subtrahend: tuple[str, Measured]
) -> Iterator[tuple[object, ...]]:
    """The means of two cells that have no run in common, and their difference."""
    sides = [side for _, side in (of, subtrahend)]
    scores = [pair_scores(side.curves) for side in sides]
    first = len(sides[0].runs)
    groups = np.concatenate([sides[0].groups, sides[1].groups + len(sides[0].recipes)])
    for pairs in (ONE, TWO):

        def statistic(runs: NDArray[np.intp], pairs: str = pairs) -> Numbers:
            runs_by_side = runs[runs < first], runs[runs >= first] - first
            means = [
                summary(side_scores, side.groups, len(side.recipes), pairs, side_runs)
                for side_scores, side, side_runs in zip(scores, sides, runs_by_side, strict=True)
            ]
            return means[0] - means[1]

        yield from _rows((question, of[0], subtrahend[0], pairs), jackknifed(statistic, groups), *_counts(sides))


def _over_training(cell: str, late: Measured, early: Measured) -> Iterator[tuple[object, ...]]:
    """The last snapshot less that at a tenth of the steps, of the same runs."""
    groups, recipes = late.groups, len(late.recipes)
    change = pair_scores(late.curves) - pair_scores(early.curves)  # the means are linear in the scores
    for pairs in (ONE, TWO):
        estimates = jackknifed(partial(summary, change, groups, recipes, pairs), groups)
        yield from _rows(("training", cell, f"{cell} at 10 %", pairs), estimates, *_counts([late]))


def _experts(mixed: Measured, dense: Measured) -> Iterator[tuple[object, ...]]:
    """Mixtures with dense models of two of the recipes, less pairs of two recipes among dense models."""
    dense_indices = dense.of_recipes(mixed.recipes)
    crossed = pair_scores(mixed.curves, dense_indices.curves)
    scores = pair_scores(dense.curves)
    at = np.array([dense.runs.index(run) for run in dense_indices.runs], dtype=np.intp)
    first = len(mixed.runs)
    groups = np.concatenate([mixed.groups, dense.groups + len(mixed.recipes)])

    def cross(runs: NDArray[np.intp]) -> Numbers:
        rows = runs[runs < first]
        columns = np.flatnonzero(np.isin(at, runs[runs >= first] - first))
        cells = [
            crossed[:, rows[mixed.groups[rows] == a]][:, :, columns[dense_indices.groups[columns] == b]]
            for a in range(len(mixed.recipes))
            for b in range(len(dense_indices.recipes))
        ]
        return _mean(np.array([_mean(cell.reshape(len(PARTS), -1)) for cell in cells]).T)

    def difference(runs: NDArray[np.intp]) -> Numbers:
        dense_indices = runs[runs >= first] - first
        return cross(runs) - summary(scores, dense.groups, len(dense.recipes), TWO, dense_indices)

    counts = _counts([mixed, dense])
    yield from _rows(("experts", "moe-48 with dense-48", "", TWO), jackknifed(cross, groups), *counts)
    yield from _rows(("experts", "moe-48 with dense-48", "dense-48", TWO), jackknifed(difference, groups), *counts)


def _effect_rows(results: Results) -> Iterator[tuple[object, ...]]:
    factors = [factor.id for factor in results.design.factors]
    levels = np.array([[factor in recipe.high for factor in factors] for recipe in results.design.recipes])
    for cell in DEPTHS:
        cell_runs = results.measured(cell)
        groups = cell_runs.groups
        if np.bincount(groups, minlength=len(levels)).min() < FEWEST_RUNS:
            continue
        scores = pair_scores(cell_runs.curves)
        estimates = jackknifed(partial(_effects_of, scores, groups, levels), groups)
        _, shares = factor_effects(recipe_means(scores, groups, len(levels)), levels)
        for column, factor in enumerate(factors):
            for index, score_name in enumerate(PARTS):
                row = (estimates.values, estimates.low, estimates.high, shares)
                numbers = (of_part[index, column] for of_part in row)
                yield (cell, factor, score_name, *numbers, len(cell_runs.runs), cell_runs.planned)


def _effects_of(
    scores: Numbers, groups: NDArray[np.intp], levels: NDArray[np.bool_], runs: NDArray[np.intp]
) -> Numbers:
    means = recipe_means(scores[:, runs][:, :, runs], groups[runs], len(levels))
    return factor_effects(means, levels)[0]


def _upcycling_rows(results: Results) -> Iterator[tuple[object, ...]]:
    (child_cell,) = (cell for cell in results.design.cells if cell.parents)
    parents = results.measured(str(child_cell.parents)).of_recipes(child_cell.recipes)
    seeds = {run.seed for run in results.plan if run.parent}
    firsts = [index for index, run in enumerate(parents.runs) if run.seed in seeds]
    scratch = results.measured("moe-48")
    for step in results.steps(child_cell.id):
        children = results.measured(child_cell.id, step)
        with_parents = pair_scores(children.curves, parents.curves[firsts])
        with_scratch = pair_scores(children.curves, scratch.curves)
        names = [parents.runs[index].name for index in firsts]
        is_parent = np.array([[run.parent == name for name in names] for run in children.runs])
        kin = np.array([[run.recipe == parents.runs[index].recipe for index in firsts] for run in children.runs])
        is_of_recipe = np.array([[run.recipe == stranger.recipe for stranger in scratch.runs] for run in children.runs])
        partners = (("parent", with_parents, is_parent), ("other runs of its recipe", with_parents, kin & ~is_parent))
        for partner, scores, mask in (*partners, ("mixtures from scratch", with_scratch, is_of_recipe)):
            if not mask.any():
                continue
            by_child = _mean(np.where(mask, scores, np.nan))
            estimates = jackknifed(partial(_mean_of_children, by_child), children.groups)
            yield from _rows((step, partner), estimates, len(children.runs), children.planned)
        if len(names) == len(seeds) * len(child_cell.recipes):
            scores = with_parents[PARTS.index("mean")]
            first = int(
                sum(
                    row[is_own_parent].item() > row[~is_own_parent].max()
                    for row, is_own_parent in zip(scores, is_parent, strict=True)
                )
            )
            ends = binomial_interval(first, len(children.runs))
            counts = len(children.runs), children.planned
            yield (step, "parent", "share that score highest with it", first / len(children.runs), *ends, *counts)


def _mean_of_children(by_child: Numbers, runs: NDArray[np.intp]) -> Numbers:
    return _mean(by_child[:, runs])


def _counts(sides: list[Measured]) -> tuple[int, int]:
    return sum(len(side.runs) for side in sides), sum(side.planned for side in sides)


def _rows(head: tuple[object, ...], estimates: Estimates, runs: int, planned: int) -> Iterator[tuple[object, ...]]:
    for index, score_name in enumerate(PARTS):
        if np.isfinite(estimates.values[index]):
            ends = estimates.low[index], estimates.high[index]
            yield (*head, score_name, estimates.values[index], *ends, runs, planned)

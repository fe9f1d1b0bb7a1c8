"""Finished runs of a design -> how the scores of their pairs are spread, and what each child scores with its parent."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.experiment.runs import DISPUTED, MEAN, PARTS, Results, pair_scores
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import disjoint_pairs
from lineage.statistics.jackknife import Numbers

BINS_A_UNIT = 50  # bins of a score, .02 wide
SPREAD_COLUMNS = ("cell", "pairs", "from", "to", "count")
RANGE_COLUMNS = ("cell", "pairs", "count", "smallest", "middle", "largest", "reaching", "separate", "low", "high")
CHILD_COLUMNS = ("child", "parent", "recipe", "step", "score", "highest_other", "others")


def spread_table(results: Results) -> pd.DataFrame:
    """How many pairs of runs of a cell, at their end, score in each bin of .02; bins without a pair are left out.

    A score is the mean of the four correlations, in [-1, 1]; the highest bin holds 1.
    """
    return pd.DataFrame(list(_spread_rows(results)), columns=SPREAD_COLUMNS)


def range_table(results: Results) -> pd.DataFrame:
    """How many pairs of runs of a cell there are at their end, what they score, and how many reach DISPUTED.

    The share of those that reach it has the exact 95 % interval of Clopper and Pearson at as many trials as there are
    pairs that share no run, in order of name: so are pairs of released models counted.
    """
    rows = [
        (
            cell,
            pairs,
            len(scores),
            scores.min(),
            np.median(scores),
            scores.max(),
            *_reaching(scores, disjoint_pairs(runs)),
        )
        for cell, pairs, scores, runs in _last_scores(results)
        if len(scores)
    ]
    return pd.DataFrame(rows, columns=RANGE_COLUMNS)


def _reaching(scores: Numbers, separate: int) -> tuple[int, int, float, float]:
    """How many scores reach DISPUTED, how many pairs share no run, and the interval of the share that reaches it."""
    share = float((scores >= DISPUTED).mean())
    return int((scores >= DISPUTED).sum()), separate, *binomial_interval(share * separate, separate)


def child_table(results: Results) -> pd.DataFrame:
    """What every child scores with its parent at each step, and the highest of its scores with the other parents."""
    return pd.DataFrame(list(_child_rows(results)), columns=CHILD_COLUMNS)


def last_children(children: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of children at the end of their training."""
    return children[children["step"] == children["step"].max()] if len(children) else children


def binned(scores: Numbers) -> Iterator[tuple[float, float, int]]:
    """Low end, high end and count of each bin that holds a score, rising; scores are in [-1, 1]."""
    bins = np.minimum(np.floor(scores * BINS_A_UNIT + 1e-9), BINS_A_UNIT - 1).astype(int)
    for bin_number, count in zip(*np.unique(bins, return_counts=True), strict=True):
        yield float(bin_number / BINS_A_UNIT), float((bin_number + 1) / BINS_A_UNIT), int(count)


def _spread_rows(results: Results) -> Iterator[tuple[object, ...]]:
    for cell, pairs, scores, _ in _last_scores(results):
        yield from ((cell, pairs, *row) for row in binned(scores))


def _last_scores(results: Results) -> Iterator[tuple[str, str, Numbers, list[tuple[str, str]]]]:
    """Cell, kind of pairs, the score of each pair of its finished runs, and the names; children are left out."""
    for cell in (cell.id for cell in results.design.cells if not cell.parents):
        cell_runs = results.measured(cell)
        scores = pair_scores(cell_runs.curves)[PARTS.index(MEAN)]
        first, second = np.triu_indices(len(cell_runs.runs), k=1)
        is_one_recipe = cell_runs.groups[first] == cell_runs.groups[second]
        for pairs, is_of_kind in ((ONE, is_one_recipe), (TWO, ~is_one_recipe)):
            kind_scores = scores[first[is_of_kind], second[is_of_kind]]
            names = [(cell_runs.runs[a].name, cell_runs.runs[b].name) for a, b in zip(first, second, strict=True)]
            yield (
                cell,
                pairs,
                kind_scores[np.isfinite(kind_scores)],
                [name for name, kind in zip(names, is_of_kind, strict=True) if kind],
            )


def _child_rows(results: Results) -> Iterator[tuple[object, ...]]:
    cell = next((cell for cell in results.design.cells if cell.parents), None)
    if cell is None:
        return
    dense = results.measured(str(cell.parents))
    parents = {run.parent for run in results.plan if run.cell.id == cell.id}
    indices = [index for index, run in enumerate(dense.runs) if run.name in parents]
    names = [dense.runs[index].name for index in indices]
    for step in results.steps(cell.id):
        children = results.measured(cell.id, step)
        scores = pair_scores(children.curves, dense.curves[indices])[PARTS.index(MEAN)]
        for child, child_scores in zip(children.runs, scores, strict=True):
            if child.parent not in names:
                continue
            strangers = np.delete(child_scores, names.index(child.parent))
            highest = float(strangers.max()) if len(strangers) else None
            yield (
                child.name,
                child.parent,
                child.recipe,
                step,
                float(child_scores[names.index(child.parent)]),
                highest,
                len(strangers),
            )

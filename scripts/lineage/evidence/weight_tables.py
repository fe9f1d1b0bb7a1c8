"""Every population of scored pairs with known relations -> the tables of what a score weighs in it."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from itertools import chain

import numpy as np
import pandas as pd

from lineage.evidence.case_figures import counted_derivations, drawn_cases, publisher_of
from lineage.evidence.error_tables import labelled_sets
from lineage.evidence.published import all_published_scores, labelled
from lineage.evidence.training_runs import by_training_run
from lineage.evidence.weight import (
    CURVE_POINTS,
    JUDGED,
    Trials,
    Weight,
    curve,
    root_counts,
    trials_of,
    weigh,
    why_no_weight,
)
from lineage.records import Dataset
from lineage.records.columns.derived import WEIGHT, WEIGHT_CURVE, WEIGHT_TRIALS
from lineage.records.origins import Lineage

_QUANTISED = "quantized"  # as lists of derivations call it


@dataclass(frozen=True)
class Population:
    """Pairs whose relation is documented, scored by one method."""

    method: str
    set: str
    trials: Trials
    disputed: tuple[float, ...] = ()  # scores in dispute that this method gave


def derive_weight(scores: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> Mapping[str, pd.DataFrame]:
    """What scores weigh in every population, by file: weight.csv, weight-curve.csv and weight-trials.csv.

    Columns as WEIGHT, WEIGHT_CURVE and WEIGHT_TRIALS. A population with too few roots has a row in the first alone,
    which says so.
    """
    all_populations = list(populations(scores, dataset, lineage))
    weights = {
        at: weigh(population.trials)
        for at, population in enumerate(all_populations)
        if not why_no_weight(population.trials)
    }
    rows = [_row(population, weights.get(at)) for at, population in enumerate(all_populations)]
    curves = [
        (population.method, population.set, *point)
        for at, population in enumerate(all_populations)
        if at in weights
        for point in _curve(population)
    ]
    trials = [
        row
        for at, population in enumerate(all_populations)
        if at in weights
        for row in _trials(population, weights[at])
    ]
    return {
        "weight.csv": pd.DataFrame(rows, columns=[column.name for column in WEIGHT]),
        "weight-curve.csv": pd.DataFrame(curves, columns=[column.name for column in WEIGHT_CURVE]),
        "weight-trials.csv": pd.DataFrame(trials, columns=[column.name for column in WEIGHT_TRIALS]),
    }


def populations(scores: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> Iterator[Population]:
    """The population of every method and set of which error rates are given.

    Published quantised copies do not count, since the packed numbers of many were read as weights: so do the figures
    of cases leave them out.
    """
    of_cases = {(population.method, population.set): population for population in _of_cases(dataset)}
    for method, name, pairs in labelled_sets(scores, dataset, lineage):
        yield of_cases.get((method, name)) or Population(method, name, trials_of(pairs))
    for method, name, scores_published in all_published_scores(dataset):
        derivations = scores_published.derived[scores_published.derived["kind"] != _QUANTISED]
        yield Population(method, name, trials_of(labelled(replace(scores_published, derived=derivations))))


def _of_cases(dataset: Dataset) -> Iterator[Population]:
    """The population of each figure of a case: its pairs, with their documented derivations, by training run."""
    for case_figure in drawn_cases(dataset):
        if case_figure.sources.method is None:
            continue
        pairs = by_training_run(case_figure.independent_pairs, dataset.published).rename(
            columns={"median": "similarity"}
        )
        derivations = counted_derivations(by_training_run(case_figure.derivations, dataset.published))
        derivations = derivations.assign(root_a=derivations["root"], root_b=derivations["root"])
        columns = ["root_a", "root_b", "similarity"]
        trial_rows = pd.concat([pairs[columns], derivations[columns]], ignore_index=True)
        name = f"published by {publisher_of(case_figure.sources.independent, dataset)}"
        yield Population(case_figure.sources.method, name, trials_of(trial_rows), (case_figure.disputed.value,))


def _row(population: Population, weight: Weight | None) -> tuple[object, ...]:
    trials = population.trials
    counts = (*root_counts(trials), int((~trials.derived).sum()), int(trials.derived.sum()))
    if weight is None:
        numbers: list[object] = [None] * (len(WEIGHT) - len(counts) - 3)
    else:
        judged = [(getattr(weight, name), *weight.ends[name]) for name in JUDGED]
        numbers = [*astuple(weight.line), weight.lower, weight.upper, weight.least_cost, *chain(*judged)]
    return (population.method, population.set, *counts, *numbers, why_no_weight(trials))


def _curve(population: Population) -> Iterator[tuple[float, float, float, float]]:
    scores = population.trials.scores
    grid = {*np.linspace(scores.min(), scores.max(), CURVE_POINTS).round(6).tolist(), *population.disputed}
    yield from curve(population.trials, np.array(sorted(grid)))


def _trials(population: Population, weight: Weight) -> Iterator[tuple[object, ...]]:
    trials = population.trials
    for at, (first, second) in enumerate(zip(trials.first.tolist(), trials.second.tolist(), strict=True)):
        kind = "derived" if first == second else "independent"
        names = (trials.names[first], trials.names[second])
        numbers = (trials.scores[at], trials.weights[at], weight.cross_validated[at])
        yield (population.method, population.set, at, kind, *names, *numbers)

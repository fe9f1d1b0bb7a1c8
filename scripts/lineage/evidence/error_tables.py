"""Scores of pairs whose relation is documented -> how often each method is wrong, and what it finds."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lineage.evidence.case_figures import independent_root_pairs
from lineage.evidence.positions import MATCHINGS, conformal_position, score_lookup
from lineage.evidence.published import PUBLISHED_NULLS, published_error_rates, published_roc
from lineage.evidence.reproductions import Level, counted, least, level_of, match_level
from lineage.evidence.training_runs import by_training_run
from lineage.methods.registry import EXACT_TESTS, METHODS, SCORED, SCREENINGS
from lineage.records import Dataset, pair_slug
from lineage.records.columns.derived import POSITIONS
from lineage.records.controls import SYNTHETIC, TRAINED
from lineage.records.origins import Lineage
from lineage.records.provenance import MEASURED, SAMPLED, Relation, comparable, mark_of, relation_of
from lineage.statistics.error_rates import (
    Estimate,
    area_under_roc,
    enough_roots,
    false_positive_rate,
    figure_rng,
    labelled_pairs,
    roc_points,
)


def with_relations(pairs: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """The pairs that are compared, with more columns: relation, set (measured, trained here, synthetic) and level."""
    models = list(zip(pairs["model_a"], pairs["model_b"], strict=True))
    compared_pairs = pairs.loc[np.array([comparable(a, b, dataset) for a, b in models], dtype=bool)]
    models = list(zip(compared_pairs["model_a"], compared_pairs["model_b"], strict=True))
    sets = [_set_of(mark_of(a, dataset), mark_of(b, dataset)) for a, b in models]
    relations = [str(relation_of(a, b, lineage)) for a, b in models]
    exact = compared_pairs["method"].isin(list(EXACT_TESTS))
    levels = [str(_level(a, b, dataset, matched=is_matched)) for (a, b), is_matched in zip(models, exact, strict=True)]
    return compared_pairs.assign(relation=relations, set=sets, level=levels).reset_index(drop=True)


def _level(model_a: str, model_b: str, dataset: Dataset, *, matched: bool) -> Level:
    """How sure a score is: the level of its match, or of the less sure of two measurements."""
    match = dataset.matches.get(pair_slug(model_a, model_b)) if matched else None
    return match_level(match, dataset) if match else least(level_of(model, dataset) for model in (model_a, model_b))


def derive_error_rates(pairs: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Columns method, set, quantity, threshold, value, low, high, roots, interval, abstained; one row a figure."""
    rows = [
        (method, name, quantity, threshold, *_figures(estimate))
        for method, name, labelled in labelled_sets(pairs, dataset, lineage)
        for quantity, threshold, estimate in _estimates(method, name, labelled)
    ]
    rows += [
        (method, name, quantity, threshold, *_figures(estimate))
        for method, name, quantity, threshold, estimate in published_error_rates(dataset)
    ]
    columns = ["method", "set", "quantity", "threshold", "value", "low", "high", "roots", "interval", "abstained"]
    return pd.DataFrame(rows, columns=columns)


def derive_roc(pairs: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Columns method, set, place, threshold, false_positive_rate, true_positive_rate.

    A curve for each set with roots enough for the area under it: where that is refused, so is its curve.
    """
    curves = []
    for method, name, labelled in labelled_sets(pairs, dataset, lineage):
        if enough_roots(labelled):
            points = roc_points(labelled).replace({"threshold": {np.inf: np.nan}})
            curves.append(points.assign(method=method, set=name, place=range(len(points))))
    curves += published_roc(dataset)
    columns = ["method", "set", "place", "threshold", "false_positive_rate", "true_positive_rate"]
    return pd.concat(curves, ignore_index=True)[columns] if curves else pd.DataFrame(columns=columns)


def derive_power(pairs: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Scores of known derivations by what was done: columns method, set, kind, level, model, base_model, similarity, p.

    A row a pair of a control and its first parent, or of a released model and a parent that its sources state.
    """
    rows = []
    for pair in counted(pairs[pairs["relation"] == Relation.DERIVATION]).to_dict("records"):
        child, parent, kind, level = _derivation(pair["model_a"], pair["model_b"], dataset)
        if kind:
            figures = (pair["similarity"], pair["p"], pair["log10_p"], pair["not_testable"])
            rows.append((pair["method"], pair["set"], kind, level, child, parent, *figures))
    columns = ["method", "set", "kind", "level", "model", "base_model", "similarity", "p", "log10_p", "not_testable"]
    return pd.DataFrame(rows, columns=columns).sort_values(["method", "set", "model"], ignore_index=True)


def derive_positions(pairs: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Where each measured pair stands among independent roots, unmatched and matched on shape.

    Columns method, model_a, model_b, matched_on, n_a, n_b, below_a, below_b, p_a, p_b, p, abstained, sampled.
    """
    shapes = dataset.shapes
    rows = []
    screened = pairs[pairs["set"].isin([MEASURED, SAMPLED]) & pairs["method"].isin(list(SCREENINGS))]
    for method, group in screened.groupby("method"):
        scores = score_lookup(group)
        for model_a, model_b in zip(group["model_a"], group["model_b"], strict=True):
            for matching in (MATCHINGS[0], MATCHINGS[-1]):
                position = conformal_position(scores, (model_a, model_b), lineage, shapes, matching)
                counts = (len(position.controls_a), len(position.controls_b), position.below_a, position.below_b)
                samples = len({*position.controls_a, *position.controls_b} & dataset.sampled_only.keys())
                matching_words = ", ".join(position.matched_on) or "nothing"
                p_values = (position.p_a, position.p_b, position.p)
                rows.append((method, model_a, model_b, matching_words, *counts, *p_values, position.abstained, samples))
    table = pd.DataFrame(rows, columns=[column.name for column in POSITIONS])
    return table.astype(dict.fromkeys(("below_a", "below_b", "p_a", "p_b", "p"), float))  # also where none has one


def labelled_sets(pairs: pd.DataFrame, dataset: Dataset, lineage: Lineage) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Every method with every set that has pairs of known relation: columns root_a, root_b, similarity."""
    related_pairs = counted(pairs)
    related_pairs = related_pairs[
        related_pairs["relation"].isin([Relation.INDEPENDENT, Relation.DERIVATION, Relation.ONE_ANCESTOR])
    ]
    for method in SCORED:
        of_method = related_pairs[related_pairs["method"] == method]
        for name, sets in (MEASURED, [MEASURED]), (TRAINED, [TRAINED]), (SAMPLED, [MEASURED, SAMPLED]):
            of_set = of_method[of_method["set"].isin(sets)]
            if name == SAMPLED and SAMPLED not in {*of_set["set"]}:
                continue
            if method in EXACT_TESTS:  # their p-values decide, and not their effects
                of_set = of_set.assign(similarity=-of_set["log10_p"])
            labelled = labelled_pairs(of_set, lineage)
            if len(labelled):
                yield method, name, labelled
        table, name = PUBLISHED_NULLS.get(method, ("", ""))
        if table in dataset.tables:
            independent = by_training_run(independent_root_pairs(dataset.tables[table]), dataset.published)
            columns = {"median": "similarity"}
            yield method, name, independent.rename(columns=columns)[["root_a", "root_b", "similarity"]]


def _estimates(method: str, name: str, labelled: pd.DataFrame) -> Iterator[tuple[str, float | None, Estimate]]:
    for threshold in METHODS[method].thresholds:
        yield (
            "false-positive rate",
            threshold,
            false_positive_rate(labelled, threshold, figure_rng(method, name, threshold)),
        )
    if (labelled["root_a"] == labelled["root_b"]).any():
        yield "area under the ROC", None, area_under_roc(labelled, figure_rng(method, name, "area"))


def _figures(estimate: Estimate) -> tuple[float | None, float | None, float | None, int, str, str]:
    return estimate.value, estimate.low, estimate.high, estimate.roots, estimate.interval, estimate.abstained


def _derivation(model_a: str, model_b: str, dataset: Dataset) -> tuple[str, str, str, str]:
    """Child, parent, what was done and how much; "" for what was done where neither is the other's parent itself."""
    for child, parent in ((model_a, model_b), (model_b, model_a)):
        control, model = dataset.controls.get(child), dataset.models.get(child)
        if control and control.parents[:1] == (parent,):
            return child, parent, control.kind, control.level
        if model and parent in model.parents and model.base_model_relation:
            return child, parent, model.base_model_relation, ""
    return model_a, model_b, "", ""


def _set_of(mark_a: str, mark_b: str) -> str:
    return next((mark for mark in (SYNTHETIC, TRAINED, SAMPLED) if mark in (mark_a, mark_b)), MEASURED)

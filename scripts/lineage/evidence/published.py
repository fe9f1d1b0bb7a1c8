"""Scores that others published of their methods -> how often each is wrong, by root, and what it finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from lineage.evidence.case_figures import model_name, pair_names
from lineage.evidence.training_runs import by_training_run
from lineage.records import Dataset, Published, PublishedModel
from lineage.statistics.error_rates import (
    Estimate,
    area_under_roc,
    enough_roots,
    false_positive_rate,
    figure_rng,
    roc_points,
)

TENSORLOCK = "published by TensorLock"
MODEL_TRACING = "published by model-tracing"
# Records in data/published/ whose tables hold scores of pairs of a known relation, with the set that they make.
SCORED: Mapping[str, str] = {
    "tensorlock-huref": TENSORLOCK,
    "tensorlock-reef": TENSORLOCK,
    "tensorlock-tensorguard": TENSORLOCK,
    "tensorlock-llmmap": TENSORLOCK,
    "tensorlock-sef": TENSORLOCK,
    "tensorlock-met": TENSORLOCK,
    "model-tracing": MODEL_TRACING,
}
# Methods of ours whose scores others published, with the table of pairs of roots in data/published/ and its set.
PUBLISHED_NULLS: Mapping[str, tuple[str, str]] = {"std_profile": ("tensorlock-root-pairs.csv", TENSORLOCK)}
FPR, AREA = "false-positive rate", "area under the ROC"


@dataclass(frozen=True)
class PublishedScores:
    """What others published of a method, on pairs whose relation is documented.

    In both tables a higher similarity is closer; shown is what a chart shows, on the method's own scale.
    """

    independent: pd.DataFrame  # root_a, root_b, names, similarity, shown: pairs of roots, or of their models
    derived: pd.DataFrame  # root, kind, names, similarity, shown
    distance: bool  # shown is a distance: lower is closer


def published_scores(name: str, dataset: Dataset) -> PublishedScores | None:
    """The scores under a record's name; None where its record or a table of it is absent."""
    record = dataset.published.get(name)
    if record is None or any(table.file not in dataset.tables for table in record.tables):
        return None
    return _permutation_scores(record, dataset) if record.models else _matrix_scores(name, dataset)


@lru_cache(maxsize=2)
def all_published_scores(dataset: Dataset) -> tuple[tuple[str, str, PublishedScores], ...]:
    """Every record that has such scores, with the name of its set; nobody changes their tables."""
    scores = ((name, set_name, published_scores(name, dataset)) for name, set_name in SCORED.items())
    return tuple((name, set_name, set_scores) for name, set_name, set_scores in scores if set_scores is not None)


def labelled(scores: PublishedScores) -> pd.DataFrame:
    """Columns root_a, root_b, similarity; one root twice is a derivation, as error rates want it."""
    derivations = scores.derived.assign(root_a=scores.derived["root"], root_b=scores.derived["root"])
    columns = ["root_a", "root_b", "similarity"]
    return pd.concat([scores.independent[columns], derivations[columns]], ignore_index=True)


def published_error_rates(dataset: Dataset) -> Iterator[tuple[str, str, str, float | None, Estimate]]:
    """Method, set, quantity, threshold on the published scale, and estimate."""
    for name, set_name, scores in all_published_scores(dataset):
        pairs = labelled(scores)
        for threshold in dataset.published[name].thresholds:
            score = -np.log10(threshold.value) if scores.distance else threshold.value  # of a p-value, or of a score
            rng = figure_rng(name, set_name, threshold.value)
            yield name, set_name, FPR, threshold.value, false_positive_rate(pairs, float(score), rng)
        yield name, set_name, AREA, None, area_under_roc(pairs, figure_rng(name, set_name, "area"))


def published_roc(dataset: Dataset) -> Iterator[pd.DataFrame]:
    """The corners of each curve, where there are roots enough: columns as roc_points, and method, set, place."""
    for name, set_name, scores in all_published_scores(dataset):
        pairs = labelled(scores)
        if enough_roots(pairs):
            points = _corners(roc_points(pairs).replace({"threshold": {np.inf: np.nan}}))
            yield points.assign(method=name, set=set_name, place=range(len(points)))


def derive_published_power(dataset: Dataset) -> pd.DataFrame:
    """Columns method, set, kind, pairs, roots, smallest, middle, largest, above_independent, by kind.

    Figures are on the scale of the chart; above_independent counts pairs that are closer than every independent one.
    """
    rows = []
    for name, set_name, scores in all_published_scores(dataset):
        highest = scores.independent["similarity"].max()
        for kind, group in scores.derived.groupby("kind"):
            values, above = group["shown"], int((group["similarity"] > highest).sum())
            spread = (values.min(), values.median(), values.max())
            rows.append((name, set_name, kind, len(group), group["root"].nunique(), *spread, above))
    columns = ["method", "set", "kind", "pairs", "roots", "smallest", "middle", "largest", "above_independent"]
    return pd.DataFrame(rows, columns=columns)


def _matrix_scores(name: str, dataset: Dataset) -> PublishedScores:
    pairs, derivations = (dataset.tables[f"{name}-{table}.csv"] for table in ("root-pairs", "derivations"))
    independent = pairs[pairs["independent"] == "yes"].rename(columns={"median": "similarity"})
    independent, derivations = (by_training_run(scores, dataset.published) for scores in (independent, derivations))
    independent = independent.assign(names=pair_names(independent, "root_a", "root_b", dataset))
    independent = independent[["root_a", "root_b", "names", "similarity"]].reset_index(drop=True)
    derivations = derivations.assign(names=pair_names(derivations, "derived_model", "base_model", dataset))
    derivations = derivations.rename(columns={"relation": "kind"})[["root", "kind", "names", "similarity"]]
    return PublishedScores(
        independent.assign(shown=independent["similarity"]),
        derivations.assign(shown=derivations["similarity"]),
        distance=False,
    )


def _permutation_scores(record: Published, dataset: Dataset) -> PublishedScores:
    """Similarity is -log10 of the rank p; shown is the distance as a share of the mean permuted one."""
    models = {model.model: model for model in record.models}
    independent, derivations = [], []
    for row in dataset.tables[record.tables[0].file].to_dict("records"):
        a, b = models.get(row["model_a"]), models.get(row["model_b"])
        if a is None or b is None:
            continue
        names = " / ".join(model_name(side.model, dataset) for side in (a, b))
        figures = (names, -np.log10(row["rank_p"]), row["distance"] / row["permuted_mean"])
        if a.root == b.root:
            derivations.append((a.root, _kind(a, b), *figures))
        elif a.family != b.family:
            independent.append((*sorted((a.root, b.root)), *figures))
    return PublishedScores(
        pd.DataFrame(independent, columns=["root_a", "root_b", "names", "similarity", "shown"]),
        pd.DataFrame(derivations, columns=["root", "kind", "names", "similarity", "shown"]),
        distance=True,
    )


def _kind(a: PublishedModel, b: PublishedModel) -> str:
    for child, parent in ((a, b), (b, a)):
        if child.base_model == parent.model and child.relation:
            return child.relation
    return "one ancestor"


def _corners(points: pd.DataFrame) -> pd.DataFrame:
    """The points of a curve without those that lie between two others on one level or one upright."""
    rates = points[["false_positive_rate", "true_positive_rate"]].to_numpy()
    steps = np.diff(rates, axis=0) > 0
    turns = np.r_[True, (steps[1:] != steps[:-1]).any(axis=1) | steps[1:].all(axis=1), True]
    return points[turns].reset_index(drop=True)

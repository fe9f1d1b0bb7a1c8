"""Numbers that pages print of the independent pairs that a case is set beside."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from lineage.evidence.case_figures import DrawnCase, ShapeInDispute, publisher_of, shape_in_dispute
from lineage.evidence.experiment.experiment_facts import Fact
from lineage.evidence.training_runs import by_training_run
from lineage.records import Dataset
from lineage.statistics.error_rates import disjoint_pairs, false_positive_rate, figure_rng


def root_pair_facts(case_figure: DrawnCase, dataset: Dataset) -> Iterator[Fact]:
    table, null, disputed = case_figure.independent, case_figure.independent_pairs, case_figure.disputed.value
    yield from _null_facts(table, null, disputed)
    runs = partial(by_training_run, records=dataset.published)
    seed_words = (
        case_figure.sources.method or case_figure.case.id,
        f"published by {publisher_of(case_figure.sources.independent, dataset)}",
    )
    yield from _error_facts(runs(null), runs(table), disputed, seed_words)
    yield from _lower_root_facts(null, case_figure)
    shape = shape_in_dispute(case_figure, dataset)
    if shape is not None:
        yield from _shape_facts(null, shape)


def _null_facts(table: pd.DataFrame, null: pd.DataFrame, disputed: float) -> Iterator[Fact]:
    medians = null["median"]
    roots = pd.concat([table["root_a"], table["root_b"]]).nunique()
    yield "null.roots", roots, "roots of decoder models in the table"
    yield "null.root_pairs", len(null), "pairs of roots from different organisations"
    yield "null.left_out", len(table) - len(null), "pairs of roots left out: one organisation, or one family"
    yield "null.model_pairs", null["model_pairs"].sum(), "pairs of models behind the pairs of roots"
    yield "null.middle", medians.median(), "half of the pairs of roots have a median score below this"
    yield "null.smallest", medians.min(), "smallest median score of a pair of roots"
    yield "null.largest", medians.max(), "largest median score of a pair of roots"
    yield "null.largest_single", null["maximum"].max(), "largest score of a single pair of independent models"
    yield "null.margin", disputed - medians.max(), f"how far {disputed:g} lies above the largest median"
    yield "null.at_least_0.8", (medians >= 0.8).sum(), "pairs of roots with a median score of 0.8 or more"
    yield "null.at_least_0.9", (medians >= 0.9).sum(), "pairs of roots with a median score of 0.9 or more"
    yield "null.below_disputed", (medians < disputed).sum(), f"pairs of roots whose median score is below {disputed:g}"
    yield (
        "null.at_or_above_disputed",
        (medians >= disputed).sum(),
        f"pairs of roots with a median of {disputed:g} or more",
    )
    singles = (null["maximum"] >= disputed).sum()
    yield "null.reaching_disputed", singles, f"pairs of roots in which any two models score {disputed:g} or more"


def _lower_root_facts(null: pd.DataFrame, case_figure: DrawnCase) -> Iterator[Fact]:
    """What independent pairs score of the root with the most derivations below the score; none without several."""
    below = case_figure.lower_roots
    if below.empty or below.iloc[0] < 2:
        return
    root = below.index[0]
    medians = null[(null["root_a"] == root) | (null["root_b"] == root)]["median"]
    if medians.empty:
        return
    score = f"{case_figure.disputed.value:g}"
    label = f"pairs of {root}, from which most derivations below {score} come, with independent roots"
    yield "null.lower_root_pairs", len(medians), label
    yield "null.lower_root_smallest", medians.min(), f"smallest median score of {label}"
    yield "null.lower_root_largest", medians.max(), f"largest median score of {label}"


def _error_facts(
    null: pd.DataFrame, table: pd.DataFrame, disputed: float, seed_words: tuple[str, str]
) -> Iterator[Fact]:
    """How far the share of independent pairs at the disputed score or above may lie from the one that was seen.

    Both tables name training runs in place of roots; seed_words, a method and a set, are what the random numbers
    are of.
    """
    runs = pd.concat([table["root_a"], table["root_b"]]).nunique()
    yield (
        "null.runs",
        runs,
        "training runs behind the roots, where a root that comes from another is counted with it",
    )
    pairs = null.rename(columns={"median": "similarity"})[["root_a", "root_b", "similarity"]]
    rate = false_positive_rate(pairs, disputed, figure_rng(*seed_words, disputed))
    if rate.low is not None and rate.high is not None:
        reach = f"of the 95 % interval for the share of independent pairs that score {disputed:g} or more, in per cent"
        yield "null.share_low", 100 * rate.low, f"lower end {reach}"
        yield "null.share_high", 100 * rate.high, f"upper end {reach}"
    separate = disjoint_pairs(list(zip(pairs["root_a"], pairs["root_b"], strict=True)))
    yield "null.separate_pairs", separate, "pairs of roots that share no training run, taken in order of name"


def _shape_facts(null: pd.DataFrame, shape: ShapeInDispute) -> Iterator[Fact]:
    """How many of the independent pairs say anything about the shape in dispute."""
    involved = null[shape.involved(null)]
    yield "shape.roots", len(shape.alike), "roots that have the layers and the width of the two models in dispute"
    yield "shape.unknown_roots", len(shape.unknown), "roots whose layers and width are not on record"
    yield "shape.pairs_with", len(involved), "pairs of roots from different organisations, one at least of that shape"
    yield "shape.pairs_both", shape.both(null).sum(), "pairs of roots from different organisations, both of that shape"
    if len(involved):
        yield "shape.highest", involved["median"].max(), "largest median score of a pair with a root of that shape"

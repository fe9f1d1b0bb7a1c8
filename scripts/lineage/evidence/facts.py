"""Numbers that pages print, each computed from one file and named."""

from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from lineage.evidence.case_figures import (
    DrawnCase,
    counted_derivations,
    drawn_cases,
    independent_controls,
    model_name,
    other_method_pairs,
    publisher_of,
    shape_in,
    shape_of,
)
from lineage.evidence.experiment.experiment_facts import DESIGN, SCORES, Fact, experiment_facts
from lineage.evidence.geometry import RUNGS
from lineage.evidence.geometry_facts import geometry_facts
from lineage.evidence.independent_facts import root_pair_facts
from lineage.evidence.training_runs import by_training_run
from lineage.imports.importers import NOT_A_DECODER, QUANTISED
from lineage.records import Dataset, Fingerprint, Model, model_slug
from lineage.records.columns.derived import FACTS
from lineage.records.controls import SEED
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import disjoint_pairs

_NEAR_ONE = 0.99
_COLUMNS = [column.name for column in FACTS]
Row = tuple[str, float, str, str]  # name, value, meaning, input
Checksum = Callable[[str], str]  # the sha256 of a file named from the data folder


def derive_facts(dataset: Dataset, tables: Mapping[str, pd.DataFrame], checksum: Checksum) -> pd.DataFrame:
    """Columns as FACTS, in order of case and name: of every case whose figure can be drawn, what pages print.

    tables holds the table of all scores and those of the factorial experiment, by file. A fact whose file is absent
    is left out.
    """
    rows = [
        (figured.case.id, *row, checksum(row[-1]))
        for figured in drawn_cases(dataset)
        for row in case_facts(figured, dataset, tables)
    ]
    facts = pd.DataFrame(rows, columns=_COLUMNS)
    return facts.assign(value=facts["value"].astype(float).round(6)).sort_values(["case", "name"], ignore_index=True)


def case_facts(case_figure: DrawnCase, dataset: Dataset, tables: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    """The facts of a case: of its independent pairs, its derivations, its other method and what was trained here."""
    sources, disputed = case_figure.sources, case_figure.disputed.value
    yield from _from(f"published/{sources.independent}", root_pair_facts(case_figure, dataset))
    derivations = by_training_run(case_figure.derivations, dataset.published)
    yield from _from(
        f"published/{sources.derivations}",
        _derivation_facts(derivations, disputed, publisher_of(sources.derivations, dataset)),
    )
    if sources.reference_pairs and sources.reference_pairs in dataset.tables:
        reference = model_name(case_figure.disputed.model_b, dataset)
        table = dataset.tables[sources.reference_pairs]
        yield from _from(f"published/{sources.reference_pairs}", _reference_facts(table, reference))
    if sources.other_method and sources.other_method.pairs in dataset.tables:
        yield from _from(f"published/{sources.other_method.pairs}", _other_method_facts(case_figure, dataset))
    subject = dataset.models.get(case_figure.disputed.model_a)
    if subject is not None:
        yield from _from(f"models/{subject.slug}.toml", _subject_facts(subject))
    if sources.method is not None:
        yield from control_facts(tables["scores.csv"], dataset, disputed, sources.method)
    if sources.method is not None and "weight.csv" in tables:
        yield from _from("derived/weight.csv", _weight_facts(case_figure, dataset, tables))
    if SCORES in tables and DESIGN in dataset.designs:
        layers = (shape_of(case_figure.disputed.model_a, dataset) or (None, None))[0]
        for file, facts in experiment_facts(tables, dataset.designs[DESIGN], layers):
            yield from _from(file, facts)
    if RUNGS in tables:
        yield from _from(f"derived/{RUNGS}", geometry_facts(tables[RUNGS]))


def _from(file: str, facts: Iterator[Fact]) -> Iterator[Row]:
    return ((*fact, file) for fact in facts)


def control_facts(scores: pd.DataFrame, dataset: Dataset, disputed: float, method: str) -> Iterator[Row]:
    """What independent models trained here score with a method, and what they are; none where none are scored."""
    similarity = independent_controls(scores, dataset.controls, method)["similarity"]
    if similarity.empty:
        return
    yield from _from("derived/scores.csv", _control_score_facts(similarity, disputed))
    yield from _from("controls/runs.csv", _recipe_facts(dataset.control_tables["runs.csv"]))
    yield from _control_shape_facts(dataset)


def _control_score_facts(similarity: pd.Series, disputed: float) -> Iterator[Fact]:
    reaching = (similarity >= disputed).sum()
    yield "controls.pairs", len(similarity), "pairs of independent models of one shape, trained here"
    yield "controls.reaching_disputed", reaching, f"of these, pairs that score {disputed:g} or more"
    yield "controls.smallest", similarity.min(), "smallest score of such a pair"
    yield "controls.middle", similarity.median(), "half of such pairs score below this"


def _recipe_facts(runs: pd.DataFrame) -> Iterator[Fact]:
    """How the independent runs were trained: one recipe is one choice of steps, learning rate and trained part."""
    independent_runs = runs[runs["kind"] == SEED]
    yield "controls.runs", len(independent_runs), "independent models trained here"
    recipes = independent_runs[["steps", "learning_rate", "trained"]].drop_duplicates()
    yield "controls.recipes", len(recipes), "recipes by which they were trained"
    yield "controls.texts", independent_runs["text"].nunique(), "texts on which they were trained"
    yield "controls.steps", independent_runs["steps"].max(), "steps of training of such a model, at most"


def _control_shape_facts(dataset: Dataset) -> Iterator[Row]:
    """Layers, width and parameters of the independent runs, counted in the measured weights of the first.

    None where they are not of one shape: then no number is that of all.
    """
    runs = sorted(name for name, control in dataset.controls.items() if control.kind == SEED)
    fingerprints = {name: dataset.fingerprints[name] for name in runs if name in dataset.fingerprints}
    sizes = {(fingerprint.outline.shape, _parameters(fingerprint)) for fingerprint in fingerprints.values()}
    if len(sizes) != 1:
        return
    shape, parameters = next(iter(sizes))
    file = f"fingerprints/{model_slug(next(iter(fingerprints)))}.csv"
    yield "controls.layers", shape.layers or 0, "layers of each independent model trained here", file
    yield "controls.width", shape.width or 0, "width of each such model", file
    yield "controls.parameters", parameters, "parameters of each such model", file


def _parameters(fingerprint: Fingerprint) -> int:
    """How many numbers the measured weights hold."""
    return int(fingerprint.matrices["n"].sum())


def _subject_facts(model: Model) -> Iterator[Fact]:
    shape = shape_in(model.architecture)
    if shape:
        yield "disputed.layers", shape[0], f"layers of {model.name}"
        yield "disputed.width", shape[1], f"width of {model.name}"
    if model.parameters and model.parameters.total is not None:
        yield "disputed.parameters", model.parameters.total, f"parameters of {model.name}"


_MIXTURE = r"(?i)moe|\d+x\d"  # in the name of a model: a mixture of experts


def _derivation_facts(table: pd.DataFrame, disputed: float, publisher: str) -> Iterator[Fact]:
    derivations = counted_derivations(table)
    scores, left_out = derivations["similarity"], table.drop(derivations.index)
    below = derivations[scores < disputed]
    lower = f"score below {disputed:g}"
    yield "derivations.count", len(derivations), "documented derivations with a score, by the rule for pairs of roots"
    yield "derivations.below_disputed", len(below), f"documented derivations that {lower}"
    at_or_above = len(derivations) - len(below)
    yield "derivations.at_or_above_disputed", at_or_above, f"documented derivations that score {disputed:g} or more"
    yield (
        "derivations.above_disputed",
        (scores > disputed).sum(),
        f"documented derivations that score above {disputed:g}",
    )
    yield "derivations.roots", derivations["root"].nunique(), "training runs that these derivations come from"
    yield (
        "derivations.roots_below_disputed",
        below["root"].nunique(),
        f"of these runs, those with one that {lower}",
    )
    low, high = binomial_interval(below["root"].nunique(), derivations["root"].nunique())
    reach = f"of the 95 % interval for the share of training runs with a derivation that would {lower}, in per cent"
    yield "derivations.roots_below_low", 100 * low, f"lower end {reach}"
    yield "derivations.roots_below_high", 100 * high, f"upper end {reach}"
    mixtures = derivations[derivations["derived_model"].str.contains(_MIXTURE) & (derivations["relation"] == "merge")]
    yield "derivations.named_mixtures", mixtures["derived_model"].nunique(), "merges that are mixtures by their name"
    yield "derivations.named_mixture_pairs", len(mixtures), "documented derivations that those are the child of"
    if len(mixtures):
        yield "derivations.named_mixtures_lowest", mixtures["similarity"].min(), "lowest score of one of these"
    most = below["root"].value_counts().max() if len(below) else 0
    yield "derivations.below_disputed_of_one_root", most, f"most of the derivations of one run that {lower}"
    yield "derivations.middle", scores.median(), "half of the documented derivations score below this"
    yield "derivations.smallest", scores.min(), "smallest score of a documented derivation"
    finetunes = derivations[derivations["relation"] == "finetune"]["similarity"]
    yield "derivations.finetunes", len(finetunes), "documented fine-tunes with a score"
    yield "derivations.finetunes_below_disputed", (finetunes < disputed).sum(), f"fine-tunes that {lower}"
    for name in ("adapter", "merge"):
        yield f"derivations.{name}s", (derivations["relation"] == name).sum(), f"of these, documented {name}s"
    yield (
        "derivations.upcycled",
        (derivations["relation"] == "upcycling").sum(),
        "of these, mixtures made from a dense model",
    )
    yield "derivations.near_one_from", _NEAR_ONE, "from here on a score is counted as near 1"
    yield (
        "derivations.near_one",
        (scores >= _NEAR_ONE).sum(),
        f"documented derivations that score {_NEAR_ONE:g} or more",
    )
    yield "derivations.listed", len(table), f"documented derivations that {publisher} lists"
    yield "derivations.left_out", len(left_out), "of these, left out by the rule"
    yield "derivations.left_out_below", (left_out["similarity"] < disputed).sum(), f"of those left out, that {lower}"
    for name, reason in (("not_decoders", NOT_A_DECODER), ("quantised", QUANTISED)):
        yield f"derivations.left_out_{name}", (table["left_out"] == reason).sum(), f"left out: {reason}"


_MOST_LOG10 = 9.0  # of the ends of an interval: beyond a thousand million to one they say no more


def _weight_facts(case_figure: DrawnCase, dataset: Dataset, tables: Mapping[str, pd.DataFrame]) -> Iterator[Fact]:
    """How much the disputed score weighs among the pairs of the figure, within bounds; none where no ratio is given."""
    name = f"published by {publisher_of(case_figure.sources.independent, dataset)}"
    weights, curves = (
        table[(table["method"] == case_figure.sources.method) & (table["set"] == name)]
        for table in (tables["weight.csv"], tables["weight-curve.csv"])
    )
    at = curves[curves["score"] == case_figure.disputed.value]
    if at.empty:
        return
    row, point, disputed = weights.iloc[0], at.iloc[0], f"{case_figure.disputed.value:g}"
    lower, upper = float(row["lower"]), float(row["upper"])
    ratio = min(max(float(point["log10_ratio"]), lower), upper)
    yield "weight.ratio", 10**ratio, f"likelihood ratio of {disputed} among these pairs, within its bounds"
    for end, side in (("low", "lower"), ("high", "upper")):
        log10 = min(max(float(point[end]), -_MOST_LOG10), _MOST_LOG10)
        yield f"weight.ratio_{end}", 10**log10, f"{side} end of its 95 % interval, without bounds"
    clear = curves[(curves["low"] > 0) | (curves["high"] < 0)]
    yield "weight.scores", len(curves), "scores at which the likelihood ratio is drawn"
    yield "weight.scores_clear", len(clear), "of these, scores whose 95 % interval leaves out a ratio of one"
    trials = tables["weight-trials.csv"]
    trials = trials[(trials["method"] == case_figure.sources.method) & (trials["set"] == name)]
    scores = trials["score"]
    yield (
        "weight.gap_from",
        scores[scores < case_figure.disputed.value].max(),
        f"highest score of any pair below {disputed}",
    )
    yield (
        "weight.gap_to",
        scores[scores > case_figure.disputed.value].min(),
        f"lowest score of any pair above {disputed}",
    )
    below = trials[(trials["relation"] == "derived") & (trials["log10_ratio"] < 0)]
    yield "weight.derivations", (trials["relation"] == "derived").sum(), "documented derivations among these pairs"
    yield "weight.derivations_below", len(below), "of these, with a ratio below one"
    yield "weight.derivations_below_roots", below["root_a"].nunique(), "training runs that those come from"
    yield "weight.lower", 10**lower, "lower bound of a likelihood ratio among these pairs"
    yield "weight.upper", 10**upper, "upper bound of a likelihood ratio among these pairs"
    yield "weight.roots", row["roots"], "training runs with independent pairs, for likelihood ratios"
    yield "weight.roots_derived", row["roots_derived"], "training runs with documented derivations, for the same"
    yield (
        "weight.least_cost",
        row["least_cost"],
        "cost (Cllr) of likelihood ratios that are calibrated as well as can be",
    )
    for name, factor, meaning in (
        ("cost", 1, "cost (Cllr) of cross-validated likelihood ratios, without bounds"),
        ("bounded_cost", 1, "the same within the bounds"),
        ("misleading_independent", 100, "share of independent pairs of runs above 1, in per cent"),
        ("misleading_derived", 100, "share of runs with derivations below 1, in per cent"),
    ):
        yield f"weight.{name}", factor * row[name], meaning
        for end, words in (("low", "low end of the 95 % interval of"), ("high", "high end of the 95 % interval of")):
            yield f"weight.{name}_{end}", factor * row[f"{name}_{end}"], f"{words} the {meaning.removeprefix('the ')}"


def _reference_facts(table: pd.DataFrame, name: str) -> Iterator[Fact]:
    medians = table["median"]
    yield "reference.roots", len(table), f"other roots that {name} is compared with"
    yield "reference.next_highest", medians.max(), f"{name}'s highest median score with another root"
    outside = table[table["independent"] == "yes"]["median"]
    yield "reference.next_highest_outside", outside.max(), "the same, among roots of other organisations"


def _other_method_facts(case_figure: DrawnCase, dataset: Dataset) -> Iterator[Fact]:
    pairs = other_method_pairs(case_figure, dataset)
    if pairs is None:
        return
    scores, derived_scores = pairs.unrelated["similarity"], pairs.derived["similarity"]
    subject, publisher = model_name(pairs.subject, dataset), pairs.publisher
    lower = "of these, that score below the pair in dispute"
    unrelated = f"pairs without {subject} in {publisher}'s figure, no relation documented"
    yield "other_method.disputed", pairs.disputed, f"{publisher}'s score of the pair in dispute"
    yield "other_method.unrelated", len(scores), unrelated
    yield "other_method.unrelated_below", (scores < pairs.disputed).sum(), lower
    yield "other_method.root_pairs", len(pairs.root_pairs), "pairs of roots from different organisations among them"
    roots = {root for pair in pairs.root_pairs for root in pair}
    yield "other_method.roots", len(roots), "roots in these pairs of roots"
    separate = disjoint_pairs(sorted(pairs.root_pairs))
    yield "other_method.separate_pairs", separate, "of these pairs, that share no root"
    yield "other_method.derived", len(derived_scores), f"pairs of one documented root in {publisher}'s figure"
    yield "other_method.derived_below", (derived_scores < pairs.disputed).sum(), lower
    yield "other_method.subject", len(pairs.subject_pairs), f"pairs of {subject} with other models in that figure"
    yield "other_method.subject_below", (pairs.subject_pairs["similarity"] < pairs.disputed).sum(), lower

"""The columns of the tables in data/derived/: scores, findings, error rates, and facts that pages print by name."""

from lineage.records import Column
from lineage.records.columns.experiment import (
    FACTORIAL_CHILDREN,
    FACTORIAL_DIFFERENCES,
    FACTORIAL_EFFECTS,
    FACTORIAL_RANGES,
    FACTORIAL_REJECTIONS,
    FACTORIAL_SCORES,
    FACTORIAL_SPREAD,
    FACTORIAL_UPCYCLING,
    TOOL_ANSWERS,
)
from lineage.records.columns.geometry import (
    GEOMETRY_NULL,
    GEOMETRY_RECIPES,
    GEOMETRY_RUNGS,
    GEOMETRY_RUNGS_BY_RECIPE,
)
from lineage.records.columns.kinds import DEEPEST, correlation, integer, number, text

PAIRS = (
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    integer("layers_a", "Layers of A", minimum=1, maximum=DEEPEST),
    integer("layers_b", "Layers of B", minimum=1, maximum=DEEPEST),
    correlation("q", "Q"),
    correlation("k", "K"),
    correlation("v", "V"),
    correlation("o", "O"),
    correlation("similarity", "Similarity"),
    text("not_testable", "Why not testable", optional=True),
)
PAIRS_KEY = ("model_a", "model_b")

NEIGHBOURS = (
    text("model", "Model"),
    integer("rank", "Place, from 1", minimum=1),
    text("other", "The other model"),
    correlation("similarity", "Similarity"),
)
NEIGHBOURS_KEY = ("model", "rank")

SAMPLING_ERROR = (
    text("model", "Model"),
    text("role", "Role"),
    integer("matrices", "Matrices", minimum=1),
    integer("numbers", "Numbers in each", minimum=1),
    number("at_most", "Share of them that may have been looked at", minimum=0, maximum=1),
    number("typical", "Typical relative error of the standard deviation", minimum=0),
    number("largest", "Largest", minimum=0),
    correlation("correlation", "Correlation of the two curves"),
)

SAMPLING_SCORES = (
    text("model", "Model"),
    text("other", "The other model"),
    correlation("measured", "Score of the measured curves"),
    correlation("sampled", "Score of the sampled curves"),
    number("difference", "Difference", minimum=-2, maximum=2),
)

FACTS = (
    text("case", "Case that it is of"),
    text("name", "Name"),
    number("value", "Value"),
    text("meaning", "What it is"),
    text("input", "File that it comes from"),
    text("input_sha256", "Checksum of that file"),
)
FACTS_KEY = ("case", "name")

SCORES = (
    text("method", "Method"),
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    correlation("similarity", "Similarity"),
    number("effect", "Effect", optional=True),
    number("p", "p-value", minimum=0, maximum=1, optional=True),
    number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    text("not_testable", "Why not testable", optional=True),
    text("note", "Note", optional=True),
    text("component", "What of an exact test the similarity is of", optional=True),
    text("relation", "Documented relation"),
    text("set", "Set"),
    text("level", "Whether it was made again"),
)
SCORES_KEY = ("method", "model_a", "model_b")

ERROR_RATES = (
    text("method", "Method"),
    text("set", "Set"),
    text("quantity", "Figure"),
    number("threshold", "Threshold", optional=True),
    number("value", "Value", minimum=0, maximum=1, optional=True),
    number("low", "Low end", minimum=0, maximum=1, optional=True),
    number("high", "High end", minimum=0, maximum=1, optional=True),
    integer("roots", "Roots"),
    text("interval", "How the interval was made", optional=True),
    text("abstained", "Why there is none", optional=True),
)
ERROR_RATES_KEY = ("method", "set", "quantity", "threshold")

ROC = (
    text("method", "Method"),
    text("set", "Set"),
    integer("place", "Place"),
    number("threshold", "Threshold", optional=True),
    number("false_positive_rate", "False-positive rate", minimum=0, maximum=1),
    number("true_positive_rate", "True-positive rate", minimum=0, maximum=1),
)
ROC_KEY = ("method", "set", "place")


def _with_ends(name: str, title: str, maximum: float | None = None) -> tuple[Column, ...]:
    """A number from 0 on, with the ends of its 95 % interval."""
    return tuple(
        number(f"{name}{end}", f"{title}{words}", minimum=0, maximum=maximum, optional=True)
        for end, words in (("", ""), ("_low", ": low end"), ("_high", ": high end"))
    )


WEIGHT = (
    text("method", "Method"),
    text("set", "Set"),
    integer("roots", "Roots with independent pairs"),
    integer("roots_derived", "Roots with documented derivations"),
    integer("pairs", "Independent pairs"),
    integer("derivations", "Documented derivations"),
    number("intercept", "log10 of the likelihood ratio at a score of 0", optional=True),
    number("slope", "How much that rises with a score of 1", optional=True),
    number("lower", "Lower bound of log10 of the ratio", maximum=0, optional=True),
    number("upper", "Upper bound of log10 of the ratio", minimum=0, optional=True),
    number("least_cost", "Cllr of ratios that are calibrated as well as can be", minimum=0, optional=True),
    *_with_ends("cost", "Cllr of the cross-validated ratios"),
    *_with_ends("bounded_cost", "The same within the bounds"),
    *_with_ends("misleading_independent", "Independent pairs with a ratio above 1", maximum=1),
    *_with_ends("misleading_derived", "Derivations with a ratio below 1", maximum=1),
    text("abstained", "Why there is none", optional=True),
)
WEIGHT_KEY = ("method", "set")

WEIGHT_CURVE = (
    text("method", "Method"),
    text("set", "Set"),
    number("score", "Score"),
    number("log10_ratio", "log10 of the likelihood ratio, without bounds"),
    number("low", "Low end"),
    number("high", "High end"),
)
WEIGHT_CURVE_KEY = ("method", "set", "score")

WEIGHT_TRIALS = (
    text("method", "Method"),
    text("set", "Set"),
    integer("place", "Place"),
    text("relation", "Relation"),
    text("root_a", "Root"),
    text("root_b", "Other root"),
    number("score", "Score"),
    number("weight", "Weight", minimum=0, maximum=1),
    number("log10_ratio", "log10 of the ratio, by a line without these roots"),
)
WEIGHT_TRIALS_KEY = ("method", "set", "place")

POWER = (
    text("method", "Method"),
    text("set", "Set"),
    text("kind", "What was done"),
    text("level", "How much", optional=True),
    text("model", "Model"),
    text("base_model", "Made from"),
    correlation("similarity", "Similarity"),
    number("p", "p-value", minimum=0, maximum=1, optional=True),
    number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    text("not_testable", "Why not testable", optional=True),
)
POWER_KEY = ("method", "model", "base_model")

PUBLISHED_POWER = (
    text("method", "Published set"),
    text("set", "Set"),
    text("kind", "What was done"),
    integer("pairs", "Pairs", minimum=1),
    integer("roots", "Roots", minimum=1),
    number("smallest", "Lowest"),
    number("middle", "Middle"),
    number("largest", "Highest"),
    integer("above_independent", "Closer than every independent pair"),
)
PUBLISHED_POWER_KEY = ("method", "kind")

POSITIONS = (
    text("method", "Method"),
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    text("matched_on", "Controls matched on"),
    integer("n_a", "Control roots for A"),
    integer("n_b", "Control roots for B"),
    integer("below_a", "Of these, with a lower score", optional=True),
    integer("below_b", "Of those of B, with a lower score", optional=True),
    number("p_a", "p from A", minimum=0, maximum=1, optional=True),
    number("p_b", "p from B", minimum=0, maximum=1, optional=True),
    number("p", "The larger p", minimum=0, maximum=1, optional=True),
    text("abstained", "Why there is no rank or no p", optional=True),
    integer("sampled", "Controls of either whose curves others sampled"),
)
POSITIONS_KEY = ("method", "model_a", "model_b", "matched_on")

FINDINGS = (
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    text("status", "Status"),
    text("reason", "Reason"),
    text("component", "Test with the smallest p-value", optional=True),
    number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    number("log10_p_holm", "The same after Holm over all findings", maximum=0, optional=True),
    integer("blocks", "Layers combined", optional=True),
    number("units_log10_p", "log10 p of hidden units", maximum=0, optional=True),
    correlation("units_delta", "Mean cosine of hidden units, middle layer"),
    number("units_power_delta", "Smallest that would have been found", optional=True),
    number("axis_log10_p", "log10 p of residual dimensions", maximum=0, optional=True),
    correlation("axis_delta", "Mean cosine of residual dimensions"),
    number("responses_log10_p", "log10 p of responses of hidden units", maximum=0, optional=True),
    correlation("responses_delta", "Mean cosine of responses, middle layer"),
    number("responses_power_delta", "Smallest that would have been found", optional=True),
    number("control_delta", "What independent controls reach", optional=True),
    integer("control_pairs", "Pairs of independent controls", optional=True),
    integer("control_roots", "Their roots", optional=True),
    text("later_choice", "What of the method was chosen after a result of these models had been seen", optional=True),
)
FINDINGS_KEY = ("model_a", "model_b")

DERIVED = {
    "findings.csv": (FINDINGS, FINDINGS_KEY),
    "scores.csv": (SCORES, SCORES_KEY),
    "error-rates.csv": (ERROR_RATES, ERROR_RATES_KEY),
    "roc.csv": (ROC, ROC_KEY),
    "weight.csv": (WEIGHT, WEIGHT_KEY),
    "weight-curve.csv": (WEIGHT_CURVE, WEIGHT_CURVE_KEY),
    "weight-trials.csv": (WEIGHT_TRIALS, WEIGHT_TRIALS_KEY),
    "power.csv": (POWER, POWER_KEY),
    "published-power.csv": (PUBLISHED_POWER, PUBLISHED_POWER_KEY),
    "positions.csv": (POSITIONS, POSITIONS_KEY),
    "std-profile-pairs.csv": (PAIRS, PAIRS_KEY),
    "neighbours.csv": (NEIGHBOURS, NEIGHBOURS_KEY),
    "sampling-error.csv": (SAMPLING_ERROR, ("model", "role")),
    "sampling-scores.csv": (SAMPLING_SCORES, ("model", "other")),
    "facts.csv": (FACTS, FACTS_KEY),
    "factorial-scores.csv": (FACTORIAL_SCORES, ("cell", "step", "pairs", "part")),
    "factorial-differences.csv": (FACTORIAL_DIFFERENCES, ("question", "of", "less", "pairs", "part")),
    "factorial-effects.csv": (FACTORIAL_EFFECTS, ("cell", "factor", "part")),
    "factorial-rejections.csv": (FACTORIAL_REJECTIONS, ("cell", "pairs", "step", "test")),
    "factorial-upcycling.csv": (FACTORIAL_UPCYCLING, ("step", "other", "part")),
    "factorial-spread.csv": (FACTORIAL_SPREAD, ("cell", "pairs", "from")),
    "factorial-ranges.csv": (FACTORIAL_RANGES, ("cell", "pairs")),
    "factorial-children.csv": (FACTORIAL_CHILDREN, ("child", "step")),
    "geometry-null.csv": (GEOMETRY_NULL, ("measure", "population", "matched")),
    "geometry-rungs.csv": (GEOMETRY_RUNGS, ("kind", "rung", "measure")),
    "geometry-recipes.csv": (GEOMETRY_RECIPES, ("measure", "matched", "recipe")),
    "geometry-rungs-by-recipe.csv": (GEOMETRY_RUNGS_BY_RECIPE, ("kind", "rung", "measure", "recipe")),
    "tool-answers.csv": (TOOL_ANSWERS, ("kind", "tool")),
}

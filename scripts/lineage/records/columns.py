"""The columns of the tables that our own tools write, and between which numbers each lies."""

from lineage.records import Column

_DEEPEST = 10_000  # layers of a model (records/fields.py says the same of records)
_WIDEST = 10**9  # rows or columns of a matrix
_MANY = 10**15  # numbers of a matrix, steps of a run, bytes of a text
_WEIGHT = 1e30  # that a weight may be (moments.py says the same)
_NORM = 1e38  # of a matrix of such weights
_MOMENT = 1e15  # skewness and kurtosis of n numbers are at most their root and their number
_LOSS = 1e9  # nats


def _text(name: str, title: str, *, optional: bool = False) -> Column:
    return Column(name=name, title=title, kind="text", optional=optional)


def _integer(name: str, title: str, *, minimum: float = 0, maximum: float = _MANY, optional: bool = False) -> Column:
    return Column(name=name, title=title, kind="integer", minimum=minimum, maximum=maximum, optional=optional)


def _number(
    name: str, title: str, *, minimum: float | None = None, maximum: float | None = None, optional: bool = False
) -> Column:
    return Column(name=name, title=title, kind="number", minimum=minimum, maximum=maximum, optional=optional)


def _weight(name: str, title: str, *, signed: bool = False, optional: bool = False) -> Column:
    """A weight, or a mean, quantile or norm of some."""
    return _number(name, title, minimum=-_WEIGHT if signed else 0, maximum=_WEIGHT, optional=optional)


def _correlation(name: str, title: str) -> Column:
    return _number(name, title, minimum=-1, maximum=1, optional=True)


FINGERPRINT = (
    _text("stack", "Stack"),
    _integer("layer", "Layer", maximum=_DEEPEST, optional=True),
    _text("role", "Role"),
    _text("expert", "Expert", optional=True),
    _integer("rows", "Rows", minimum=1, maximum=_WIDEST),
    _integer("cols", "Columns", minimum=1, maximum=_WIDEST),
    _integer("n", "Numbers", minimum=1),
    _weight("mean", "Mean", signed=True),
    _weight("std", "Standard deviation"),
    _number("skewness", "Skewness", minimum=-_MOMENT, maximum=_MOMENT, optional=True),
    _number("excess_kurtosis", "Excess kurtosis", minimum=-2, maximum=_MOMENT, optional=True),
    _weight("abs_max", "Largest absolute value"),
    _weight("abs_q50", "Half of the absolute values are at most"),
    _weight("abs_q90", "90 % are at most"),
    _weight("abs_q99", "99 % are at most"),
    _weight("abs_q999", "99.9 % are at most"),
    _number("frobenius", "Frobenius norm", minimum=0, maximum=_NORM),
    _text("sha256", "Start of the checksum of its bytes"),
)
FINGERPRINT_KEY = ("stack", "layer", "role", "expert")

_NORMS = ("attention", "attention_post", "mlp", "mlp_post", "final")
VECTORS = (
    _integer("rank", "Place in the sample", maximum=_WIDEST),
    _integer("dimension", "Dimension of the residual stream", maximum=_WIDEST, optional=True),
    _number("read", "What reads it, centred log norm", minimum=-1e6, maximum=1e6, optional=True),
    _number("write", "What writes it, centred log norm", minimum=-1e6, maximum=1e6, optional=True),
    *(_weight(f"{name}_norm", f"Gain of {name}_norm", signed=True, optional=True) for name in _NORMS),
    *(_weight(f"{role}_bias", f"Bias of {role.upper()}", signed=True, optional=True) for role in "qkvo"),
)
VECTORS_KEY = ("rank",)

SAMPLED = (
    _text("role", "Role"),
    _integer("layer", "Layer", maximum=_DEEPEST),
    _weight("std", "Standard deviation of the numbers that were sampled"),
)
SAMPLED_KEY = ("role", "layer")

PAIRS = (
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _integer("layers_a", "Layers of A", minimum=1, maximum=_DEEPEST),
    _integer("layers_b", "Layers of B", minimum=1, maximum=_DEEPEST),
    _correlation("q", "Q"),
    _correlation("k", "K"),
    _correlation("v", "V"),
    _correlation("o", "O"),
    _correlation("similarity", "Similarity"),
    _text("not_testable", "Why not testable", optional=True),
)
PAIRS_KEY = ("model_a", "model_b")

NEIGHBOURS = (
    _text("model", "Model"),
    _integer("rank", "Place, from 1", minimum=1),
    _text("other", "The other model"),
    _correlation("similarity", "Similarity"),
)
NEIGHBOURS_KEY = ("model", "rank")

SAMPLING_ERROR = (
    _text("model", "Model"),
    _text("role", "Role"),
    _integer("matrices", "Matrices", minimum=1),
    _integer("numbers", "Numbers in each", minimum=1),
    _number("at_most", "Share of them that may have been looked at", minimum=0, maximum=1),
    _number("typical", "Typical relative error of the standard deviation", minimum=0),
    _number("largest", "Largest", minimum=0),
    _correlation("correlation", "Correlation of the two curves"),
)
SAMPLING_SCORES = (
    _text("model", "Model"),
    _text("other", "The other model"),
    _correlation("measured", "Score of the measured curves"),
    _correlation("sampled", "Score of the sampled curves"),
    _number("difference", "Difference", minimum=-2, maximum=2),
)

FACTS = (
    _text("case", "Case that it is of"),
    _text("name", "Name"),
    _number("value", "Value"),
    _text("meaning", "What it is"),
    _text("input", "File that it comes from"),
    _text("input_sha256", "Checksum of that file"),
)
FACTS_KEY = ("case", "name")

CONTROL_RUNS = (
    _text("run", "Run"),
    _text("model", "Model"),
    _text("kind", "Kind"),
    _text("parent", "Run that it starts from", optional=True),
    _integer("init_seed", "Seed of its initial weights", optional=True),
    _integer("order_seed", "Seed of the order of the text"),
    _text("trained", "What was trained"),
    _text("text", "Text"),
    _integer("steps", "Steps", minimum=1),
    _number("learning_rate", "Learning rate", minimum=0, maximum=1e6),
    _number("first_heldout_loss", "First held-out loss, nats a byte", minimum=0, maximum=_LOSS),
    _number("final_train_loss", "Last training loss", minimum=0, maximum=_LOSS),
    _number("final_heldout_loss", "Last held-out loss", minimum=0, maximum=_LOSS),
    _text("weights_sha256", "Checksum of the weights"),
    _text("torch", "PyTorch"),
    _text("date", "Date"),
)
LOSS_CURVES = (
    _text("run", "Run"),
    _integer("step", "Step"),
    _number("train_loss", "Training loss, nats a byte", minimum=0, maximum=_LOSS, optional=True),
    _number("heldout_loss", "Held-out loss", minimum=0, maximum=_LOSS),
)
TEXTS = (
    _text("text", "Text"),
    _text("title", "Title"),
    _text("package", "Package"),
    _text("files", "Files in it"),
    _text("rights", "Rights"),
    _text("sha256", "Checksum"),
    _integer("train_bytes", "Bytes to train on", minimum=1),
    _integer("heldout_bytes", "Bytes held out", minimum=1),
    _number("unigram_loss", "Loss of guessing by counts of bytes", minimum=0, maximum=_LOSS),
    _number("bigram_loss", "Loss of guessing by counts of pairs of bytes", minimum=0, maximum=_LOSS),
)
LADDER_CURVES = (
    _text("run", "Model"),
    _integer("step", "Step"),
    _number("train_loss", "Training loss", minimum=0, maximum=_LOSS),
)
LADDER = (
    _text("name", "Model"),
    _text("base_model", "Derived from"),
    _text("other_model", "Merged with", optional=True),
    _text("rung", "What was done"),
    _number("level", "How much", minimum=-_MANY, maximum=_MANY, optional=True),
    _integer("seed", "Seed", optional=True),
    _text("function_preserving", "Computes the same"),
    _text("expected", "Expected before measuring"),
)
FACTORIAL_RUNS = (
    _text("run", "Run"),
    _text("cell", "Cell of the design"),
    _text("recipe", "Recipe"),
    _integer("seed", "Seed", minimum=1),
    _integer("layers", "Layers", minimum=1),
    _integer("width", "Width", minimum=1),
    _integer("steps", "Steps", minimum=1),
    _text("high", "Factors at the high level", optional=True),
    _text("parent", "Run that it starts from", optional=True),
    _integer("parameters", "Parameters", minimum=1),
    _number("bytes_a_token", "Bytes a token", minimum=1),
    _number("first_heldout_loss", "First held-out loss, nats a byte", minimum=0),
    _number("final_heldout_loss", "Last held-out loss", minimum=0),
    _integer("cpu_seconds", "CPU seconds"),
    _text("weights_sha256", "Checksum of the weights"),
    _text("device", "Device"),
    _text("torch", "PyTorch"),
    _text("date", "Date"),
)
FACTORIAL_PROFILES = (
    _text("run", "Run"),
    _integer("step", "Step"),
    _integer("layer", "Layer"),
    *(_number(role, f"Standard deviation of {role.upper()}", minimum=0) for role in "qkvo"),
)
FACTORIAL_TESTS = (
    _text("run_a", "Run A, at its end"),
    _text("run_b", "Run B"),
    _integer("step", "Steps of B", minimum=1),
    _text("test", "Test"),
    _text("version", "Version of the test"),
    _number("effect", "Effect", optional=True),
    _number("log10_p", "log10 of the p-value", maximum=0, optional=True),
    _number("log10_floor", "log10 of the smallest that could have come", maximum=0, optional=True),
    _text("not_testable", "Why there is none", optional=True),
)
MIXTURES = (
    _text("child", "Model"),
    _text("a", "First of two"),
    _text("b", "Second of two"),
    _text("expected", "Expected before measuring"),
    _number("share_a", "Factor of the first", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("low_a", "Low end", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("high_a", "High end", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("share_b", "Factor of the second", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("low_b", "Low end", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("high_b", "High end", minimum=-_MANY, maximum=_MANY, optional=True),
    _number("unexplained", "Left unexplained, of the squared numbers", minimum=0, maximum=1, optional=True),
    _number("parents_cosine", "Cosine of the two", minimum=-1, maximum=1, optional=True),
    _integer("layers", "Layers"),
    _integer("matrices", "Matrices in all three"),
    _text("not_testable", "Why there is none", optional=True),
)
PEERS = (
    _text("kind", "Pairs of"),
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _text("truth", "What is known of the two"),
    _text("root_a", "Training that A comes from"),
    _text("root_b", "Training that B comes from"),
    _text("tool", "Tool"),
    _text("version", "Version of the tool", optional=True),
    _text("said", "What it says"),
    _text("answer", "Read as"),
    _number("score", "Its score", minimum=-1, maximum=1, optional=True),
    _number("cpu_seconds", "CPU seconds", minimum=0),
    _number("peak_mb", "Most memory, MB", minimum=0),
    _text("date", "Date"),
)
CONTROL_TABLES = {
    "runs.csv": (CONTROL_RUNS, ("run",)),
    "loss-curves.csv": (LOSS_CURVES, ("run", "step")),
    "texts.csv": (TEXTS, ("text",)),
    "factorial-runs.csv": (FACTORIAL_RUNS, ("run",)),
    "factorial-loss-curves.csv": (LOSS_CURVES, ("run", "step")),
    "factorial-profiles.csv": (FACTORIAL_PROFILES, ("run", "step", "layer")),
    "factorial-tests.csv": (FACTORIAL_TESTS, ("run_a", "run_b", "step", "test")),
    "mixtures.csv": (MIXTURES, ("child",)),
    "peers.csv": (PEERS, ("model_a", "model_b", "tool")),
    "ladder.csv": (LADDER, ("name",)),
    "ladder-loss-curves.csv": (LADDER_CURVES, ("run", "step")),
}

SCORES = (
    _text("method", "Method"),
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _correlation("similarity", "Similarity"),
    _number("effect", "Effect", optional=True),
    _number("p", "p-value", minimum=0, maximum=1, optional=True),
    _number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    _text("not_testable", "Why not testable", optional=True),
    _text("note", "Note", optional=True),
    _text("component", "What of an exact test the similarity is of", optional=True),
    _text("relation", "Documented relation"),
    _text("set", "Set"),
    _text("level", "Whether it was made again"),
)
SCORES_KEY = ("method", "model_a", "model_b")

ERROR_RATES = (
    _text("method", "Method"),
    _text("set", "Set"),
    _text("quantity", "Figure"),
    _number("threshold", "Threshold", optional=True),
    _number("value", "Value", minimum=0, maximum=1, optional=True),
    _number("low", "Low end", minimum=0, maximum=1, optional=True),
    _number("high", "High end", minimum=0, maximum=1, optional=True),
    _integer("roots", "Roots"),
    _text("interval", "How the interval was made", optional=True),
    _text("abstained", "Why there is none", optional=True),
)
ERROR_RATES_KEY = ("method", "set", "quantity", "threshold")

ROC = (
    _text("method", "Method"),
    _text("set", "Set"),
    _integer("place", "Place"),
    _number("threshold", "Threshold", optional=True),
    _number("false_positive_rate", "False-positive rate", minimum=0, maximum=1),
    _number("true_positive_rate", "True-positive rate", minimum=0, maximum=1),
)
ROC_KEY = ("method", "set", "place")

WEIGHT = (
    _text("method", "Method"),
    _text("set", "Set"),
    _integer("roots", "Roots with independent pairs"),
    _integer("roots_derived", "Roots with documented derivations"),
    _integer("pairs", "Independent pairs"),
    _integer("derivations", "Documented derivations"),
    _number("intercept", "log10 of the likelihood ratio at a score of 0", optional=True),
    _number("slope", "How much that rises with a score of 1", optional=True),
    _number("lower", "Lower bound of log10 of the ratio", maximum=0, optional=True),
    _number("upper", "Upper bound of log10 of the ratio", minimum=0, optional=True),
    _number("cost", "Cllr of the cross-validated ratios", minimum=0, optional=True),
    _number("bounded_cost", "The same within the bounds", minimum=0, optional=True),
    _number("least_cost", "The same, calibrated as well as can be", minimum=0, optional=True),
    _number("misleading_independent", "Independent pairs with a ratio above 1", minimum=0, maximum=1, optional=True),
    _number("misleading_derived", "Derivations with a ratio below 1", minimum=0, maximum=1, optional=True),
    _text("abstained", "Why there is none", optional=True),
)
WEIGHT_KEY = ("method", "set")

WEIGHT_CURVE = (
    _text("method", "Method"),
    _text("set", "Set"),
    _number("score", "Score"),
    _number("log10_ratio", "log10 of the likelihood ratio, without bounds"),
    _number("low", "Low end"),
    _number("high", "High end"),
)
WEIGHT_CURVE_KEY = ("method", "set", "score")

WEIGHT_TRIALS = (
    _text("method", "Method"),
    _text("set", "Set"),
    _integer("place", "Place"),
    _text("relation", "Relation"),
    _text("root_a", "Root"),
    _text("root_b", "Other root"),
    _number("score", "Score"),
    _number("weight", "Weight", minimum=0, maximum=1),
    _number("log10_ratio", "log10 of the ratio, by a line without these roots"),
)
WEIGHT_TRIALS_KEY = ("method", "set", "place")

POWER = (
    _text("method", "Method"),
    _text("set", "Set"),
    _text("kind", "What was done"),
    _text("level", "How much", optional=True),
    _text("model", "Model"),
    _text("base_model", "Made from"),
    _correlation("similarity", "Similarity"),
    _number("p", "p-value", minimum=0, maximum=1, optional=True),
    _number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    _text("not_testable", "Why not testable", optional=True),
)
POWER_KEY = ("method", "model", "base_model")

PUBLISHED_POWER = (
    _text("method", "Published set"),
    _text("set", "Set"),
    _text("kind", "What was done"),
    _integer("pairs", "Pairs", minimum=1),
    _integer("roots", "Roots", minimum=1),
    _number("smallest", "Lowest"),
    _number("middle", "Middle"),
    _number("largest", "Highest"),
    _integer("above_independent", "Closer than every independent pair"),
)
PUBLISHED_POWER_KEY = ("method", "kind")

POSITIONS = (
    _text("method", "Method"),
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _text("matched_on", "Controls matched on"),
    _integer("n_a", "Control roots for A"),
    _integer("n_b", "Control roots for B"),
    _integer("below_a", "Of these, with a lower score", optional=True),
    _integer("below_b", "Of those of B, with a lower score", optional=True),
    _number("p_a", "p from A", minimum=0, maximum=1, optional=True),
    _number("p_b", "p from B", minimum=0, maximum=1, optional=True),
    _number("p", "The larger p", minimum=0, maximum=1, optional=True),
    _text("abstained", "Why there is no rank or no p", optional=True),
    _integer("sampled", "Controls of either whose curves others sampled"),
)
POSITIONS_KEY = ("method", "model_a", "model_b", "matched_on")

FINDINGS = (
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _text("status", "Status"),
    _text("reason", "Reason"),
    _text("component", "Test with the smallest p-value", optional=True),
    _number("log10_p", "log10 of the exact p-value", maximum=0, optional=True),
    _number("log10_p_holm", "The same after Holm over all findings", maximum=0, optional=True),
    _integer("blocks", "Layers combined", optional=True),
    _number("units_log10_p", "log10 p of hidden units", maximum=0, optional=True),
    _correlation("units_delta", "Mean cosine of hidden units, middle layer"),
    _number("units_power_delta", "Smallest that would have been found", optional=True),
    _number("axis_log10_p", "log10 p of residual dimensions", maximum=0, optional=True),
    _correlation("axis_delta", "Mean cosine of residual dimensions"),
    _number("responses_log10_p", "log10 p of responses of hidden units", maximum=0, optional=True),
    _correlation("responses_delta", "Mean cosine of responses, middle layer"),
    _number("responses_power_delta", "Smallest that would have been found", optional=True),
    _number("control_delta", "What independent controls reach", optional=True),
    _integer("control_pairs", "Pairs of independent controls", optional=True),
    _integer("control_roots", "Their roots", optional=True),
    _text("later_choice", "What of the method was chosen after a result of these models had been seen", optional=True),
)
FINDINGS_KEY = ("model_a", "model_b")

_INTERVAL = (
    _number("value", "Value", optional=True),
    _number("low", "Low end", optional=True),
    _number("high", "High end", optional=True),
)
_OF_DESIGN = (_integer("runs", "Runs that it rests on"), _integer("planned", "Runs when the design is finished"))
FACTORIAL_SCORES = (
    _text("cell", "Cell of the design"),
    _integer("step", "Step"),
    _text("pairs", "Pairs of"),
    _text("part", "What is compared"),
    *_INTERVAL,
    _number("lowest", "Lowest of the recipes"),
    _number("highest", "Highest of the recipes"),
    _integer("recipes", "Recipes"),
    *_OF_DESIGN,
)
FACTORIAL_DIFFERENCES = (
    _text("question", "Question of the design"),
    _text("of", "Of"),
    _text("less", "Less", optional=True),
    _text("pairs", "Pairs of"),
    _text("part", "What is compared"),
    *_INTERVAL,
    *_OF_DESIGN,
)
FACTORIAL_EFFECTS = (
    _text("cell", "Cell of the design"),
    _text("factor", "Factor in which two recipes differ"),
    _text("part", "What is compared"),
    *_INTERVAL,
    _number("share", "Share that it explains", optional=True),
    *_OF_DESIGN,
)
FACTORIAL_UPCYCLING = (
    _integer("step", "Step"),
    _text("other", "Compared with"),
    _text("part", "What is compared"),
    *_INTERVAL,
    _integer("children", "Children that it rests on"),
    _integer("planned", "Children when the design is finished"),
)
FACTORIAL_REJECTIONS = (
    _text("cell", "Cell of the design"),
    _text("pairs", "Pairs of"),
    _integer("step", "Step of the second run"),
    _text("test", "Test"),
    _integer("rejected", "Rejected at .01"),
    _integer("able", "Pairs that it could reject"),
    _integer("unable", "Pairs whose smallest possible p-value is above .01"),
    _integer("abstained", "Pairs without a p-value"),
    *_INTERVAL,
    _integer("tested", "Pairs tested"),
    _integer("planned", "Pairs when the design is finished"),
)
FACTORIAL_SPREAD = (
    _text("cell", "Cell of the design"),
    _text("pairs", "Pairs of"),
    _correlation("from", "Score from"),
    _correlation("to", "Score to"),
    _integer("count", "Pairs of runs with such a score", minimum=1),
)
FACTORIAL_RANGES = (
    _text("cell", "Cell of the design"),
    _text("pairs", "Pairs of"),
    _integer("count", "Pairs of runs", minimum=1),
    _correlation("smallest", "Lowest score"),
    _correlation("middle", "Middle score"),
    _correlation("largest", "Highest score"),
    _integer("reaching", "Pairs that reach the score in dispute"),
    _integer("separate", "Pairs that share no run"),
    _number("low", "Share that reaches it, low end", minimum=0, maximum=1),
    _number("high", "Share that reaches it, high end", minimum=0, maximum=1),
)
FACTORIAL_CHILDREN = (
    _text("child", "Child"),
    _text("parent", "Parent"),
    _text("recipe", "Recipe of the parent"),
    _integer("step", "Step of the child"),
    _correlation("score", "Score with its parent"),
    _correlation("highest_other", "Highest score with another parent"),
    _integer("others", "Other parents"),
)
TOOL_ANSWERS = (
    _text("kind", "Pairs of"),
    _text("truth", "What is known of them"),
    _text("tool", "Tool"),
    _integer("pairs", "Pairs", minimum=1),
    _integer("right", "Right"),
    _integer("wrong", "Wrong"),
    _integer("abstained", "Abstained"),
    _integer("not_read", "Not read"),
    _integer("separate", "Pairs that share no training", minimum=1),
    _number("wrong_low", "Share of wrong answers, low end", minimum=0, maximum=1),
    _number("wrong_high", "Share of wrong answers, high end", minimum=0, maximum=1),
    _number("cpu_seconds", "CPU seconds, median", minimum=0),
    _number("peak_mb", "Most memory, MB, median", minimum=0),
)

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
    "tool-answers.csv": (TOOL_ANSWERS, ("kind", "tool")),
}

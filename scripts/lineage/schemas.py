"""The columns of the tables that our own tools write."""

from lineage.records import Column


def _text(name: str, title: str, *, optional: bool = False) -> Column:
    return Column(name=name, title=title, kind="text", optional=optional)


def _integer(name: str, title: str, *, minimum: float = 0, optional: bool = False) -> Column:
    return Column(name=name, title=title, kind="integer", minimum=minimum, optional=optional)


def _number(
    name: str, title: str, *, minimum: float | None = None, maximum: float | None = None, optional: bool = False
) -> Column:
    return Column(name=name, title=title, kind="number", minimum=minimum, maximum=maximum, optional=optional)


def _correlation(name: str, title: str) -> Column:
    return _number(name, title, minimum=-1, maximum=1, optional=True)


FINGERPRINT = (
    _text("stack", "Stack"),
    _integer("layer", "Layer", optional=True),
    _text("role", "Role"),
    _text("expert", "Expert", optional=True),
    _integer("rows", "Rows", minimum=1),
    _integer("cols", "Columns", minimum=1),
    _integer("n", "Numbers", minimum=1),
    _number("mean", "Mean"),
    _number("std", "Standard deviation", minimum=0),
    _number("skewness", "Skewness", optional=True),
    _number("excess_kurtosis", "Excess kurtosis", optional=True),
    _number("abs_max", "Largest absolute value", minimum=0),
    _number("abs_q50", "Half of the absolute values are at most", minimum=0),
    _number("abs_q90", "90 % are at most", minimum=0),
    _number("abs_q99", "99 % are at most", minimum=0),
    _number("abs_q999", "99.9 % are at most", minimum=0),
    _number("frobenius", "Frobenius norm", minimum=0),
    _text("sha256", "Start of the checksum of its bytes"),
)
FINGERPRINT_KEY = ("stack", "layer", "role", "expert")

_NORMS = ("attention", "attention_post", "mlp", "mlp_post", "final")
VECTORS = (
    _integer("rank", "Place in the sample"),
    _integer("dimension", "Dimension of the residual stream", optional=True),
    _number("read", "What reads it, centred log norm", optional=True),
    _number("write", "What writes it, centred log norm", optional=True),
    *(_number(f"{name}_norm", f"Gain of {name}_norm", optional=True) for name in _NORMS),
    *(_number(f"{role}_bias", f"Bias of {role.upper()}", optional=True) for role in "qkvo"),
)
VECTORS_KEY = ("rank",)

PAIRS = (
    _text("model_a", "Model A"),
    _text("model_b", "Model B"),
    _integer("layers_a", "Layers of A", minimum=1),
    _integer("layers_b", "Layers of B", minimum=1),
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

FACTS = (
    _text("name", "Name"),
    _number("value", "Value"),
    _text("meaning", "What it is"),
    _text("input", "File that it comes from"),
    _text("input_sha256", "Checksum of that file"),
)
FACTS_KEY = ("name",)

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
    _number("learning_rate", "Learning rate", minimum=0),
    _number("first_heldout_loss", "First held-out loss, nats a byte", minimum=0),
    _number("final_train_loss", "Last training loss", minimum=0),
    _number("final_heldout_loss", "Last held-out loss", minimum=0),
    _text("weights_sha256", "Checksum of the weights"),
    _text("torch", "PyTorch"),
    _text("date", "Date"),
)
LOSS_CURVES = (
    _text("run", "Run"),
    _integer("step", "Step"),
    _number("train_loss", "Training loss, nats a byte", minimum=0, optional=True),
    _number("heldout_loss", "Held-out loss", minimum=0),
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
    _number("unigram_loss", "Loss of guessing by counts of bytes", minimum=0),
    _number("bigram_loss", "Loss of guessing by counts of pairs of bytes", minimum=0),
)
LADDER_CURVES = (
    _text("run", "Model"),
    _integer("step", "Step"),
    _number("train_loss", "Training loss", minimum=0),
)
LADDER = (
    _text("name", "Model"),
    _text("base_model", "Derived from"),
    _text("other_model", "Merged with", optional=True),
    _text("rung", "What was done"),
    _number("level", "How much", optional=True),
    _integer("seed", "Seed", optional=True),
    _text("function_preserving", "Computes the same"),
    _text("expected", "Expected before measuring"),
)
CONTROL_TABLES = {
    "runs.csv": (CONTROL_RUNS, ("run",)),
    "loss-curves.csv": (LOSS_CURVES, ("run", "step")),
    "texts.csv": (TEXTS, ("text",)),
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
    _text("relation", "Documented relation"),
    _text("set", "Set"),
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
    _number("p_a", "p from A", minimum=0, maximum=1, optional=True),
    _number("p_b", "p from B", minimum=0, maximum=1, optional=True),
    _number("p", "The larger p", minimum=0, maximum=1, optional=True),
    _text("abstained", "Why there is none", optional=True),
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
)
FINDINGS_KEY = ("model_a", "model_b")

DERIVED = {
    "findings.csv": (FINDINGS, FINDINGS_KEY),
    "scores.csv": (SCORES, SCORES_KEY),
    "error-rates.csv": (ERROR_RATES, ERROR_RATES_KEY),
    "roc.csv": (ROC, ROC_KEY),
    "power.csv": (POWER, POWER_KEY),
    "published-power.csv": (PUBLISHED_POWER, PUBLISHED_POWER_KEY),
    "positions.csv": (POSITIONS, POSITIONS_KEY),
    "std-profile-pairs.csv": (PAIRS, PAIRS_KEY),
    "neighbours.csv": (NEIGHBOURS, NEIGHBOURS_KEY),
    "facts.csv": (FACTS, FACTS_KEY),
}

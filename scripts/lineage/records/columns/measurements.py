"""The columns of the tables of a measurement: its matrices, its vectors, and curves that others sampled."""

from lineage.records.columns.kinds import DEEPEST, LARGEST_MOMENT, LARGEST_NORM, WIDEST, integer, number, text, weight

FINGERPRINT = (
    text("stack", "Stack"),
    integer("layer", "Layer", maximum=DEEPEST, optional=True),
    text("role", "Role"),
    text("expert", "Expert", optional=True),
    integer("rows", "Rows", minimum=1, maximum=WIDEST),
    integer("cols", "Columns", minimum=1, maximum=WIDEST),
    integer("n", "Numbers", minimum=1),
    weight("mean", "Mean", signed=True),
    weight("std", "Standard deviation"),
    number("skewness", "Skewness", minimum=-LARGEST_MOMENT, maximum=LARGEST_MOMENT, optional=True),
    number("excess_kurtosis", "Excess kurtosis", minimum=-2, maximum=LARGEST_MOMENT, optional=True),
    weight("abs_max", "Largest absolute value"),
    weight("abs_q50", "Half of the absolute values are at most"),
    weight("abs_q90", "90 % are at most"),
    weight("abs_q99", "99 % are at most"),
    weight("abs_q999", "99.9 % are at most"),
    number("frobenius", "Frobenius norm", minimum=0, maximum=LARGEST_NORM),
    text("sha256", "Start of the checksum of its bytes"),
)
FINGERPRINT_KEY = ("stack", "layer", "role", "expert")

_NORMS = ("attention", "attention_post", "mlp", "mlp_post", "final")
VECTORS = (
    integer("rank", "Place in the sample", maximum=WIDEST),
    integer("dimension", "Dimension of the residual stream", maximum=WIDEST, optional=True),
    number("read", "What reads it, centred log norm", minimum=-1e6, maximum=1e6, optional=True),
    number("write", "What writes it, centred log norm", minimum=-1e6, maximum=1e6, optional=True),
    *(weight(f"{name}_norm", f"Gain of {name}_norm", signed=True, optional=True) for name in _NORMS),
    *(weight(f"{role}_bias", f"Bias of {role.upper()}", signed=True, optional=True) for role in "qkvo"),
)
VECTORS_KEY = ("rank",)

SAMPLED = (
    text("role", "Role"),
    integer("layer", "Layer", maximum=DEEPEST),
    weight("std", "Standard deviation of the numbers that were sampled"),
)
SAMPLED_KEY = ("role", "layer")

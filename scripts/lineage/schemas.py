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
    _number("mean", "Mean"),
    _number("std", "Standard deviation", minimum=0),
    _number("skewness", "Skewness", optional=True),
    _number("excess_kurtosis", "Excess kurtosis", optional=True),
    _number("abs_max", "Largest absolute value", minimum=0),
    _number("frobenius", "Frobenius norm", minimum=0),
)
FINGERPRINT_KEY = ("stack", "layer", "role", "expert")

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

FACTS = (
    _text("name", "Name"),
    _number("value", "Value"),
    _text("meaning", "What it is"),
    _text("input", "File that it comes from"),
    _text("input_sha256", "Checksum of that file"),
)
FACTS_KEY = ("name",)

DERIVED = {
    "std-profile-pairs.csv": (PAIRS, PAIRS_KEY),
    "facts.csv": (FACTS, FACTS_KEY),
}

"""The columns of what is compared by geometry: pairs of known history, random heads, and what follows from them."""

from lineage.records.columns.kinds import integer, number, text

GEOMETRY = (
    text("kind", "Pairs of"),
    text("rung", "What was done to the first", optional=True),
    text("truth", "What is known of the two"),
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    text("root_a", "Training that A comes from", optional=True),
    text("root_b", "Training that B comes from", optional=True),
    text("measure", "What is compared"),
    text("matched", "How layers were matched", optional=True),
    integer("compared", "Common tokens, or pairs of layers"),
    number("score", "Score", minimum=-1, maximum=1, optional=True),
    text("not_testable", "Why there is none", optional=True),
)

_HEAD_SHAPE = {
    "layers": "Layers",
    "heads": "Heads",
    "groups": "Groups of keys and values",
    "head_width": "Width of a head",
    "width": "Width of the model",
}
GEOMETRY_RANDOM = (
    *(integer(f"{key}_{side}", f"{title}, {side.upper()}") for side in "ab" for key, title in _HEAD_SHAPE.items()),
    number("spread", "Spread of the logarithm of a head's size", minimum=0, maximum=10),
    integer("draws", "Draws", minimum=1),
    number("lowest", "Lowest score", minimum=-1, maximum=1),
    number("mean", "Mean score", minimum=-1, maximum=1),
    number("highest", "Highest score", minimum=-1, maximum=1),
)
GEOMETRY_RANDOM_KEY = (*(f"{key}_{side}" for side in "ab" for key in _HEAD_SHAPE), "spread")

GEOMETRY_NULL = (
    text("measure", "What is compared"),
    text("population", "Independent pairs of"),
    text("matched", "How layers were matched", optional=True),
    integer("pairs", "Independent pairs"),
    integer("root_pairs", "Pairs of roots"),
    integer("roots", "Roots"),
    integer("separate", "Pairs of roots that share none"),
    integer("least", "Fewest common tokens, or pairs of layers, of a pair", optional=True),
    integer("with_least", "Pairs with so few"),
    integer("most", "Most common tokens, or pairs of layers", optional=True),
    number("median", "Middle of the pairs of roots", optional=True),
    number("quantile", "Their 0.95 quantile", optional=True),
    number("highest", "Highest", optional=True),
    number("beyond", "Upper end of the share that lies higher", minimum=0, maximum=1, optional=True),
    text("not_given", "Why no null is given", optional=True),
)

GEOMETRY_RUNGS = (
    text("kind", "Pairs of"),
    text("rung", "What was done, or what is documented"),
    number("level", "How much: steps, a share, bits, or a part of a standard deviation", minimum=0, optional=True),
    text("measure", "What is compared"),
    text("matched", "How layers were matched", optional=True),
    integer("pairs", "Pairs", minimum=1),
    integer("tested", "With a score"),
    integer("roots", "Roots on record"),
    number("lowest", "Lowest", optional=True),
    number("middle", "Middle", optional=True),
    number("highest", "Highest", optional=True),
    integer("above", "Above every independent pair of the population", optional=True),
    number("low", "Low end of the share of roots that are found", minimum=0, maximum=1, optional=True),
    number("high", "High end", minimum=0, maximum=1, optional=True),
    integer("root_pairs", "Pairs of roots with a score"),
    integer("above_controls", "Pairs of roots above every independent pair of controls", optional=True),
    integer("first", "Higher with the parent than with each other run", optional=True),
    integer("others", "Other runs", optional=True),
    text("not_given", "Why no null is given", optional=True),
)

GEOMETRY_RECIPES = (
    text("measure", "What is compared"),
    text("matched", "How layers were matched", optional=True),
    text("recipe", "Recipe"),
    integer("own", "Pairs of roots of this recipe"),
    number("own_median", "Their middle", optional=True),
    integer("own_above", "Of them above each pair without this recipe"),
    integer("mixed", "Pairs of roots of which one is of this recipe"),
    integer("mixed_above", "Of them above each pair without this recipe"),
    number("others_highest", "Highest pair without this recipe"),
)

GEOMETRY_RUNGS_BY_RECIPE = (
    text("kind", "Pairs of"),
    text("rung", "What was done"),
    text("measure", "What is compared"),
    text("recipe", "Recipe of the run that it was done to"),
    integer("above", "Above every independent pair of controls"),
    integer("tested", "With a score", minimum=1),
    number("low", "Low end of the share", minimum=0, maximum=1, optional=True),
    number("high", "High end", minimum=0, maximum=1, optional=True),
)

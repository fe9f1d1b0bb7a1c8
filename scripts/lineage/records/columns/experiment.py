"""The columns of what is derived from models made here: of the experiment by design, and of what tools answer."""

from lineage.records.columns.kinds import correlation, integer, number, text

_INTERVAL = (
    number("value", "Value", optional=True),
    number("low", "Low end", optional=True),
    number("high", "High end", optional=True),
)

_OF_DESIGN = (integer("runs", "Runs that it rests on"), integer("planned", "Runs when the design is finished"))

FACTORIAL_SCORES = (
    text("cell", "Cell of the design"),
    integer("step", "Step"),
    text("pairs", "Pairs of"),
    text("part", "What is compared"),
    *_INTERVAL,
    number("lowest", "Lowest of the recipes"),
    number("highest", "Highest of the recipes"),
    integer("recipes", "Recipes"),
    *_OF_DESIGN,
)

FACTORIAL_DIFFERENCES = (
    text("question", "Question of the design"),
    text("of", "Of"),
    text("less", "Less", optional=True),
    text("pairs", "Pairs of"),
    text("part", "What is compared"),
    *_INTERVAL,
    *_OF_DESIGN,
)

FACTORIAL_EFFECTS = (
    text("cell", "Cell of the design"),
    text("factor", "Factor in which two recipes differ"),
    text("part", "What is compared"),
    *_INTERVAL,
    number("share", "Share that it explains", optional=True),
    *_OF_DESIGN,
)

FACTORIAL_UPCYCLING = (
    integer("step", "Step"),
    text("other", "Compared with"),
    text("part", "What is compared"),
    *_INTERVAL,
    integer("children", "Children that it rests on"),
    integer("planned", "Children when the design is finished"),
)

FACTORIAL_REJECTIONS = (
    text("cell", "Cell of the design"),
    text("pairs", "Pairs of"),
    integer("step", "Step of the second run"),
    text("test", "Test"),
    integer("rejected", "Rejected at .01"),
    integer("able", "Pairs that it could reject"),
    integer("unable", "Pairs whose smallest possible p-value is above .01"),
    integer("abstained", "Pairs without a p-value"),
    *_INTERVAL,
    integer("tested", "Pairs tested"),
    integer("planned", "Pairs when the design is finished"),
)

FACTORIAL_SPREAD = (
    text("cell", "Cell of the design"),
    text("pairs", "Pairs of"),
    correlation("from", "Score from"),
    correlation("to", "Score to"),
    integer("count", "Pairs of runs with such a score", minimum=1),
)

FACTORIAL_RANGES = (
    text("cell", "Cell of the design"),
    text("pairs", "Pairs of"),
    integer("count", "Pairs of runs", minimum=1),
    correlation("smallest", "Lowest score"),
    correlation("middle", "Middle score"),
    correlation("largest", "Highest score"),
    integer("reaching", "Pairs that reach the score in dispute"),
    integer("separate", "Pairs that share no run"),
    number("low", "Share that reaches it, low end", minimum=0, maximum=1),
    number("high", "Share that reaches it, high end", minimum=0, maximum=1),
)

FACTORIAL_CHILDREN = (
    text("child", "Child"),
    text("parent", "Parent"),
    text("recipe", "Recipe of the parent"),
    integer("step", "Step of the child"),
    correlation("score", "Score with its parent"),
    correlation("highest_other", "Highest score with another parent"),
    integer("others", "Other parents"),
)

TOOL_ANSWERS = (
    text("kind", "Pairs of"),
    text("truth", "What is known of them"),
    text("tool", "Tool"),
    integer("pairs", "Pairs", minimum=1),
    integer("right", "Right"),
    integer("wrong", "Wrong"),
    integer("abstained", "Abstained"),
    integer("not_read", "Not read"),
    integer("separate", "Pairs that share no training", minimum=1),
    number("wrong_low", "Share of wrong answers, low end", minimum=0, maximum=1),
    number("wrong_high", "Share of wrong answers, high end", minimum=0, maximum=1),
    number("cpu_seconds", "CPU seconds, median", minimum=0),
    number("peak_mb", "Most memory, MB, median", minimum=0),
)

"""The columns of the tables in data/controls/: what was trained and made here, and what tools say of it."""

from lineage.records.columns.geometry import GEOMETRY, GEOMETRY_RANDOM, GEOMETRY_RANDOM_KEY
from lineage.records.columns.kinds import LARGEST_LOSS, MANY, integer, number, text

CONTROL_RUNS = (
    text("run", "Run"),
    text("model", "Model"),
    text("kind", "Kind"),
    text("parent", "Run that it starts from", optional=True),
    integer("init_seed", "Seed of its initial weights", optional=True),
    integer("order_seed", "Seed of the order of the text"),
    text("trained", "What was trained"),
    text("text", "Text"),
    integer("steps", "Steps", minimum=1),
    number("learning_rate", "Learning rate", minimum=0, maximum=1e6),
    number("first_heldout_loss", "First held-out loss, nats a byte", minimum=0, maximum=LARGEST_LOSS),
    number("final_train_loss", "Last training loss", minimum=0, maximum=LARGEST_LOSS),
    number("final_heldout_loss", "Last held-out loss", minimum=0, maximum=LARGEST_LOSS),
    text("weights_sha256", "Checksum of the weights"),
    text("torch", "PyTorch"),
    text("date", "Date"),
)

LOSS_CURVES = (
    text("run", "Run"),
    integer("step", "Step"),
    number("train_loss", "Training loss, nats a byte", minimum=0, maximum=LARGEST_LOSS, optional=True),
    number("heldout_loss", "Held-out loss", minimum=0, maximum=LARGEST_LOSS),
)

TEXTS = (
    text("text", "Text"),
    text("title", "Title"),
    text("package", "Package"),
    text("files", "Files in it"),
    text("rights", "Rights"),
    text("sha256", "Checksum"),
    integer("train_bytes", "Bytes to train on", minimum=1),
    integer("heldout_bytes", "Bytes held out", minimum=1),
    number("unigram_loss", "Loss of guessing by counts of bytes", minimum=0, maximum=LARGEST_LOSS),
    number("bigram_loss", "Loss of guessing by counts of pairs of bytes", minimum=0, maximum=LARGEST_LOSS),
)

LADDER_CURVES = (
    text("run", "Model"),
    integer("step", "Step"),
    number("train_loss", "Training loss", minimum=0, maximum=LARGEST_LOSS),
)

LADDER = (
    text("name", "Model"),
    text("base_model", "Derived from"),
    text("other_model", "Merged with", optional=True),
    text("rung", "What was done"),
    number("level", "How much", minimum=-MANY, maximum=MANY, optional=True),
    integer("seed", "Seed", optional=True),
    text("function_preserving", "Computes the same"),
    text("expected", "Expected before measuring"),
)

FACTORIAL_RUNS = (
    text("run", "Run"),
    text("cell", "Cell of the design"),
    text("recipe", "Recipe"),
    integer("seed", "Seed", minimum=1),
    integer("layers", "Layers", minimum=1),
    integer("width", "Width", minimum=1),
    integer("steps", "Steps", minimum=1),
    text("high", "Factors at the high level", optional=True),
    text("parent", "Run that it starts from", optional=True),
    integer("parameters", "Parameters", minimum=1),
    number("bytes_a_token", "Bytes a token", minimum=1),
    number("first_heldout_loss", "First held-out loss, nats a byte", minimum=0),
    number("final_heldout_loss", "Last held-out loss", minimum=0),
    integer("cpu_seconds", "CPU seconds"),
    text("weights_sha256", "Checksum of the weights"),
    text("device", "Device"),
    text("torch", "PyTorch"),
    text("date", "Date"),
)

FACTORIAL_PROFILES = (
    text("run", "Run"),
    integer("step", "Step"),
    integer("layer", "Layer"),
    *(number(role, f"Standard deviation of {role.upper()}", minimum=0) for role in "qkvo"),
)

FACTORIAL_TESTS = (
    text("run_a", "Run A, at its end"),
    text("run_b", "Run B"),
    integer("step", "Steps of B", minimum=1),
    text("test", "Test"),
    text("version", "Version of the test"),
    number("effect", "Effect", optional=True),
    number("log10_p", "log10 of the p-value", maximum=0, optional=True),
    number("log10_floor", "log10 of the smallest that could have come", maximum=0, optional=True),
    text("not_testable", "Why there is none", optional=True),
)

MIXTURES = (
    text("child", "Model"),
    text("a", "First of two"),
    text("b", "Second of two"),
    text("expected", "Expected before measuring"),
    number("share_a", "Factor of the first", minimum=-MANY, maximum=MANY, optional=True),
    number("low_a", "Low end", minimum=-MANY, maximum=MANY, optional=True),
    number("high_a", "High end", minimum=-MANY, maximum=MANY, optional=True),
    number("share_b", "Factor of the second", minimum=-MANY, maximum=MANY, optional=True),
    number("low_b", "Low end", minimum=-MANY, maximum=MANY, optional=True),
    number("high_b", "High end", minimum=-MANY, maximum=MANY, optional=True),
    number("unexplained", "Left unexplained, of the squared numbers", minimum=0, maximum=1, optional=True),
    number("parents_cosine", "Cosine of the two", minimum=-1, maximum=1, optional=True),
    integer("layers", "Layers"),
    integer("matrices", "Matrices in all three"),
    text("not_testable", "Why there is none", optional=True),
)

PEERS = (
    text("kind", "Pairs of"),
    text("model_a", "Model A"),
    text("model_b", "Model B"),
    text("truth", "What is known of the two"),
    text("root_a", "Training that A comes from"),
    text("root_b", "Training that B comes from"),
    text("tool", "Tool"),
    text("version", "Version of the tool", optional=True),
    text("said", "What it says"),
    text("answer", "Read as"),
    number("score", "Its score", minimum=-1, maximum=1, optional=True),
    number("cpu_seconds", "CPU seconds", minimum=0),
    number("peak_mb", "Most memory, MB", minimum=0),
    text("date", "Date"),
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
    "geometry.csv": (GEOMETRY, ("model_a", "model_b", "measure")),
    "geometry-random.csv": (GEOMETRY_RANDOM, GEOMETRY_RANDOM_KEY),
    "ladder.csv": (LADDER, ("name",)),
    "ladder-loss-curves.csv": (LADDER_CURVES, ("run", "step")),
}

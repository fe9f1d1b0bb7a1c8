"""Which models are trained as controls, from which seeds and on which text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import cos, pi
from typing import Literal

Kind = Literal["seed", "shared_initialisation", "finetune", "continued_pretraining", "lora_merged", "partial_finetune"]
Trained = Literal["all", "upper half", "low rank"]  # what the optimiser may change

MAKER = "controls"


@dataclass(frozen=True)
class Shape:
    """The shape that every control has: Llama's, small."""

    layers: int = 6
    hidden: int = 192
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 32
    ffn: int = 512
    vocabulary: int = 256  # bytes
    norm_eps: float = 1e-5
    rope_theta: float = 10_000.0


@dataclass(frozen=True)
class Run:
    """One training run. It starts from the weights of its parent, or from weights drawn with init_seed."""

    name: str  # its model id is "controls/<name>"
    kind: Kind
    text: str
    order_seed: int  # draws the windows of text, and the factors of a low-rank run
    init_seed: int | None = None
    parent: str = ""
    steps: int = 700
    learning_rate: float = 2e-3
    trained: Trained = "all"

    @property
    def model(self) -> str:
        """The id of the trained model."""
        return f"{MAKER}/{self.name}"


SHAPE = Shape()
BATCH = 8  # windows a step
WINDOW = 128  # bytes a window
WARMUP = 60  # steps
EVERY = 25  # steps between two rows of a loss curve
HELDOUT_WINDOWS = 64
RANK = 8  # of a low-rank run
SEEDS = 12
ORDERS = 4


def _tuned(name: str, parent: str, order_seed: int, kind: Kind = "finetune", trained: Trained = "all") -> Run:
    """A run of 300 steps on the other text, from the weights of a finished run."""
    return Run(name, kind, "bible", order_seed, parent=parent, steps=300, learning_rate=5e-4, trained=trained)


RUNS: tuple[Run, ...] = (
    *(Run(f"seed-{n:02}", "seed", "messages", 2000 + n, 1000 + n) for n in range(1, SEEDS + 1)),
    *(Run(f"order-{n:02}", "shared_initialisation", "messages", 3000 + n, 1001) for n in range(1, ORDERS + 1)),
    _tuned("finetune-seed-01", "seed-01", 4001),
    _tuned("finetune-seed-02", "seed-02", 4002),
    _tuned("finetune-seed-03", "seed-03", 4003),
    _tuned("finetune-order-01", "order-01", 4004),
    Run("continued-seed-01", "continued_pretraining", "messages", 4005, parent="seed-01", learning_rate=1e-3),
    _tuned("lora-seed-02", "seed-02", 4006, "lora_merged", "low rank"),
    _tuned("frozen-seed-03", "seed-03", 4007, "partial_finetune", "upper half"),
)


def independent_pairs() -> Iterator[tuple[Run, Run]]:
    """Pairs of runs that share the text alone: neither initial weights, nor the order of the text, nor a parent."""
    return combinations((run for run in RUNS if run.kind == "seed"), 2)


def shared_initialisation_pairs() -> Iterator[tuple[Run, Run]]:
    """Pairs of runs that start from the same drawn weights and see the text in another order."""
    drawn = [run for run in RUNS if run.init_seed is not None]
    return ((a, b) for a, b in combinations(drawn, 2) if a.init_seed == b.init_seed)


def derivation_pairs() -> Iterator[tuple[Run, Run]]:
    """Pairs of a run and the run whose trained weights it starts from."""
    named = {run.name: run for run in RUNS}
    return ((named[run.parent], run) for run in RUNS if run.parent)


def learning_rate(run: Run, step: int) -> float:
    """The learning rate at a step counted from one: up in the warm-up, then a cosine down to a tenth."""
    warmup = min(WARMUP, run.steps // 5)
    if step <= warmup:
        return run.learning_rate * (step / warmup)
    return run.learning_rate * (0.1 + 0.45 * (1 + cos(pi * (step - warmup) / (run.steps - warmup))))

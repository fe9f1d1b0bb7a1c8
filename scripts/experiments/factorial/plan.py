"""The runs of a design, in the order in which they are worked off, and what each of them is made of."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi

import numpy as np

from lineage.records.designs import Cell, Design, NetworkDesign

CURVE_ROWS = 10  # of a loss curve, after the first
HELDOUT_TOKENS = 2048  # on which each row of a loss curve is measured
BYTES = 256
ONE, TWO = "one recipe", "two recipes"  # of which the two runs of a pair are


@dataclass(frozen=True)
class Network:
    """The shape of a network."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocabulary: int
    experts: int  # 0 where it is dense
    experts_a_token: int
    balance_weight: float
    norm_eps: float = 1e-5
    rope_theta: float = 10_000.0


@dataclass(frozen=True)
class Optimisation:
    """How weights are moved: a rate with its schedule, and what a step sees."""

    rate: float
    warmup: float  # share of the steps
    decay: str  # "cosine" to a tenth, or "line" to zero over the last fifth
    windows: int
    tokens: int  # of a window

    def rate_at(self, step: int, steps: int) -> float:
        """The rate of a step, counted from 1."""
        warm = max(1, round(self.warmup * steps))
        if step <= warm:
            return self.rate * step / warm
        if self.decay == "cosine":
            return self.rate * (0.1 + 0.45 * (1 + cos(pi * (step - warm) / (steps - warm))))
        return self.rate * min(1.0, (steps - step + 1) / (0.2 * steps))


@dataclass(frozen=True)
class PlannedRun:
    """One run of a design: the levels of its factors are those of its recipe, but for what its cell flips."""

    name: str  # "dense-48-r1-01"
    cell: Cell
    recipe: str
    seed: int
    high: frozenset[str]  # factors at the high level
    parent: str = ""  # the run whose weights it begins with

    @property
    def columns(self) -> dict[str, object]:
        """What the row of a run in factorial-runs.csv holds by the plan alone, before it is trained."""
        return {
            "cell": self.cell.id,
            "recipe": self.recipe,
            "seed": self.seed,
            "layers": self.cell.layers,
            "width": self.cell.width,
            "steps": self.cell.steps,
            "high": " ".join(sorted(self.high)),
            "parent": self.parent,
        }

    @property
    def text(self) -> str:
        """The id of the text that it is trained on."""
        return "bible" if "text" in self.high else "messages"

    @property
    def merged_tokens(self) -> bool:
        """Whether tokens are merged bytes."""
        return "tokenizer" in self.high

    @property
    def weight_decay(self) -> float:
        """The weight decay of matrices; other arrays have none."""
        return 1.0 if "weight-decay" in self.high else 0.1

    @property
    def optimisation(self) -> Optimisation:
        """Rate, schedule, batch and window."""
        if "optimisation" in self.high:
            return Optimisation(1e-3, 0.02, "line", 8, 64)
        return Optimisation(3e-3, 0.1, "cosine", 2, 256)


@dataclass(frozen=True)
class PairToTest:
    """A pair that is tested: a at its end, b after a number of steps."""

    a: PlannedRun
    b: PlannedRun
    step: int

    @property
    def is_derived(self) -> bool:
        """Whether b is a child of a."""
        return self.b.parent == self.a.name


def planned_runs(design: Design) -> tuple[PlannedRun, ...]:
    """Every run, in the order of the stages, and within a stage by seed, then by recipe."""
    cells = {cell.id: cell for cell in design.cells}
    return tuple(
        _planned(design, cells[stage.cell], recipe, seed)
        for stage in design.stages
        for seed in range(stage.seeds[0], stage.seeds[1] + 1)
        for recipe in cells[stage.cell].recipes
    )


def network(run: PlannedRun, common: NetworkDesign) -> Network:
    """The shape of a run's network."""
    heads = run.cell.width // common.head_dim
    return Network(
        layers=run.cell.layers,
        hidden=run.cell.width,
        heads=heads,
        kv_heads=heads // common.heads_a_kv_head,
        head_dim=common.head_dim,
        ffn=round(common.ffn_a_width * run.cell.width),
        vocabulary=common.vocabulary_pairs if run.merged_tokens else BYTES,
        experts=common.experts if run.cell.experts else 0,
        experts_a_token=common.experts_a_token,
        balance_weight=common.balance_weight,
    )


def snapshot_steps(design: Design, run: PlannedRun) -> tuple[int, ...]:
    """The numbers of steps after which a run is measured, rising, the last its end."""
    return tuple(sorted({round(share * run.cell.steps) for share in design.snapshots}))


def curve_steps(run: PlannedRun) -> tuple[int, ...]:
    """The numbers of steps after which a row of the loss curve is written."""
    return tuple(sorted({round(row * run.cell.steps / CURVE_ROWS) for row in range(CURVE_ROWS + 1)}))


def drawing(design: Design, run: PlannedRun, purpose: str) -> np.random.Generator:
    """A generator that depends on the design's seed, the run and the purpose alone."""
    text = f"{design.seed}|{run.name}|{purpose}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))


def disjoint_pairs(runs: tuple[PlannedRun, ...]) -> Iterator[tuple[PlannedRun, PlannedRun]]:
    """The pairs of independent runs that exact tests are made of, as the design says them.

    No run stands in two pairs of one recipe, nor in two of two recipes.
    """
    named = {(run.cell.id, run.recipe, run.seed): run for run in runs}
    for run in runs:
        if run.parent:
            continue
        others = [(run.cell.id, run.recipe, run.seed + 1)] if run.seed % 2 else []
        others += [(run.cell.id, other, run.seed) for other in (_across(run),) if other]
        others += [("dense-48", run.recipe, run.seed)] if run.cell.id == "moe-48" else []
        yield from ((run, named[key]) for key in others if key in named)


def pairs_to_test(design: Design) -> Iterator[PairToTest]:
    """Disjoint pairs of independent runs, and each child with its parent, in the order in which they can be tested."""
    runs = planned_runs(design)
    order = {run.name: place for place, run in enumerate(runs)}
    pairs = [PairToTest(a, b, b.cell.steps) for a, b in disjoint_pairs(runs)]
    named = {run.name: run for run in runs}
    pairs += [
        PairToTest(named[run.parent], run, step)
        for run in runs
        if run.parent
        for step in snapshot_steps(design, run)
        if step
    ]
    yield from sorted(pairs, key=lambda pair: max(order[pair.a.name], order[pair.b.name]))


def _across(run: PlannedRun) -> str:
    """The recipe of the run that a run is paired with; "" where no pair begins with a run of its recipe."""
    if run.cell.recipes == ("r1", "r6"):
        return "r6" if run.recipe == "r1" else ""
    return {"r1": "r2", "r3": "r4", "r5": "r6", "r7": "r8"}.get(run.recipe, "")


def _planned(design: Design, cell: Cell, recipe: str, seed: int) -> PlannedRun:
    high = {one.id: frozenset(one.high) for one in design.recipes}[recipe] ^ frozenset(cell.flipped)
    parent = f"{cell.parents}-{recipe}-{seed:02}" if cell.parents else ""
    return PlannedRun(f"{cell.id}-{recipe}-{seed:02}", cell, recipe, seed, high, parent)

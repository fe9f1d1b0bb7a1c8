"""Which pairs are compared by geometry, and what is known of each. Committed before any of them was compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from experiments.factorial.plan import PlannedRun, planned_runs, snapshot_steps
from experiments.ladder.plan import BASES, KINDS, RUNGS, TRAINED, Rung
from lineage.records.designs import Design

DERIVED, INDEPENDENT, ONE_ROOT, UNKNOWN = "derived", "independent", "one root", "not documented"
DEPTHS = ("dense-48", "dense-12")
ONE_RECIPE, TWO_RECIPES = "independent, one recipe", "independent, two recipes"
OTHER_DEPTH = "independent, another depth"
OTHER_PARENT = "child and another's parent"
CHILD, CONTROL_RUNG = "child and parent", "rung of a control"
RELEASED_RUNG, RELEASED = "rung of a released model", "released models"
# What is done to the parents of children: kinds of the ladder, and several one after the other.
SINGLE = (
    *("copy", "noise", "int8", "int4", "layers-halved", "depth-upscaled", "units-pruned", "residual-pruned"),
    *("units-permuted", "residual-permuted", "rotated", "units-sorted", "embeddings-fresh"),
)
DISGUISES = (
    ("units-permuted", "rotated"),
    ("units-permuted", "rotated", "embeddings-fresh"),
    ("units-permuted", "rotated", "noise"),
    ("units-permuted", "rotated", "embeddings-fresh", "noise"),
)
DISGUISE_NOISE = 0.1
LARGE = "qwen-coder-0.5b"  # the released model whose residual stream can be rotated
NOT_HELD = (
    "merged",
    "upcycled",
)  # its rungs that take more than 3 GB of memory to make; both leave its heads nearly as is


@dataclass(frozen=True)
class Trained:
    """The weights of a run after a number of steps, with what was done to them, step by step."""

    run: PlannedRun
    step: int
    done: tuple[Rung, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in the table: factorial/dense-48-r1-01, factorial/dense-48-r1-01-units-permuted-rotated."""
        step = "" if self.step == self.run.cell.steps else f"-after-{self.step}"
        return f"factorial/{self.run.name}{step}{''.join(one.name.removeprefix(one.base) for one in self.done)}"

    @property
    def root(self) -> str:
        """The training from random weights that it comes from."""
        return self.run.parent or self.run.name


@dataclass(frozen=True)
class Released:
    """A released model, with what was done to it, step by step."""

    model: str
    done: tuple[Rung, ...] = ()

    @property
    def name(self) -> str:
        """The id that it has on record, or that of its base with what was done to it."""
        if not self.done:
            return self.model
        base = self.done[0].base
        return f"ladder/{base}{''.join(one.name.removeprefix(base) for one in self.done)}"


Model = Trained | Released


@dataclass(frozen=True)
class ComparedPair:
    """Two models and what they are; the first is the one that was made from the other, where one was."""

    kind: str
    rung: str  # what was done: "noise-0.1", "units-permuted, rotated", "after 300 steps"; "" where nothing
    a: Model
    b: Model


def independent_pairs(design: Design) -> Iterator[ComparedPair]:
    """Every two runs of a depth, and every run of one depth with every run of the other."""
    dense = {cell: [Trained(run, run.cell.steps) for run in _runs(design, cell)] for cell in DEPTHS}
    for runs in dense.values():
        for a, b in combinations(runs, 2):
            yield ComparedPair(ONE_RECIPE if a.run.recipe == b.run.recipe else TWO_RECIPES, "", a, b)
    for a, b in product(*(dense[cell] for cell in DEPTHS)):
        yield ComparedPair(OTHER_DEPTH, "", a, b)
    for child, other in product(_children(design), dense[DEPTHS[0]]):
        if child.parent != other.run.name:
            yield ComparedPair(OTHER_PARENT, "", Trained(child, child.cell.steps), other)


def derived_pairs(design: Design) -> Iterator[ComparedPair]:
    """Each child with its parent at every snapshot, and each derivation of such a parent with it."""
    runs = {run.name: run for run in planned_runs(design)}
    for child in _children(design):
        parent = Trained(runs[child.parent], runs[child.parent].cell.steps)
        for step in snapshot_steps(design, child):
            if step:
                yield ComparedPair(CHILD, f"after {step} steps", Trained(child, step), parent)
        for done in _derivations(child.parent):
            rung = ", ".join(one.name.removeprefix(f"{one.base}-") for one in done)
            yield ComparedPair(CONTROL_RUNG, rung, Trained(parent.run, parent.step, done), parent)


def released_pairs(packaged: tuple[str, ...]) -> Iterator[ComparedPair]:
    """Every two packaged models, and each rung of the ladder with its base, but for those that were trained."""
    for a, b in combinations(sorted(packaged), 2):
        yield ComparedPair(RELEASED, "", Released(a), Released(b))
    for rung in RUNGS.values():
        if rung.kind.name != TRAINED and (rung.base != LARGE or rung.kind.name not in NOT_HELD):
            done = rung.name.removeprefix(f"{rung.base}-")
            yield ComparedPair(RELEASED_RUNG, done, Released(BASES[rung.base], (rung,)), Released(BASES[rung.base]))
    for names in DISGUISES:
        steps = _steps(LARGE, names)
        told = ", ".join(one.name.removeprefix(f"{LARGE}-") for one in steps)
        yield ComparedPair(RELEASED_RUNG, told, Released(BASES[LARGE], steps), Released(BASES[LARGE]))


def _runs(design: Design, cell: str) -> list[PlannedRun]:
    return [run for run in planned_runs(design) if run.cell.id == cell]


def _children(design: Design) -> list[PlannedRun]:
    return [run for run in planned_runs(design) if run.parent]


def _derivations(base: str) -> Iterator[tuple[Rung, ...]]:
    for kind in KINDS:
        if kind.name in SINGLE:
            yield from ((Rung(base, kind, level, 1 if kind.random else None),) for level in kind.levels)
    yield from (_steps(base, names) for names in DISGUISES)


def _steps(base: str, names: tuple[str, ...]) -> tuple[Rung, ...]:
    kinds = {kind.name: kind for kind in KINDS}
    return tuple(
        Rung(base, kinds[name], DISGUISE_NOISE if name == "noise" else None, seed if kinds[name].random else None)
        for seed, name in enumerate(names, 1)
    )

"""Which pairs every tool is asked about, and what is known of each. Committed before any tool was asked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from experiments.factorial.plan import PlannedRun, pairs_to_test, planned_runs
from experiments.ladder.plan import BASES, FINE_TUNES, KINDS, RUNGS, TRAINED, Kind, Rung
from lineage.records.designs import Design

DERIVED, INDEPENDENT = "derived", "independent"
VERSIONS = {"look": "", "std-profile": "", "kit": "1.0.0", "modeldna": "0.1.0"}  # by tool; ours are those of a commit
AFTER = (0.1, 1.0)  # the shares of its parent's steps after which a child is asked about
DISGUISED = ("dense-48-r1-01", "dense-48-r2-01")  # runs of which derivations are made
DERIVATIONS = ("noise", "int8", "layers-halved", "units-permuted", "rotated", "embeddings-fresh")
LEVELS = {"noise": 0.1}
DEEP, WIDE = 48, 64  # layers and width of the runs that are asked about: the depth of the models in dispute
LARGE = "qwen-coder-0.5b"  # the base of rungs of a gigabyte: these alone are not all asked about
LARGE_RUNGS = ("copy", "noise-0.1", "int4", "layers-halved", "units-permuted", "rotated", "upcycled-4", "merged-0.5")


@dataclass(frozen=True)
class Trained:
    """The weights of a run after a number of steps, or a derivation of them."""

    run: PlannedRun
    step: int
    rung: Rung | None = None

    @property
    def name(self) -> str:
        """What it is called in the table: factorial/dense-48-r1-01, factorial/dense-48-r1-01-rotated."""
        step = "" if self.step == self.run.cell.steps else f"-after-{self.step}"
        made = self.rung.name.removeprefix(self.rung.base) if self.rung else ""
        return f"factorial/{self.run.name}{step}{made}"


@dataclass(frozen=True)
class Released:
    """A released model, or a derivation of one."""

    base: str  # a key of BASES
    model: str
    rung: Rung | None = None

    @property
    def name(self) -> str:
        """The id that it has on record."""
        return self.model


Model = Trained | Released


@dataclass(frozen=True)
class AskedPair:
    """Two models, what is known of them, and the trainings from random weights that they come from."""

    kind: str
    truth: str  # DERIVED or INDEPENDENT
    a: Model
    b: Model
    roots: tuple[str, str]


def asked_pairs(design: Design) -> Iterator[AskedPair]:
    """Every pair that tools are asked about, in order: independent runs, children, derivations made here."""
    for pair in pairs_to_test(design):
        if pair.is_derived and pair.step in {round(share * pair.b.cell.steps) for share in AFTER}:
            child, parent = Trained(pair.b, pair.step), Trained(pair.a, pair.a.cell.steps)
            yield AskedPair("child and parent", DERIVED, child, parent, (pair.a.name, pair.a.name))
        elif not pair.is_derived and pair.a.cell.layers == DEEP and pair.a.cell.width == pair.b.cell.width == WIDE:
            both = Trained(pair.a, pair.a.cell.steps), Trained(pair.b, pair.b.cell.steps)
            yield AskedPair(_apart(pair.a, pair.b), INDEPENDENT, *both, (pair.a.name, pair.b.name))
    runs = {run.name: run for run in planned_runs(design)}
    for name in DISGUISED:
        control = Trained(runs[name], runs[name].cell.steps)
        for kind in KINDS:
            if kind.name in DERIVATIONS:
                made = replace(control, rung=_rung(name, kind))
                yield AskedPair("derivation of a control", DERIVED, made, control, (name, name))
    for rung in RUNGS.values():
        if rung.kind.name != TRAINED and (rung.base != LARGE or rung.name.removeprefix(f"{LARGE}-") in LARGE_RUNGS):
            yield _of_released("derivation of a released model", Released(rung.base, rung.model, rung))
    for base, tuned in FINE_TUNES.items():
        yield _of_released("documented fine-tune", Released(base, tuned))


def _of_released(kind: str, derived: Released) -> AskedPair:
    root = BASES[derived.base]
    return AskedPair(kind, DERIVED, derived, Released(derived.base, root), (root, root))


def _apart(a: PlannedRun, b: PlannedRun) -> str:
    """In what the recipes of two independent runs differ, in a word or two."""
    if a.cell.id != b.cell.id:
        return "independent, dense and mixture"
    return "independent, one recipe" if a.recipe == b.recipe else "independent, two recipes"


def _rung(base: str, kind: Kind) -> Rung:
    return Rung(base, kind, LEVELS.get(kind.name), 1 if kind.random else None)

"""Which derivations are made, of which models and from which seeds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.ladder.depth import depth_upscaled, every_second_layer
from experiments.ladder.experts import upcycled
from experiments.ladder.residual import permuted_residual, pruned_residual, rotated_residual
from experiments.ladder.state import State
from experiments.ladder.units import permuted_units, pruned_units, sorted_units
from experiments.ladder.values import int4_rounded, int8_rounded, merged, with_fresh_embeddings, with_noise

MAKER = "ladder"
TRAINED = "trained"  # this kind is made by scripts/train_ladder.py

BASES = {  # by the names that rungs have
    "minilm-l6": "sentence-transformers/all-MiniLM-L6-v2",
    "mpnet": "sentence-transformers/all-mpnet-base-v2",
    "qwen-coder-0.5b": "Qwen/Qwen2.5-Coder-0.5B-Instruct",
}
DECODERS = {"qwen-coder-0.5b"}
FINE_TUNES = {"minilm-l6": "sre-embedding-model/sre-embedding-model"}  # of equal shape, to merge with


@dataclass(frozen=True)
class Kind:
    """One way to derive, and what is expected of it before anything is measured."""

    name: str
    make: Callable[[State, float, np.random.Generator], State] | None  # None where it takes more than the base
    levels: tuple[float | None, ...] = (None,)
    random: bool = False
    function_preserving: bool = False
    decoders_only: bool = False
    expected: str = ""  # of the exact permutation test against the base


@dataclass(frozen=True)
class Rung:
    """One derivation of one model."""

    base: str  # a key of BASES
    kind: Kind
    level: float | None
    seed: int | None
    other: str = ""  # what it is merged with: a model id, or a rung

    @property
    def name(self) -> str:
        """Its name among the rungs, and that of its folder."""
        level = "" if self.level is None else f"-{self.level:g}"
        return f"{self.base}-{self.kind.name}{level}"

    @property
    def model(self) -> str:
        """The id that it is measured under."""
        return f"{MAKER}/{self.name}"

    @property
    def recorded(self) -> str:
        """What stands as the address of its weights."""
        return f"derived:{BASES[self.base]}:{self.name.removeprefix(f'{self.base}-')}"


_FOUND = "found at every layer"
_MATCHED = "found once layers are matched"
_RESIDUAL_ONLY = "not found in the order of units; found on the residual axis"

KINDS = (
    Kind(
        "copy", lambda state, _, __: state, function_preserving=True, decoders_only=True, expected="found: same weights"
    ),
    Kind("noise", with_noise, levels=(0.001, 0.01, 0.1, 0.5), random=True, expected=_FOUND),
    Kind("int8", lambda state, _, __: int8_rounded(state), expected=_FOUND),
    Kind("int4", lambda state, _, __: int4_rounded(state), expected=_FOUND),
    Kind("layers-halved", lambda state, _, __: every_second_layer(state), expected=_MATCHED),
    Kind("depth-upscaled", lambda state, _, __: depth_upscaled(state), expected=_MATCHED),
    Kind(
        "units-pruned",
        lambda state, share, _: pruned_units(state, share),
        levels=(0.75,),
        expected="units not testable, their numbers differ; found on the residual axis",
    ),
    Kind(
        "residual-pruned",
        lambda state, share, _: pruned_residual(state, share),
        levels=(0.75,),
        decoders_only=True,
        expected="not testable, the widths differ",
    ),
    Kind(
        "upcycled",
        lambda state, experts, rng: upcycled(state, int(experts), 0.01, rng),
        levels=(4,),
        random=True,
        decoders_only=True,
        expected="found expert by expert",
    ),
    Kind("merged", None, levels=(0.5,), expected=_FOUND),
    Kind(
        "units-permuted",
        lambda state, _, rng: permuted_units(state, rng),
        random=True,
        function_preserving=True,
        expected=_RESIDUAL_ONLY,
    ),
    Kind(
        "residual-permuted",
        lambda state, _, rng: permuted_residual(state, rng),
        random=True,
        function_preserving=True,
        expected="not found in the order of either",
    ),
    Kind(
        "rotated",
        lambda state, _, rng: rotated_residual(state, rng),
        random=True,
        function_preserving=True,
        decoders_only=True,
        expected="not found in the order of either",
    ),
    Kind(
        "units-sorted",
        lambda state, _, __: sorted_units(state),
        function_preserving=True,
        expected="abstains from the rung's units, which are sorted; found on the residual axis",
    ),
    Kind(
        "embeddings-fresh",
        lambda state, _, rng: with_fresh_embeddings(state, rng),
        random=True,
        expected="found at every layer; not found on the residual axis",
    ),
    Kind(TRAINED, None, levels=(50, 200, 800), random=True, expected=_FOUND),
)


def _rungs() -> Iterator[Rung]:
    seed = 0
    for base in BASES:
        for kind in KINDS:
            if (kind.decoders_only and base not in DECODERS) or (kind.name == TRAINED and base != "minilm-l6"):
                continue
            for level in kind.levels:
                seed += 1
                second_parent = FINE_TUNES.get(base, f"{MAKER}/{base}-noise-0.1") if kind.name == "merged" else ""
                yield Rung(base, kind, level, seed if kind.random else None, second_parent)


RUNGS = {rung.name: rung for rung in _rungs()}


@dataclass(frozen=True)
class Trio:
    """A model, and two of which it is asked how much of them is in it; expected is written down before."""

    child: str  # a rung
    a: str  # a model id
    b: str
    expected: str


_SUM, _FIRST, _NO_SUM = "0.5 and 0.5", "1 and 0", "no sum fits"


def _trios() -> Iterator[Trio]:
    for base, known in BASES.items():
        second = FINE_TUNES.get(base, f"{MAKER}/{base}-noise-0.1")
        yield Trio(f"{base}-merged-0.5", known, second, _SUM)
        yield Trio(f"{base}-int8", known, second, _FIRST)
        yield Trio(f"{base}-units-permuted", known, second, _NO_SUM)


TRIOS = tuple(_trios())


def derive_state(rung: Rung, base: State, second_parent: State | None) -> State:
    """The weights of a rung from those of its base, and of the other parent where it is merged."""
    if rung.kind.name == "merged" and second_parent is not None:
        return merged(base, second_parent, rung.level or 0.5)
    if rung.kind.make is None:
        raise ValueError(f"{rung.name}: is not made of its base alone")
    rng = np.random.default_rng(rung.seed or 0)
    return rung.kind.make(base, rung.level or 0.0, rng)


def ladder_table() -> pd.DataFrame:
    """One row a rung, by name."""
    rows = [
        {
            "name": rung.model,
            "base_model": BASES[rung.base],
            "other_model": rung.other,
            "rung": rung.kind.name,
            "level": "" if rung.level is None else f"{rung.level:g}",
            "seed": rung.seed,
            "function_preserving": "yes" if rung.kind.function_preserving else "no",
            "expected": rung.kind.expected,
        }
        for rung in RUNGS.values()
    ]
    return pd.DataFrame(rows).astype({"seed": "Int64"}).sort_values("name")

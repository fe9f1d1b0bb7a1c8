"""Which parts of two models the exact tests can be run on, by the shapes on record, and why not on the others.

The tests ask whether units of one index belong together, so both models need as many units, of one width. That a test
can be run says nothing about what it would give.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from lineage.matching.common_tokens import FEWEST_TOKENS
from lineage.records import Architecture
from lineage.site.languages import words

UNITS = words("Hidden units of the MLPs, by their weights")
RESPONSES = words("Hidden units of the MLPs, by what they answer to common tokens")
HEADS = words("Attention heads")
RESIDUAL = words("Residual dimensions, by embeddings of common tokens")

_NAMES = {
    "layers": words("number of layers"),
    "width": words("width of the residual stream"),
    "units": words("hidden units of a block"),
    "experts": words("number of experts"),
    "heads": words("number of attention heads"),
    "groups": words("number of key and value heads"),
    "head": words("width of a head"),
}
_DIFFERENT = {
    "layers": words("experts are paired by name, and the models have %(a)s and %(b)s layers"),
    "width": words("the residual stream is %(a)s wide in one and %(b)s in the other"),
    "units": words(
        "a feed-forward block or expert has %(a)s hidden units in one and %(b)s in the other, "
        "so the test, which pairs units of one index, cannot be run; whether units were kept in other places is not "
        "known from this"
    ),
    "experts": words("a layer has %(a)s experts in one and %(b)s in the other"),
    "heads": words("a layer has %(a)s attention heads in one and %(b)s in the other"),
    "groups": words("a layer has %(a)s key and value heads in one and %(b)s in the other"),
    "head": words("a head is %(a)s wide in one and %(b)s in the other"),
}
_EQUAL = {
    UNITS: words(
        "each feed-forward block or expert has %(units)s hidden units in both, on a residual stream %(width)s wide"
    ),
    RESPONSES: words("each feed-forward block or expert has %(units)s hidden units in both"),
    HEADS: words("each layer has %(heads)s heads in both, in %(groups)s groups, on a residual stream %(width)s wide"),
    RESIDUAL: words("the residual stream is %(width)s wide in both"),
}
_TOKENS = words("not where the two tokenizers have fewer than %(fewest)s tokens in common")
_UNPAIRED = words(
    "the models have %(a)s and %(b)s layers, which are paired by hidden units, and these cannot be tested"
)


class Standing(StrEnum):
    """Whether a test can be run."""

    CAN = "can be tested"
    CANNOT = "cannot be tested"
    UNKNOWN = "not known whether it can be tested"


STANDINGS = (
    words("can be tested"),
    words("cannot be tested"),
    words("not known whether it can be tested"),
)


@dataclass(frozen=True)
class Reason:
    """Why, as a sentence in English with %(name)s for each of its numbers."""

    words: str
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PossibleTest:
    """An exact test of one part of two models, and whether it can be run."""

    part: str  # in words
    standing: Standing
    reasons: Sequence[Reason] = ()  # of a part that can be tested: what is equal, and what else it needs
    missing: Sequence[str] = ()  # what is not on record of at least one of the two, in words


def possible_tests(a: Architecture | None, b: Architecture | None) -> list[PossibleTest]:
    """The exact tests of two models in a fixed order: hidden units twice, attention heads, residual dimensions.

    A shape that is not on record is None. What is unknown makes a test unknown, unless something known rules it out.
    """
    sizes = _sizes(a), _sizes(b)
    mixtures = _is_mixture(a) or _is_mixture(b)
    deep = [one["layers"] for one in sizes]
    needed = ["layers", "units"] if mixtures else ["units"]
    if _is_mixture(a) and _is_mixture(b):
        needed.append("experts")
    by_weights = _part(UNITS, sizes, [*needed, "width"])
    by_responses = _part(RESPONSES, sizes, needed, _TOKENS)
    heads = _part(HEADS, sizes, ["heads", "groups", "head", "width"])
    if heads.standing is not Standing.CANNOT and None not in deep and deep[0] != deep[1]:
        heads = _paired_by_units(heads, by_weights, deep[0] or 0, deep[1] or 0)
    return [by_weights, by_responses, heads, _part(RESIDUAL, sizes, ["width"], _TOKENS)]


def _sizes(shape: Architecture | None) -> Mapping[str, int | None]:
    if shape is None:
        return dict.fromkeys(_NAMES)
    return {
        "layers": shape.layers,
        "width": shape.hidden_size,
        "units": shape.expert_width if _is_mixture(shape) else shape.ffn_width,
        "experts": shape.experts,
        "heads": shape.heads,
        "groups": shape.kv_heads,
        "head": shape.head_dim,
    }


def _is_mixture(shape: Architecture | None) -> bool:
    return shape is not None and (shape.kind == "mixture of experts" or shape.experts is not None)


def _part(
    tested_part: str,
    sizes: tuple[Mapping[str, int | None], Mapping[str, int | None]],
    needed: Sequence[str],
    also: str = "",
) -> PossibleTest:
    """Whether a part can be tested, whose test needs some sizes to be equal."""
    if different := list(_differences(*sizes, needed)):
        return PossibleTest(tested_part, Standing.CANNOT, different)
    if missing := [_NAMES[name] for name in needed if None in (sizes[0][name], sizes[1][name])]:
        return PossibleTest(tested_part, Standing.UNKNOWN, missing=missing)
    equal = {name: size for name in needed if (size := sizes[0][name]) is not None}
    more = [Reason(also, {"fewest": FEWEST_TOKENS})] if also else []
    return PossibleTest(tested_part, Standing.CAN, [Reason(_EQUAL[tested_part], equal), *more])


def _differences(a: Mapping[str, int | None], b: Mapping[str, int | None], needed: Sequence[str]) -> Iterator[Reason]:
    for name in needed:
        size_a, size_b = a[name], b[name]
        if size_a is not None and size_b is not None and size_a != size_b:
            yield Reason(_DIFFERENT[name], {"a": size_a, "b": size_b})


def _paired_by_units(heads: PossibleTest, units: PossibleTest, a: int, b: int) -> PossibleTest:
    """Heads of models of different depth, whose layers the test of hidden units pairs."""
    if units.standing is Standing.CANNOT:
        return PossibleTest(HEADS, Standing.CANNOT, [Reason(_UNPAIRED, {"a": a, "b": b})])
    if units.standing is Standing.UNKNOWN:
        missing = dict.fromkeys([*heads.missing, *units.missing])
        return PossibleTest(HEADS, Standing.UNKNOWN, missing=list(missing))
    return heads

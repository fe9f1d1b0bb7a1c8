"""Matches as they were asked for: two checkpoints, in an order that does not depend on how they were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import is_public
from lineage.matching.match import Reads, usual_reads
from lineage.records import Line, MatchSide, ModelId, model_slug


@dataclass(frozen=True)
class AskedCheckpoint:
    """One of the two checkpoints as it was asked for."""

    model: str
    address: str
    recorded: str = ""  # for a local copy: the public address that it was taken from
    known_sorted: bool = False

    @property
    def is_public(self) -> bool:
        """Whether others can read what is recorded as its address."""
        return bool(self.recorded) or is_public(self.address)


def in_order(a: AskedCheckpoint, b: AskedCheckpoint) -> tuple[AskedCheckpoint, AskedCheckpoint]:
    """The two in order of their file names, so that the order in which they were given changes nothing."""
    for name, side in (("a", a), ("b", b)):
        if not side.model:
            raise CheckpointError(f"{side.address}: name the model with --model-{name}")
        if not side.is_public:
            raise CheckpointError(f"{side.address}: is a local copy; name its public address with --recorded-{name}")
        _refuse(ModelId, side.model, "is no id of a model; write maker/name")
        _refuse(Line, side.recorded or side.address, "cannot be recorded as an address")
    first, second = sorted((a, b), key=lambda side: (model_slug(side.model), side.model))
    if model_slug(first.model) == model_slug(second.model):
        raise CheckpointError(f"{first.model}: is matched against itself; name two models")
    return first, second


@dataclass(frozen=True)
class AskedPair:
    """A match as it was asked for, its two sides in the order given."""

    sides: tuple[AskedCheckpoint, AskedCheckpoint]
    reads: Reads
    date: date

    @property
    def name(self) -> str:
        """The two models."""
        return " and ".join(side.model for side in self.sides)


def unusual_reads(sides: Sequence[MatchSide], reads: Reads) -> list[str]:
    """The options that say what is read, where it is not what the recorded addresses imply."""
    usual = usual_reads([side.address for side in sides])
    pairs = (("down", reads.down, usual.down), ("heads", reads.heads, usual.heads))
    return [f"--{'' if now else 'no-'}{name}" for name, now, by_itself in pairs if now != by_itself]


def _refuse(kind: Any, text: str, fault: str) -> None:
    """A CheckpointError where a text is none of a kind, before anything is read."""
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        raise CheckpointError(f"{text!r}: {fault} ({error.errors()[0]['msg']})") from None

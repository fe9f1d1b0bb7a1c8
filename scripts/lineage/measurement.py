"""What of a checkpoint is read, and what is not."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lineage.checkpoints.dtypes import DTYPES
from lineage.checkpoints.families import Family
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.names import Config, Part, find_family, find_parts
from lineage.checkpoints.packing import find_packing
from lineage.checkpoints.tensors import Tensor


@dataclass(frozen=True)
class Wanted:
    """A tensor that is read, and what it holds."""

    tensor: Tensor
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Plan:
    """What of a checkpoint is read, and what is not."""

    family: str
    wanted: tuple[Wanted, ...]
    left_out: tuple[str, ...]
    not_testable: str | None = None  # why its weights are no numbers that can be measured; nothing is wanted then

    @property
    def bytes(self) -> int:
        """How many bytes of tensors are needed."""
        return sum(wanted.tensor.span.length for wanted in self.wanted)


def plan_measurement(tensors: Sequence[Tensor], config: Config, roles: Iterable[str] | None = None) -> Plan:
    """What to read of a checkpoint: every tensor that its family's table knows, or those of some roles alone."""
    names = [tensor.name for tensor in tensors]
    if repeated := sorted(name for name, times in Counter(names).items() if times > 1):
        raise CheckpointError(f"{repeated[0]}: stands in two files of the checkpoint; keep one")
    if packing := find_packing(names, config.quantisation):
        return Plan("not read", (), (), packing)
    family = find_family(names, config)
    wanted, left_out = _sorted_out(tensors, family, config, None if roles is None else set(roles))
    if not any(part.place.layer is not None for one in wanted for part in one.parts):
        raise CheckpointError(f"no table in checkpoints/families.py knows these names: {', '.join(names[:10])}")
    for tensor in (one.tensor for one in wanted):
        if tensor.dtype not in DTYPES and tensor.scaling is None:
            return Plan(
                family.name, (), (), f"{tensor.name} has the type {tensor.dtype}: whole numbers without a scale"
            )
    return Plan(family.name, tuple(wanted), grouped_names(left_out))


def grouped_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, those that differ in numbers alone as one: "layers.*.x (32 times)"."""
    patterns = Counter(re.sub(r"(?<![^.])\d+(?![^.])", "*", name) for name in names)
    return tuple(f"{name} ({count} times)" if count > 1 else name for name, count in sorted(patterns.items()))


def _sorted_out(
    tensors: Iterable[Tensor], family: Family, config: Config, roles: set[str] | None
) -> tuple[list[Wanted], list[str]]:
    """What is read, and the names of what is not."""
    wanted, left_out = [], []
    for tensor in tensors:
        parts = find_parts(tensor.name, tensor.shape, family, config, transposed=tensor.transposed)
        if parts and (roles is None or roles & {part.place.role for part in parts}):
            wanted.append(Wanted(tensor, parts))
        else:
            left_out.append(tensor.name)
    return wanted, left_out

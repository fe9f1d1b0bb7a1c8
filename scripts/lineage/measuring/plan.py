"""What of a checkpoint is read, and what is not."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lineage.checkpoints.agreement import ATTENTION, MLP, Placed, disagreements, listed_numbers
from lineage.checkpoints.config import Config
from lineage.checkpoints.family_choice import find_family, gains_are_known
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.names import Part, layer_kinds, layer_of
from lineage.checkpoints.parts import find_parts
from lineage.checkpoints.storage.packing import find_packing
from lineage.checkpoints.tensors import Scaling, Tensor, number_type
from lineage.measuring.recorded import GAINS
from lineage.records import Coverage, StoredNumbers

ORDER = {role: rank for rank, role in enumerate((*ATTENTION, *MLP, "router"))}


@dataclass(frozen=True)
class Wanted:
    """A tensor that is read, and what it holds."""

    tensor: Tensor
    parts: tuple[Part, ...]


def stored_numbers(entries: Iterable[Wanted]) -> tuple[StoredNumbers, ...]:
    """How many numbers in the layers are stored in which type, the most frequent type first."""
    numbers: Counter[tuple[str, bool]] = Counter()
    size: Counter[tuple[str, bool]] = Counter()
    for entry in entries:
        if any(matrix.place.layer is not None for matrix in entry.parts):
            kind = (
                entry.tensor.dtype,
                entry.tensor.dtype.startswith("F8_") and entry.tensor.scaling is None,
            )
            numbers[kind] += math.prod(entry.tensor.shape)
            size[kind] += entry.tensor.span.length
    return tuple(
        StoredNumbers(type=kind[0], bits=max(1, int(8 * size[kind] / count)), numbers=count, unscaled=kind[1])
        for kind, count in numbers.most_common()
    )


@dataclass(frozen=True)
class Plan:
    """The tensors of a checkpoint that are read, what is left out, and how much of each role is covered."""

    family: str
    wanted: tuple[Wanted, ...]
    left_out: tuple[str, ...]
    coverage: tuple[Coverage, ...] = ()  # of every role of a matrix in the layers
    unplaced: int = 0  # matrices in the layers that no role is known of
    partial: str = ""  # why what is wanted is no measurement of the whole
    unread: Mapping[str, str] = field(default_factory=dict)  # by role that was wanted: a tensor that is not read, why
    not_testable: str | None = None  # why its weights are no numbers that can be measured; nothing is wanted then

    @property
    def bytes(self) -> int:
        """How many bytes of tensors are needed."""
        return sum(entry.tensor.span.length for entry in self.wanted)


def plan_measurement(tensors: Sequence[Tensor], config: Config, roles: Iterable[str] | None = None) -> Plan:
    """What to read of a checkpoint: every tensor that its family's table knows, or those of some roles alone."""
    names = [tensor.name for tensor in tensors]
    if duplicates := sorted(name for name, times in Counter(names).items() if times > 1):
        raise CheckpointError(f"{duplicates[0]}: stands in two files of the checkpoint; keep one")
    if packing := find_packing(names, config.quantisation):
        return Plan("not read", (), (), not_testable=packing)
    family = find_family(names, config)
    kinds = layer_kinds(names, family)
    parts_of = {
        tensor.name: find_parts(
            tensor.name, tensor.shape, family, config, transposed=tensor.transposed, by_columns=tensor.by_columns
        )
        for tensor in tensors
    }
    if not any(matrix.place.layer is not None for tensor_parts in parts_of.values() for matrix in tensor_parts):
        raise CheckpointError(f"no table in data/families/ knows these names: {', '.join(names[:10])}")
    placed = [Placed(tensor.name, tensor.shape, parts_of[tensor.name]) for tensor in tensors]
    if problems := disagreements(placed, family, config):
        raise CheckpointError(f"read as {family.name}: {problems}")
    if not gains_are_known(names, config):
        tensors = [_with_unknown_gain(tensor, parts_of[tensor.name]) for tensor in tensors]
    elif family.gains_less_one:
        tensors = [_with_whole_gain(tensor, parts_of[tensor.name]) for tensor in tensors]
    if misfit := next((tensor for tensor in tensors if _added_askew(tensor, parts_of[tensor.name])), None):
        raise CheckpointError(
            f"{misfit.name}: the adapter's settings and the table of {family.name} disagree on whether it is stored as "
            "(out, in): fan_in_fan_out"
        )
    entries, left_out = _sorted_out(tensors, parts_of, None if roles is None else set(roles))
    if not entries:
        raise CheckpointError("it has no tensor of the roles that were asked for")
    reasons = {entry.tensor.name: reason for entry in entries if (reason := _why_not_read(entry))}
    entries_read = tuple(entry for entry in entries if entry.tensor.name not in reasons)
    if reasons and (not entries_read or (roles is None and _is_essential(reasons, entries))):
        name, reason = next(iter(reasons.items()))
        return Plan(family.name, (), (), not_testable=f"{name} {reason}")
    layers = {tensor.name: layer for tensor in tensors if (layer := layer_of(tensor.name, family, config))}
    placed = [tensor for tensor in placed if tensor.name in layers and len(tensor.shape) > 1]
    names_read = {entry.tensor.name for entry in entries_read}
    return Plan(
        family.name,
        entries_read,
        (*_without_attention(kinds, layers), *grouped_names(left_out), *_unread_lines(reasons)),
        _coverage(placed, names_read),
        sum(not tensor.parts for tensor in placed),
        _why_partial(placed, names_read, layers, kinds),
        _unread_roles(reasons, parts_of),
    )


def _added_askew(tensor: Tensor, tensor_parts: Sequence[Part]) -> bool:
    """Whether an adapter adds to a matrix the other way round than its family stores it."""
    addition = tensor.addition
    return addition is not None and any(
        matrix.transposed != addition.transposed or matrix.pairs for matrix in tensor_parts
    )


def _coverage(tensors: Iterable[Placed], names_read: Collection[str]) -> tuple[Coverage, ...]:
    """Of every role in the layers, how many matrices are read of those that are there."""
    counts = Counter((matrix.place.role, tensor.name in names_read) for tensor in tensors for matrix in tensor.parts)
    roles = sorted({role for role, _ in counts}, key=lambda role: (ORDER.get(role, len(ORDER)), role))
    return tuple(
        Coverage(role=role, read=counts[role, True], there=counts[role, True] + counts[role, False]) for role in roles
    )


def coverage_words(plan: Plan) -> str:
    """What is read of what the layers hold, by role: "q 48 of 48, gate 0 of 768: not read here"."""
    words = [f"{role.role} {role.read} of {role.there}" for role in plan.coverage if role.role in ORDER]
    if plan.unplaced:
        words.append(f"{plan.unplaced} matrices in layers that no table knows: not read here")
    return ", ".join(words)


def _why_partial(
    tensors: Sequence[Placed],
    names_read: Collection[str],
    layers: Mapping[str, tuple[str, int]],
    kinds: Mapping[tuple[str, int], str],
) -> str:
    """Why what is read is no measurement of the whole: attention of a layer, or most of the numbers, is missing."""
    attention = {tensor.name for tensor in tensors if {*ATTENTION} & {matrix.place.role for matrix in tensor.parts}}
    with_it = {layers[name] for name in attention & {*names_read}} - {
        layers[name] for name in attention - {*names_read}
    }
    lacking = sorted({*layers.values()} - with_it - {*kinds})
    if lacking:
        numbers = listed_numbers(sorted({layer for _, layer in lacking}))
        return f"the attention of layers {numbers} was not read"
    total = sum(math.prod(tensor.shape) for tensor in tensors)
    numbers_read = sum(math.prod(tensor.shape) for tensor in tensors if tensor.name in names_read)
    return (
        f"{numbers_read:,} of {total:,} numbers of the layers' matrices were read" if 2 * numbers_read < total else ""
    )


def _without_attention(kinds: Mapping[tuple[str, int], str], layers: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    """How many layers have something else in the place of attention, or beside it, which is not read."""
    count = len({*layers.values()})
    yield from (f"{kind} in {times} of {count} layers" for kind, times in Counter(kinds.values()).items())


def _with_whole_gain(tensor: Tensor, tensor_parts: Sequence[Part]) -> Tensor:
    """A tensor as it is; a gain that is stored less one, with the one added back."""
    if not _is_gain(tensor, tensor_parts):
        return tensor
    (size,) = tensor.shape
    plus_one, minus_one = np.ones((1, 1), np.float32), np.full((1, 1), -1, np.float32)
    return replace(tensor, scaling=Scaling(size, size, plus_one, minus_one))


def _with_unknown_gain(tensor: Tensor, tensor_parts: Sequence[Part]) -> Tensor:
    """A tensor as it is; a gain as one that is not read, since it may be stored less one."""
    reason = "is a gain, and no configuration says whether it is stored less one"
    return replace(tensor, not_read=tensor.not_read or reason) if _is_gain(tensor, tensor_parts) else tensor


def _is_gain(tensor: Tensor, tensor_parts: Sequence[Part]) -> bool:
    return len(tensor.shape) == 1 and any(vector.place.role in GAINS for vector in tensor_parts)


def _is_essential(names_unread: Collection[str], entries: Sequence[Wanted]) -> bool:
    """Whether tensors that cannot be read are of attention, or hold half of the numbers: the rest is no measurement."""
    roles = {matrix.place.role for entry in entries if entry.tensor.name in names_unread for matrix in entry.parts}
    sizes = {entry.tensor.name: math.prod(entry.tensor.shape) for entry in entries}
    return bool(roles & {*ATTENTION}) or 2 * sum(sizes[name] for name in names_unread) >= sum(sizes.values())


def _unread_roles(reason_by_name: Mapping[str, str], parts_of: Mapping[str, Sequence[Part]]) -> dict[str, str]:
    """By role: the first tensor of it that cannot be read, and why."""
    reasons: dict[str, str] = {}
    for name, reason in reason_by_name.items():
        for matrix in parts_of[name]:
            reasons.setdefault(matrix.place.role, f"{name} {reason}")
    return reasons


def _unread_lines(reasons: Mapping[str, str]) -> Iterator[str]:
    """Names of tensors that cannot be read, with the reason."""
    for reason in dict.fromkeys(reasons.values()):
        names = [name for name, name_reason in reasons.items() if name_reason == reason]
        yield from (f"{name}: {reason}" for name in (grouped_names(names) if len(names) > 1 else names))


def _why_not_read(entry: Wanted) -> str:
    """Why the numbers of a wanted tensor cannot be read, or ""."""
    tensor = entry.tensor
    if tensor.not_read:
        return tensor.not_read
    if tensor.packing and any(matrix.columns for matrix in entry.parts):
        return "holds several matrices side by side in packed words, which is not read here"
    if number_type(tensor):
        return ""
    integer_type = re.fullmatch("[IU][0-9]+|BOOL", tensor.dtype)
    return (
        f"has the type {tensor.dtype}: whole numbers without a scale"
        if integer_type
        else f"has the type {tensor.dtype}, which is not read here"
    )


def grouped_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, those that differ in numbers alone as one: "layers.*.x (32 times)"."""
    patterns = Counter(re.sub(r"(?<![^.])\d+(?![^.])", "*", name) for name in names)
    return tuple(f"{name} ({count} times)" if count > 1 else name for name, count in sorted(patterns.items()))


def _sorted_out(
    tensors: Iterable[Tensor], parts_of: Mapping[str, tuple[Part, ...]], roles: set[str] | None
) -> tuple[list[Wanted], list[str]]:
    """The tensors to read, and the names of those that are not read."""
    entries, left_out = [], []
    for tensor in tensors:
        tensor_parts = parts_of[tensor.name]
        if tensor_parts and (roles is None or roles & {matrix.place.role for matrix in tensor_parts}):
            entries.append(Wanted(tensor, tensor_parts))
        else:
            left_out.append(tensor.name)
    return entries, left_out

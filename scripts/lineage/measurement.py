"""A checkpoint -> its fingerprint: what to read of it, and what is recorded of what was read."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from lineage.checkpoints.dtypes import DTYPES
from lineage.checkpoints.families import Family
from lineage.checkpoints.files import CheckpointError, CheckpointFile, Span
from lineage.checkpoints.names import Config, Part, Place, find_family, find_parts
from lineage.checkpoints.tensors import Tensor
from lineage.moments import NotFiniteError
from lineage.schemas import FINGERPRINT
from lineage.tensor_statistics import Measured, Statistics, TensorStatistics

READS = ("q", "k", "v", "gate", "up", "q_a", "kv_a")  # roles whose columns are dimensions of the residual stream
WRITES = ("o", "down")  # roles whose rows are
_GAINS = ("attention_norm", "attention_post_norm", "mlp_norm", "mlp_post_norm", "final_norm")
_BIASES = ("q_bias", "k_bias", "v_bias", "o_bias")
_SAMPLE = 512
_OVER_EXPERTS: Mapping[str, Callable[[np.ndarray], float]] = {
    "mean": lambda values: float(values.mean()),
    "q10": lambda values: float(np.quantile(values, 0.1)),
    "q90": lambda values: float(np.quantile(values, 0.9)),
}


@dataclass(frozen=True)
class Wanted:
    """A tensor that is read, and what it holds."""

    tensor: Tensor
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Plan:
    """What of a checkpoint is read, and what is not."""

    family: Family
    wanted: tuple[Wanted, ...]
    left_out: tuple[str, ...]

    @property
    def bytes(self) -> int:
        """How many bytes of tensors are needed."""
        return sum(wanted.tensor.span.length for wanted in self.wanted)


@dataclass(frozen=True)
class Row:
    """What was measured of one part, as (out, in)."""

    place: Place
    rows: int
    cols: int
    measured: Measured


def plan_measurement(tensors: Sequence[Tensor], config: Config, roles: Iterable[str] | None = None) -> Plan:
    """What to read of a checkpoint: every tensor that its family's table knows, or those of some roles alone."""
    names = [tensor.name for tensor in tensors]
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise CheckpointError(f"{repeated[0]}: stands in two files of the checkpoint; keep one")
    family = find_family(names, config)
    chosen = None if roles is None else set(roles)
    wanted, left_out = [], []
    for tensor in tensors:
        parts = find_parts(tensor.name, tensor.shape, family, config)
        if parts and chosen is not None and not chosen & {part.place.role for part in parts}:
            parts = ()
        if parts:
            wanted.append(Wanted(tensor, parts))
        else:
            left_out.append(tensor.name)
    if not any(part.place.layer is not None for one in wanted for part in one.parts):
        raise CheckpointError(f"no table in checkpoints/names.py knows these names: {', '.join(names[:10])}")
    if unread := [one.tensor for one in wanted if one.tensor.dtype not in DTYPES]:
        first = unread[0]
        raise CheckpointError(
            f"{first.file}: {first.name} has the type {first.dtype}, packed or whole numbers, which are no weights by "
            f"themselves: not testable; measure the checkpoint before it was quantised"
        )
    return Plan(family, tuple(wanted), tuple(sorted(left_out)))


def measure_file(file: CheckpointFile, wanted: Sequence[Wanted]) -> tuple[list[Row], str]:
    """What is recorded of the wanted tensors of one file, and the file's sha256; each byte is read once."""
    by_span: dict[Span, list[_Cutter]] = defaultdict(list)  # tied tensors lie on the same bytes
    for one in wanted:
        by_span[one.tensor.span].append(_Cutter(one))
    for earlier, later in pairwise(sorted(by_span)):
        if later.start < earlier.end:
            names = [by_span[span][0].name for span in (earlier, later)]
            raise CheckpointError(f"{file.name}: {names[0]!r} and {names[1]!r} overlap; it cannot be read in one pass")
    if empty := [one.tensor.name for one in wanted if not one.tensor.span.length]:
        raise CheckpointError(f"{file.name}: {empty[0]} holds no numbers; it cannot be measured")
    digest = file.feed(sorted(by_span), partial(_hand_on, by_span))
    return [row for cutters in by_span.values() for cutter in cutters for row in cutter.finish()], digest


def fingerprint_table(rows: Sequence[Row]) -> pd.DataFrame:
    """The columns of a fingerprint, sorted; numbered experts as mean and quantiles over them."""
    single = [row for row in rows if not row.place.expert.isdigit()]
    grouped: dict[tuple[str, int | None, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.place.expert.isdigit():
            grouped[row.place.stack, row.place.layer, row.place.role].append(row)
    records = [_record(row, asdict(row.measured.statistics), row.measured.sha256) for row in single]
    records += [record for experts in grouped.values() for record in _expert_records(experts)]
    frame = pd.DataFrame(records, columns=[column.name for column in FINGERPRINT])
    frame["layer"] = frame["layer"].astype("Int64")
    return frame.sort_values(["stack", "layer", "role", "expert"], ignore_index=True)


def vector_table(rows: Sequence[Row]) -> pd.DataFrame:
    """What later methods need of single dimensions, on a fixed sample of them.

    Columns rank, dimension, read, write (methods.md, section 7: mean centred log norms of what reads and writes the
    residual stream), then norm gains and biases, each a mean over layers on a sample of its own dimensions.
    """
    profiles = {"read": _profile(rows, READS), "write": _profile(rows, WRITES)}
    vectors = {role: _mean_vector(rows, role) for role in (*_GAINS, *_BIASES)}
    width = next((profile.size for profile in profiles.values() if profile is not None), 0)
    sizes = [vector.size for vector in vectors.values() if vector is not None]
    frame = pd.DataFrame({"rank": range(min(_SAMPLE, max([width, *sizes])))})
    frame["dimension"] = pd.Series(sampled_dimensions("residual", width), dtype="Int64")
    for name, vector in {**profiles, **vectors}.items():
        kind = "residual" if vector is not None and vector.size == width else name
        sampled = np.empty(0) if vector is None else vector[sampled_dimensions(kind, vector.size)]
        frame[name] = pd.Series(sampled, dtype=float)
    return frame


def sampled_dimensions(kind: str, size: int) -> list[int]:
    """The first min(512, size) of 0 .. size - 1 in order of the sha256 of "<kind>|<size>|<dimension>"."""

    def order(dimension: int) -> bytes:
        return hashlib.sha256(f"{kind}|{size}|{dimension}".encode()).digest()

    return sorted(range(size), key=order)[:_SAMPLE]


def _hand_on(by_span: Mapping[Span, Sequence["_Cutter"]], span: Span, data: bytes) -> None:
    for cutter in by_span[span]:
        cutter.add(data)


class _Cutter:
    """Takes the bytes of one tensor in order, and gives those of each part to its statistics."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._dtype = DTYPES[wanted.tensor.dtype]
        shape = wanted.tensor.shape
        self._row = self._dtype.bytes_of(shape[-1]) if len(shape) > 1 else self._dtype.block_bytes
        self._statistics = [TensorStatistics(_part_shape(part, shape), self._dtype) for part in wanted.parts]
        self._ranges = sorted(
            (Span(start * self._row, end * self._row), place)
            for place, part in enumerate(wanted.parts)
            for start, end in part.rows
        )
        self._position = 0
        self._rest = b""
        self.name = wanted.tensor.name

    def add(self, data: bytes) -> None:
        """The next bytes."""
        if any(part.columns for part in self._wanted.parts):
            self._add_columns(data)
        elif self._ranges:
            self._add_rows(data)
        else:
            self._statistics[0].add(data)

    def finish(self) -> Iterator[Row]:
        """A row for each part."""
        tensor = self._wanted.tensor
        for part, statistics in zip(self._wanted.parts, self._statistics, strict=True):
            try:
                measured = statistics.finish()
            except NotFiniteError as error:
                raise CheckpointError(f"{tensor.file}: {tensor.name} {error}; it cannot be measured") from None
            rows, cols = (*_part_shape(part, tensor.shape), 1)[:2]
            if part.transposed:
                rows, cols = cols, rows
                measured = replace(measured, row_norms=measured.column_norms, column_norms=measured.row_norms)
            yield Row(part.place, rows, cols, measured)

    def _add_rows(self, data: bytes) -> None:
        end = self._position + len(data)
        for span, place in self._ranges:
            first, last = max(span.start, self._position), min(span.end, end)
            if first < last:
                self._statistics[place].add(data[first - self._position : last - self._position])
        self._position = end

    def _add_columns(self, data: bytes) -> None:
        joined = self._rest + data
        whole = len(joined) // self._row * self._row
        table = np.frombuffer(joined[:whole], dtype=np.uint8).reshape(-1, self._row)
        for part, statistics in zip(self._wanted.parts, self._statistics, strict=True):
            start, end = map(self._dtype.bytes_of, part.columns or (0, self._wanted.tensor.shape[1]))
            statistics.add(table[:, start:end].tobytes())
        self._rest = joined[whole:]


def _part_shape(part: Part, shape: tuple[int, ...]) -> tuple[int, ...]:
    rows = sum(end - start for start, end in part.rows) or math.prod(shape[:-1] or shape)
    columns = part.columns[1] - part.columns[0] if part.columns else shape[-1]
    return (rows, columns) if len(shape) > 1 else (rows,)


def _record(row: Row, statistics: Mapping[str, float | None], digest: str) -> dict[str, object]:
    place = row.place
    where = {"stack": place.stack, "layer": place.layer, "role": place.role, "expert": place.expert}
    return {**where, "rows": row.rows, "cols": row.cols, **statistics, "sha256": digest[:16]}


def _expert_records(experts: Sequence[Row]) -> Iterator[dict[str, object]]:
    ordered = sorted(experts, key=lambda row: int(row.place.expert))
    digest = hashlib.sha256("".join(row.measured.sha256 for row in ordered).encode()).hexdigest()
    for label, over in _OVER_EXPERTS.items():
        statistics: dict[str, float | None] = {}
        for name in (field.name for field in fields(Statistics)):
            values = [getattr(row.measured.statistics, name) for row in ordered]
            statistics[name] = over(np.array(values, dtype=float)) if None not in values else None
        statistics["n"] = ordered[0].measured.statistics.n
        first = ordered[0]
        yield _record(replace(first, place=replace(first.place, expert=label)), statistics, digest)


def _profile(rows: Sequence[Row], roles: Sequence[str]) -> np.ndarray | None:
    """The mean over layers and roles of centred log norms, one number a dimension; experts are averaged first."""
    found: dict[tuple[int | None, str], list[np.ndarray]] = defaultdict(list)
    for row in rows:
        norms = row.measured.column_norms if roles is READS else row.measured.row_norms
        if row.place.role in roles and norms is not None and (norms > 0).all():
            logs = np.log(norms)
            found[row.place.layer, row.place.role].append(logs - logs.mean())
    means = [np.mean(group, axis=0) for _, group in sorted(found.items())]
    sizes = {mean.size for mean in means}
    return np.asarray(np.mean(means, axis=0)) if len(sizes) == 1 else None


def _mean_vector(rows: Sequence[Row], role: str) -> np.ndarray | None:
    vectors = [row.measured.numbers for row in rows if row.place.role == role and row.measured.numbers is not None]
    return np.asarray(np.mean(vectors, axis=0)) if len({vector.size for vector in vectors}) == 1 else None

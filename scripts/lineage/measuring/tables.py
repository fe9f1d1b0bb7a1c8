"""What was measured of a checkpoint -> the two tables of its fingerprint."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace

import numpy as np
import pandas as pd

from lineage.measuring.reading import Row
from lineage.measuring.recorded import READS, SAMPLE, WRITES, sampled_dimensions
from lineage.measuring.statistics import Statistics
from lineage.records.columns.measurements import FINGERPRINT

_GAINS = ("attention_norm", "attention_post_norm", "mlp_norm", "mlp_post_norm", "final_norm")
_BIASES = ("q_bias", "k_bias", "v_bias", "o_bias")
_OVER_EXPERTS: Mapping[str, Callable[[np.ndarray], float]] = {
    "mean": lambda values: float(values.mean()),
    "q10": lambda values: float(np.quantile(values, 0.1)),
    "q90": lambda values: float(np.quantile(values, 0.9)),
}


def fingerprint_table(rows: Sequence[Row]) -> pd.DataFrame:
    """The columns of a fingerprint, sorted; numbered experts as mean and quantiles over them."""
    single = [row for row in rows if not row.place.expert.isdigit()]
    rows_by_role: dict[tuple[str, int | None, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.place.expert.isdigit():
            rows_by_role[row.place.stack, row.place.layer, row.place.role].append(row)
    records = [_record(row, asdict(row.statistics), row.sha256) for row in single]
    records += [record for experts in rows_by_role.values() for record in _expert_records(experts)]
    frame = pd.DataFrame(records, columns=[column.name for column in FINGERPRINT])
    frame["layer"] = frame["layer"].astype("Int64")
    return frame.sort_values(["stack", "layer", "role", "expert"], ignore_index=True)


def vector_table(rows: Sequence[Row]) -> pd.DataFrame:
    """What later methods need of single dimensions, on a fixed sample of them.

    Columns rank, dimension, read, write (mean centred log norms of what reads and writes the residual stream: the
    residual norm profile), then norm gains and biases, each a mean over layers on a sample of its own dimensions.
    """
    widths = {row.width for row in rows if row.width}
    width = widths.pop() if len(widths) == 1 else 0  # one residual stream, or none that could be told
    columns = {"read": _profile(rows, READS, width), "write": _profile(rows, WRITES, width)}
    for role in (*_GAINS, *_BIASES):
        columns[role] = _sampled_mean(rows, role, width)
    frame = pd.DataFrame({"rank": range(max([min(SAMPLE, width), *map(len, columns.values())]))})
    frame["dimension"] = pd.Series(sampled_dimensions("residual", width), dtype="Int64")
    for name, values in columns.items():
        frame[name] = pd.Series(values, dtype=float)
    return frame


def _record(row: Row, statistics: Mapping[str, float | None], digest: str) -> dict[str, object]:
    location = row.place
    location_columns = {
        "stack": location.stack,
        "layer": location.layer,
        "role": location.role,
        "expert": location.expert,
    }
    return {**location_columns, "rows": row.rows, "cols": row.cols, **statistics, "sha256": digest[:16]}


def _expert_records(experts: Sequence[Row]) -> Iterator[dict[str, object]]:
    rows = sorted(experts, key=lambda row: int(row.place.expert))
    digest = hashlib.sha256("".join(row.sha256 for row in rows).encode()).hexdigest()
    for label, over in _OVER_EXPERTS.items():
        statistics: dict[str, float | None] = {}
        for name in (field.name for field in fields(Statistics)):
            values = [getattr(row.statistics, name) for row in rows]
            statistics[name] = over(np.array(values, dtype=float)) if None not in values else None
        statistics["n"] = rows[0].statistics.n
        first = rows[0]
        yield _record(replace(first, place=replace(first.place, expert=label)), statistics, digest)


def _profile(rows: Sequence[Row], roles: Sequence[str], width: int) -> np.ndarray:
    """The mean over layers and roles of sampled centred log norms; experts are averaged first. Empty where none is."""
    profiles: dict[tuple[int | None, str], list[tuple[float, ...]]] = defaultdict(list)
    for row in rows:
        if row.place.role in roles and row.profile and row.width == width:
            profiles[row.place.layer, row.place.role].append(row.profile)
    means = [np.mean(group, axis=0) for _, group in sorted(profiles.items())]
    return np.asarray(np.mean(means, axis=0)) if means else np.empty(0)


def _sampled_mean(rows: Sequence[Row], role: str, width: int) -> np.ndarray:
    """The mean over layers of the vectors of a role, on a sample of its dimensions; empty where they differ in size."""
    vectors = [row.numbers for row in rows if row.place.role == role and row.numbers]
    if len({len(vector) for vector in vectors}) != 1:
        return np.empty(0)
    size = len(vectors[0])
    return np.asarray(np.mean(vectors, axis=0))[sampled_dimensions("residual" if size == width else role, size)]

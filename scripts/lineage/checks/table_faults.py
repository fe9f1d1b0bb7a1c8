"""The tables of a measurement -> numbers in them that no weights can have, by sums, bounds and orders.

It finds what was typed wrong or made up carelessly. Numbers that were made up with care keep every rule here; only a
second measurement of the same weights tells those (lineage.evidence.reproductions).
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from lineage.measuring.recorded import LEVELS, READS, SAMPLE, WRITES, sampled_dimensions
from lineage.records import TableFault

OVER_EXPERTS = ("mean", "q10", "q90")  # rows that sum up the numbered experts of a layer
VECTOR_ROLES = (
    *("attention_norm", "attention_post_norm", "mlp_norm", "mlp_post_norm", "final_norm"),
    *("q_bias", "k_bias", "v_bias", "o_bias"),
)
DIGITS = 7  # significant, of every number in the tables
NEAR = 1 + 4e-6  # two products of written numbers that differ by less may be equal
QUANTILES = 4e-4  # relative, of a quantile, which a wide type gives to one part in 4,096
_ASCENDING = ("mean", "std", "abs_max", "frobenius")  # from the 10 % to the 90 % quantile over experts
_LISTED = 5  # faults of one rule that are named; the others are counted

Columns = Mapping[str, np.ndarray]  # of a table, by name


def table_faults(matrices: pd.DataFrame, vectors: pd.DataFrame) -> list[TableFault]:
    """Every fault of the tables of one measurement, at most a few of each rule, in order of file and line."""
    rows, sampled = ({str(name): cells.to_numpy() for name, cells in table.items()} for table in (matrices, vectors))
    faults = [
        *_statistics(rows),
        *_experts(rows),
        *_layers(rows),
        *_dimensions(rows, sampled),
        *_sampled(rows, sampled),
    ]
    return sorted(faults, key=lambda fault: (fault.table, fault.line))


def residual_width(rows: Columns) -> int:
    """The width of the one residual stream that matrices read and write; 0 where there is none, or more than one."""
    role, matrix = rows["role"], rows["cols"] > 1
    widths = np.union1d(rows["cols"][_among(role, READS) & matrix], rows["rows"][_among(role, WRITES) & matrix])
    return int(widths[0]) if len(widths) == 1 else 0


def half_unit(values: np.ndarray) -> np.ndarray:
    """How far each written number may be from what was measured: half a unit of its last digit."""
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    return np.where(values == 0, 0.0, 0.5 * 10.0 ** (np.where(np.isfinite(exponent), exponent, 0) - DIGITS + 1))


def _among(texts: np.ndarray, values: Iterable[str]) -> np.ndarray:
    allowed = set(values)
    return np.array([text in allowed for text in texts.tolist()], dtype=bool)


def _listed(table: str, wrong: np.ndarray, message: str) -> Iterator[TableFault]:
    """A fault for each of the first rows that are wrong, the last of them with how many more there are."""
    rows = np.flatnonzero(wrong)
    for number, row in enumerate(rows[:_LISTED], start=1):
        more = f" (and {len(rows) - _LISTED} more rows)" if number == _LISTED < len(rows) else ""
        yield TableFault(table, int(row) + 2, message + more)


def _statistics(rows: Columns) -> Iterator[TableFault]:
    """A fault for each row whose statistics no list of numbers can have."""
    names = ("rows", "cols", "n", "mean", "std", "skewness", "excess_kurtosis", "abs_max", *LEVELS, "frobenius")
    column = {name: rows[name].astype(float) for name in names}
    n, mean, std, abs_max = (column[name] for name in ("n", "mean", "std", "abs_max"))
    skewness, kurtosis, frobenius = column["skewness"], column["excess_kurtosis"] + 3, column["frobenius"]
    single = ~_among(rows["expert"], OVER_EXPERTS)
    averaged = single | _among(rows["expert"], ["mean"])
    edges = np.array([*(column[name] for name in LEVELS), abs_max])

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        squares = n * (mean**2 + std**2)
        rounding = n * (np.abs(mean) * half_unit(mean) + std * half_unit(std)) + frobenius * half_unit(frobenius)
        is_finite = np.isfinite(skewness) & np.isfinite(kurtosis)
        missing = np.isnan(skewness) & np.isnan(kurtosis)
        rules = {
            "n is not rows x cols": n != column["rows"] * column["cols"],
            "|mean| is more than abs_max": averaged & (np.abs(mean) > abs_max * NEAR),
            "std is more than abs_max": std > abs_max * NEAR,
            "frobenius^2 is not n (mean^2 + std^2)": single
            & ~(np.abs(frobenius**2 - squares) <= 2 * rounding + 1e-9 * squares),
            "frobenius is less than sqrt(n) std": frobenius * NEAR < np.sqrt(n) * std,
            "frobenius is more than sqrt(n) abs_max": frobenius > np.sqrt(n) * abs_max * NEAR,
            "abs_q50, abs_q90, abs_q99, abs_q999 and abs_max do not ascend": (np.diff(edges, axis=0) < 0).any(axis=0),
            "skewness and excess_kurtosis are not both given where std is more than 0, and only there": single
            & ~np.where(std > 0, is_finite, missing),
            "skewness^2 + 1 is more than excess_kurtosis + 3": averaged & (skewness**2 + 1 > kurtosis * NEAR + 1e-6),
            "excess_kurtosis + 3 is more than n": kurtosis > n * NEAR,
            "abs_max lies further from the mean than n numbers of this std can": single
            & (np.abs(abs_max - np.abs(mean)) > np.sqrt(n) * std * NEAR + abs_max * 1e-6),
            **_moments_and_quantiles(column, edges, single),
        }
    for message, wrong in rules.items():
        yield from _listed("matrices", wrong, message)


def _moments_and_quantiles(column: Columns, edges: np.ndarray, single: np.ndarray) -> dict[str, np.ndarray]:
    """Where the moments about zero lie outside the bounds that the quantiles, and the largest |w|, leave them.

    A quantile of level l is the least |w| that ceil(l n) of the |w| do not exceed. So in order of size, those up to
    that place are at most the quantile, and those from it on are at least the quantile.
    """
    n, mean, std, skewness = (column[name] for name in ("n", "mean", "std", "skewness"))
    fourth = (column["excess_kurtosis"] + 3) * std**4 + 4 * mean * skewness * std**3 + 6 * mean**2 * std**2 + mean**4
    places = np.array([*(np.ceil(level * n) for level in LEVELS.values()), n])  # of each edge by size, from 1
    up_to, onwards = np.diff(places, axis=0, prepend=0), np.diff(places, axis=0, append=[n + 1])
    faults = {}
    moments = ((1, np.abs(mean), "mean"), (2, mean**2 + std**2, "std"), (4, fourth, "excess_kurtosis"))
    for power, moment, name in moments:
        slack = 1 + power * QUANTILES
        most, least = ((counts * edges**power).sum(axis=0) / n for counts in (up_to, onwards))
        outside = moment > most * slack
        faults[f"{name} cannot be of numbers with these quantiles and abs_max"] = single & (
            outside if power == 1 else outside | (moment * slack < least)
        )
    return faults


def _experts(rows: Columns) -> Iterator[TableFault]:
    """A fault where numbered experts have not three rows of one size and checksum, or q10 is more than q90."""
    groups: dict[tuple[object, ...], dict[str, int]] = {}
    for row in np.flatnonzero(_among(rows["expert"], OVER_EXPERTS)).tolist():
        name = (rows["stack"][row], str(rows["layer"][row]), rows["role"][row])
        groups.setdefault(name, {})[rows["expert"][row]] = row
    wrong = np.zeros(len(rows["role"]), dtype=bool)
    for places in groups.values():
        own = list(places.values())
        alike = all(len({rows[name][row] for row in own}) == 1 for name in ("rows", "cols", "n", "sha256"))
        complete = alike and len(own) == len(OVER_EXPERTS)
        low, high = places.get("q10", 0), places.get("q90", 0)
        wrong[own] = not (complete and all(rows[name][low] <= rows[name][high] for name in _ASCENDING))
    message = "mean, q10 and q90 over the experts are not of one size and checksum, or q10 is more than q90"
    yield from _listed("matrices", wrong, message)


def _layers(rows: Columns) -> Iterator[TableFault]:
    """A fault where the layers of a stack are not 0, 1, 2, ... without a gap."""
    layers = rows["layer"].astype(float)
    for stack in dict.fromkeys(rows["stack"].tolist()):
        here = _among(rows["stack"], [stack])
        own = np.unique(layers[here & ~np.isnan(layers)])
        gaps = np.flatnonzero(own != np.arange(len(own)))
        if gaps.size:
            line = int(np.flatnonzero(here & (layers == own[gaps[0]]))[0]) + 2
            yield TableFault("matrices", line, f"layer {own[gaps[0]]:.0f} of the {stack} stands where {gaps[0]} would")


def _dimensions(rows: Columns, sampled: Columns) -> Iterator[TableFault]:
    """A fault where other dimensions are sampled than the width says, or other rows are there than sizes say."""
    width = residual_width(rows)
    expected = sampled_dimensions("residual", width)
    rank, numbers = sampled["rank"].astype(float), sampled["dimension"].astype(float)
    yield from _listed("vectors", rank != np.arange(len(rank)), "rank does not count 0, 1, 2, ...")
    sample = np.full(len(numbers), np.nan)
    sample[: len(expected)] = expected[: len(numbers)]
    wrong = ~((numbers == sample) | (np.isnan(numbers) & np.isnan(sample)))
    yield from _listed("vectors", wrong, f"dimension is not that of the sample of a width of {width}")
    longest = max([len(expected), *(min(SAMPLE, size) for size in _lengths(rows).values())])
    if len(rank) != longest:
        yield TableFault("vectors", 1, f"has {len(rank)} rows; the sizes in the table beside it give {longest}")


def _lengths(rows: Columns) -> dict[str, int]:
    """How long the vectors of each role are that are sampled: those of one length in all layers."""
    vector = rows["cols"] == 1
    sizes = {role: np.unique(rows["rows"][vector & _among(rows["role"], [role])]) for role in VECTOR_ROLES}
    return {role: int(lengths[0]) for role, lengths in sizes.items() if len(lengths) == 1}


def _sampled(rows: Columns, sampled: Columns) -> Iterator[TableFault]:
    """A fault where sampled vectors do not fit the table: how many, how large, or of what mean."""
    lengths, width = _lengths(rows), residual_width(rows)
    for role in VECTOR_ROLES:
        values, length = sampled[role].astype(float), lengths.get(role, 0)
        wrong = np.isnan(values) == (np.arange(len(values)) < min(SAMPLE, length))
        yield from _listed("vectors", wrong, f"{role} is given for {min(SAMPLE, length)} dimensions")
        if not length or wrong.any():
            continue
        own = _among(rows["role"], [role]) & (rows["cols"] == 1)
        most = float(rows["abs_max"][own].mean()) * NEAR
        yield from _listed("vectors", np.abs(values) > most, f"{role} is larger than the largest values allow")
        if length <= SAMPLE and not any(rows["expert"][own]):
            yield from _mean_of(role, values[:length], rows["mean"][own].astype(float))
    for name in ("read", "write"):
        values = sampled[name].astype(float)
        numbers = values[~np.isnan(values)]
        if len(numbers) not in (0, min(SAMPLE, width)):
            yield TableFault("vectors", 1, f"{name} is given for {len(numbers)} dimensions of {width}")
        elif 0 < len(numbers) == width:
            yield from _mean_of(name, numbers, np.zeros(1))


def _mean_of(name: str, values: np.ndarray, means: np.ndarray) -> Iterator[TableFault]:
    """A fault where values do not have the mean of means, as nearly as written numbers can tell."""
    rounding = float(half_unit(values).mean() + half_unit(means).mean() + 1e-9 * np.abs(values).mean())
    if abs(values.mean() - means.mean()) > rounding:
        what = f"has the mean {values.mean():.7g}; it would be {means.mean():.7g} by the table beside it"
        yield TableFault("vectors", 1, f"{name} {what}")

"""The comparison of Solar-Open-100B and GLM-4.5-Air, tensor by tensor -> the tables that we may publish of it."""

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from lineage.imports.importers import ImportFileError, read_table

SAMPLED, WHOLE = "solar_vs_glm45air_trunc.csv", "layerwise_similarity.csv"
# 19 in 20 z of independent weights lie between minus this and this.
BAND = 1.96
# The script of the source reads a tensor of more numbers than a window holds in so many windows, at places by hash.
_WINDOW, _WINDOWS, _SEED = 262_144, 3, 0
_WANTED = {
    SAMPLED: ("layer", "tensor", "solar_shape", "glm_shape", "cosine", "z_cos"),
    WHOLE: ("layer_A", "layer_B", "category", "cosine", "pearson", "shape"),
}
_ATTENTION, _GAINS, _ROUTERS, _BIASES = "q, k and v", "norm gains", "routers", "router biases"
_CENTRED = {_GAINS: "norm gains, centred", _ROUTERS: "routers, centred"}
_NOT_COMPARED = "o"
_KINDS = {  # by the end of a tensor's name
    "self_attn.q_proj.weight": _ATTENTION,
    "self_attn.k_proj.weight": _ATTENTION,
    "self_attn.v_proj.weight": _ATTENTION,
    "self_attn.o_proj.weight": _NOT_COMPARED,
    "input_layernorm.weight": _GAINS,
    "post_attention_layernorm.weight": _GAINS,
    "mlp.gate.weight": _ROUTERS,
    "mlp.gate.e_score_correction_bias": _BIASES,
}
_NAMES = {"norm_pre": "input_layernorm", "norm_post": "post_attention_layernorm", "router_or_gate": "mlp.gate"}
_ORDER = (_ATTENTION, _GAINS, _CENTRED[_GAINS], _ROUTERS, _CENTRED[_ROUTERS], _BIASES, _NOT_COMPARED)


def solar_glm_tables(read: Callable[[str], bytes]) -> dict[str, pd.DataFrame]:
    """The two tables that we publish of the comparison, by file name: z tensor by tensor, and by kind of tensor."""
    sampled = sampled_tensors(read(SAMPLED))
    tensors = pd.concat([_in_windows(sampled), whole_tensors(read(WHOLE))])
    order = tensors["kind"].map(_ORDER.index)
    tensors = tensors.assign(order=order).sort_values(["order", "tensor", "layer"], ignore_index=True)
    columns = ["kind", "tensor", "layer", "values", "z"]
    return {
        "solar-glm-tensors.csv": tensors[columns],
        "solar-glm-tensor-kinds.csv": kinds_table(tensors, sampled),
    }


def sampled_tensors(content: bytes) -> pd.DataFrame:
    """The rows of the comparison in windows: columns layer, tensor, kind, key, numbers, cosine, z_cos.

    Raises ImportFileError where a printed z is not the cosine times the root of the numbers that the windows hold.
    """
    table = _read(content, SAMPLED)
    names = table["tensor"].str.extract(r"^model\.layers\.\d+\.(?P<end>.+)$")["end"]
    if unknown := sorted(set(names.fillna("")) - set(_KINDS)):
        raise ImportFileError(f"{SAMPLED}: names tensors that are not known here: {', '.join(unknown)}")
    short = names.str.replace(r"^self_attn\.|_proj\.weight$|\.weight$", "", regex=True)
    shapes = table[["solar_shape", "glm_shape"]].fillna("0")
    numbers = shapes.map(lambda shape: math.prod(map(int, re.findall(r"\d+", shape)))).min(axis=1)
    rows = table.assign(key=table["tensor"], tensor=short, kind=names.map(_KINDS), numbers=numbers)
    compared = rows[rows["cosine"].notna()]
    expected = compared["cosine"] * np.sqrt(_WINDOWS * compared["numbers"].clip(upper=_WINDOW))
    if not (near := np.isclose(compared["z_cos"], expected, rtol=1e-6)).all():
        keys = ", ".join(compared.loc[~near, "key"].head(3))
        raise ImportFileError(f"{SAMPLED}: {keys}: z is not the cosine times the root of the numbers that were read")
    return rows[["layer", "tensor", "kind", "key", "numbers", "cosine", "z_cos"]]


def whole_tensors(content: bytes) -> pd.DataFrame:
    """Each z of the tensors that were compared whole: columns kind, tensor, layer, values, z; plain and centred."""
    table = _read(content, WHOLE)
    if (table["layer_A"] != table["layer_B"]).any() or not set(table["category"]) <= set(_NAMES):
        raise ImportFileError(f"{WHOLE}: holds rows of two layers, or of categories that are not known here")
    values = table["shape"].map(lambda shape: math.prod(map(int, re.findall(r"\d+", shape))))
    kinds = table["category"].map(lambda name: _ROUTERS if name == "router_or_gate" else _GAINS)
    names = pd.DataFrame(
        {"kind": kinds, "tensor": table["category"].map(_NAMES), "layer": table["layer_A"], "values": values}
    )
    plain = names.assign(z=table["cosine"] * np.sqrt(values))
    centred = names.assign(kind=kinds.map(_CENTRED), z=table["pearson"] * np.sqrt(values))
    return pd.concat([plain, centred])


def numbers_counted(key: str, numbers: int) -> float:
    """How many numbers the sampled windows of a tensor amount to, where a number in two windows is one number.

    The cosine of two random vectors whose numbers count c times each has the variance sum(c^2) / sum(c)^2: so many
    numbers, each counted once, would give the same.
    """
    if numbers <= _WINDOW:
        return float(numbers)
    starts = [_hash(f"{key}|{_SEED}|{window}") % (numbers - _WINDOW) for window in range(_WINDOWS)]
    edges = sorted({*starts, *(start + _WINDOW for start in starts)})
    pieces = [
        (end - begin, sum(start <= begin < start + _WINDOW for start in starts)) for begin, end in pairwise(edges)
    ]
    total = sum(length * times for length, times in pieces)
    return total**2 / sum(length * times**2 for length, times in pieces)


def kinds_table(tensors: pd.DataFrame, sampled: pd.DataFrame) -> pd.DataFrame:
    """One row a kind of tensor: how many, what z they have here, and what z the source printed for the same."""
    rows = [_kind_row(kind, tensors[tensors["kind"] == kind], sampled[sampled["kind"] == kind]) for kind in _ORDER]
    return pd.DataFrame(rows)


def _kind_row(kind: str, own: pd.DataFrame, sampled: pd.DataFrame) -> dict[str, object]:
    z, printed = own["z"], sampled["z_cos"].dropna()
    return {
        "kind": kind,
        "tensors": len(own),
        "not_compared": int(sampled["cosine"].isna().sum()),
        "fewest_values": own["values"].min(),
        "most_values": own["values"].max(),
        "mean": z.mean(),
        "sd": z.std(ddof=1),
        "lowest": z.min(),
        "highest": z.max(),
        "outside": int((z.abs() > BAND).sum()),
        "printed_mean": printed.mean(),
        "printed_sd": printed.std(ddof=1),
        "printed_outside": int((printed.abs() > BAND).sum()) if len(printed) else None,
    }


def _in_windows(sampled: pd.DataFrame) -> pd.DataFrame:
    """Each z of the tensors that were compared in windows alone: columns kind, tensor, layer, values, z."""
    own = sampled[sampled["cosine"].notna() & sampled["kind"].isin([_ATTENTION, _BIASES])]
    sizes = zip(own["key"].tolist(), own["numbers"].tolist(), strict=True)
    values = np.array([numbers_counted(key, numbers) for key, numbers in sizes])
    return own.assign(values=values.round().astype(int), z=own["cosine"] * np.sqrt(values))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "little")


def _read(content: bytes, name: str) -> pd.DataFrame:
    """A table with the columns that are wanted of it, its numbers finite where there are any."""
    columns: Sequence[str] = _WANTED[name]
    table = read_table(content, name, columns)
    numbers = table[[column for column in ("cosine", "z_cos", "pearson") if column in columns]]
    if any(kind.kind != "f" for kind in numbers.dtypes) or np.isinf(numbers.to_numpy()).any():
        raise ImportFileError(f"{name}: holds cells that are not finite numbers")
    return table

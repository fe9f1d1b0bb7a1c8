"""The permutation results of model-tracing -> the table that we may publish of them."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from lineage.imports.importers import ImportFileError


def permutation_table(content: bytes, name: str) -> pd.DataFrame:
    """Distances of aligned weights against permuted ones, one row a pair.

    Columns model_a, model_b, p_printed, distance, permuted_mean, permuted_sd, z, rank_p, where rank_p is
    (1 + permuted distances no larger) / (1 + permutations): Phipson & Smyth, 2010.
    """
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8"))) if row]
    columns = ["Model Pair", "l2 p-value", "unpermuted l2", "permuted l2s"]
    if not rows or rows[0] != columns:
        raise ImportFileError(f"{name}: does not start with the columns {', '.join(columns)}")
    return pd.DataFrame(
        _permutation_rows(rows[1:], name),
        columns=["model_a", "model_b", "p_printed", "distance", "permuted_mean", "permuted_sd", "z", "rank_p"],
    ).sort_values(["model_a", "model_b"], ignore_index=True)


def model_tracing_tables(read: Callable[[str], bytes]) -> dict[str, pd.DataFrame]:
    """The tables that we publish of model-tracing's results, by file name."""
    name = "permutation_l2.csv"
    distances = distance_table(*((read(file), file) for file in ("model_pairs_l2.csv", "model_pairs_jsd.csv")))
    return {
        "model-tracing-permutation.csv": permutation_table(read(name), name),
        "model-tracing-distances.csv": distances,
    }


def distance_table(weights: tuple[bytes, str], answers: tuple[bytes, str]) -> pd.DataFrame:
    """Distance of weights and divergence of answers of each pair: columns model_a, model_b, distance, divergence.

    The divergence of answers (Jensen-Shannon, over WikiText) is given in millionths.
    """
    by_pair = {}
    for (content, name), column in ((weights, "l2"), (answers, "jsd_wikitext_batch")):
        table = pd.read_csv(io.BytesIO(content), skipinitialspace=True)
        if column not in table or "Model Pair" not in table:
            raise ImportFileError(f"{name}: lacks the column Model Pair or {column}")
        by_pair[column] = table.set_index("Model Pair")[column]
    joined = pd.DataFrame(by_pair)
    if joined.isna().to_numpy().any():
        raise ImportFileError(f"{answers[1]}: is not of the pairs of {weights[1]}")
    names = joined.index.to_series().str.partition(" vs ")
    pair_columns = {"model_a": names[0], "model_b": names[2], "distance": joined["l2"]}
    table = pd.DataFrame({**pair_columns, "divergence": 1e6 * joined["jsd_wikitext_batch"]})
    return table.sort_values(["model_a", "model_b"], ignore_index=True)


def _permutation_rows(rows: Sequence[Sequence[str]], name: str) -> Iterator[tuple[object, ...]]:
    for pair, *cells in rows:
        model_a, separator, model_b = pair.partition(" vs ")
        try:
            printed, distance, *distances = map(float, cells)
        except ValueError as error:
            raise ImportFileError(f"{name}: {pair}: {error}") from None
        permuted = np.array(distances)
        if not separator or len(permuted) < 2 or not np.isfinite([*permuted, distance]).all():
            raise ImportFileError(f"{name}: the row {pair!r} is not two models with finite distances")
        mean, spread = permuted.mean(), permuted.std(ddof=1)
        rank = (1 + np.count_nonzero(permuted <= distance)) / (1 + len(permuted))
        yield model_a, model_b, printed, distance, mean, spread, (distance - mean) / spread, rank

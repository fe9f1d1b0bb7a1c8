"""Outputs of other projects' tools -> the tables that we may publish of them."""

import io
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

# Clusters of TensorLock's benchmark that are not decoder-only language models.
_NOT_DECODERS = ("google/flan-t5-base", "Falconsai/nsfw_image_detection", "openai/whisper-large-v3")
_RELATIONS = {"finetune": "finetune", "merge": "merge", "peft": "adapter", "qtz": "quantized"}
_QWEN = "Qwen/Qwen2.5-14B"
# Why a documented derivation does not stand beside pairs of roots; one rule counts the models of both.
COUNTED, NOT_A_DECODER, QUANTISED = "no", "not a decoder-only language model", "quantised copy"
# Other methods in TensorLock, and how far the two scores of a pair may lie apart: HuRef is not quite symmetric.
OTHER_METHODS: Mapping[str, float] = {
    "huref": 1e-3,
    "reef": 1e-5,
    "tensorguard": 1e-5,
    "llmmap": 1e-5,
    "sef": 1e-5,
    "met": 0.33,  # MET draws answers at random: its two scores of a pair differ
}
# Of these, by answers and not by weights, on fewer models: those that a file lacks are left out of every root.
BEHAVIOURAL = ("llmmap", "sef", "met")
_QUANTILES = {
    "smallest": 0.0,
    "q05": 0.05,
    "q25": 0.25,
    "middle": 0.5,
    "q75": 0.75,
    "q95": 0.95,
    "q99": 0.99,
    "largest": 1.0,
}


class ImportFileError(Exception):
    """A file of another project does not hold what it should."""


def read_table(content: bytes, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """A CSV table that has these columns; an ImportFileError where it has not."""
    try:
        table = pd.read_csv(io.BytesIO(content))
    except (ValueError, pd.errors.ParserError) as error:
        raise ImportFileError(f"{name}: is not a CSV table: {error}") from None
    if missing := [column for column in columns if column not in table]:
        raise ImportFileError(f"{name}: has no column {', '.join(missing)}")
    return table


def read_matrix(content: bytes, name: str, most_apart: float = 1e-5) -> pd.DataFrame:
    """A square table of scores, rows and columns named by model.

    most_apart is how far the two scores of a pair, one in each half of the table, may lie apart.
    """
    try:
        matrix = pd.read_csv(io.BytesIO(content), index_col=0)
    except (ValueError, pd.errors.ParserError) as error:
        raise ImportFileError(f"{name}: is not a CSV table: {error}") from None
    if list(matrix.index) != list(matrix.columns):
        raise ImportFileError(f"{name}: rows and columns name different models; a square matrix is wanted")
    values = matrix.to_numpy()
    if values.dtype.kind != "f" or not np.isfinite(values).all():
        raise ImportFileError(f"{name}: holds cells that are not finite numbers")
    if np.abs(values - values.T).max() > most_apart:
        raise ImportFileError(f"{name}: is not symmetric")
    return matrix


def read_roots(content: bytes, name: str) -> dict[str, list[str]]:
    """The models of each root, by its first model, as TensorLock groups them."""
    try:
        clusters: list[list[str]] = json.loads(content)
    except ValueError as error:
        raise ImportFileError(f"{name}: is not JSON: {error}") from None
    return {cluster[0]: cluster for cluster in clusters}


# Accounts on the hub of one organisation.
_SAME_ORGANISATION = {"facebook": "meta-llama"}


def read_clusters(
    content: bytes, name: str, matrix: pd.DataFrame, covered: Collection[str] | None = None
) -> dict[str, list[str]]:
    """The models of each root, decoder-only language models alone; the matrix must hold all of these.

    covered are the models that it is known to cover, where they are not all: a root of which it has none is left out.
    """
    every = {root: models for root, models in read_roots(content, name).items() if root not in _NOT_DECODERS}
    covered_roots = {
        root: [model for model in models if covered is None or model in covered] for root, models in every.items()
    }
    clusters = {root: models for root, models in covered_roots.items() if models}
    missing = sorted({model for models in clusters.values() for model in models} - set(matrix.index))
    if missing:
        raise ImportFileError(f"{name}: names models that the matrix lacks: {', '.join(missing)}")
    return clusters


def with_model_ids(matrix: pd.DataFrame, models: Iterable[str]) -> pd.DataFrame:
    """The scores with rows and columns named by model id, made symmetric by the mean of both halves.

    The file may write "_" for the "/" of an id. A name that is none of the models stays as it is.
    """
    ids = {model.replace("/", "_"): model for model in models}
    names = [ids.get(name.replace("/", "_"), name) for name in matrix.index]
    values = matrix.to_numpy(dtype=float)
    return pd.DataFrame((values + values.T) / 2, index=names, columns=names)


def family(root: str) -> str:
    """The organisation or family of a root: pairs inside one are not counted as independent."""
    lowered = root.lower()
    account = lowered.split("/")[0]
    return next((name for name in ("qwen",) if name in lowered), _SAME_ORGANISATION.get(account, account))


def root_pairs(matrix: pd.DataFrame, clusters: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Scores between every two roots: columns root_a, root_b, independent, model_pairs, minimum, median, maximum."""
    rows = []
    for root_a, root_b in combinations(sorted(clusters), 2):
        scores = matrix.loc[list(clusters[root_a]), list(clusters[root_b])].to_numpy().ravel()
        independent = "yes" if family(root_a) != family(root_b) else "no"
        rows.append((root_a, root_b, independent, len(scores), scores.min(), np.median(scores), scores.max()))
    columns = ["root_a", "root_b", "independent", "model_pairs", "minimum", "median", "maximum"]
    return pd.DataFrame(rows, columns=columns)


def independent_scores(matrix: pd.DataFrame, clusters: Mapping[str, Sequence[str]]) -> np.ndarray:
    """The score of every pair of models whose roots come from different families."""
    parts = [
        matrix.loc[list(clusters[root_a]), list(clusters[root_b])].to_numpy().ravel()
        for root_a, root_b in combinations(sorted(clusters), 2)
        if family(root_a) != family(root_b)
    ]
    return np.concatenate(parts)


def quantile_table(medians: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Columns statistic, root_pairs, model_pairs: the two distributions in a few numbers."""
    rows = [(name, np.quantile(medians, level), np.quantile(scores, level)) for name, level in _QUANTILES.items()]
    rows += [("mean", medians.mean(), scores.mean()), ("standard deviation", medians.std(ddof=1), scores.std(ddof=1))]
    rows += [(f"share at {cut} or more", (medians >= cut).mean(), (scores >= cut).mean()) for cut in (0.8, 0.9)]
    return pd.DataFrame(rows, columns=["statistic", "root_pairs", "model_pairs"])


def without_quantised(clusters: Mapping[str, Sequence[str]], edges: pd.DataFrame) -> dict[str, list[str]]:
    """The models of each root without those that the documented edges call quantised.

    Many quantised repositories hold packed numbers in place of weights. All are left out, whatever they score.
    """
    quantised = set(edges.loc[edges["relation"] == "quantized", "derived_model"])
    return {root: [model for model in models if model not in quantised] for root, models in clusters.items()}


def with_reasons(edges: pd.DataFrame) -> pd.DataFrame:
    """The same edges with a column left_out: COUNTED, or why an edge does not stand beside pairs of roots."""
    decoder, quantised = edges["decoder"] == "yes", edges["relation"] == "quantized"
    return edges.assign(left_out=np.select([~decoder, quantised], [NOT_A_DECODER, QUANTISED], COUNTED))


def histogram(medians: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Columns bin_low, bin_high, root_pairs, model_pairs: counts in bins of 0.05 from the lowest score up to 1."""
    edges = np.round(np.linspace(-1, 1, 41), 2)
    counts = [np.histogram(values, edges)[0] for values in (medians, scores)]
    columns = {"bin_low": edges[:-1], "bin_high": edges[1:], "root_pairs": counts[0], "model_pairs": counts[1]}
    table = pd.DataFrame(columns)
    first = int(np.searchsorted(edges[1:], scores.min(), side="right"))
    return table.iloc[first:].reset_index(drop=True)


def derivations(
    content: bytes,
    name: str,
    matrix: pd.DataFrame,
    clusters: Mapping[str, Sequence[str]],
    absent: Collection[str] = (),
) -> pd.DataFrame:
    """Documented edges with their score: base_model, derived_model, relation, decoder, similarity.

    absent are models that the matrix does not cover; edges with one of them are left out.
    """
    edges = pd.read_csv(io.BytesIO(content))
    columns = ["Base Model", "Relation", "Derived Model"]
    if list(edges.columns) != columns:
        raise ImportFileError(f"{name}: has the columns {', '.join(edges.columns)}; wanted {', '.join(columns)}")
    left_out = {model.replace("/", "_") for model in absent}
    edges = edges[~(edges["Base Model"].isin(left_out) | edges["Derived Model"].isin(left_out))]
    ids = {model.replace("/", "_"): model for model in matrix.index}
    unknown = sorted({*edges["Base Model"], *edges["Derived Model"]} - set(ids))
    if unknown:
        raise ImportFileError(f"{name}: names models that the matrix lacks: {', '.join(unknown)}")
    if strange := sorted(set(edges["Relation"]) - set(_RELATIONS)):
        raise ImportFileError(f"{name}: has relations that are not known here: {', '.join(strange)}")
    decoders = {model for cluster in clusters.values() for model in cluster}
    base, derived = edges["Base Model"].map(ids), edges["Derived Model"].map(ids)
    table = pd.DataFrame(
        {
            "base_model": base,
            "derived_model": derived,
            "relation": edges["Relation"].map(_RELATIONS),
            "decoder": ["yes" if model in decoders else "no" for model in derived],
            "similarity": [matrix.loc[a, b] for a, b in zip(base, derived, strict=True)],
        }
    )
    return table.sort_values(["base_model", "derived_model"], ignore_index=True)


def scores_against_roots(matrix: pd.DataFrame, clusters: Mapping[str, Sequence[str]], model: str) -> pd.DataFrame:
    """One model against every other root: root, independent, minimum, median, maximum, with_root."""
    rows = []
    for root, members in sorted(clusters.items()):
        if model not in members:
            scores = matrix.loc[model, list(members)].to_numpy(dtype=float)
            independent = "yes" if family(root) != family(model) else "no"
            rows.append((root, independent, scores.min(), np.median(scores), scores.max(), matrix.loc[model, root]))
    return pd.DataFrame(rows, columns=["root", "independent", "minimum", "median", "maximum", "with_root"])


def tensorlock_tables(read: Callable[[str], bytes]) -> dict[str, pd.DataFrame]:
    """Every table that we publish of TensorLock's score matrix, by file name. read gives a file by its name."""
    matrix = read_matrix(read("pdf_similarity.csv"), "pdf_similarity.csv")
    decoders = read_clusters(read("clusters.json"), "clusters.json", matrix)
    edges = derivations(read("relations.csv"), "relations.csv", matrix, decoders)
    every_root = read_roots(read("clusters.json"), "clusters.json")
    roots = {model: root for root, models in every_root.items() for model in models}
    clusters = without_quantised(decoders, edges)
    pairs = root_pairs(matrix, clusters)
    medians = pairs.loc[pairs["independent"] == "yes", "median"].to_numpy()
    scores = independent_scores(matrix, clusters)
    return {
        "tensorlock-root-pairs.csv": pairs,
        "tensorlock-quantiles.csv": quantile_table(medians, scores),
        "tensorlock-distribution.csv": histogram(medians, scores),
        "tensorlock-derivations.csv": with_reasons(edges.assign(root=edges["base_model"].map(roots))),
        "tensorlock-qwen2.5-14b.csv": scores_against_roots(matrix, clusters, _QWEN),
    }


def other_method_tables(read: Callable[[str], bytes], method: str) -> dict[str, pd.DataFrame]:
    """The two tables that we publish of another method's matrix in TensorLock: pairs of roots, and derivations."""
    matrix_name = f"{method}_similarity.csv"
    clustered = {model for models in read_roots(read("clusters.json"), "clusters.json").values() for model in models}
    matrix = with_model_ids(read_matrix(read(matrix_name), matrix_name, OTHER_METHODS[method]), clustered)
    covered = clustered & set(matrix.index) if method in BEHAVIOURAL else clustered
    clusters = read_clusters(read("clusters.json"), "clusters.json", matrix, covered)
    absent = clustered - set(matrix.index)
    edges = derivations(read("relations.csv"), "relations.csv", matrix, clusters, absent)
    roots = {model: root for root, models in clusters.items() for model in models}
    decoders = edges[edges["decoder"] == "yes"].drop(columns="decoder").reset_index(drop=True)
    return {
        f"tensorlock-{method}-root-pairs.csv": root_pairs(matrix, clusters),
        f"tensorlock-{method}-derivations.csv": decoders.assign(root=decoders["base_model"].map(roots)),
    }

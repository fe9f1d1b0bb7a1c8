"""How far curves that others sampled are from those measured here, where both are known: of matrices, and of scores."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from lineage.methods.std_profile import std_profile_pairs
from lineage.records import Dataset, Fingerprint, SampledCurves

CHECKED, SAMPLED = "checked", "sampled"  # stand for the curves of one model from either side


@dataclass(frozen=True)
class SamplingError:
    """What a score from sampled curves is off by, as far as it was measured here."""

    models: int  # whose curves are known from both
    matrices: int  # of q, k, v and o, that were sampled and not read as a whole
    typical: float  # root mean square of the relative error of their standard deviation
    largest: float
    fewest: int  # numbers of the smallest of these matrices
    most: int
    scores: int
    score_typical: float  # root mean square of the difference of scores
    score_largest: float
    own_lowest: float  # score of the sampled curves of a model with its own measured ones, which would be 1
    own_highest: float

    @property
    def typical_words(self) -> str:
        """The typical error as a percentage."""
        return f"{100 * self.typical:.2g}\u00a0%"

    @property
    def largest_words(self) -> str:
        """The largest error as a percentage."""
        return f"{100 * self.largest:.2g}\u00a0%"


def both_known(dataset: Dataset) -> dict[str, tuple[Fingerprint, SampledCurves]]:
    """The models that were measured here and sampled by others, by id: of the same file, as far as that is known."""
    return {
        model: (dataset.fingerprints[model], curves)
        for model, curves in sorted(dataset.sampled.items())
        if model in dataset.fingerprints
        and curves.record.attested
        and _of_one_file(dataset.fingerprints[model], curves)
    }


def _of_one_file(fingerprint: Fingerprint, curves: SampledCurves) -> bool:
    """Whether the other tool read a file that was measured: else their difference is not that of sampling alone."""
    reading = curves.record.written_here
    return reading is not None and reading.weights.sha256 in {file.sha256 for file in fingerprint.measurement.files}


def derive_sampling_error(dataset: Dataset) -> pd.DataFrame:
    """Columns model, role, matrices, numbers, at_most, typical, largest, correlation: a row a model and role.

    numbers: of each matrix; at_most: the share of them that may have been looked at; typical: the root mean square of
    the relative error of the standard deviation over layers, largest: the largest; correlation: of the two curves over
    layers, in [-1, 1], missing where one is constant.
    """
    rows = [
        row for model, (fingerprint, curves) in both_known(dataset).items() for row in _rows(model, fingerprint, curves)
    ]
    columns = ["model", "role", "matrices", "numbers", "at_most", "typical", "largest", "correlation"]
    return pd.DataFrame(rows, columns=columns)


def _rows(model: str, fingerprint: Fingerprint, curves: SampledCurves) -> Iterator[tuple[object, ...]]:
    matrices = fingerprint.matrices
    exact = matrices.loc[matrices["expert"] == "", ["role", "layer", "std", "n"]]
    matrices_of_both = curves.table.merge(exact, on=["role", "layer"], suffixes=("_sampled", ""))
    for role, group in matrices_of_both.groupby("role"):
        error = group["std_sampled"].to_numpy() / group["std"].to_numpy() - 1
        numbers = int(group["n"].max())
        share = min(1.0, curves.record.most_elements / numbers)
        typical, largest = float(np.sqrt(np.mean(error**2))), float(np.abs(error).max())
        yield model, role, len(group), numbers, share, typical, largest, _correlation(group)


def _correlation(group: pd.DataFrame) -> float:
    sampled_std, measured_std = group["std_sampled"].to_numpy(), group["std"].to_numpy()
    return (
        float(np.corrcoef(sampled_std, measured_std)[0, 1])
        if len(sampled_std) > 1 and np.ptp(sampled_std) and np.ptp(measured_std)
        else float("nan")
    )


def derive_sampled_scores(dataset: Dataset) -> pd.DataFrame:
    """Columns model, other, measured, sampled, difference: the profile score of a model from either curves.

    A row for each model whose curves are known from both and each that was measured here, itself among them: its own
    measured curves score 1 with themselves, and less with those that were sampled.
    """
    tables = []
    for model, (fingerprint, curves) in both_known(dataset).items():
        models = sorted(dataset.released)
        profiles = {name: dataset.released[name].outline.profile for name in models}
        profiles |= {CHECKED: fingerprint.outline.profile, SAMPLED: curves.profile}
        exact, rough = (
            std_profile_pairs(profiles, [(model_name, name) for name in models]) for model_name in (CHECKED, SAMPLED)
        )
        scores = {"measured": exact["similarity"], "sampled": rough["similarity"]}
        table = pd.DataFrame({"model": model, "other": models, **scores}).dropna()
        tables.append(table.assign(difference=table["sampled"] - table["measured"]))
    columns = ["model", "other", "measured", "sampled", "difference"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


@lru_cache(maxsize=2)
def errors_by_model(dataset: Dataset) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rows of sampling-error.csv of each model, one a role; empty where it is not derived."""
    by_model: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    table = dataset.derived.get("sampling-error.csv")
    for row in table.to_dict("records") if table is not None else []:
        by_model[row["model"]].append({str(name): value for name, value in row.items()})
    return dict(by_model)


@lru_cache(maxsize=2)
def sampling_error(dataset: Dataset) -> SamplingError | None:
    """The error in a few numbers, from the derived tables; None where too little is known from both."""
    by_role, by_score = (dataset.derived.get(name) for name in ("sampling-error.csv", "sampling-scores.csv"))
    if by_role is None or by_score is None:
        return None
    rough = by_role[by_role["role"].isin(["q", "k", "v", "o"]) & (by_role["at_most"] < 1)]
    weights, errors = rough["matrices"].to_numpy(), rough["typical"].to_numpy()
    is_itself = by_score["model"] == by_score["other"]
    off = by_score.loc[~is_itself, "difference"].to_numpy()
    if not (len(off) and is_itself.any()):
        return None
    return SamplingError(
        models=by_role["model"].nunique(),
        matrices=int(weights.sum()),
        typical=float(np.sqrt((weights * errors**2).sum() / max(weights.sum(), 1))),
        largest=float(rough["largest"].max()) if len(rough) else 0.0,
        fewest=int(rough["numbers"].min()) if len(rough) else 0,
        most=int(rough["numbers"].max()) if len(rough) else 0,
        scores=len(off),
        score_typical=float(np.sqrt(np.mean(off**2))),
        score_largest=float(np.abs(off).max()),
        own_lowest=float(by_score.loc[is_itself, "sampled"].min()),
        own_highest=float(by_score.loc[is_itself, "sampled"].max()),
    )

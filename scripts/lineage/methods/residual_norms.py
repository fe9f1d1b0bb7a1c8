"""The residual norm profile: whether the same dimensions of the residual stream are read and written strongly."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import combinations

import numpy as np
import pandas as pd

from lineage.measuring.shapes import hidden_width
from lineage.methods.method import Comparison, MeasuredTables, Screening, blank_pairs
from lineage.records.origins import Lineage

PERMUTATIONS = 9_999  # as R2 of the methods reference: the smallest p is 1 in 10,000
CHUNK = 1_111  # permutations at once: 5 MB of a profile of 512 dimensions
SEED = "residual norms|permutation"  # with the width, so that no pair has a say in which permutations it meets
MIN_DIMENSIONS = 3  # with two, every correlation is 1 or -1
ORDERED = 3.4808  # two-sided .0005 of a standard normal: R2's guard at .001, over two profiles
ROUNDING = 1e-12  # a permuted score this close counts as equal, which can only make p larger

PROFILES = ("read", "write")
NO_P = "no p: in both models the norms go with the number of the dimension"

Sample = tuple[int, tuple[int, ...]]  # the width of the residual stream, and which of its dimensions


def residual_profile(vectors: pd.DataFrame) -> np.ndarray:
    """The sampled centred log norms of what reads and what writes the residual stream, (2, dimensions)."""
    sampled = vectors[vectors["dimension"].notna()].sort_values("rank")
    return sampled[list(PROFILES)].to_numpy(dtype=float).T


def why_not_testable(tables: MeasuredTables) -> str:
    """Why a fingerprint cannot be compared by this method, or ""."""
    if hidden_width(tables.matrices) is None:
        return "the width of the residual stream cannot be told"
    profile = residual_profile(tables.vectors)
    if profile.shape[1] < MIN_DIMENSIONS:
        return "no residual norm profile"
    for name, values in zip(PROFILES, profile, strict=True):
        if np.isnan(values).all():
            return f"no {name} profile"
        if not np.isfinite(values).all():
            return f"the {name} profile is not finite"
        if np.ptp(values) == 0:
            return f"the {name} profile is constant"
    return ""


def standardised(profile: np.ndarray) -> np.ndarray:
    """Profiles of mean 0 and length 1 over their last axis, so that a product of two is their Pearson correlation."""
    centred = profile - profile.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.linalg.norm(centred, axis=-1, keepdims=True))


def similarity_matrix(profiles: np.ndarray) -> np.ndarray:
    """The score of every two models of one width, (models, models) in [-1, 1]; profiles is (models, 2, dimensions).

    The mean of two Pearson correlations is one product of the standardised profiles, side by side.
    """
    joined = standardised(profiles).reshape(len(profiles), -1)
    return np.asarray(np.clip(joined @ joined.T / len(PROFILES), -1, 1))


def permutation_p_values(profiles: np.ndarray, width: int) -> np.ndarray:
    """How rarely a permutation of the dimensions of the first model gives as high a score as the second, in [1e-4, 1].

    profiles is (models, 2, dimensions); what comes back is (models, models), above the diagonal, NaN elsewhere.
    One-sided, counting the observed order itself (Phipson & Smyth, 2010). Exact where the dimensions of either model
    are exchangeable under independence, as the residual axis of R2: profiles and sample treat all dimensions alike.
    All pairs of a width meet the same permutations, so their p-values are not independent of each other.
    """
    unit = standardised(profiles)
    joined = unit.reshape(len(unit), -1)
    p_values = np.full((len(unit), len(unit)), np.nan)
    for first in range(len(unit) - 1):
        reached = _reached(unit[first], joined[first + 1 :], joined[first + 1 :] @ joined[first], width)
        p_values[first, first + 1 :] = (1 + reached) / (1 + PERMUTATIONS)
    return p_values


def ordered_by_index(vectors: pd.DataFrame) -> bool:
    """Whether the norms rise or fall with the number of the dimension, so that dimensions are not exchangeable.

    Spearman's correlation of either profile with the dimension, by its normal approximation: the guard of R2, met by
    models whose dimensions were sorted, and by position codes that have a frequency for each dimension.
    """
    dimensions = vectors["dimension"].dropna().to_numpy(dtype=float)
    ranks = pd.DataFrame(residual_profile(vectors).T).rank().to_numpy()
    by_index = pd.Series(dimensions).rank().to_numpy()
    correlations = [abs(np.corrcoef(column, by_index)[0, 1]) for column in ranks.T]
    return bool(max(correlations) * np.sqrt(len(dimensions) - 1) > ORDERED)


def compare_residual_norms(a: MeasuredTables, b: MeasuredTables) -> Comparison:
    """Two fingerprints of one width: the mean of two correlations in [-1, 1] with a permutation p, or a reason.

    p is withheld, with a note, where neither model passes the guard: one exchangeable model is enough.
    """
    if reason := why_not_testable(a) or why_not_testable(b) or _why_not_aligned(_sample(a), _sample(b)):
        return Comparison(None, reason)
    profiles = np.array([residual_profile(tables.vectors) for tables in (a, b)])
    parts = np.sum(standardised(profiles[0]) * standardised(profiles[1]), axis=1)
    correlations = dict(zip(PROFILES, map(float, parts), strict=True))
    similarity = float(similarity_matrix(profiles)[0, 1])
    if ordered_by_index(a.vectors) and ordered_by_index(b.vectors):
        return Comparison(similarity, "", correlations, note=NO_P)
    return Comparison(similarity, "", correlations, p=float(permutation_p_values(profiles, _sample(a)[0])[0, 1]))


def _sample(tables: MeasuredTables) -> Sample:
    dimensions = tables.vectors.sort_values("rank")["dimension"].dropna()
    return hidden_width(tables.matrices) or 0, tuple(map(int, dimensions))


def _why_not_aligned(a: Sample, b: Sample) -> str:
    if a[0] != b[0]:
        return f"residual streams of different width: {a[0]} and {b[0]}"
    return "" if a == b else "different dimensions were sampled"


def _reached(unit: np.ndarray, others: np.ndarray, observed: np.ndarray, width: int) -> np.ndarray:
    """How many permutations of one model's dimensions score at least as high, for each of the others."""
    reached = np.zeros(len(others), dtype=int)
    permutations = _permutations(width, unit.shape[1])
    halves = np.split(others, len(unit), axis=1)
    for start in range(0, PERMUTATIONS, CHUNK):
        chosen = permutations[start : start + CHUNK]
        scores = sum(np.take(own, chosen) @ half.T for own, half in zip(unit, halves, strict=True))
        reached += np.count_nonzero(scores >= observed - ROUNDING, axis=0)
    return reached


@lru_cache(maxsize=1)
def _permutations(width: int, dimensions: int) -> np.ndarray:
    """The permutations of a width, (PERMUTATIONS, dimensions) in 16 bits: up to 10 MB, so one width is kept."""
    seed = int.from_bytes(sha256(f"{SEED}|{width}".encode()).digest()[:8])
    rng = np.random.default_rng(seed)
    chunks = (rng.random((CHUNK, dimensions)).argsort(axis=1) for _ in range(PERMUTATIONS // CHUNK))
    return np.concatenate([chunk.astype(np.int16) for chunk in chunks])


def _compare_all(fingerprints: Mapping[str, MeasuredTables], _lineage: Lineage) -> pd.DataFrame:
    """All pairs, those of one width at once."""
    models = sorted(fingerprints)
    reasons = {model: why_not_testable(fingerprints[model]) for model in models}
    samples = {model: _sample(fingerprints[model]) for model in models if not reasons[model]}
    scored = {
        (a, b): row
        for sample in set(samples.values())
        for a, b, *row in _rows({model: fingerprints[model] for model in samples if samples[model] == sample})
    }
    pairs = blank_pairs(models, list(reasons.values()))
    names = list(zip(pairs["model_a"], pairs["model_b"], strict=True))
    rows = [scored.get(pair, [np.nan, np.nan, ""]) for pair in names]
    pairs[["similarity", "p", "note"]] = pd.DataFrame(rows, columns=["similarity", "p", "note"])
    pairs["not_testable"] = [
        reason if reason or pair in scored else _why_not_aligned(samples[pair[0]], samples[pair[1]])
        for pair, reason in zip(names, pairs["not_testable"], strict=True)
    ]
    return pairs


def _rows(tables: Mapping[str, MeasuredTables]) -> Iterator[tuple[str, str, float, float, str]]:
    """Models with the same sample of dimensions: every two with similarity, p and note."""
    models = sorted(tables)
    profiles = np.array([residual_profile(tables[model].vectors) for model in models])
    ordered = [ordered_by_index(tables[model].vectors) for model in models]
    scores = similarity_matrix(profiles)
    p_values = permutation_p_values(profiles, _sample(tables[models[0]])[0])
    for a, b in combinations(range(len(models)), 2):
        withheld = ordered[a] and ordered[b]
        p = np.nan if withheld else float(p_values[a, b])
        yield models[a], models[b], float(scores[a, b]), p, NO_P if withheld else ""


RESIDUAL_NORMS = Screening(
    id="residual_norms",
    name="Residual norm profile",
    description="How strongly each dimension of the residual stream is read and written, compared.",
    version="1",
    reference="of this project",
    question="Are the same dimensions of the residual stream read and written strongly?",
    order=3,
    score_range="mean of two Pearson correlations, in [-1, 1]",
    invariances=(
        "permutation of units or of heads",
        "one factor on a whole matrix",
        "dropping or doubling of layers, in part",
        "another vocabulary",
        "rounding to 8 or 4 bits, in part",
    ),
    needs=("residual streams of the same width", "the norms of its sampled dimensions"),
    compare_all=_compare_all,
)

"""The checked model and every model on record: their scores, their places in the null, and what they have in common."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lineage.evidence.compared_models import in_full, panel_of
from lineage.evidence.finding_tables import shared_bytes, why_incomparable
from lineage.evidence.findings import SharedBytes
from lineage.evidence.neighbours import KEPT
from lineage.evidence.positions import MATCHINGS, Position, conformal_position, score_lookup
from lineage.evidence.reproductions import null_lineage
from lineage.evidence.scores import derive_pairs
from lineage.looking.sampled import FAMILY
from lineage.looking.subjects import CHECKED, measurements_of, readable_address
from lineage.methods.overlap import SharedField, Vocabulary, compare_vocabularies, differing_fields, shared_fields
from lineage.methods.registry import SCREENINGS
from lineage.methods.std_profile import std_profile_pairs
from lineage.records import Dataset
from lineage.site.pages.comparison.overlap import measured_by_others, overlap_of


@dataclass(frozen=True)
class Likeness:
    """The checked model and another by one screening method, and where the score stands among independent roots."""

    method: str
    model: str
    similarity: float | None
    effect: float | None
    p: float | None
    note: str
    not_testable: str
    positions: tuple[Position, Position]  # among all independent roots, and among those of its shape


@dataclass(frozen=True)
class InCommon:
    """What the checked model has in common with another beside weights, which is no evidence of shared weights."""

    model: str
    vocabulary: Vocabulary | None
    equal: tuple[SharedField, ...]
    different: tuple[str, ...]
    sentences: tuple[str, ...]


def compared_models(dataset: Dataset, against: Sequence[str]) -> list[str]:
    """The models that the checked one is compared with: all that were released and measured, while they are few.

    Past that number they are those that are compared with each other on the site, and the nearest of all by the
    standard-deviation profile. Those that somebody names are always among them.
    """
    released = list(dataset.released)
    if not in_full(dataset):
        panel = {*panel_of(dataset)} & {*released}
        released = sorted(panel | {*_nearest_profiles(dataset, released)})
    return [*released, *(model for model in against if model in dataset.fingerprints and model not in released)]


def _nearest_profiles(dataset: Dataset, models: Sequence[str]) -> list[str]:
    """The models whose standard-deviation profiles are nearest to that of the checked one."""
    profiles = {model: dataset.fingerprints[model].outline.profile for model in (CHECKED, *models)}
    scores = std_profile_pairs(profiles, [(CHECKED, model) for model in models])
    return scores.dropna(subset=["similarity"]).nlargest(KEPT, "similarity")["model_b"].tolist()


def likenesses(dataset: Dataset, models: Sequence[str]) -> dict[str, list[Likeness]]:
    """By screening method the checked model and each of the others, the most alike first, those without a score last.

    Empty where the checked model has no tables.
    """
    if CHECKED not in dataset.fingerprints or not models:
        return {method: [] for method in SCREENINGS}
    lineage = null_lineage(dataset)
    scored = derive_pairs({model: dataset.fingerprints[model] for model in (CHECKED, *models)}, lineage)
    shapes = {model: fingerprint.outline.shape for model, fingerprint in dataset.fingerprints.items()}
    by_method: dict[str, list[Likeness]] = {}
    for method in SCREENINGS:
        table = scored[scored["method"] == method]
        lookup = score_lookup(table)
        rows = []
        for row in table[(table["model_a"] == CHECKED) | (table["model_b"] == CHECKED)].to_dict("records"):
            model = row["model_b"] if row["model_a"] == CHECKED else row["model_a"]
            positions = [
                conformal_position(lookup, (CHECKED, model), lineage, shapes, matching)
                for matching in (MATCHINGS[0], MATCHINGS[-1])
            ]
            similarity, effect, p = (_number(row[name]) for name in ("similarity", "effect", "p"))
            note, reason = str(row["note"] or "") or note_of(dataset), str(row["not_testable"] or "")
            rows.append(Likeness(method, model, similarity, effect, p, note, reason, (positions[0], positions[1])))
        by_method[method] = sorted(rows, key=_most_alike)
    return by_method


def note_of(dataset: Dataset) -> str:
    """What a reader must know of every score of the checked model, or ""."""
    sampled = dataset.fingerprints[CHECKED].measurement.family == FAMILY
    return f"from {FAMILY}" if sampled else ""


def equal_tensors(dataset: Dataset, models: Sequence[str]) -> dict[str, SharedBytes]:
    """Counts of tensors with the same bytes, by model, the most first; of models that share a matrix or all vectors."""
    shared = {model: shared_bytes(CHECKED, model, dataset) for model in models}
    with_any = {model: tensors for model, tensors in shared.items() if _has_equal(tensors)}
    return dict(sorted(with_any.items(), key=lambda pair: (-pair[1].matrices_equal, -pair[1].vectors_equal, pair[0])))


def in_common(dataset: Dataset, model: str) -> InCommon | None:
    """What configuration and tokenizer of the checked model have in common with those of another; None: not on record.

    How common each thing is, is counted over the makers on record, without that of the other model: whose the checked
    one is, nobody asks.
    """
    measurements = measurements_of(dataset)
    checked, neighbour = measurements.get(CHECKED), measurements.get(model)
    if checked is None or neighbour is None:
        return None
    makers = {dataset.models[model].maker} if model in dataset.models else set()
    by_maker = measured_by_others(makers, dataset)
    sentences = overlap_of(checked, neighbour, by_maker)
    if not sentences:
        return None
    tokenizers = {maker: [read.tokenizer for read in own if read.tokenizer] for maker, own in by_maker.items()}
    configs = {maker: [read.config for read in own if read.config] for maker, own in by_maker.items()}
    vocabulary = compare_vocabularies(checked.tokenizer, neighbour.tokenizer, tokenizers)
    both = checked.config and neighbour.config and (checked.config, neighbour.config)
    equal = shared_fields(*both, configs) if both else []
    different = differing_fields(*both) if both else []
    return InCommon(model, vocabulary, tuple(equal), tuple(different), tuple(sentences))


def likeliest(
    dataset: Dataset, by_method: Mapping[str, Sequence[Likeness]], equal: Mapping[str, SharedBytes], most: int
) -> list[str]:
    """The models on record that are likeliest to share weights with the checked one, of those that can be tested.

    First those with equal tensors, the most first; then the nearest by each screening method in turn. A model can be
    tested where its weights can be read at the address on record, and where the exact tests compare the two shapes.
    """
    order = dict.fromkeys([*equal, *_in_turn(by_method)])
    testable = [model for model in order if can_be_tested(dataset, model)]
    return testable[:most]


def can_be_tested(dataset: Dataset, model: str) -> bool:
    """Whether the exact tests can be run on the checked model and another on record, as far as their tables say."""
    measurement = measurements_of(dataset).get(model)
    return bool(
        model in dataset.models
        and measurement
        and readable_address(measurement)
        and not why_incomparable(CHECKED, model, dataset)
    )


def _in_turn(by_method: Mapping[str, Sequence[Likeness]]) -> Iterator[str]:
    """The nearest of each method, then the second of each, and so on."""
    scored = [[row.model for row in rows if row.similarity is not None] for rows in by_method.values()]
    for rank in range(max(map(len, scored), default=0)):
        yield from (models[rank] for models in scored if rank < len(models))


def _has_equal(tensors: SharedBytes) -> bool:
    return bool(tensors.matrices_equal) or tensors.vectors_are_equal


def _most_alike(row: Likeness) -> tuple[float, str]:
    return (float("inf") if row.similarity is None else -row.similarity, row.model)


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)

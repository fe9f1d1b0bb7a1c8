"""Which models a new measurement should be matched with, by rule: named relations, the same shape, the nearest."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineage.methods.std_profile import std_profile_pairs
from lineage.records import Dataset

NEAREST = 3  # models by the standard-deviation profile
SAME_SHAPE = 10  # at most, in order of id: common shapes have many


@dataclass(frozen=True)
class Candidate:
    """A model to match with, and every rule that says so."""

    model: str
    rules: tuple[str, ...]


def match_candidates(model: str, dataset: Dataset) -> list[Candidate]:
    """The measured, released models to match a measured one with, not matched with it yet, in order of the rules."""
    rules_by_model: dict[str, list[str]] = {}
    for candidate, rule in (*_related(model, dataset), *_same_shape(model, dataset), *_nearest(model, dataset)):
        if candidate != model and candidate in dataset.released and not _matched(model, candidate, dataset):
            rules_by_model.setdefault(candidate, []).append(rule)
    return [Candidate(candidate, tuple(dict.fromkeys(rules))) for candidate, rules in rules_by_model.items()]


def _related(model: str, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Documented parents and children, and every model that a case or a claim names with it; each with the reason."""
    record = dataset.models.get(model)
    for parent in record.parents if record else ():
        yield parent, "documented parent"
    for derived in dataset.models.values():
        if model in derived.parents:
            yield derived.id, "documented as made from it"
    for case in dataset.cases.values():
        sides = [name for name in (case.subject, case.reference, *case.family_models) if name]
        if model in sides:
            yield from ((side, f"named with it in the case {case.id}") for side in sides)
    for claims in dataset.claims.values():
        for claim in claims:
            if model in claim.models:
                yield from ((partner, "named with it in a claim") for partner in claim.models)


def _same_shape(model: str, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """The first models, by id, of the same stack, layers and width."""
    shape = dataset.fingerprints[model].outline.shape
    if None in (shape.stack, shape.layers, shape.width):
        return
    alike = [
        name
        for name, fingerprint in sorted(dataset.released.items())
        if name != model and fingerprint.outline.shape == shape
    ]
    yield from ((name, f"the same shape: {shape.layers} layers of width {shape.width}") for name in alike[:SAME_SHAPE])


def _nearest(model: str, dataset: Dataset) -> Iterator[tuple[str, str]]:
    """The models that score highest with it by the standard-deviation profile; none where it is not testable."""
    profiles = {name: fingerprint.outline.profile for name, fingerprint in dataset.released.items()}
    if model not in profiles or profiles[model].not_testable:
        return
    names = sorted(name for name, profile in profiles.items() if name != model and not profile.not_testable)
    pairs = std_profile_pairs(profiles, [(model, name) for name in names])
    scores = pairs["similarity"].to_numpy(dtype=float)
    for index in np.argsort(-scores, kind="stable")[:NEAREST]:
        yield names[index], f"among the {NEAREST} nearest by the standard-deviation profile: {scores[index]:.3f}"


def _matched(model: str, candidate: str, dataset: Dataset) -> bool:
    return any({match.a.model, match.b.model} == {model, candidate} for match in dataset.matches.values())

"""Which measured models are compared with every other: all of them while they are few, then a panel of fixed size.

The number of pairs grows with the square of the number of models. Past IN_FULL released models that were measured,
only those of the panel are compared with each other by every method; a documented pair keeps the correlations of its
profiles, each model its nearest neighbours, and any other two can be put side by side on the page of comparisons.
"""

from collections.abc import Iterator
from itertools import combinations

from lineage.evidence.reproductions import null_lineage
from lineage.records import Dataset
from lineage.records.origins import representatives

IN_FULL = 64  # released models that have curves: 2,016 pairs
PANEL_ROOTS = 32  # independent roots of the panel: 496 pairs, enough for the resampling of error rates


def in_full(dataset: Dataset) -> bool:
    """Whether every two measured models are compared."""
    return len(dataset.profiles) <= IN_FULL


def panel_of(dataset: Dataset) -> list[str]:
    """The models with curves that are compared with each other, sorted: all, or past IN_FULL those made here and some.

    These are the models that a case or a match names, the parents of what was derived here, and the first model by id
    of each of the first PANEL_ROOTS roots, so that no score has a say in who is among them.
    """
    if in_full(dataset):
        return sorted({*dataset.fingerprints, *dataset.sampled_only})
    controls = {*dataset.controls, *(parent for control in dataset.controls.values() for parent in control.parents)}
    case_models = {name for case in dataset.cases.values() for name in (case.subject, case.reference) if name}
    matched_models = {side.model for match in dataset.matches.values() for side in (match.a, match.b)}
    standing = representatives(null_lineage(dataset), dataset.profiles, frozenset())
    return sorted(
        {*controls, *case_models, *matched_models, *standing[:PANEL_ROOTS]}
        & {*dataset.fingerprints, *dataset.sampled_only}
    )


def measured_pairs(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Every two released models that have a page because both have curves; none past IN_FULL."""
    yield from combinations(dataset.profiles, 2) if in_full(dataset) else ()


def profiled_pairs(dataset: Dataset) -> list[tuple[str, str]]:
    """Every two released models whose profiles are correlated role by role, in order: of the panel, and documented."""
    profiles = dataset.profiles
    models = [name for name in panel_of(dataset) if name in profiles]
    documented = {
        (min(model.id, parent), max(model.id, parent))
        for model in dataset.models.values()
        for parent in model.parents
        if parent in profiles and model.id in profiles
    }
    return sorted({*combinations(models, 2), *documented})

"""Measurements and matches -> a finding for every two released models that have a page, and the test's scores."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from lineage.controls.known import TRAINED
from lineage.findings import (
    AXIS,
    RESPONSES,
    UNITS,
    Component,
    ControlEffects,
    Evidence,
    ExactTest,
    SharedBytes,
    find_status,
    holm_log10,
)
from lineage.kept import kept
from lineage.methods.exact import PERMUTATION_TEST, RESPONSE_TEST
from lineage.pairs import find_pairs
from lineage.provenance import Relation, mark_of, relation_of
from lineage.records import CombinedTest, Dataset, Match, pair_slug
from lineage.roots import Lineage
from lineage.schemas import FINDINGS, FINGERPRINT_KEY

EXACT, ASKED = PERMUTATION_TEST.id, RESPONSE_TEST.id
NOT_ASKED = Component("not asked for")


def exact_scores(dataset: Dataset) -> pd.DataFrame:
    """The exact tests in the manner of scores: columns method, model_a, model_b, similarity, log10_p, not_testable.

    similarity is the mean cosine of the middle block; log10_p is that of hidden units and residual dimensions together
    for the permutation test, and that of responses alone for the test of responses.
    """
    rows = [
        (method, match.a.model, match.b.model, *figures)
        for match in dataset.matches.values()
        for method, *figures in _scores(match)
    ]
    return pd.DataFrame(rows, columns=["method", "model_a", "model_b", "similarity", "log10_p", "not_testable"])


def _scores(match: Match) -> Iterator[tuple[str, float | None, float | None, str]]:
    """Method, effect, log10 p and why there is none, of each method on a match."""
    test = exact_test(match)
    weights, asked = replace(test, responses=NOT_ASKED), test.responses
    reason = "" if weights.components else weights.units.not_testable or "no p-value"
    yield EXACT, weights.axis.delta if weights.units.delta is None else weights.units.delta, weights.log10_p, reason
    if match.responses:
        yield ASKED, asked.delta, asked.log10_p, asked.not_testable


def exact_test(match: Match) -> ExactTest:
    """What a finding needs of a match."""
    axis = match.residual
    return ExactTest(
        units=_component(match.mlps),
        axis=Component(axis.not_testable or "", axis.p and math.log10(axis.p), axis.delta, axis.power_delta),
        responses=_component(match.responses) if match.responses else NOT_ASKED,
        blocks=match.mlps.combined,
    )


def _component(test: CombinedTest) -> Component:
    delta = test.delta_quartiles[1] if test.delta_quartiles else None
    return Component(test.not_testable or "", test.log10_p, delta, test.power_delta)


def control_effects(dataset: Dataset, lineage: Lineage) -> ControlEffects:
    """The effects of the exact test on independent models trained here."""
    deltas: dict[str, list[float]] = {UNITS: [], AXIS: [], RESPONSES: []}
    roots = set()
    for match in dataset.matches.values():
        models = (match.a.model, match.b.model)
        trained = all(mark_of(model, dataset) == TRAINED for model in models)
        if trained and relation_of(*models, lineage) == Relation.INDEPENDENT:
            for name, component in exact_test(match).components.items():
                deltas[name].append(component.delta or 0.0)
                roots |= {lineage.known_root(model) for model in models}
    return ControlEffects(deltas, len(roots))


def shared_bytes(model_a: str, model_b: str, dataset: Dataset) -> SharedBytes:
    """How many tensors of two fingerprints have the same checksum, of those that both have."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return SharedBytes()
    a, b = dataset.fingerprints[model_a], dataset.fingerprints[model_b]
    return SharedBytes(*kept("shared bytes", [a.digest, b.digest], lambda: _shared_bytes(a.matrices, b.matrices)))


def _shared_bytes(a: pd.DataFrame, b: pd.DataFrame) -> tuple[int, int, int, int]:
    """Matrices that both have and those of them that are equal; the same of vectors."""
    tables = _checksums(a), _checksums(b)
    equal = {False: 0, True: 0}  # by whether it is a vector
    both = {False: 0, True: 0}
    for key in tables[0].keys() & tables[1].keys():
        (digest, vector), (other, _) = tables[0][key], tables[1][key]
        both[vector] += 1
        equal[vector] += digest == other
    return both[False], equal[False], both[True], equal[True]


def _checksums(matrices: pd.DataFrame) -> dict[tuple[object, ...], tuple[str, bool]]:
    """The checksum of each row by what names it, and whether it is a vector."""
    columns = [matrices[name] for name in FINGERPRINT_KEY]
    names = zip(*(list(one.fillna(-1) if one.hasnans else one) for one in columns), strict=True)
    vectors = (matrices["cols"] == 1).tolist()
    return dict(zip(names, zip(matrices["sha256"].tolist(), vectors, strict=True), strict=True))


def why_incomparable(model_a: str, model_b: str, dataset: Dataset) -> str:
    """Why no unit of one of two measured models can be compared with one of the other, or ""."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return ""
    outlines = [dataset.fingerprints[model].outline for model in (model_a, model_b)]
    widths, units = [one.shape.width for one in outlines], [one.units for one in outlines]
    if units[0] == units[1] or None in units:
        return ""
    counts = f"their layers have {units[0]} and {units[1]} hidden units"
    if widths[0] == widths[1]:
        return counts
    return (
        f"their residual streams are {widths[0]} and {widths[1]} wide and {counts}; "
        "the exact tests compare equal widths or equal numbers of units"
    )


def derive_findings(dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Columns model_a, model_b, status, reason, and the numbers that it rests on; one row a pair that has a page."""
    pairs = [(pair.model_a.id, pair.model_b.id) for pair in find_pairs(dataset)]
    tests = {pair: exact_test(match) for pair in pairs if (match := dataset.matches.get(pair_slug(*pair)))}
    tested = {pair: test.log10_p for pair, test in tests.items() if test.log10_p is not None}
    corrected = dict(zip(tested, holm_log10(list(tested.values())), strict=True))
    controls = control_effects(dataset, lineage)
    reasons = {name: record.not_testable or "" for name, record in dataset.not_testable.items()}
    rows = []
    for pair in pairs:
        evidence = Evidence(
            measured=(pair[0] in dataset.fingerprints, pair[1] in dataset.fingerprints),
            unreadable=(reasons.get(pair[0], ""), reasons.get(pair[1], "")),
            incomparable=why_incomparable(*pair, dataset),
            shared=shared_bytes(*pair, dataset),
            test=tests.get(pair),
            controls=controls,
            log10_p_holm=corrected.get(pair),
        )
        finding = find_status(evidence)
        rows.append({"model_a": pair[0], "model_b": pair[1], "status": str(finding.status), "reason": finding.reason})
        rows[-1] |= _numbers(evidence)
    return pd.DataFrame(rows, columns=[column.name for column in FINDINGS])


def _numbers(evidence: Evidence) -> dict[str, Any]:
    test, controls = evidence.test, evidence.controls
    if test is None or not test.components:
        return {}
    return {
        "component": test.leading,
        "log10_p": test.log10_p,
        "log10_p_holm": evidence.log10_p_holm,
        "blocks": test.blocks or None,
        "units_log10_p": test.units.log10_p,
        "units_delta": test.units.delta,
        "units_power_delta": test.units.power_delta,
        "axis_log10_p": test.axis.log10_p,
        "axis_delta": test.axis.delta,
        "responses_log10_p": test.responses.log10_p,
        "responses_delta": test.responses.delta,
        "responses_power_delta": test.responses.power_delta,
        "control_delta": controls.threshold(test.leading),
        "control_pairs": len(controls.deltas.get(test.leading, ())),
        "control_roots": controls.roots,
    }

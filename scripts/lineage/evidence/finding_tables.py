"""Measurements and matches -> a finding for every two released models that have a page, and the test's scores."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lineage.evidence.findings import (
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
from lineage.evidence.pairs import find_pairs
from lineage.evidence.reproductions import COUNTED, Level, level_of, match_level
from lineage.methods.exact import PERMUTATION_TEST, RESPONSE_TEST
from lineage.methods.registry import EXACT_TESTS
from lineage.records import CombinedTest, Dataset, LaterChoice, Match, MethodParameters, pair_slug
from lineage.records.columns.derived import FINDINGS
from lineage.records.columns.measurements import FINGERPRINT_KEY
from lineage.records.controls import TRAINED
from lineage.records.origins import Lineage
from lineage.records.provenance import Relation, mark_of, relation_of
from lineage.store.cache import kept

EXACT, ASKED = PERMUTATION_TEST.id, RESPONSE_TEST.id
NOT_ASKED = Component("not asked for")


def exact_scores(dataset: Dataset) -> pd.DataFrame:
    """The exact tests as scores: columns method, model_a, model_b, similarity, component, log10_p, not_testable.

    similarity is the mean cosine of the middle block, and component what it is of: hidden units, or residual dimensions
    where units have none. log10_p is that of hidden units and residual dimensions together for the permutation test,
    and that of responses alone for the test of responses.
    """
    rows = [
        (method, match.a.model, match.b.model, *figures)
        for match in dataset.matches.values()
        for method, *figures in _scores(match)
    ]
    columns = ["method", "model_a", "model_b", "similarity", "component", "log10_p", "not_testable"]
    return pd.DataFrame(rows, columns=columns)


def _scores(match: Match) -> Iterator[tuple[str, float | None, str, float | None, str]]:
    """Method, effect and what it is of, log10 p and why there is none, of each method on a match."""
    test = exact_test(match)
    weights, responses = replace(test, responses=NOT_ASKED), test.responses
    reason = "" if weights.components else weights.units.not_testable or "no p-value"
    name, unit_match = (AXIS, weights.axis) if weights.units.delta is None else (UNITS, weights.units)
    yield EXACT, unit_match.delta, "" if unit_match.delta is None else name, weights.log10_p, reason
    if match.responses:
        yield (
            ASKED,
            responses.delta,
            "" if responses.delta is None else RESPONSES,
            responses.log10_p,
            responses.not_testable,
        )


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
    roots: set[str] = set()
    for match in dataset.matches.values():
        models = (match.a.model, match.b.model)
        all_trained = all(mark_of(model, dataset) == TRAINED for model in models)
        if match_level(match, dataset) not in COUNTED:
            continue
        if all_trained and relation_of(*models, lineage) == Relation.INDEPENDENT:
            for name, component in exact_test(match).components.items():
                deltas[name].append(component.delta or 0.0)
                roots |= lineage.known_roots(models[0]) | lineage.known_roots(models[1])
    return ControlEffects(deltas, len(roots))


def shared_bytes(model_a: str, model_b: str, dataset: Dataset) -> SharedBytes:
    """How many tensors that two fingerprints have in common have the same checksum, and how many stand in one alone."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return SharedBytes()
    a, b = dataset.fingerprints[model_a], dataset.fingerprints[model_b]
    return SharedBytes(*kept("shared tensors", [a.digest, b.digest], lambda: _shared_bytes(a.matrices, b.matrices)))


def _shared_bytes(a: pd.DataFrame, b: pd.DataFrame) -> tuple[int, int, int, int, int]:
    """Matrices that both have, and of these the equal; the same of vectors; and matrices that one has alone."""
    tables = _checksums(a), _checksums(b)
    equal = {False: 0, True: 0}  # by whether it is a vector
    common = {False: 0, True: 0}
    for key in tables[0].keys() & tables[1].keys():
        (digest_a, vector), (digest_b, _) = tables[0][key], tables[1][key]
        common[vector] += 1
        equal[vector] += digest_a == digest_b
    keys = tables[0] | tables[1]
    unpaired = sum(not keys[key][1] for key in tables[0].keys() ^ tables[1].keys())
    return common[False], equal[False], common[True], equal[True], unpaired


def _checksums(matrices: pd.DataFrame) -> dict[tuple[object, ...], tuple[str, bool]]:
    """The checksum of each row that has one by what names it, and whether it is a vector."""
    matrices = matrices[matrices["sha256"] != ""]
    columns = [matrices[name] for name in FINGERPRINT_KEY]
    names = zip(*(list(column.fillna(-1) if column.hasnans else column) for column in columns), strict=True)
    vectors = (matrices["cols"] == 1).tolist()
    return dict(zip(names, zip(matrices["sha256"].tolist(), vectors, strict=True), strict=True))


def why_incomparable(model_a: str, model_b: str, dataset: Dataset) -> str:
    """Why no unit of one of two measured models can be compared with one of the other, or ""."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return ""
    outlines = [dataset.fingerprints[model].outline for model in (model_a, model_b)]
    widths, units = [outline.shape.width for outline in outlines], [outline.units for outline in outlines]
    if units[0] == units[1] or None in units:
        return ""
    counts = f"their layers have {units[0]} and {units[1]} hidden units"
    if widths[0] == widths[1]:
        return counts
    return (
        f"their residual streams are {widths[0]} and {widths[1]} wide and {counts}; "
        "the exact tests compare equal widths or equal numbers of units"
    )


def measured_evidence(model_a: str, model_b: str, dataset: Dataset) -> Evidence:
    """What the measurements of two models say without a test of their weights."""
    records = [dataset.not_testable.get(model) for model in (model_a, model_b)]
    reasons = [record.why_not_compared if record else "" for record in records]
    return Evidence(
        measured=(model_a in dataset.fingerprints, model_b in dataset.fingerprints),
        unreadable=(reasons[0], reasons[1]),
        incomparable=why_incomparable(model_a, model_b, dataset),
        shared=shared_bytes(model_a, model_b, dataset),
    )


def derive_findings(dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Columns model_a, model_b, status, reason, and the numbers that it rests on; one row a pair that has a page."""
    pairs = [(pair.model_a.id, pair.model_b.id) for pair in find_pairs(dataset)]
    reasons = {pair: _why_reported(pair, dataset) for pair in pairs}
    matches = {pair: dataset.matches[name] for pair in pairs if (name := pair_slug(*pair)) in dataset.matches}
    tests = {pair: exact_test(match) for pair, match in matches.items() if not reasons[pair]}
    p_values = {pair: test.log10_p for pair, test in tests.items() if test.log10_p is not None}
    corrected = dict(zip(p_values, holm_log10(list(p_values.values())), strict=True))
    controls = control_effects(dataset, lineage)
    rows = []
    for pair in pairs:
        evidence = replace(
            measured_evidence(*pair, dataset),
            test=tests.get(pair),
            controls=controls,
            reported=reasons[pair],
            log10_p_holm=corrected.get(pair),
        )
        finding = find_status(evidence)
        rows.append({"model_a": pair[0], "model_b": pair[1], "status": str(finding.status), "reason": finding.reason})
        rows[-1] |= _numbers(evidence)
        if evidence.test and evidence.test.components:
            rows[-1]["later_choice"] = later_words(later_choices(pair, dataset.parameters))
    return pd.DataFrame(rows, columns=[column.name for column in FINDINGS])


def later_choices(pair: Sequence[str], parameters: Mapping[str, MethodParameters]) -> list[LaterChoice]:
    """What of the exact tests was chosen after a result, so that a finding on these two is no test of them."""
    records = [parameters[name] for name in EXACT_TESTS if name in parameters]
    return [choice for record in records for choice in record.exceptions if {*pair} & {*choice.findings_with}]


def later_words(choices: Sequence[LaterChoice]) -> str:
    """What tables say of such choices, or "" where there are none."""
    model_names = sorted({" and ".join(choice.models) for choice in choices})
    return (
        f"part of the test was chosen after a result of {'; '.join(model_names)} had been seen" if model_names else ""
    )


def _why_reported(pair: tuple[str, str], dataset: Dataset) -> str:
    """Why what was measured of a pair rests on the word of a contributor alone, or "": then nothing is said of it."""
    if reason := why_measured_alone(pair, dataset):
        return reason
    match = dataset.matches.get(pair_slug(*pair))
    if match and match_level(match, dataset) not in COUNTED:
        return f"the match of the two is {Level.REPORTED}, and nobody has made it again"
    return ""


def why_measured_alone(models: Sequence[str], dataset: Dataset) -> str:
    """Why the measurements of some models rest on the word of a contributor alone, or ""."""
    measured_models = {*dataset.fingerprints, *dataset.not_testable}
    models_alone = [model for model in models if model in measured_models and level_of(model, dataset) not in COUNTED]
    if not models_alone:
        return ""
    subject, pronoun = (
        ("the measurements of {} are", "them") if len(models_alone) > 1 else ("the measurement of {} is", "it")
    )
    return f"{subject.format(' and '.join(models_alone))} {Level.REPORTED}, and nobody has made {pronoun} again"


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

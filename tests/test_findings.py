"""Each status and each abstention once; a finding changes when its data changes."""

from dataclasses import replace

import numpy as np
import pytest

from lineage.evidence.findings import (
    AXIS,
    RESPONSES,
    UNITS,
    Component,
    ControlEffects,
    Evidence,
    ExactTest,
    SharedBytes,
    Status,
    find_status,
    holm_log10,
)

SPREAD = tuple(np.linspace(-0.01, 0.01, 66))
CONTROLS = ControlEffects({UNITS: SPREAD, AXIS: SPREAD, RESPONSES: SPREAD}, roots=12)
UNRELATED = Component(log10_p=-0.3, delta=0.001, power_delta=0.02)
SILENT = Component("few common tokens")
ALIKE = Component(log10_p=-80.0, delta=0.6, power_delta=0.004)
REJECTS = ExactTest(units=ALIKE, axis=ALIKE, responses=ALIKE, blocks=6)
BOTH = Evidence(measured=(True, True), shared=SharedBytes(36, 0, 62, 0), test=REJECTS, controls=CONTROLS)


def evidence_of(units: Component, axis: Component = UNRELATED, responses: Component = SILENT) -> Evidence:
    return replace(BOTH, test=ExactTest(units, axis, responses, 6))


CASES = {
    "neither was read": (Evidence((False, False)), Status.NOT_MEASURED, "of neither"),
    "one was read": (Evidence((True, False)), Status.NOT_MEASURED, "of only one of the two"),
    "one is packed": (
        replace(BOTH, unreadable=("", "its weights are packed by GPTQ")),
        Status.NOT_TESTABLE,
        "packed by GPTQ",
    ),
    "the test abstains": (
        evidence_of(Component("assumption failed: units look ordered in both"), Component("no common tokens")),
        Status.NOT_TESTABLE,
        "assumption failed",
    ),
    "the shapes differ": (
        replace(BOTH, test=None, incomparable="their residual streams are 384 and 512 wide"),
        Status.NOT_TESTABLE,
        "384 and 512 wide",
    ),
    "the test was not run": (replace(BOTH, test=None), Status.INCONCLUSIVE, "has not been run"),
    "no controls": (replace(BOTH, controls=ControlEffects()), Status.INCONCLUSIVE, "0 independent control roots"),
    "few controls": (
        replace(BOTH, controls=ControlEffects({UNITS: (0.001,) * 6}, 4)),
        Status.INCONCLUSIVE,
        "4 independent control roots are on record, 5 are needed",
    ),
    "a small effect": (
        evidence_of(replace(ALIKE, delta=0.005)),
        Status.INCONCLUSIVE,
        "is below 0.0098, which independent controls reach",
    ),
    "not rejected": (
        evidence_of(replace(UNRELATED, power_delta=0.004)),
        Status.CONSISTENT,
        "a mean cosine of 0.004 between hidden units would have been found",
    ),
    "rejected until corrected for many": (
        replace(BOTH, log10_p_holm=-1.2),
        Status.CONSISTENT,
        "does not reject",
    ),
    "rejected": (BOTH, Status.NOT_INDEPENDENT, "a mean cosine of 0.6 between hidden units of one index"),
    "rejected by the residual axis alone": (
        evidence_of(UNRELATED, ALIKE),
        Status.NOT_INDEPENDENT,
        "where independent controls stay below 0.0098; the exact test rejects "
        "independent initialisation (hidden units alone do not)",
    ),
    "rejected by responses alone, as of a rotated copy": (
        evidence_of(UNRELATED, UNRELATED, ALIKE),
        Status.NOT_INDEPENDENT,
        "a mean cosine of 0.6 between responses of hidden units of one index, where independent controls stay below "
        "0.0098; the exact test rejects independent initialisation (hidden units and residual dimensions alone do not)",
    ),
    "units not testable, the responses unlike": (
        evidence_of(Component("different widths"), Component("different widths"), UNRELATED),
        Status.NOT_TESTABLE,
        "hidden units: different widths; responses of hidden units alone do not speak against independence",
    ),
    "the best of three, corrected": (
        evidence_of(UNRELATED, UNRELATED, replace(ALIKE, log10_p=-2.4)),
        Status.CONSISTENT,
        "does not reject",
    ),
    "the best of three, small enough": (
        evidence_of(UNRELATED, UNRELATED, replace(ALIKE, log10_p=-2.5)),
        Status.NOT_INDEPENDENT,
        "responses of hidden units",
    ),
    "units not testable, the axis unlike": (
        evidence_of(Component("their numbers differ")),
        Status.NOT_TESTABLE,
        "hidden units: their numbers differ; residual dimensions alone do not speak against independence",
    ),
    "the better of two, corrected": (
        evidence_of(replace(UNRELATED, log10_p=-2.2), UNRELATED),
        Status.CONSISTENT,
        "does not reject",
    ),
    "a copy cut to its first layers": (
        replace(BOTH, shared=SharedBytes(36, 36, 62, 62, 18), test=None),
        Status.INCONCLUSIVE,
        "all 36 matrices that both have are the same to the bit, 18 stand in one of the two alone",
    ),
    "the same file": (replace(BOTH, shared=SharedBytes(36, 36, 62, 62), test=None), Status.SAME_WEIGHTS, "all 36"),
    "a quantised copy": (
        replace(evidence_of(replace(ALIKE, delta=0.9998)), shared=SharedBytes(36, 0, 62, 62)),
        Status.SAME_WEIGHTS,
        "all 62 vectors are the same to the bit",
    ),
    "equal vectors and other matrices": (
        replace(evidence_of(replace(ALIKE, delta=0.7)), shared=SharedBytes(36, 0, 62, 62)),
        Status.NOT_INDEPENDENT,
        "0.7",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_status_and_each_abstention(case: str) -> None:
    evidence, status, reason = CASES[case]

    found = find_status(evidence)

    assert found.status == status
    assert reason in found.reason


def test_every_status_is_shown_once() -> None:
    assert {status for _, status, _ in CASES.values()} == set(Status)


def test_no_status_and_no_reason_says_that_a_model_was_derived_or_copied() -> None:
    said = " ".join(f"{status} {find_status(evidence).reason}" for evidence, status, _ in CASES.values())

    for word in ("derived", "copied", "stole", "plagiar", "proof", "proves", "guilty"):
        assert word not in said


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["log10_p", "delta", "power_delta"])
def test_a_number_that_is_not_finite_is_an_error_and_never_a_finding(name: str, wrong: float) -> None:
    odd = replace(ALIKE, **{name: wrong})

    for evidence in (evidence_of(odd), evidence_of(ALIKE, odd), evidence_of(ALIKE, ALIKE, odd)):
        with pytest.raises(ValueError, match="not finite"):
            find_status(evidence)


def test_holm_by_hand() -> None:
    p_values = [0.04, 0.01, 0.03]

    corrected = [10**value for value in holm_log10([float(np.log10(p)) for p in p_values])]

    assert corrected == pytest.approx([0.06, 0.03, 0.06])


def test_holm_holds_where_p_values_underflow_and_stays_at_most_one() -> None:
    assert holm_log10([-5000.0, -0.1]) == pytest.approx([-5000 + np.log10(2), -0.1])
    assert holm_log10([-0.1, -0.2]) == [0.0, 0.0]
    assert holm_log10([]) == []

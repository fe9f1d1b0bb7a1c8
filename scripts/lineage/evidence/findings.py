"""What the weights of two models say of a common origin: one status a pair, computed, and able to say "cannot tell".

The exact tests decide (methods.md R2): scores of the screening methods stand beside it and never make a finding. What
weights cannot show, whatever the status: distillation, the direction, and shared initial weights against derivation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

UNITS, AXIS, RESPONSES = "hidden units", "residual dimensions", "responses of hidden units"
LEVEL = 0.01  # of the exact test, after Holm over the findings that are published together
COPIES = 0.99  # mean matched cosine from which weights whose vectors are equal to the bit are called the same
CONTROL_QUANTILE = 0.99  # of the effect sizes of independent controls, which a finding must reach
FEWEST_CONTROL_ROOTS = 5  # independent roots below which there is no such quantile


class Status(StrEnum):
    """What can be said of two models. The value is what pages print."""

    NOT_MEASURED = "not measured"
    NOT_TESTABLE = "not testable"
    INCONCLUSIVE = "inconclusive"
    CONSISTENT = "consistent with independent initialisation"
    NOT_INDEPENDENT = "not independently initialised"
    SAME_WEIGHTS = "same weights"


TYING = (Status.SAME_WEIGHTS, Status.NOT_INDEPENDENT)  # those that tie two models together, the stronger first


@dataclass(frozen=True)
class Component:
    """One exact test of a pair: of UNITS, of AXIS or of RESPONSES. Numbers are missing where it abstains."""

    not_testable: str = ""
    log10_p: float | None = None
    delta: float | None = None  # mean cosine of units of one index, in [-1, 1]
    power_delta: float | None = None  # the smallest that would have been found


@dataclass(frozen=True)
class ExactTest:
    """The exact tests on two models, by hidden units, by residual dimensions and by responses of hidden units."""

    units: Component
    axis: Component = Component("not asked for")
    responses: Component = Component("not asked for")
    blocks: int = 0  # layers that the test of hidden units combines

    @property
    def components(self) -> dict[str, Component]:
        """Those that give a p-value, by their names."""
        components = {UNITS: self.units, AXIS: self.axis, RESPONSES: self.responses}
        return {
            name: component
            for name, component in components.items()
            if component.log10_p is not None and component.delta is not None
        }

    @property
    def log10_p(self) -> float | None:
        """log10 of the smallest p-value, corrected for how many there are (Holm); None where there is none."""
        values = [component.log10_p for component in self.components.values() if component.log10_p is not None]
        return min(0.0, min(values) + float(np.log10(len(values)))) if values else None

    @property
    def leading(self) -> str:
        """The name of the component with the smallest p-value; "" where there is none."""
        return min(self.components, key=lambda name: self.components[name].log10_p or 0.0, default="")

    @property
    def by_residual_alone(self) -> bool:
        """Whether residual dimensions lead below LEVEL, and hidden units are above it or have no p-value."""
        units = self.units.log10_p
        silent = units is None or units >= np.log10(LEVEL)
        return self.leading == AXIS and silent and (self.log10_p or 0.0) < np.log10(LEVEL)


@dataclass(frozen=True)
class ControlEffects:
    """Effect sizes of independent controls, by component: mean cosines of pairs known to be independent."""

    deltas: Mapping[str, Sequence[float]] = field(default_factory=dict)
    roots: int = 0

    def threshold(self, component: str) -> float | None:
        """The effect size that a finding must reach; None where there are too few roots to have one."""
        deltas = self.deltas.get(component, ())
        return float(np.quantile(deltas, CONTROL_QUANTILE)) if self.roots >= FEWEST_CONTROL_ROOTS and deltas else None


@dataclass(frozen=True)
class SharedBytes:
    """How many tensors of two fingerprints have the same bytes: of the matrices, and of the vectors."""

    matrices: int = 0
    matrices_equal: int = 0
    vectors: int = 0
    vectors_equal: int = 0
    matrices_alone: int = 0  # that only one of the two has

    @property
    def all_equal(self) -> bool:
        """Whether both have the same matrices, and every one is the same to the bit."""
        return self.common_equal and not self.matrices_alone

    @property
    def common_equal(self) -> bool:
        """Whether every matrix that both have is the same to the bit."""
        return self.matrices > 0 and self.matrices_equal == self.matrices

    @property
    def vectors_are_equal(self) -> bool:
        """Whether every vector is the same to the bit, as a quantised copy leaves them."""
        return self.vectors > 0 and self.vectors_equal == self.vectors


@dataclass(frozen=True)
class Evidence:
    """Everything that a finding rests on."""

    measured: tuple[bool, bool]
    unreadable: tuple[str, str] = ("", "")  # why the weights of each are not testable, or ""
    incomparable: str = ""  # why the exact test cannot compare the two shapes, or ""
    shared: SharedBytes = SharedBytes()
    test: ExactTest | None = None  # None where the two were not matched
    controls: ControlEffects = ControlEffects()
    reported: str = ""  # why it rests on the word of a contributor alone, or "": no finding is made of that
    log10_p_holm: float | None = None  # of the test, corrected over the findings published together


@dataclass(frozen=True)
class Finding:
    """The status of a pair, and why, in words for a page."""

    status: Status
    reason: str


def find_status(evidence: Evidence) -> Finding:
    """The one status that the evidence carries, with its reason; ValueError where a number is not finite."""
    test = evidence.test
    _refuse_not_finite(evidence)
    if evidence.reported:
        return Finding(Status.INCONCLUSIVE, evidence.reported)
    if unreadable := [reason for reason in evidence.unreadable if reason]:
        return Finding(Status.NOT_TESTABLE, unreadable[0])
    if evidence.shared.all_equal:
        return Finding(Status.SAME_WEIGHTS, f"all {evidence.shared.matrices} matrices are the same to the bit")
    if test is None and evidence.incomparable:
        return Finding(Status.NOT_TESTABLE, evidence.incomparable)
    if test is None:
        return _without_test(evidence)
    if not test.components:
        return Finding(Status.NOT_TESTABLE, test.units.not_testable or "the exact test gives no p-value")
    if evidence.shared.vectors_are_equal and (test.units.delta or 0) >= COPIES:
        return Finding(
            Status.SAME_WEIGHTS,
            f"all {evidence.shared.vectors} vectors are the same to the bit, and the matrices agree at a mean cosine "
            f"of {test.units.delta:.4f}, as in a quantised copy",
        )
    return _by_test(test, evidence)


def _without_test(evidence: Evidence) -> Finding:
    if not any(evidence.measured):
        return Finding(Status.NOT_MEASURED, "the weights of neither have been read here")
    if not all(evidence.measured):
        return Finding(Status.NOT_MEASURED, "the weights of only one of the two have been read here")
    common = evidence.shared
    sentence = (
        f"all {common.matrices} matrices that both have are the same to the bit, {common.matrices_alone} stand in one "
        "of the two alone; "
        if common.common_equal
        else ""
    )
    return Finding(Status.INCONCLUSIVE, f"{sentence}both were measured, but the exact test has not been run on them")


def _by_test(test: ExactTest, evidence: Evidence) -> Finding:
    log10_p = test.log10_p if evidence.log10_p_holm is None else evidence.log10_p_holm
    if log10_p is None or log10_p >= np.log10(LEVEL):
        return _not_rejected(test)
    name = test.leading
    delta, threshold = test.components[name].delta or 0.0, evidence.controls.threshold(name)
    if threshold is None:
        shortage = (
            f"{evidence.controls.roots} independent control roots are on record, {FEWEST_CONTROL_ROOTS} are needed"
        )
        return Finding(
            Status.INCONCLUSIVE, f"the exact test rejects independence, but {shortage} to judge the effect size"
        )
    if delta < threshold:
        return Finding(
            Status.INCONCLUSIVE,
            f"the exact test of {name} rejects independence, but the effect, a mean cosine of {delta:.2g}, is below "
            f"{threshold:.2g}, which independent controls reach",
        )
    return Finding(
        Status.NOT_INDEPENDENT,
        f"a mean cosine of {delta:.3g} between {name} of one index, where independent controls stay below "
        f"{threshold:.2g}; the exact test rejects independent initialisation{_of_the_others(test)}",
    )


def _not_rejected(test: ExactTest) -> Finding:
    if UNITS not in test.components:
        sentence = f"{' and '.join(test.components)} alone do not speak against independence"
        return Finding(Status.NOT_TESTABLE, f"hidden units: {test.units.not_testable}; {sentence}")
    power = test.units.power_delta
    could = f" (power: a mean cosine of {power:.2g} between hidden units would have been found)" if power else ""
    return Finding(Status.CONSISTENT, f"the exact test does not reject it{could}")


def _of_the_others(test: ExactTest) -> str:
    """The components above LEVEL, in brackets, as the end of a sentence on the others; "" where there are none."""
    silent = [name for name, component in test.components.items() if (component.log10_p or 0.0) >= np.log10(LEVEL)]
    return f" ({' and '.join(silent)} alone do not)" if silent else ""


def holm_log10(values: Sequence[float]) -> list[float]:
    """log10 of p-values after Holm's correction (Holm, 1979), each at most 0, in the order given."""
    order = np.argsort(values, kind="stable")
    steps = np.log10(np.arange(len(values), 0, -1))
    corrected = np.minimum(np.maximum.accumulate(np.asarray(values, dtype=float)[order] + steps), 0.0)
    given_order = np.empty(len(values))
    given_order[order] = corrected
    return [float(value) for value in given_order]


def _refuse_not_finite(evidence: Evidence) -> None:
    numbers = [evidence.log10_p_holm]
    for unit_match in (evidence.test.units, evidence.test.axis, evidence.test.responses) if evidence.test else ():
        numbers += [unit_match.log10_p, unit_match.delta, unit_match.power_delta]
    if any(number is not None and not np.isfinite(number) for number in numbers):
        raise ValueError("a finding cannot rest on a number that is not finite")

"""What the weights of two models say of a common origin: one status a pair, computed, and able to say "cannot tell".

The exact test decides (methods.md R2): scores of the screening methods stand beside it and never make a finding. What
weights cannot show, whatever the status: distillation, the direction, and shared initial weights against derivation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

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


@dataclass(frozen=True)
class ExactTest:
    """The exact test on two models, or the reason why it gives no p-value."""

    not_testable: str = ""
    log10_p: float | None = None
    blocks: int = 0  # that Fisher's method combines
    median_delta: float | None = None  # mean matched cosine of the middle block, in [-1, 1]
    power_delta: float | None = None  # the smallest that would have been found


@dataclass(frozen=True)
class ControlEffects:
    """Effect sizes of independent controls: mean matched cosines of pairs known to be independent, and their roots."""

    deltas: tuple[float, ...] = ()
    roots: int = 0

    @property
    def threshold(self) -> float | None:
        """The effect size that a finding must reach; None where there are too few roots to have one."""
        enough = self.roots >= FEWEST_CONTROL_ROOTS and self.deltas
        return float(np.quantile(self.deltas, CONTROL_QUANTILE)) if enough else None


@dataclass(frozen=True)
class SharedBytes:
    """How many tensors of two fingerprints have the same bytes: of the matrices, and of the vectors."""

    matrices: int = 0
    matrices_equal: int = 0
    vectors: int = 0
    vectors_equal: int = 0

    @property
    def all_equal(self) -> bool:
        """Whether every matrix is the same to the bit."""
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
    log10_p_holm: float | None = None  # of the test, corrected over the findings published together


@dataclass(frozen=True)
class Finding:
    """The status of a pair, and why, in words for a page."""

    status: Status
    reason: str


def find_status(evidence: Evidence) -> Finding:
    """The one status that the evidence carries, with its reason; ValueError where a number is not finite."""
    test = evidence.test
    _refuse_not_finite(test, evidence.log10_p_holm)
    if unreadable := [reason for reason in evidence.unreadable if reason]:
        return Finding(Status.NOT_TESTABLE, unreadable[0])
    if evidence.shared.all_equal:
        return Finding(Status.SAME_WEIGHTS, f"all {evidence.shared.matrices} matrices are the same to the bit")
    if test is None and evidence.incomparable:
        return Finding(Status.NOT_TESTABLE, evidence.incomparable)
    if test is None:
        return _without_test(evidence)
    if test.log10_p is None or test.median_delta is None:
        return Finding(Status.NOT_TESTABLE, test.not_testable or "the exact test gives no p-value")
    if evidence.shared.vectors_are_equal and test.median_delta >= COPIES:
        return Finding(
            Status.SAME_WEIGHTS,
            f"all {evidence.shared.vectors} vectors are the same to the bit, and the matrices agree at a mean cosine "
            f"of {test.median_delta:.4f}, as in a quantised copy",
        )
    log10_p = test.log10_p if evidence.log10_p_holm is None else evidence.log10_p_holm
    return _by_test(log10_p, test.median_delta, test.power_delta, evidence.controls)


def _without_test(evidence: Evidence) -> Finding:
    if not any(evidence.measured):
        return Finding(Status.NOT_MEASURED, "the weights of neither have been read here")
    if not all(evidence.measured):
        return Finding(Status.NOT_MEASURED, "the weights of only one of the two have been read here")
    return Finding(Status.INCONCLUSIVE, "both were measured, but the exact test has not been run on them")


def _by_test(log10_p: float, delta: float, power_delta: float | None, controls: ControlEffects) -> Finding:
    if log10_p >= np.log10(LEVEL):
        power = f" (power: a mean cosine of {power_delta:.2g} would have been found)" if power_delta else ""
        return Finding(Status.CONSISTENT, f"the exact test does not reject it{power}")
    threshold = controls.threshold
    if threshold is None:
        few = f"{controls.roots} independent control roots are on record, {FEWEST_CONTROL_ROOTS} are needed"
        return Finding(Status.INCONCLUSIVE, f"the exact test rejects independence, but {few} to judge the effect size")
    if delta < threshold:
        return Finding(
            Status.INCONCLUSIVE,
            f"the exact test rejects independence, but the effect, a mean cosine of {delta:.2g}, is below "
            f"{threshold:.2g}, which independent controls reach",
        )
    return Finding(
        Status.NOT_INDEPENDENT,
        f"a mean cosine of {delta:.3g} between units of one index, where independent controls stay below "
        f"{threshold:.2g}; the exact test rejects independent initialisation",
    )


def holm_log10(values: Sequence[float]) -> list[float]:
    """log10 of p-values after Holm's correction (Holm, 1979), each at most 0, in the order given."""
    order = np.argsort(values, kind="stable")
    steps = np.log10(np.arange(len(values), 0, -1))
    corrected = np.minimum(np.maximum.accumulate(np.asarray(values, dtype=float)[order] + steps), 0.0)
    found = np.empty(len(values))
    found[order] = corrected
    return [float(value) for value in found]


def _refuse_not_finite(test: ExactTest | None, log10_p_holm: float | None) -> None:
    numbers = [log10_p_holm, *((test.log10_p, test.median_delta, test.power_delta) if test else ())]
    if any(number is not None and not np.isfinite(number) for number in numbers):
        raise ValueError("a finding cannot rest on a number that is not finite")

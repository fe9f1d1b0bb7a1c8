"""Exact tests of the checked model and others -> one status, whether it is as somebody expected, and an exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from lineage.evidence.finding_tables import control_effects, exact_test, measured_evidence, why_measured_alone
from lineage.evidence.findings import TYING, Evidence, Finding, SharedBytes, Status, find_status, holm_log10
from lineage.looking.subjects import CHECKED, is_on_record
from lineage.records import Dataset, Match
from lineage.records.provenance import documented_lineage

# The status of several pairs is the first of these that any of them has.
_ORDER = (*TYING, Status.INCONCLUSIVE, Status.NOT_TESTABLE, Status.NOT_MEASURED, Status.CONSISTENT)
_CHANGING = ("finetune", "merge")  # relations that change matrices
RELATIONS = ("finetune", "quantized", "merge", "independent")


class Exit(IntEnum):
    """With which code the command ends. Part of its interface: a number keeps its meaning."""

    NOTHING = 0  # every test that was asked for was run, and none rejects independence; or all is as expected
    CONTRADICTED = 1  # the status contradicts what was expected
    FAULT = 2  # something cannot be read, or the command is wrong
    NOT_INDEPENDENT = 3  # not independently initialised, or the same weights
    CANNOT_TELL = 4


class Why(StrEnum):
    """Why the exact tests were asked for of a pair."""

    AGAINST = "named with --against or --expect"
    LIKELIEST = "likeliest on record"
    SAME_BYTES = "its matrices are the same to the bit"


class Agreement(StrEnum):
    """How an expectation and a status go together."""

    AGREES = "agrees"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class ComparedPair:
    """The checked model and another: what is said of the two, and what that rests on."""

    model: str
    why: Why
    finding: Finding
    evidence: Evidence
    match: Match | None


@dataclass(frozen=True)
class Expected:
    """What somebody says of the checked model."""

    base: str  # an address, or the id of a model on record
    relation: str  # one of RELATIONS


@dataclass(frozen=True)
class Answer:
    """An expectation beside the status of its pair."""

    expected: Expected
    agreement: Agreement
    reason: str


def parse_expected(words: Sequence[str]) -> Expected:
    """What "base=ADDRESS relation=finetune" says, in one word or two; ValueError where it does not say both."""
    pairs = [word.partition("=") for text in words for word in text.split()]
    values = {name: value for name, _, value in pairs if value}
    if sorted(name for name, _, _ in pairs) != ["base", "relation"] or len(values) < len(pairs):
        raise ValueError(f"--expect {' '.join(words)}: write base=ADDRESS relation={'|'.join(RELATIONS)}")
    if values["relation"] not in RELATIONS:
        raise ValueError(f"--expect: no relation is called {values['relation']!r}; there is {', '.join(RELATIONS)}")
    return Expected(values["base"], values["relation"])


def compare_pairs(
    dataset: Dataset, reasons: Mapping[str, Why], matches: Mapping[str, Match], unread: Mapping[str, str]
) -> list[ComparedPair]:
    """The checked model and each that was asked for: its finding, by the rules of every finding on the site.

    matches holds the exact tests that were run, and unread why one was not, by the other model. p-values
    are corrected over the tests of this run, as those of the site are over its findings.
    """
    controls = control_effects(dataset, documented_lineage(dataset))
    tests = {model: exact_test(match) for model, match in matches.items()}
    values = {model: test.log10_p for model, test in tests.items() if test.log10_p is not None}
    corrected = dict(zip(values, holm_log10(list(values.values())), strict=True))
    pairs = []
    for model, why in reasons.items():
        alone = why_measured_alone([model], dataset) if is_on_record(model) else ""
        evidence = replace(
            measured_evidence(CHECKED, model, dataset),
            test=tests.get(model),
            controls=controls,
            reported="" if model in tests else alone,
            log10_p_holm=corrected.get(model),
        )
        if alone and model in tests:  # its weights were read in this run; its table still is its contributor's word
            evidence = replace(evidence, shared=SharedBytes())
        finding = find_status(evidence)
        if model in unread and finding.status not in TYING:
            finding = Finding(Status.INCONCLUSIVE, f"the exact test has not been run: {unread[model]}")
        pairs.append(ComparedPair(model, why, finding, evidence, matches.get(model)))
    return pairs


def find_outcome(dataset: Dataset, pairs: Sequence[ComparedPair], testable: int) -> tuple[Finding, str]:
    """The one status of a run, and the model that it is about, "" where it is about none or several.

    It is the first of _ORDER that any pair has, so a pair that cannot be told stands before one without a finding.
    testable is how many models on record the exact tests could be run with.
    """
    if pairs:
        leading = min(pairs, key=lambda pair: _ORDER.index(pair.finding.status))
        if leading.finding.status == Status.CONSISTENT and len(pairs) > 1:
            reason = f"the exact test rejects it for none of the {len(pairs)} models that were tested"
            return Finding(Status.CONSISTENT, reason), ""
        return leading.finding, leading.model
    record = dataset.not_testable.get(CHECKED)
    if record is not None and record.why_not_compared:
        return Finding(Status.NOT_TESTABLE, record.why_not_compared), ""
    if not testable:
        reason = "the exact tests compare its shape with that of no model on record whose weights can be read"
        return Finding(Status.NOT_TESTABLE, reason), ""
    return Finding(Status.INCONCLUSIVE, "no exact test has been run; scores alone make no finding"), ""


def answer_of(expected: Expected, pair: ComparedPair) -> Answer:
    """Whether the status of a pair contradicts what was expected of it."""
    status, reason = pair.finding.status, pair.finding.reason
    if expected.relation in _CHANGING and pair.evidence.shared.all_equal:
        return Answer(expected, Agreement.CONTRADICTED, f"{reason}, and a {expected.relation} changes them")
    if status not in (*TYING, Status.CONSISTENT):
        return Answer(expected, Agreement.CANNOT_TELL, reason)
    agrees = (expected.relation == "independent") == (status == Status.CONSISTENT)
    return Answer(expected, Agreement.AGREES if agrees else Agreement.CONTRADICTED, f"{status}: {reason}")


def exit_of(status: Status, answers: Sequence[Answer]) -> Exit:
    """The code that the command ends with: of what was expected where anything was, else of the status."""
    agreements = {expectation.agreement for expectation in answers}
    if Agreement.CONTRADICTED in agreements:
        return Exit.CONTRADICTED
    if answers:
        return Exit.CANNOT_TELL if Agreement.CANNOT_TELL in agreements else Exit.NOTHING
    if status in TYING:
        return Exit.NOT_INDEPENDENT
    return Exit.NOTHING if status == Status.CONSISTENT else Exit.CANNOT_TELL

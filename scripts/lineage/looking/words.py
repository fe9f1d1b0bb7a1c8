"""A report in lines for a terminal; the page of a report takes its sentences from here too."""

from collections.abc import Iterator, Sequence

from lineage.looking.report import (
    Checked,
    Common,
    Coverage,
    EqualTensors,
    ExactResult,
    Expectation,
    PairResult,
    Report,
    Score,
)
from lineage.looking.sampled import FAMILY
from lineage.looking.subjects import THIS
from lineage.site.pages.pair_words import P_RULE
from lineage.site.templating import grouped, power_of_ten, score

SHOWN = 3  # of each list in a terminal; JSON and page have all
_NO_FINDING = "a score makes no finding"


def report_lines(report: Report) -> Iterator[str]:
    """The whole report, the status last."""
    yield read_sentence(report.checked)
    yield f"  {coverage_words(report.checked.coverage)}"
    yield from _listed([f"not read: {name}" for name in report.checked.not_measured])
    if report.checked.why_not_compared:
        yield f"  not compared: {report.checked.why_not_compared}"
    yield ""
    yield f"Nearest of the {report.record.compared} models that it was compared with ({_NO_FINDING}):"
    for screening in report.screenings:
        yield f"  {screening.name}"
        scored = [row for row in screening.scores if row.similarity is not None]
        yield from (f"    {score_words(row)}" for row in scored[:SHOWN])
        if not scored:
            yield f"    cannot tell: {why_no_score(screening.scores, report.checked)}"
    yield f"  {P_RULE}"
    yield ""
    yield "In common beside the weights, which is no evidence of shared weights:"
    yield from _common_lines(report)
    yield ""
    yield "Tensors with the same bytes:"
    yield from (f"  {equal_words(tensors)}" for tensors in report.equal_tensors)
    if not report.equal_tensors and report.checked.family == FAMILY:
        yield "  cannot tell: the file holds no checksum of a tensor"
    elif not report.equal_tensors:
        yield f"  none with the {report.record.compared} models that it was compared with"
    yield ""
    yield from _pair_lines(report)
    yield ""
    yield status_line(report)
    yield from (expectation_words(expectation) for expectation in report.expected)


def read_sentence(checked: Checked) -> str:
    """What was read, in a sentence."""
    size = sum(file.bytes for file in checked.files)
    files = "1 file" if len(checked.files) == 1 else f"{len(checked.files)} files"
    return f"{checked.address}: read as {checked.family}; {files}, {grouped(size)} bytes"


def coverage_words(coverage: Sequence[Coverage]) -> str:
    """How much of each role was read: "q 12 of 12, gate numbered experts"."""
    words = [
        f"{role.role}: numbered experts, summarised"
        if role.read is None
        else f"{role.role} {role.read} of {role.there}"
        for role in coverage
    ]
    return f"read of the layers: {', '.join(words)}" if words else "no matrix of the layers was read as a whole"


def score_words(row: Score) -> str:
    """A score with its places: "0.998  maker/name: higher than 3 of 3 and 2 of 2 control roots"."""
    p = "" if row.p is None else f", p = {row.p:.2g} by permutation"
    note = f", {row.note}" if row.note else ""
    places = f"among all independent roots {row.among_all.words}; among those of its shape {row.among_its_shape.words}"
    return f"{score(row.similarity)}  {row.model}{p}{note}; {places}"


def why_no_score(scores: Sequence[Score], checked: Checked) -> str:
    """Why a method gives no score at all."""
    reasons = dict.fromkeys(row.not_testable for row in scores if row.not_testable)
    return checked.why_not_compared or next(iter(reasons), "nothing was compared")


def equal_words(tensors: EqualTensors) -> str:
    """How many tensors are the same to the bit."""
    return (
        f"{tensors.model}: {tensors.matrices_equal} of {tensors.matrices} matrices and "
        f"{tensors.vectors_equal} of {tensors.vectors} vectors that both have"
    )


def test_words(test: ExactResult) -> str:
    """One exact test with effect, p, floor and power, or why there is none."""
    if test.not_testable or test.effect is None:
        return f"{test.test}: cannot tell: {test.not_testable or 'no p-value'}"
    floor = "" if test.log10_floor is None else f" (smallest possible {power_of_ten(test.log10_floor)})"
    power = "" if test.power is None else f"; a mean cosine of {test.power:.2g} would have been found"
    controls = "" if test.independent is None else f"; independent controls stay below {test.independent:.2g}"
    return f"{test.test}: mean cosine {test.effect:.3g}, p {power_of_ten(test.log10_p)}{floor}{power}{controls}"


def pair_words(pair: PairResult) -> str:
    """The status of a pair with its reason."""
    return f"{THIS} and {pair.model} ({pair.why}): {pair.status}: {pair.reason}"


def status_line(report: Report) -> str:
    """The one status, in the words of findings."""
    about = f" ({THIS} and {report.of})" if report.of else ""
    tested = [pair for pair in report.pairs if pair.tests]
    untested = len(report.likeliest) and not tested and not report.of
    more = f". With --match the exact tests are run on {', '.join(report.likeliest)}" if untested else ""
    return f"Status: {report.status}{about}: {report.reason}{more}"


def expectation_words(expectation: Expectation) -> str:
    """What was expected, and whether the status contradicts it."""
    words = f"Expected: {expectation.relation} of {expectation.base}"
    if expectation.relation == "independent":
        words = f"Expected: independent of {expectation.base}"
    return f"{words}: {expectation.answer}: {expectation.reason}"


def foremost(report: Report) -> list[str]:
    """The models that a reader wants to know most of: those with equal tensors, those tested, and the nearest."""
    scored = [[row.model for row in screening.scores if row.similarity is not None] for screening in report.screenings]
    nearest = [models[0] for models in scored if models]
    equal = [tensors.model for tensors in report.equal_tensors]
    return list(dict.fromkeys([*equal, *(pair.model for pair in report.pairs), *report.likeliest, *nearest]))


def _common_lines(report: Report) -> Iterator[str]:
    by_model: dict[str, Common] = {common.model: common for common in report.in_common}
    models = [model for model in foremost(report) if model in by_model][:SHOWN]
    for model in models:
        yield f"  {model}"
        yield from (f"    {sentence}" for sentence in by_model[model].sentences)
    if not models:
        yield "  cannot tell: no configuration or tokenizer of both is on record"


def _pair_lines(report: Report) -> Iterator[str]:
    yield "Exact tests:"
    for pair in report.pairs:
        yield f"  {pair_words(pair)}"
        yield from (f"    {test_words(test)}" for test in pair.tests)
    if not report.pairs:
        yield "  not run: --match runs them on the likeliest models on record, --against on one that you name"


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN} more kinds"

"""What a run has computed -> the report of it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage.evidence.findings import AXIS, RESPONSES, UNITS, Component, Finding, SharedBytes
from lineage.evidence.positions import Position
from lineage.looking.likeness import InCommon, Likeness
from lineage.looking.outcome import Answer, ComparedPair, exit_of
from lineage.looking.report import (
    VERSION,
    Checked,
    Common,
    Coverage,
    EqualField,
    EqualTensors,
    ExactResult,
    Expectation,
    PairResult,
    Place,
    ReadFile,
    Record,
    Report,
    Score,
    Screening,
)
from lineage.looking.subjects import CHECKED, THIS, Subject, is_on_record, roles_read
from lineage.methods.registry import SCREENINGS
from lineage.site.pages.pair_words import position_text

HEADS = "attention heads"


@dataclass(frozen=True)
class Results:
    """What a run has computed, before it is a report."""

    checked: Subject
    record: Record
    by_method: Mapping[str, Sequence[Likeness]]
    in_common: Sequence[InCommon]
    equal: Mapping[str, SharedBytes]
    likeliest: Sequence[str]
    pairs: Sequence[ComparedPair]
    outcome: tuple[Finding, str]  # the one status, and the model that it is about
    answers: Sequence[Answer]


def report_of(results: Results, titles: Mapping[str, str], tool_version: str) -> Report:
    """The report of a run; titles say what the models are called that are not on record, by their ids."""

    def title(model: str) -> str:
        return titles.get(model, model)

    finding, of = results.outcome
    return Report(
        look=VERSION,
        tool_version=tool_version,
        checked=_checked(results.checked),
        record=results.record,
        screenings=tuple(_screening(method, rows, title) for method, rows in results.by_method.items()),
        in_common=tuple(_common(common, title(common.model)) for common in results.in_common),
        equal_tensors=tuple(_equal(tensors, title(model)) for model, tensors in results.equal.items()),
        likeliest=tuple(results.likeliest),
        pairs=tuple(_pair(pair, title(pair.model)) for pair in results.pairs),
        status=str(finding.status),
        reason=in_words_of(finding.reason, titles),
        of=title(of),
        expected=tuple(_expectation(answer, titles) for answer in results.answers),
        exit_code=int(exit_of(finding.status, results.answers)),
    )


def in_words_of(text: str, titles: Mapping[str, str]) -> str:
    """A text with the titles of looked-at checkpoints in place of their ids; titles are by id."""
    for model in sorted(titles, key=len, reverse=True):  # the longest first: one id may begin another
        if not is_on_record(model):
            text = text.replace(model, titles[model])
    return text


def _checked(subject: Subject) -> Checked:
    measurement = subject.measurement
    if measurement is None or subject.measured is None:
        raise ValueError(f"{subject.address}: was not measured")
    return Checked(
        address=subject.address,
        revision=measurement.revision,
        family=measurement.family,
        files=tuple(ReadFile(name=file.name, sha256=file.sha256, bytes=file.bytes) for file in measurement.files),
        coverage=tuple(
            Coverage(role=role.role, read=role.read, there=role.there) for role in roles_read(subject.measured)
        ),
        not_measured=measurement.not_measured,
        why_not_compared=measurement.why_not_compared,
    )


def _screening(method: str, rows: Sequence[Likeness], title: Callable[[str], str]) -> Screening:
    scores = tuple(_score(row, title(row.model)) for row in rows)
    return Screening(method=method, name=SCREENINGS[method].name, scores=scores)


def _score(row: Likeness, title: str) -> Score:
    among_all, among_its_shape = map(_place, row.positions)
    return Score(
        model=title,
        similarity=row.similarity,
        effect=row.effect,
        p=row.p,
        note=row.note,
        not_testable=row.not_testable,
        among_all=among_all,
        among_its_shape=among_its_shape,
    )


def _place(position: Position) -> Place:
    row = {
        "below_a": position.below_a,
        "below_b": position.below_b,
        "n_a": len(position.controls_a),
        "n_b": len(position.controls_b),
        "p": position.p,
        "abstained": position.abstained,
        "sampled": 0,  # the record beside which a model is looked at is that of what was measured here
    }
    return Place(
        below_checked=position.below_a,
        of_checked=len(position.controls_a),
        below_other=position.below_b,
        of_other=len(position.controls_b),
        p=position.p,
        words=in_words_of(position_text(row), {CHECKED: THIS}),
    )


def _common(common: InCommon, title: str) -> Common:
    vocabulary = common.vocabulary
    fields = [(field.name, field.value, field.makers_with, field.makers) for field in common.equal]
    return Common(
        model=title,
        same_tokens=vocabulary.equal_list if vocabulary else None,
        makers_with_tokens=vocabulary.makers_with_list if vocabulary else None,
        makers=vocabulary.makers if vocabulary else None,
        equal=tuple(
            EqualField.model_validate({"name": name, "value": value, "makers_with": having, "makers": makers})
            for name, value, having, makers in fields
        ),
        different=common.different,
        sentences=common.sentences,
    )


def _equal(shared: SharedBytes, title: str) -> EqualTensors:
    return EqualTensors(
        model=title,
        matrices=shared.matrices,
        matrices_equal=shared.matrices_equal,
        vectors=shared.vectors,
        vectors_equal=shared.vectors_equal,
    )


def _pair(pair: ComparedPair, title: str) -> PairResult:
    test = pair.evidence.test
    together = test.log10_p if test and pair.evidence.log10_p_holm is None else pair.evidence.log10_p_holm
    return PairResult(
        model=title,
        on_record=is_on_record(pair.model),
        why=str(pair.why),
        status=str(pair.finding.status),
        reason=in_words_of(pair.finding.reason, {CHECKED: THIS, pair.model: title}),
        log10_p=together,
        tests=tuple(_exact_results(pair, {CHECKED: THIS, pair.model: title})),
    )


def _exact_results(pair: ComparedPair, titles: Mapping[str, str]) -> Iterator[ExactResult]:
    test, match = pair.evidence.test, pair.match
    if test is None or match is None:
        return
    floors = {
        UNITS: match.mlps.log10_floor,
        RESPONSES: match.responses.log10_floor if match.responses else None,
        AXIS: _log10(match.residual.floor),
    }
    for name, component in ((UNITS, test.units), (RESPONSES, test.responses), (AXIS, test.axis)):
        threshold = pair.evidence.controls.threshold(name)
        yield _exact_result(name, component, floors[name], threshold, titles)
    heads = match.heads
    delta = heads.delta_quartiles[1] if heads.delta_quartiles else None
    component = Component(heads.not_testable or "", heads.log10_p, delta, heads.power_delta)
    yield _exact_result(HEADS, component, heads.log10_floor, None, titles)


def _exact_result(
    name: str, component: Component, floor: float | None, threshold: float | None, titles: Mapping[str, str]
) -> ExactResult:
    return ExactResult(
        test=name,
        effect=component.delta,
        log10_p=component.log10_p,
        log10_floor=floor,
        power=component.power_delta,
        independent=threshold,
        not_testable=in_words_of(component.not_testable, titles),
    )


def _log10(value: float | None) -> float | None:
    return None if value is None else math.log10(value)


def _expectation(answer: Answer, titles: Mapping[str, str]) -> Expectation:
    return Expectation(
        base=answer.expected.base,
        relation=answer.expected.relation,
        answer=str(answer.agreement),
        reason=in_words_of(answer.reason, titles),
    )

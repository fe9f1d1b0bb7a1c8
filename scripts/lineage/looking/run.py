"""One look: a checkpoint beside the record, with the exact tests that were asked for."""

from collections.abc import Mapping
from datetime import date

from lineage.checkpoints.files import CheckpointError
from lineage.looking.likeness import (
    can_be_tested,
    compared_models,
    equal_tensors,
    in_common,
    likeliest,
    likenesses,
)
from lineage.looking.naming import NamedSubjects, recorded_address
from lineage.looking.outcome import (
    Why,
    answer_of,
    compare_pairs,
    find_outcome,
)
from lineage.looking.report import Record, Report
from lineage.looking.request import LookRequest
from lineage.looking.results import Results, report_of
from lineage.looking.sampled import FAMILY
from lineage.looking.subjects import (
    CHECKED,
    THIS,
    Subject,
    beside_record,
    is_as_recorded,
    is_on_record,
    measurements_of,
    recorded_subject,
)
from lineage.matching.match import usual_reads
from lineage.matching.pair import match_pair
from lineage.matching.request import AskedCheckpoint, in_order
from lineage.measuring.measurement import VERSION as TOOL_VERSION
from lineage.records import Dataset, Match, Profile
from lineage.runs.progress import complain
from lineage.store.commits import last_commit
from lineage.store.home import HOME

LIKELIEST = 3


def look(subjects: NamedSubjects, record: Dataset, request: LookRequest) -> Report:
    """Everything that is said of a checkpoint beside the record."""
    dataset = beside_record(record, [subjects.checked, *subjects.against])
    against = [subject.model for subject in subjects.against]
    models = compared_models(dataset, against)
    if not request.quiet:
        complain(f"comparing with {len(models)} models")
    by_method = likenesses(dataset, models)
    equal = equal_tensors(dataset, models) if CHECKED in dataset.fingerprints else {}
    testable = measurements_of(dataset)[CHECKED].family != FAMILY
    likeliest_models = likeliest(dataset, by_method, equal, LIKELIEST) if testable else []
    reasons = {model: Why.SAME_BYTES for model, tensors in equal.items() if tensors.all_equal}
    reasons |= dict.fromkeys(likeliest_models, Why.LIKELIEST) if request.match else {}
    reasons |= dict.fromkeys(against, Why.AGAINST)
    pairs = compare_pairs(dataset, reasons, *run_tests(subjects, reasons, dataset, request))
    by_model = {pair.model: pair for pair in pairs}
    results = Results(
        checked=subjects.checked,
        record=Record(
            commit=last_commit(HOME)[0], measured=len(record.released), compared=sum(map(is_on_record, models))
        ),
        by_method=by_method,
        in_common=[common for model in models if (common := in_common(dataset, model))],
        equal=equal,
        likeliest=likeliest_models,
        pairs=pairs,
        outcome=find_outcome(dataset, pairs, sum(can_be_tested(dataset, model) for model in models)),
        answers=[answer_of(expected, by_model[model]) for expected, model in subjects.expected],
    )
    return report_of(results, subjects.titles, TOOL_VERSION)


def profiles_of(subjects: NamedSubjects, record: Dataset) -> dict[str, Profile]:
    """The curves of every measured model, by what it is called in a report."""
    dataset = beside_record(record, [subjects.checked, *subjects.against])
    return {
        subjects.titles.get(model, model): fingerprint.outline.profile
        for model, fingerprint in dataset.fingerprints.items()
    }


def run_tests(
    subjects: NamedSubjects, reasons: Mapping[str, Why], dataset: Dataset, request: LookRequest
) -> tuple[dict[str, Match], dict[str, str]]:
    """The exact tests of the checked model and others, and why a test was not run, each by the other model.

    reasons says of each other model why the tests were asked for. CheckpointError where one that somebody named cannot
    be read; one that was chosen here is only not tested then.
    """
    by_model = {subject.model: subject for subject in subjects.against}
    matches: dict[str, Match] = {}
    unread: dict[str, str] = {}
    for model, why in reasons.items():
        if why == Why.SAME_BYTES or CHECKED in dataset.not_testable:
            continue  # decided without a test
        subject = by_model.get(model) or recorded_subject(model, model, dataset)
        both = ((THIS, subjects.checked.why_not_tested), (subject.address, subject.why_not_tested))
        if untestable := [f"{title} {reason}" for title, reason in both if reason]:
            unread[model] = untestable[0]
            continue
        if not request.quiet:
            complain(f"testing against {subject.address}")
        try:
            matches[model] = run_test(subjects.checked, subject, quiet=request.quiet)
        except CheckpointError as fault:
            if why == Why.AGAINST:
                raise
            unread[model] = " ".join(str(fault).split())
    return matches, unread


def run_test(checked: Subject, opposite: Subject, *, quiet: bool) -> Match:
    """The exact tests of two checkpoints; CheckpointError where a model on record is not what was measured."""
    sides = in_order(
        *(
            AskedCheckpoint(subject.model, subject.weights, recorded_address(subject.weights))
            for subject in (checked, opposite)
        )
    )
    match = match_pair(sides, usual_reads([side.address for side in sides]), date.today(), quiet=quiet)
    if is_on_record(opposite.model) and not is_as_recorded(match, opposite):
        raise CheckpointError(f"{opposite.weights}: does not hold the files that were measured for the record")
    return match

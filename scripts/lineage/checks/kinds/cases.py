"""Rules for cases, and for claims and responses beside the case and the record that they stand in."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from lineage.checks.kinds.case_figures import check_case_figure
from lineage.checks.kinds.claims import check_links, check_state, check_subject
from lineage.checks.kinds.every_kind import in_order, known_model, named_after
from lineage.checks.kinds.identities import check_parties
from lineage.records import Case, Claim, Dataset, Problem


def check_case(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a case."""
    folder = PurePosixPath(case.path).parent.name
    if case.id != folder:
        yield Problem(case.path, f"the id is {case.id!r} and the folder is {folder!r}; make them equal")
    if case.subject:
        yield from known_model(case, "subject", case.subject, dataset)
    if bool(case.subject) == bool(case.subject_family):
        yield Problem(case.path, "names 'subject', a model, or 'subject_family', its words; write one of the two")
    if not case.subject and not case.not_testable:
        yield Problem(
            case.path, "names no 'subject' and says no 'not_testable'; name a model, or why weights cannot decide"
        )
    if case.reference:
        yield from known_model(case, "reference", case.reference, dataset)
    for model in case.family_models:
        yield from known_model(case, "family_models", model, dataset)
    if case.family_models and not case.reference_family:
        yield Problem(case.path, "names 'family_models' and no 'reference_family'; write its words, or leave both out")
    if bool(case.reference) == bool(case.reference_family):
        yield Problem(case.path, "names 'reference', a model, or 'reference_family', its words; write one of the two")
    if case.kind == "documented derivation" and not _documents(case, dataset):
        message = f"is no documented derivation: {case.subject!r} has another 'base_model' than {case.reference!r}"
        yield Problem(case.path, message)
    subject = dataset.models.get(case.subject or "")
    if case.kind == "documented derivation" and subject and subject.base_model_reported_by == "others":
        yield Problem(case.path, f"is no documented derivation: what {case.subject!r} was made from is said by others")
    if case.subject and case.subject == case.reference:
        yield Problem(case.path, "'subject' and 'reference' are the same model")
    yield from _check_relation(case, dataset)
    yield from check_case_figure(case, dataset)
    yield from in_order(case, case.events)


def check_claim(claim: Claim, case_id: str, claims: Sequence[Claim], dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a claim or a response and those that it answers."""
    yield from named_after(claim, claim.id, claim.id)
    for model in claim.models:
        yield from known_model(claim, "models", model, dataset)
    case = dataset.cases.get(case_id)
    if not claim.models and case and not case.not_testable:
        yield Problem(claim.path, "names no 'models'; write one at least, as its case is about weights")
    parties = [frozenset(identity.speaks_for) for identity in dataset.identities.values()]
    yield from check_links(claim, case_id, claims, dataset.refused, parties)
    yield from check_subject(claim)
    yield from check_parties(claim, case_id, dataset)
    if not any(path.startswith(f"data/cases/{case_id}/") for path in dataset.refused):
        yield from check_state(claim, claims)
    figures = _figures(dataset) if claim.evidence else set()
    for figure in claim.evidence:
        if figure not in figures and f"data/published/{figure.partition('/')[0]}.toml" not in dataset.refused:
            yield Problem(claim.path, f'rests on {figure!r}; write "<file>/<figure>" as in data/published/')
    yield from in_order(claim, claim.history)


def _check_relation(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a case names another relation of its two models than the record of its subject documents."""
    subject = dataset.models.get(case.subject or "")
    documented = subject.base_model_relation if subject and case.reference in subject.parents else None
    if case.relation and documented and case.relation != documented:
        message = f"names the relation {case.relation!r}, and {case.subject!r} documents {documented!r}; write that"
        yield Problem(case.path, message)


def _documents(case: Case, dataset: Dataset) -> bool:
    """Whether the subject's record names the reference as its base model; unread records count as yes."""
    subject = dataset.models.get(case.subject or "")
    return subject is None or case.reference in subject.parents


def _figures(dataset: Dataset) -> set[str]:
    return {f"{record.id}/{figure.id}" for record in dataset.published.values() for figure in record.figures}

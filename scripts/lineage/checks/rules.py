"""Every rule that a whole data folder keeps, in order; each yields a problem for everything that breaks it."""

from collections.abc import Iterator
from datetime import date

from lineage.checkpoints.families import check_families
from lineage.checks.addresses import check_addresses
from lineage.checks.kinds.amendments import check_correction, check_removal
from lineage.checks.kinds.cases import check_case, check_claim
from lineage.checks.kinds.claims import check_circles
from lineage.checks.kinds.controls import check_controls, check_geometry, check_peers
from lineage.checks.kinds.designs import check_design
from lineage.checks.kinds.every_kind import check_citations, check_dates, in_order, named_after
from lineage.checks.kinds.factorial import check_factorial
from lineage.checks.kinds.identities import check_identity, check_names
from lineage.checks.kinds.matches import check_match
from lineage.checks.kinds.measurements import check_apart, check_fingerprint, check_measurement
from lineage.checks.kinds.models import check_lineage, check_model, lineage_fault
from lineage.checks.kinds.parameters import check_choices, check_parameters, check_recorded_parameters
from lineage.checks.kinds.published import check_published, check_published_cells
from lineage.checks.kinds.requests import check_request
from lineage.checks.kinds.sampled import check_sampled
from lineage.checks.kinds.sources import check_source
from lineage.checks.universal_claims import check_universal_claims
from lineage.checks.wording import check_printed, check_translations, check_words, personal_accounts, written_records
from lineage.evidence.reproductions import check_reproduction
from lineage.records import Dataset, Match, Measurement, Problem, every_record, model_slug
from lineage.store.limits import check_lists


def check_dataset(dataset: Dataset, today: date) -> Iterator[Problem]:
    """Every broken rule in a data folder whose files could be read."""
    yield from _check_statements(dataset)
    yield from _check_measured(dataset)
    yield from _check_kept(dataset)
    yield from _check_words(dataset)
    yield from check_addresses(dataset)
    yield from _check_fixed(dataset)
    for record in every_record(dataset):
        yield from check_printed(record)
        yield from check_citations(record, dataset)
        yield from check_lists(record) if not isinstance(record, Match | Measurement) else ()
        yield from check_dates(record, today)
    yield from check_lineage(dataset)
    if not lineage_fault(dataset):  # what pages say rests on who comes from whom
        yield from check_universal_claims(dataset)


def _check_statements(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in sources, models, cases, claims and what others published."""
    for source in dataset.sources.values():
        yield from check_source(source)
    for model in dataset.models.values():
        yield from check_model(model, dataset)
    for case in dataset.cases.values():
        yield from check_case(case, dataset)
    for folder, claims in dataset.claims.items():
        for claim in claims:
            yield from check_claim(claim, folder, claims, dataset)
        yield from check_circles(claims)
    for published in dataset.published.values():
        yield from check_published(published, dataset)


def _check_measured(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in what tools wrote of models that they read, and in what was made here."""
    for fingerprint in dataset.fingerprints.values():
        yield from check_fingerprint(fingerprint, dataset)
    for measurement in dataset.not_testable.values():
        yield from check_measurement(measurement, dataset)
    yield from check_sampled(dataset)
    for match in dataset.matches.values():
        yield from check_match(match, dataset)
        yield from check_recorded_parameters(match, dataset.parameters)
    yield from check_apart(dataset)
    for reproduction in dataset.reproductions.values():
        yield from named_after(reproduction, reproduction.measured, reproduction.id)
        yield from check_reproduction(reproduction, dataset)
    yield from check_controls(dataset)


def _check_kept(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in how the record is kept: corrections, removals, identities, names and requests."""
    paths = {record.path for record in every_record(dataset)} | {f"data/{name}" for name in dataset.files}
    for correction in dataset.corrections.values():
        yield from named_after(correction, correction.id, correction.id)
        yield from check_correction(correction, paths, dataset)
    for removal in dataset.removals.values():
        yield from named_after(removal, removal.id, removal.id)
        yield from check_removal(removal, dataset)
    for identity in dataset.identities.values():
        yield from named_after(identity, identity.id, identity.id)
        yield from check_identity(identity, dataset)
    yield from check_names(dataset)
    for request in dataset.requests.values():
        yield from named_after(request, request.id, model_slug(request.id))
        yield from check_request(request, dataset)
        yield from in_order(request, request.history)


def _check_words(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in the words that people wrote, and in their translations."""
    accounts = personal_accounts(dataset)
    for record in written_records(dataset):
        yield from check_words(record, accounts, dataset)
    for language, catalogue in dataset.translations.items():
        yield from check_translations(f"data/translations/{language}.po", catalogue, accounts)


def _check_fixed(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in what was fixed before results: families of names, cells of pages, parameters and designs."""
    for family in dataset.families.values():
        yield from named_after(family, family.id, family.id)
    yield from check_families(dataset.families)
    yield from check_published_cells(dataset)
    for parameters in dataset.parameters.values():
        yield from check_parameters(parameters)
        yield from check_choices(parameters, dataset)
    for design in dataset.designs.values():
        yield from named_after(design, design.id, design.id)
        if faults := list(check_design(design)):
            yield from faults
        else:
            yield from check_factorial(design, dataset.control_tables)
            yield from check_peers(design, dataset.control_tables)
            yield from check_geometry(design, dataset.control_tables)

"""Rules that a whole data folder keeps; each yields a problem for everything that breaks it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel

from lineage.checkpoints.families import check_families
from lineage.checks.amendments import check_correction, check_removal
from lineage.checks.case_figures import check_case_figure
from lineage.checks.claims import check_circles, check_links, check_state, check_subject
from lineage.checks.controls import check_controls
from lineage.checks.designs import check_design
from lineage.checks.factorial import check_factorial
from lineage.checks.hosts import account_of, check_accounts, check_hosts, owner_of
from lineage.checks.identities import check_identity, check_names, check_parties
from lineage.checks.measurements import (
    BY_MATCH,
    BY_MEASURE,
    check_apart,
    check_measured,
    check_numbers,
    check_sides,
    check_tables,
)
from lineage.checks.parameters import check_parameters, check_recorded_parameters
from lineage.checks.peers import check_peers
from lineage.checks.requests import check_request
from lineage.checks.sampled import check_sampled
from lineage.checks.universal_claims import check_universal_claims
from lineage.checks.wording import (
    addresses_in,
    check_cells,
    check_printed,
    check_translations,
    check_words,
    personal_accounts,
    written_records,
)
from lineage.evidence.reproductions import check_reproduction
from lineage.exact.combination import combined_record
from lineage.records import (
    RELATIONS_OF_SEVERAL,
    Case,
    Claim,
    CombinedTest,
    Dataset,
    Event,
    Fingerprint,
    Match,
    MatchedBlock,
    Measurement,
    MethodParameters,
    Model,
    Problem,
    Published,
    Record,
    RequestEvent,
    Source,
    SourceEvent,
    Table,
    When,
    first_day,
    last_day,
    model_slug,
)
from lineage.site.citations import cited_sources, inner_parts
from lineage.store.limits import check_lists

_FIRST_YEAR = 1900


def check_dataset(dataset: Dataset, today: date) -> Iterator[Problem]:
    """Every broken rule in a data folder whose files could be read."""
    yield from _check_statements(dataset)
    yield from _check_measured(dataset)
    yield from _check_kept(dataset)
    yield from _check_words(dataset)
    yield from _check_addresses(dataset)
    yield from _check_fixed(dataset)
    for record in every_record(dataset):
        yield from check_printed(record)
        yield from check_citations(record, dataset)
        yield from check_lists(record) if not isinstance(record, Match | Measurement) else ()
        yield from check_dates(record, today)
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
        yield from _named_after(reproduction, reproduction.measured, reproduction.id)
        yield from check_reproduction(reproduction, dataset)
    yield from check_controls(dataset)


def _check_kept(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in how the record is kept: corrections, removals, identities, names and requests."""
    known = {record.path for record in every_record(dataset)} | {f"data/{name}" for name in dataset.files}
    for correction in dataset.corrections.values():
        yield from _named_after(correction, correction.id, correction.id)
        yield from check_correction(correction, known, dataset)
    for removal in dataset.removals.values():
        yield from _named_after(removal, removal.id, removal.id)
        yield from check_removal(removal, dataset)
    for identity in dataset.identities.values():
        yield from _named_after(identity, identity.id, identity.id)
        yield from check_identity(identity, dataset)
    yield from check_names(dataset)
    for request in dataset.requests.values():
        yield from _named_after(request, request.id, model_slug(request.id))
        yield from check_request(request, dataset)
        yield from _in_order(request, request.history)


def _check_words(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in the words that people wrote, and in their translations."""
    accounts = personal_accounts(dataset)
    for written in written_records(dataset):
        yield from check_words(written, accounts, dataset)
    for language, catalogue in dataset.translations.items():
        yield from check_translations(f"data/translations/{language}.po", catalogue, accounts)


def _check_addresses(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each host and each account that looks like another."""
    addressed = [record for record in every_record(dataset) if not isinstance(record, Match | Measurement)]
    addresses = {record.path: [*addresses_in(record)] for record in addressed}
    holders = {path: [one for one in map(account_of, listed) if one] for path, listed in addresses.items()}
    for model in dataset.models.values():
        holders[model.path] += [owner_of(one.kind, one.value) for one in model.addresses]
    for path, message in (*check_hosts(addresses), *check_accounts(holders)):
        yield Problem(path, message)


def _check_fixed(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in what was fixed before results: families of names, cells of pages, parameters and designs."""
    for family in dataset.families.values():
        yield from _named_after(family, family.id, family.id)
    yield from check_families(dataset.families)
    yield from _check_cells(dataset)
    for parameters in dataset.parameters.values():
        yield from check_parameters(parameters)
        yield from _choices_name_models(parameters, dataset)
    for design in dataset.designs.values():
        yield from _named_after(design, design.id, design.id)
        if faults := list(check_design(design)):
            yield from faults
        else:
            yield from check_factorial(design, dataset.control_tables)
            yield from check_peers(design, dataset.control_tables)


def check_source(source: Source) -> Iterator[Problem]:
    """What must hold for a source by itself."""
    yield from _named_after(source, source.id, source.id)
    if not (source.url or source.package or source.address_withheld):
        yield Problem(
            source.path, "has no 'url'; write it, or the 'package' that ships it, or why it is 'address_withheld'"
        )
    if source.checked and source.published and source.checked < first_day(source.published):
        yield Problem(source.path, f"checked on {source.checked}, before it was published on {source.published}")
    yield from _check_reading(source)
    yield from _in_order(source, source.history)
    for event in source.history:
        yield from _check_source_event(source, event)


def _check_reading(source: Source) -> Iterator[Problem]:
    """What must hold for how a source was read."""
    stored = "archived copy" in source.read
    if stored and bool(source.copy_url) == bool(source.copy_withheld):
        message = "was read as an archived copy; write its 'copy_url', or in 'copy_withheld' why there is none"
        yield Problem(source.path, message)
    if not stored and (source.copy_url or source.copy_withheld):
        yield Problem(source.path, f"names a copy that was read, and 'read' says {source.read!r}; change one")
    if bool(source.quoted_in) != (source.read == "quoted in another source"):
        message = f"'quoted_in' goes with read = \"quoted in another source\", and 'read' says {source.read!r}"
        yield Problem(source.path, f"{message}; write both or neither")
    if source.read == "package opened here" and not source.package:
        yield Problem(source.path, "was opened as a package and has no 'package'; write \"name==version\"")
    if source.read == "opened at its address" and not source.last_look:
        yield Problem(source.path, "was opened at its address, and no event in 'history' says when; add it")
    if source.id in (*source.quoted_in, source.relay and source.relay.source):
        yield Problem(source.path, "names itself as what quotes it or as what it carries; name another source")


def _check_source_event(source: Source, event: SourceEvent) -> Iterator[Problem]:
    where = f"history of {event.date}"
    if event.state == "unchecked":
        yield Problem(source.path, f"{where}: nothing happened; leave the event out until somebody opens the address")
    if event.reported_by and event.opened_by:
        yield Problem(source.path, f"{where}: 'reported_by' and 'opened_by' say two things; write one of them")
    if source.id in event.reported_by:
        yield Problem(source.path, f"{where}: the source reports on itself; name another in 'reported_by'")
    if not event.reported_by and not isinstance(event.date, date):
        message = f"{where}: give the day on which you opened the address, or the sources in 'reported_by'"
        yield Problem(source.path, message)
    if bool(event.text_sha256) != bool(event.text_characters):
        yield Problem(source.path, f"{where}: 'text_sha256' and 'text_characters' go together; write both or neither")


def check_model(model: Model, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a model and the models that it names."""
    yield from _named_after(model, model.id, model.slug)
    for key, value in (
        ("base_model_relation", model.base_model_relation),
        ("base_model_sources", model.base_model_sources),
    ):
        if bool(value) != bool(model.base_model):
            yield Problem(model.path, f"'base_model' and {key!r} go together; write both or neither")
    if bool(model.root) != bool(model.root_sources):
        yield Problem(model.path, "'root' and 'root_sources' go together; write both or neither")
    yield from _check_merge(model)
    for parent in model.parents:
        yield from _known_model(model, "base_model", parent, dataset)
        yield from _after_its_base(model, parent, dataset)
    shape = model.architecture
    if shape and shape.heads and shape.kv_heads and shape.heads % shape.kv_heads:
        yield Problem(model.path, f"architecture: {shape.heads} heads cannot share {shape.kv_heads} KV heads evenly")
    total, active = model.parameters.total, model.parameters.active
    if total and active and active > total:
        yield Problem(model.path, f"parameters: {active} active is more than {total} in all")


def _check_merge(model: Model) -> Iterator[Problem]:
    """What must hold for a model that was made from several."""
    several = len(model.parents) > 1
    if several and model.base_model_relation not in (None, *RELATIONS_OF_SEVERAL):
        message = f"names {len(model.parents)} base models, and base_model_relation is {model.base_model_relation!r}"
        yield Problem(model.path, f"{message}; only a merge or an upcycling is made from several")
    for repeated in sorted(name for name, times in Counter(model.parents).items() if times > 1):
        yield Problem(model.path, f"base_model names {repeated!r} twice; name each once, its weights added up")
    if model.base_model_weights and not several:
        yield Problem(model.path, "'base_model_weights' goes with a list of base models; leave it out")
    elif model.base_model_weights and len(model.base_model_weights) != len(model.parents):
        counts = f"{len(model.base_model_weights)} weights for {len(model.parents)} base models"
        yield Problem(model.path, f"base_model_weights: {counts}; write one for each, in their order, or none")


def check_case(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a case."""
    folder = PurePosixPath(case.path).parent.name
    if case.id != folder:
        yield Problem(case.path, f"the id is {case.id!r} and the folder is {folder!r}; make them equal")
    if case.subject:
        yield from _known_model(case, "subject", case.subject, dataset)
    if bool(case.subject) == bool(case.subject_family):
        yield Problem(case.path, "names 'subject', a model, or 'subject_family', its words; write one of the two")
    if not case.subject and not case.not_testable:
        yield Problem(
            case.path, "names no 'subject' and says no 'not_testable'; name a model, or why weights cannot decide"
        )
    if case.reference:
        yield from _known_model(case, "reference", case.reference, dataset)
    for model in case.family_models:
        yield from _known_model(case, "family_models", model, dataset)
    if case.family_models and not case.reference_family:
        yield Problem(case.path, "names 'family_models' and no 'reference_family'; write its words, or leave both out")
    if bool(case.reference) == bool(case.reference_family):
        yield Problem(case.path, "names 'reference', a model, or 'reference_family', its words; write one of the two")
    if case.kind == "documented derivation" and not _documents(case, dataset):
        message = f"is no documented derivation: {case.subject!r} has another 'base_model' than {case.reference!r}"
        yield Problem(case.path, message)
    if case.subject and case.subject == case.reference:
        yield Problem(case.path, "'subject' and 'reference' are the same model")
    yield from _check_relation(case, dataset)
    yield from check_case_figure(case, dataset)
    yield from _in_order(case, case.events)


def _check_relation(case: Case, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a case names another relation of its two models than the record of its subject documents."""
    subject = dataset.models.get(case.subject or "")
    documented = subject.base_model_relation if subject and case.reference in subject.parents else None
    if case.relation and documented and case.relation != documented:
        message = f"names the relation {case.relation!r}, and {case.subject!r} documents {documented!r}; write that"
        yield Problem(case.path, message)


def check_claim(claim: Claim, case_id: str, claims: Sequence[Claim], dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a claim or a response and those that it answers."""
    yield from _named_after(claim, claim.id, claim.id)
    for model in claim.models:
        yield from _known_model(claim, "models", model, dataset)
    case = dataset.cases.get(case_id)
    if not claim.models and case and not case.not_testable:
        yield Problem(claim.path, "names no 'models'; write one at least, as its case is about weights")
    parties = [frozenset(one.speaks_for) for one in dataset.identities.values()]
    yield from check_links(claim, case_id, claims, dataset.refused, parties)
    yield from check_subject(claim)
    yield from check_parties(claim, case_id, dataset)
    if not any(path.startswith(f"data/cases/{case_id}/") for path in dataset.refused):
        yield from check_state(claim, claims)
    figures = _figures(dataset) if claim.evidence else set()
    for figure in claim.evidence:
        if figure not in figures and f"data/published/{figure.partition('/')[0]}.toml" not in dataset.refused:
            yield Problem(claim.path, f'rests on {figure!r}; write "<file>/<figure>" as in data/published/')
    yield from _in_order(claim, claim.history)


def check_published(published: Published, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a set of published figures."""
    yield from _named_after(published, published.id, published.id)
    times = Counter(figure.id for figure in published.figures)
    for repeated in sorted(name for name, count in times.items() if count > 1):
        yield Problem(published.path, f"the figure id {repeated!r} is given {times[repeated]} times")
    for table in published.tables:
        names = [column.name for column in table.columns]
        for name in table.key:
            if name not in names:
                yield Problem(published.path, f"{table.file}: the key names {name!r}, which is no column")
        yield from _table_on_record(published, table, dataset)
    yield from _descents_name_roots(published, dataset)
    for model in published.models:
        if bool(model.base_model) != bool(model.relation):
            message = f"{model.model!r}: 'base_model' and 'relation' go together; write both or neither"
            yield Problem(published.path, message)
    for figure in published.figures:
        kinds = {dataset.sources[name].kind for name in figure.sources if name in dataset.sources}
        if kinds == {"unverified"} and not figure.unverified:
            yield Problem(
                published.path, f"figure {figure.id!r} rests on unverified sources only; add unverified = true"
            )


def _check_cells(dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the words in published tables."""
    for published in dataset.published.values():
        for table in published.tables:
            frame = dataset.tables.get(table.file)
            words = [column.name for column in table.columns if column.kind == "text"] if frame is not None else []
            cells = {str(cell) for name in words for cell in frame[name].unique()} if frame is not None else set()
            yield from check_cells(f"data/published/{table.file}", cells)


def _descents_name_roots(published: Published, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each descent that is not between two roots of the tables, where it would change no count unseen."""
    if any(table.file not in dataset.tables for table in published.tables):
        return  # what is wrong with the table is said already
    tables = [dataset.tables[table.file] for table in published.tables]
    roots = {str(root) for table in tables for name in ("root_a", "root_b") if name in table for root in table[name]}
    for descent in published.descents:
        for key, name in (("root", descent.root), ("ancestor", descent.ancestor)):
            if name not in roots:
                yield Problem(
                    published.path, f"descents: {key} = {name!r} is no root of its tables; write it as they do"
                )
        if descent.root == descent.ancestor:
            yield Problem(published.path, f"descents: {descent.root!r} comes from itself; name the elder root")


def _table_on_record(published: Published, table: Table, dataset: Dataset) -> Iterator[Problem]:
    digest = dataset.files.get(f"published/{table.file}", (0, ""))[1]
    if digest and table.sha256 != digest:
        held = "no sha256" if table.sha256 is None else "another sha256 than the table has now"
        message = f"{table.file}: the record has {held}; a table is copied or imported whole, never edited by hand"
        yield Problem(published.path, f'{message}. Put it back, or write sha256 = "{digest}" after its new pin')


def check_fingerprint(fingerprint: Fingerprint, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a measurement and its table."""
    measurement = fingerprint.measurement
    yield from check_measurement(measurement, dataset)
    if measurement.matrices != fingerprint.outline.rows:
        table = f"{measurement.path.removesuffix('.toml')}.csv"
        message = f"has {fingerprint.outline.rows} rows, the record beside it says {measurement.matrices}"
        yield Problem(table, f"{message}; {BY_MEASURE}")
    yield from check_tables(fingerprint, dataset)


def check_measurement(measurement: Measurement, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for the record of a measurement by itself."""
    yield from _named_after(measurement, measurement.model, model_slug(measurement.model))
    yield from _known_model(measurement, "model", measurement.model, dataset)
    yield from check_measured(measurement, dataset)


def check_match(match: Match, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a match: its name and models, and numbers that follow from those of its blocks."""
    yield from _named_after(match, match.id, match.id)
    if model_slug(match.a.model) >= model_slug(match.b.model):
        yield Problem(match.path, f"a is {match.a.model!r} and b {match.b.model!r}; they stand in order of file names")
    for key, side in (("a", match.a), ("b", match.b)):
        yield from _known_in_match(match, key, side.model, dataset)
    yield from check_sides(match, dataset)
    yield from check_numbers(match)
    tests = {"mlps": match.mlps, "heads": match.heads, **({"responses": match.responses} if match.responses else {})}
    for name, test in tests.items():
        written = combined_record(test.blocks) or CombinedTest(not_testable=test.not_testable, blocks=test.blocks)
        if (wrong := _differing(test, written)) or (not written.combined and not test.not_testable):
            what = f"{wrong!r} does not follow from its blocks" if wrong else "has neither a test nor 'not_testable'"
            yield Problem(match.path, f"{name}: {what}; {BY_MATCH}")
    for unit_test in (*(block for test in tests.values() for block in test.blocks), match.residual):
        numbers = [getattr(unit_test, name) is not None for name in ("delta", "z", "p", "floor", "power_delta")]
        if any(numbers) if unit_test.not_testable else not all(numbers):
            yield Problem(match.path, f"a test has either all its numbers or 'not_testable'; {BY_MATCH}")
        if unit_test.p and unit_test.floor and unit_test.p < unit_test.floor:
            yield Problem(match.path, f"the p-value {unit_test.p} is below its floor {unit_test.floor}; {BY_MATCH}")


def check_citations(record: Record, dataset: Dataset) -> Iterator[Problem]:
    """A problem for each source that a record cites and data/sources/ does not hold."""
    for name in sorted(set(cited_sources(record))):
        if name not in dataset.sources and f"data/sources/{name}.toml" not in dataset.refused:
            yield Problem(record.path, f"cites {name!r}, which has no record in data/sources/")


def newest_day() -> date:
    """The day that has begun somewhere on Earth (UTC+14): a morning in Shanghai is no future for a server in UTC."""
    return datetime.now(timezone(timedelta(hours=14))).date()


def check_dates(record: Record, today: date) -> Iterator[Problem]:
    """A problem for each date in a record that has not come yet, or was before anything that is recorded here."""
    for when in _dates(record):
        if first_day(when).year < _FIRST_YEAR:
            yield Problem(record.path, f"the date {when} is before {_FIRST_YEAR}; write the year with its century")
        if first_day(when) > today:
            yield Problem(record.path, f"the date {when} is in the future (today is {today})")


def _documents(case: Case, dataset: Dataset) -> bool:
    """Whether the subject's record names the reference as its base model; unread records count as yes."""
    subject = dataset.models.get(case.subject or "")
    return subject is None or case.reference in subject.parents


def _named_after(record: Record, record_id: str, stem: str) -> Iterator[Problem]:
    file = PurePosixPath(record.path)
    if file.stem != stem:
        yield Problem(record.path, f"holds the id {record_id!r}, so the file is named {stem}{file.suffix}")


def _known_model(record: Record, key: str, model_id: str, dataset: Dataset) -> Iterator[Problem]:
    if (
        model_id not in dataset.models
        and model_id not in dataset.controls
        and f"data/models/{model_slug(model_id)}.toml" not in dataset.refused
    ):
        yield Problem(record.path, f"{key}: the model {model_id!r} has no record in data/models/")


def _known_in_match(match: Match, key: str, model_id: str, dataset: Dataset) -> Iterator[Problem]:
    """A problem where a match names a model that it may not name."""
    yield from _known_model(match, key, model_id, dataset)


def _choices_name_models(parameters: MethodParameters, dataset: Dataset) -> Iterator[Problem]:
    for choice in parameters.exceptions:
        for model in choice.models:
            yield from _known_model(parameters, "exceptions.models", model, dataset)
        for model in choice.findings_with:
            yield from _known_model(parameters, "exceptions.findings_with", model, dataset)


def _differing(computed: CombinedTest, written: CombinedTest) -> str:
    """The first key of a summary that has another value, or "". Other machines may round the last digit otherwise."""
    for name in CombinedTest.model_fields:
        if not _close(getattr(computed, name), getattr(written, name)):
            return name
    return ""


def _close(value_a: Any, value_b: Any) -> bool:
    """Whether two values of a key are equal; of blocks only what is corrected for the others counts."""
    if isinstance(value_a, MatchedBlock):
        return _close(value_a.p_holm, value_b.p_holm)
    if isinstance(value_a, float) and isinstance(value_b, float):
        return math.isclose(value_a, value_b, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(value_a, tuple) and isinstance(value_b, tuple):
        return len(value_a) == len(value_b) and all(map(_close, value_a, value_b))
    return bool(value_a == value_b)


def _after_its_base(model: Model, parent: str, dataset: Dataset) -> Iterator[Problem]:
    base = dataset.models.get(parent)
    if base is model:
        yield Problem(model.path, "names itself as its base_model")
    elif base and base.released and model.released and last_day(model.released) < first_day(base.released):
        yield Problem(
            model.path, f"was released on {model.released}, before its base_model {parent!r}, of {base.released}"
        )
    if base and base.root and model.root and base.root != model.root:
        message = f"the root {model.root!r} differs from {base.root!r}, the root of its base_model"
        more = "; a merge of several roots has none of its own: leave it out" if len(model.parents) > 1 else ""
        yield Problem(model.path, f"{message}{more}")


def _in_order(record: Record, events: Iterable[Event | SourceEvent | RequestEvent]) -> Iterator[Problem]:
    for earlier, later in pairwise(events):
        if last_day(later.date) < first_day(earlier.date):
            yield Problem(record.path, f"the event of {later.date} stands after that of {earlier.date}; sort by date")


def every_record(dataset: Dataset) -> Iterator[Record]:
    """Everything under data/ that is a record and not a table."""
    yield from dataset.sources.values()
    yield from dataset.models.values()
    yield from dataset.cases.values()
    for claims in dataset.claims.values():
        yield from claims
    yield from dataset.corrections.values()
    yield from dataset.removals.values()
    yield from dataset.identities.values()
    yield from dataset.requests.values()
    yield from dataset.published.values()
    for fingerprint in dataset.fingerprints.values():
        yield fingerprint.measurement
    yield from dataset.not_testable.values()
    for sampled in dataset.sampled.values():
        yield sampled.record
    yield from dataset.matches.values()
    yield from dataset.reproductions.values()
    yield from dataset.benchmarks.values()
    yield from dataset.parameters.values()
    yield from dataset.families.values()
    yield from dataset.designs.values()


def _figures(dataset: Dataset) -> set[str]:
    return {f"{record.id}/{figure.id}" for record in dataset.published.values() for figure in record.figures}


def _dates(record: BaseModel) -> Iterator[When]:
    """Every date in a record, however deep."""
    for name, value in record:
        if isinstance(value, date) or (value and name in ("date", "published", "released")):
            yield value
        for inner in inner_parts(value):
            yield from _dates(inner)

"""Rules that a whole data folder keeps; each yields a problem for everything that breaks it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from lineage.checkpoints.families import check_families
from lineage.checks.amendments import check_correction, check_removal
from lineage.checks.cases import check_case, check_claim
from lineage.checks.claims import check_circles
from lineage.checks.controls import check_controls, check_geometry, check_peers
from lineage.checks.designs import check_design
from lineage.checks.every_kind import check_citations, check_dates, in_order, known_model, named_after
from lineage.checks.factorial import check_factorial
from lineage.checks.hosts import account_of, check_accounts, check_hosts, owner_of
from lineage.checks.identities import check_identity, check_names
from lineage.checks.matches import check_fingerprint, check_match, check_measurement
from lineage.checks.measurements import (
    check_apart,
)
from lineage.checks.parameters import check_parameters, check_recorded_parameters
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
from lineage.records import (
    RELATIONS_OF_SEVERAL,
    Dataset,
    Match,
    Measurement,
    MethodParameters,
    Model,
    Problem,
    Published,
    Source,
    SourceEvent,
    Table,
    every_record,
    first_day,
    last_day,
    model_slug,
)
from lineage.store.limits import check_lists


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


def _check_addresses(dataset: Dataset) -> Iterator[Problem]:
    """A problem for each host and each account that looks like another."""
    addressed = [record for record in every_record(dataset) if not isinstance(record, Match | Measurement)]
    addresses = {record.path: [*addresses_in(record)] for record in addressed}
    holders = {path: [account for account in map(account_of, urls) if account] for path, urls in addresses.items()}
    for model in dataset.models.values():
        holders[model.path] += [owner_of(account.kind, account.value) for account in model.addresses]
    for path, message in (*check_hosts(addresses), *check_accounts(holders)):
        yield Problem(path, message)


def _check_fixed(dataset: Dataset) -> Iterator[Problem]:
    """Every problem in what was fixed before results: families of names, cells of pages, parameters and designs."""
    for family in dataset.families.values():
        yield from named_after(family, family.id, family.id)
    yield from check_families(dataset.families)
    yield from _check_cells(dataset)
    for parameters in dataset.parameters.values():
        yield from check_parameters(parameters)
        yield from _choices_name_models(parameters, dataset)
    for design in dataset.designs.values():
        yield from named_after(design, design.id, design.id)
        if faults := list(check_design(design)):
            yield from faults
        else:
            yield from check_factorial(design, dataset.control_tables)
            yield from check_peers(design, dataset.control_tables)
            yield from check_geometry(design, dataset.control_tables)


def check_source(source: Source) -> Iterator[Problem]:
    """What must hold for a source by itself."""
    yield from named_after(source, source.id, source.id)
    if not (source.url or source.package or source.address_withheld):
        yield Problem(
            source.path, "has no 'url'; write it, or the 'package' that ships it, or why it is 'address_withheld'"
        )
    if source.checked and source.published and source.checked < first_day(source.published):
        yield Problem(source.path, f"checked on {source.checked}, before it was published on {source.published}")
    yield from _check_reading(source)
    yield from in_order(source, source.history)
    for event in source.history:
        yield from _check_source_event(source, event)


def _check_reading(source: Source) -> Iterator[Problem]:
    """What must hold for how a source was read."""
    is_archived = "archived copy" in source.read
    if is_archived and bool(source.copy_url) == bool(source.copy_withheld):
        message = "was read as an archived copy; write its 'copy_url', or in 'copy_withheld' why there is none"
        yield Problem(source.path, message)
    if not is_archived and (source.copy_url or source.copy_withheld):
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
    yield from named_after(model, model.id, model.slug)
    for key, value in (
        ("base_model_relation", model.base_model_relation),
        ("base_model_sources", model.base_model_sources),
    ):
        if bool(value) != bool(model.base_model):
            yield Problem(model.path, f"'base_model' and {key!r} go together; write both or neither")
    yield from _check_reporter(model, dataset)
    if bool(model.root) != bool(model.root_sources):
        yield Problem(model.path, "'root' and 'root_sources' go together; write both or neither")
    yield from _check_merge(model)
    for parent in model.parents:
        yield from known_model(model, "base_model", parent, dataset)
        yield from _after_its_base(model, parent, dataset)
    shape = model.architecture
    if shape and shape.heads and shape.kv_heads and shape.heads % shape.kv_heads:
        yield Problem(model.path, f"architecture: {shape.heads} heads cannot share {shape.kv_heads} KV heads evenly")
    total, active = model.parameters.total, model.parameters.active
    if total and active and active > total:
        yield Problem(model.path, f"parameters: {active} active is more than {total} in all")


def _check_reporter(model: Model, dataset: Dataset) -> Iterator[Problem]:
    """What must hold of who is said to report what a model was made from."""
    if model.base_model_reported_by and not model.base_model:
        yield Problem(model.path, "'base_model_reported_by' goes with 'base_model'; write both or leave it out")
    sources = [dataset.sources[name] for name in model.base_model_sources if name in dataset.sources]
    read = [source for source in sources if source.kind == "primary" and source.read != "not read"]
    if model.base_model_reported_by == "maker" and sources and not read:
        message = "base_model_reported_by is 'maker', and none of base_model_sources is a primary source that was read"
        yield Problem(model.path, f"{message}; name the maker's own page there, or write 'maker as reported'")


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


def check_published(published: Published, dataset: Dataset) -> Iterator[Problem]:
    """What must hold for a set of published figures."""
    yield from named_after(published, published.id, published.id)
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
        what = "no sha256" if table.sha256 is None else "another sha256 than the table has now"
        message = f"{table.file}: the record has {what}; a table is copied or imported whole, never edited by hand"
        yield Problem(published.path, f'{message}. Put it back, or write sha256 = "{digest}" after its new pin')


def _choices_name_models(parameters: MethodParameters, dataset: Dataset) -> Iterator[Problem]:
    for choice in parameters.exceptions:
        for model in choice.models:
            yield from known_model(parameters, "exceptions.models", model, dataset)
        for model in choice.findings_with:
            yield from known_model(parameters, "exceptions.findings_with", model, dataset)


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

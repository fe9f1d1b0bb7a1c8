"""The page of a model: its documents, its shape, its measurement, its scores."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from markupsafe import Markup

from lineage.evidence.listed_models import commonness
from lineage.evidence.pairs import compare_address, neighbours_of, pairs_by_model, scores_of
from lineage.evidence.reproductions import level_of, level_words, reproduction_of
from lineage.evidence.sampling import sampling_error
from lineage.records import RELATIONS, RELATIONS_OF_SEVERAL, Dataset, Fingerprint, Model
from lineage.records.model_facts import ACTIVE, PARAMETERS, Origin, known_facts
from lineage.records.provenance import measured_words, roots_of
from lineage.site.asking import ask_button
from lineage.site.blocks.marks import measure_html
from lineage.site.blocks.shares import Share
from lineage.site.blocks.tables import UNKNOWN, TableBlock
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.known_facts import Said, origin_words, released_said, said_of, shape_rows
from lineage.site.pages.methods.sampling import sampled_table
from lineage.site.pages.models.curves import kept_profile
from lineage.site.pages.pair_words import BY_SOURCES, published_value, reporter_words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import score


def model_page(model: Model, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The page of a model: its documents, its shape, its measurement, and its pairs."""
    writer = Writer(dataset, f"models/{model.slug}.md", language)
    say = language.say
    fingerprint = dataset.fingerprints.get(model.id)
    sampled = dataset.sampled.get(model.id)
    facts = known_facts(model, dataset)
    page = writer.page(
        "model.md.j2",
        model.name,
        say("%(name)s by %(maker)s: what is documented and what was measured.", name=model.name, maker=model.maker),
        record=model,
        compare=f"compare/?a={model.slug}",
        relation=_relation(model),
        reporter=say(reporter_words(model) or BY_SOURCES),
        parents=model.weighted_parents,
        roots=roots_of(model.id, dataset),
        shape=_shape_table(model, dataset, writer),
        sizes=[_told(statement, model, dataset, writer) for statement in said_of(PARAMETERS, facts)],
        actives=[_told(statement, model, dataset, writer) for statement in said_of(ACTIVE, facts)],
        numbers_read=fingerprint.outline.numbers if fingerprint else None,
        released=[(model.released, statement.sources) for statement in released_said(model, dataset)],
        fingerprint=fingerprint,
        measured_words=measured_words([model.id], dataset),
        stored=_stored(fingerprint) if fingerprint else (),
        level=level_of(model.id, dataset),
        made_again=level_words(level_of(model.id, dataset), reproduction_of(model.id, dataset)),
        reproduction=reproduction_of(model.id, dataset),
        untestable=dataset.not_testable.get(model.id),
        ask=None if fingerprint or model.id in dataset.not_testable else ask_button(model, language),
        queued=bool(model.wanted) or model.id in dataset.requests,
        profile=kept_profile(model, dataset, writer),
        sampled=sampled,
        sampled_only=model.id in dataset.sampled_only,
        sampled_roles=sampled_table(model, dataset, language),
        sampling=sampling_error(dataset),
        common=commonness(model, dataset),
        pairs=pairs_by_model(dataset).get(model.id, ()),
        published=_published_table(model, dataset, writer),
        neighbours=_neighbours_table(model, dataset, writer),
        family=_relatives(model, dataset),
        cases=[case for case in dataset.cases.values() if model.id in (case.subject, case.reference)],
    )
    return replace(page, share=_share(model, dataset, language))


def _share(model: Model, dataset: Dataset, language: Language) -> Share:
    """Of a model whose weights nobody read here, that; of another its chart speaks."""
    read = dataset.fingerprints.keys() | dataset.sampled.keys() | dataset.not_testable.keys()
    unread = language.say("No weights of %(name)s were read for this site.", name=model.name)
    return Share(quoted="" if model.id in read else unread)


def _shape_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock | None:
    """Each field of the shape with its origin; None where the whole shape is unknown."""
    statements = [statement for _, values in shape_rows(model, dataset) for statement in values]
    if not statements:
        return None
    say = writer.language.say
    published = all(statement.sources and statement.origins == (Origin.DOCUMENTS,) for statement in statements)
    return TableBlock(
        "shape-table",
        say("The shape of %(name)s", name=model.name),
        ("", say("Value"), say("Published in") if published else say("Known from")),
        (False, False, False),
        _shape_cells(model, dataset, writer, published=published),
        origin=[f"models/{model.slug}.toml", *_measured_files(model, dataset)],
        computed="known facts",
    )


def _published_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock:
    """Published scores of the model with others, a row each."""
    say = writer.language.say
    scores = list(scores_of(dataset, model.id))
    # Some sets name a layer of the model, where others name another model.
    other = say("Other model, or layer") if any(name.isdigit() for name, _ in scores) else say("Other model")
    rows = [
        (
            say("layer %(number)s", number=other_model) if other_model.isdigit() else writer.model_link(other_model),
            published_value(published_score, writer.language),
            measure_html(published_score.measure, published_score.unverified, writer.language),
            writer.cited_link(
                f"published/#{published_score.anchor}", published_score.published.title, published_score.sources
            ),
        )
        for other_model, published_score in scores
    ]
    return TableBlock(
        "published-scores",
        say("Published scores that name this model"),
        (other, say("Value"), say("What it is"), say("Where")),
        (False, True, False, False),
        rows,
        origin=sorted({published_score.file for _, published_score in scores}),
        counted="scores",
    )


def _shape_cells(
    model: Model, dataset: Dataset, writer: Writer, *, published: bool
) -> list[tuple[str, object, object]]:
    """Title, values and origins of each field; "unknown" for a field without a value.

    Where all is as published, the header says so, and a cell names the sources alone.
    """
    say, apart = writer.language.say, Markup(writer.language.say("; "))  # noqa: S704 - our own words
    return [
        (
            title,
            apart.join(writer.said(statement.value) for statement in values) if values else UNKNOWN,
            apart.join(
                _known_from(statement, model, dataset, writer, alone=len(values) == 1, published=published)
                for statement in values
            )
            or say("not on record"),
        )
        for title, values in shape_rows(model, dataset)
    ]


def _known_from(
    statement: Said, model: Model, dataset: Dataset, writer: Writer, *, alone: bool, published: bool
) -> Markup:
    value = "" if alone else writer.said(statement.value)
    origin = "" if published else writer.said(origin_words(statement, model, dataset))
    words = writer.language.say(": ").join(filter(None, (value, origin)))
    return Markup("{}").format(words) + writer.citations.cite(statement.sources)


def _told(statement: Said, model: Model, dataset: Dataset, writer: Writer) -> Markup:
    """A value with its origin and its sources."""
    origin, comma = writer.said(origin_words(statement, model, dataset)), writer.language.say(", ")
    return Markup("{}{}{}").format(writer.said(statement.value), comma, origin) + writer.citations.cite(
        statement.sources
    )


def _measured_files(model: Model, dataset: Dataset) -> list[str]:
    return [f"fingerprints/{model.slug}.toml"] if model.id in dataset.fingerprints else []


def _stored(fingerprint: Fingerprint) -> list[tuple[str, str, int, bool]]:
    """For each type of stored numbers: its share of them, its name, its bits, and whether its scales are missing."""
    stored = fingerprint.measurement.stored
    every = sum(entry.numbers for entry in stored)
    return [(f"{100 * entry.numbers / every:.2g}\u00a0%", entry.type, entry.bits, entry.unscaled) for entry in stored]


def _neighbours_table(model: Model, dataset: Dataset, writer: Writer) -> TableBlock | None:
    """The models with the highest scores with this one; None where every pair has a page of its own."""
    say = writer.language.say
    rows = neighbours_of(dataset).get(model.id)
    if rows is None:
        return None
    return TableBlock(
        "neighbours",
        say("Highest scores of %(name)s", name=model.name),
        (say("Model"), say("Score"), say("Side by side")),
        (False, True, False),
        [
            (
                writer.model_link(neighbour),
                score(value),
                writer.link(compare_address(model.id, neighbour), say("Compare")),
            )
            for neighbour, value in rows
        ],
        origin=["derived/neighbours.csv"],
        key=model.id,
        keys=[neighbour for neighbour, _ in rows],
    )


def _relation(model: Model) -> str:
    """The relation of a model to its base in words that follow "is"; "" where none is documented."""
    if model.base_model_relation is None:
        return ""
    return (RELATIONS_OF_SEVERAL if len(model.parents) > 1 else RELATIONS)[model.base_model_relation]


def _relatives(model: Model, dataset: Dataset) -> list[Model]:
    """The other models that share a root with this one, in the order of their files."""
    roots = roots_of(model.id, dataset)
    shared = {
        relative.id: relative
        for root in roots
        for relative in _families(dataset).get(root, ())
        if relative.id != model.id
    }
    return sorted(shared.values(), key=lambda relative: relative.path)


@lru_cache(maxsize=2)
def _families(dataset: Dataset) -> Mapping[str, Sequence[Model]]:
    """The models of each root, in the order of their files."""
    families: dict[str, list[Model]] = defaultdict(list)
    for model in dataset.models.values():
        for root in roots_of(model.id, dataset):
            families[root].append(model)
    return families

"""The page of a case, and the table across cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
from markupsafe import Markup

from lineage.evidence.case_figures import drawn_case, published_set, publisher_of
from lineage.evidence.geometry import RANDOM, SCORES
from lineage.evidence.listed_models import Common, commonness
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P
from lineage.evidence.standing import reproductions, standing
from lineage.records import RELATIONS, Case, Claim, Dataset, Model, first_day, pair_slug
from lineage.records.provenance import roots_of
from lineage.site.asking import ask_buttons
from lineage.site.blocks.shares import Share
from lineage.site.blocks.tables import TableBlock, compared_architectures
from lineage.site.citations import opened_addresses
from lineage.site.claim_states import claim_states
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.menu import method_address
from lineage.site.pages.cases.claims import SUBJECTS, claim_links, exchanges, first_voices, role_words
from lineage.site.pages.cases.evidence import case_evidence
from lineage.site.pages.cases.null_figure import below_names, null_chart, shape_names
from lineage.site.pages.cases.testable import grouped_lines, head_shapes, part_lines
from lineage.site.pages.sharing import embedded
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped, score

# The headings under which the table across cases stands, and what is below each.
GROUPS = {
    "dispute": words("Disputes, in order of date"),
    "documented derivation": words("Documented derivations"),
}
DIRECTIONS = (  # of other tests
    words("for a link"),
    words("against a link"),
    words("supports the reported evidence"),
    words("weakens the reported evidence"),
    words("either way"),
)
RELATION_WORDS = (  # of RELATIONS, after the name of a model
    words("a fine-tune of"),
    words("a continued pre-training of"),
    words("a fine-tune, on another model's answers, of"),
    words("a mixture of experts made from"),
    words("a pruned form of"),
    words("a deeper form of"),
    words("a merge with"),
    words("a quantised form of"),
    words("an adapter for"),
    words("a model with a part of"),
)


def cases_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The table across cases: what was claimed, on what evidence, compared with what, and what happened."""
    writer = Writer(dataset, "cases/index.md", language)
    description = language.say(
        "Public disputes about whether one open-weight model was derived from another, side by side."
    )
    return writer.page(
        "cases.md.j2",
        language.say("Cases"),
        description,
        groups=grouped_cases(dataset),
        opened=opened_addresses(dataset.sources),
    )


def grouped_cases(dataset: Dataset) -> Mapping[str, Sequence[Case]]:
    """Disputes, then documented derivations, by heading; each in order of its first dated claim."""
    ordered = sorted(dataset.cases.values(), key=lambda case: (_first_claim(case, dataset), case.id))
    return {heading: [case for case in ordered if case.kind == kind] for kind, heading in GROUPS.items()}


def case_pages(dataset: Dataset) -> list[str]:
    """The paths of the pages of cases from the docs folder, in the order of the table across cases."""
    return [f"cases/{case.id}.md" for group in grouped_cases(dataset).values() for case in group]


def _first_claim(case: Case, dataset: Dataset) -> date:
    dates = [first_day(claim.date) for claim in dataset.claims.get(case.id, ()) if claim.date]
    return min(dates, default=date.max)


def case_page(case: Case, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """One case: question, figure, both sides, evidence, other tests, architectures, what would settle it."""
    writer = Writer(dataset, f"cases/{case.id}.md", language, case)
    drawing = drawn_case(case, dataset)
    models = [dataset.models[name] for name in (case.subject, case.reference) if name]
    family = [dataset.models[name] for name in case.family_models]
    claims = dataset.claims.get(case.id, ())
    figure = drawing and null_chart(drawing, dataset, language)
    page = writer.page(
        "case.md.j2",
        case.title,
        case.question,
        case=case,
        models=models,
        claimed_by_others=any(claim.kind == "claim" and claim.claimant_role != "maker" for claim in claims),
        evidence=case_evidence(case, dataset, writer),
        ask=ask_buttons(models, dataset, language),
        exchanges=exchanges(claims),
        first_voices=first_voices(claims),
        publisher_link=drawing and publisher_link(drawing.sources.independent, writer),
        method_address=method_address,
        figure_chart=figure,
        shape_names=shape_names(drawing, dataset),
        below_names=below_names(drawing, dataset),
        shapes=_shape_tables(models[0], models[1], language) if len(models) == 2 else [],
        shape_words=_shape_words(models[0], language) if models else "",
        testable=part_lines(models[0], models[1], language) if len(models) == 2 else [],
        head_shapes=head_shapes(models[0], models[1], dataset.control_tables.get(RANDOM, pd.DataFrame()))
        if len(models) == 2
        else None,
        described=_is_described(case, dataset),
        testable_family=[(member, grouped_lines(models[0], member, language)) for member in family],
        looked=last_looked(case, claims),
        opened=opened_addresses(dataset.sources),
        queued=any(model.wanted or model.id in dataset.requests for model in models),
        tested=pair_slug(case.subject or "", case.reference or "") in dataset.matches,
        architecture_sources=[name for model in models if model.architecture for name in model.architecture.sources],
        same_shape=_of_the_shape(models, dataset),
        common_shapes=_common_shapes(models, dataset),
        fewest_roots=FEWEST_ROOTS_FOR_P,
        pair=pair_slug(case.subject, case.reference) if case.subject and case.reference else "",
        relation=relation_words(case, dataset, language),
        relation_sources=relation_sources(case, dataset),
        links=claim_links(claims),
        licences=[claim for claim in claims if claim.licence],
        states=claim_states(claims),
        reproduced={claim.id: reproductions(claim, dataset) for claim in claims},
        roles={claim.id: role_words(claim) for claim in claims},
        standings={claim.id: standing(claim) for claim in claims},
        identities=dataset.identities,
        subjects=SUBJECTS,
    )
    share = Share(quoted=case.status)
    if not (drawing and figure):
        return replace(page, share=share)
    name, framed = f"embed/{case.id}/index.html", embedded(case, figure, language)
    share = replace(share, number=score(drawing.disputed.value), meaning=str(figure.rows[-1][0]))
    return replace(page, share=share, files={**page.files, name: framed})


def relation_words(case: Case, dataset: Dataset, language: Language = ENGLISH) -> str:
    """The two sides of a case and the relation between them in words; "" where its record names no relation."""
    if case.relation is None:
        return ""
    subject, reference = (
        dataset.models[name].name if name else family or ""
        for name, family in ((case.subject, case.subject_family), (case.reference, case.reference_family))
    )
    return language.say(
        "%(one)s, %(relation)s %(other)s",
        one=subject,
        relation=language.say(RELATIONS[case.relation]),
        other=reference,
    )


def relation_sources(case: Case, dataset: Dataset) -> tuple[str, ...]:
    """The sources of the relation of a case: those of the subject's documented base, else those of the claim."""
    subject = dataset.models.get(case.subject or "")
    return subject.base_model_sources if subject and case.reference in subject.parents else case.claimed.sources


def _common_shapes(models: Sequence[Model], dataset: Dataset) -> list[tuple[Model, list[Common]]]:
    """For each model, how common its shape is in the lists of others; a shape that two share is given once."""
    common_shapes: list[tuple[Model, list[Common]]] = []
    values: set[str] = set()
    for model in models:
        shapes = [shape for shape in commonness(model, dataset) if shape.what == "shape" and shape.value not in values]
        values |= {shape.value for shape in shapes}
        common_shapes += [(model, shapes)] if shapes else []
    return common_shapes


def publisher_link(table: str, writer: Writer) -> Markup:
    """The publisher of a table of data/published/, linked to its set."""
    published = published_set(table, writer.dataset)
    return writer.link(f"published/#{published.id if published else ''}", publisher_of(table, writer.dataset))


def last_looked(case: Case, claims: Sequence[Claim]) -> date:
    """The last day on which evidence for a case was looked for: what its page calls not found was not found by then."""
    return max([case.reviewed, *(claim.check.looked for claim in claims if claim.check)])


def _shape_tables(subject: Model, reference: Model, language: Language) -> list[TableBlock]:
    """Tables of the fields in which two shapes agree, differ or are unknown; [] where one shape is not on record."""
    if not (subject.architecture and reference.architecture):
        return []
    compared = compared_architectures(subject, reference, language)
    say = language.say
    captions = {
        "same": say("The same in both"),
        "differs": say("Different"),
        "unknown": say("Unknown for at least one"),
    }
    tables = [
        TableBlock(
            f"architecture-{standing}",
            caption,
            ("", subject.name, reference.name),
            (False, False, False),
            compared.loc[compared["compared"] == standing, ["field", "a", "b"]].to_numpy().tolist(),
            origin=[f"models/{model.slug}.toml" for model in (subject, reference)],
        )
        for standing, caption in captions.items()
    ]
    return [table for table in tables if table.rows]


def _shape_words(model: Model, language: Language) -> str:
    """Layers and width of a model in words; "" where the record does not say."""
    layers, width = _depth_and_width(model)
    if layers is None or width is None:
        return ""
    return language.say("%(layers)s layers of width %(width)s", layers=layers, width=grouped(width))


def _of_the_shape(models: Sequence[Model], dataset: Dataset) -> int | None:
    """How many measured models of other roots have the layers and width that the two share; None where these differ."""
    shapes = {_depth_and_width(model) for model in models}
    if len(models) != 2 or len(shapes) != 1 or any(None in shape for shape in shapes):
        return None
    alike = [model for model in dataset.models.values() if _depth_and_width(model) in shapes]
    case_roots = {root for model in models for root in roots_of(model.id, dataset)}
    roots = [{*roots_of(model.id, dataset)} for model in alike if model.id in dataset.released]
    return sum(bool(each) and not each & case_roots for each in roots)


def _depth_and_width(model: Model) -> tuple[int | None, int | None]:
    shape = model.architecture
    return (shape.layers, shape.hidden_size) if shape else (None, None)


def _is_described(case: Case, dataset: Dataset) -> bool:
    """Whether the two models of a case were compared by the geometry of their embeddings and heads."""
    scores = dataset.control_tables.get(SCORES)
    pair = {case.subject, case.reference}
    if scores is None or scores.empty:
        return False
    return any({a, b} == pair for a, b in zip(scores["model_a"], scores["model_b"], strict=True))

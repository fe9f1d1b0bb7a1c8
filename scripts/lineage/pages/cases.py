"""The page of a case, and the list of cases."""

from dataclasses import dataclass

from lineage.derivation import DISPUTED
from lineage.languages import ENGLISH, Language
from lineage.pages.null_figure import null_chart
from lineage.pages.writer import Page, Writer
from lineage.records import Case, Claim, Dataset, Model, pair_slug
from lineage.tables import TableBlock, compared_architectures

# What each state of a claim means to a reader.
STATES = {
    "open": "open: no public answer found",
    "answered": "answered: see the response",
    "withdrawn_by_claimant": "withdrawn by the claimant",
    "acknowledged_by_maker": "acknowledged by the maker",
    "acknowledged_in_part": "acknowledged in part",
}
ROLES = {
    "accuser": "makes the claim",
    "maker": "maker of the model",
    "third_party": "third party",
    "user": "user",
}


@dataclass(frozen=True)
class Exchange:
    """A claim and the responses to it."""

    claim: Claim
    responses: tuple[Claim, ...]


def cases_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The list of cases."""
    writer = Writer(dataset, "cases/index.md", language)
    description = "Public disputes about whether one open-weight model was derived from another."
    return writer.page("cases.md.j2", "Cases", description, cases=list(dataset.cases.values()))


def case_page(case: Case, dataset: Dataset, language: Language = ENGLISH) -> Page:
    """One dispute: question, figure, both sides, other tests, architectures, what would settle it."""
    writer = Writer(dataset, f"cases/{case.id}.md", language)
    subject, reference = dataset.models[case.subject], dataset.models[case.reference]
    claims = dataset.claims.get(case.id, ())
    compared = compared_architectures(subject, reference)
    shapes = {
        verdict: TableBlock(
            f"architecture-{verdict}",
            caption,
            ("", subject.name, reference.name),
            (False, False, False),
            compared.loc[compared["compared"] == verdict, ["field", "a", "b"]].to_numpy().tolist(),
        )
        for verdict, caption in (
            ("same", "The same in both"),
            ("differs", "Different"),
            ("unknown", "Unknown for at least one"),
        )
    }
    return writer.page(
        "case.md.j2",
        case.title,
        case.question,
        case=case,
        subject=subject,
        reference=reference,
        exchanges=exchanges(claims),
        figure_chart=null_chart(dataset, language) if any(DISPUTED in claim.evidence for claim in claims) else None,
        shapes=[table for table in shapes.values() if table.rows],
        architecture_sources=[
            name for model in (subject, reference) if model.architecture for name in model.architecture.sources
        ],
        same_shape=_of_the_shape(subject, reference, dataset),
        pair=pair_slug(case.subject, case.reference),
        states=STATES,
        roles=ROLES,
    )


def _of_the_shape(subject: Model, reference: Model, dataset: Dataset) -> int | None:
    """How many measured models of another known root have the layers and width of the two; None where these differ."""
    wanted = _depth_and_width(subject)
    if None in wanted or wanted != _depth_and_width(reference):
        return None
    alike = [model for model in dataset.models.values() if _depth_and_width(model) == wanted]
    own = {subject.root, reference.root}
    return sum(model.id in dataset.released and model.root is not None and model.root not in own for model in alike)


def _depth_and_width(model: Model) -> tuple[int | None, int | None]:
    shape = model.architecture
    return (shape.layers, shape.hidden_size) if shape else (None, None)


def exchanges(claims: tuple[Claim, ...]) -> list[Exchange]:
    """Each claim with its responses: those that were answered first, in order of date."""
    found = [
        Exchange(claim, tuple(other for other in claims if claim.id in other.answers))
        for claim in claims
        if claim.kind == "claim"
    ]
    return sorted(found, key=lambda exchange: not exchange.responses)

"""What a case rests on: published scores of its pair, the same measure on other pairs, and what was measured here."""

from dataclasses import dataclass

from lineage.evidence.case_figures import drawn_case
from lineage.evidence.pairs import Pair, PublishedScore, published_scores
from lineage.records import Case, Dataset, Figure, Published
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.tables import UNKNOWN, TableBlock
from lineage.site.languages import words
from lineage.site.pages.cases.evidence_figure import evidence_chart, is_own, other_method_chart
from lineage.site.pages.cases.tensor_figure import tensor_chart
from lineage.site.pages.pair_words import status_words
from lineage.site.pages.pairs.pair import finding_of
from lineage.site.pages.writer import Writer
from lineage.site.templating import figure_text

OWN = words("the pair of this case")
HEADERS = (words("Models"), words("What is known of them"), words("What was computed"), words("Value"))
# What findings say of pairs that nobody measured.
_NOT_MEASURED = (
    words("the weights of neither have been read here"),
    words("the weights of only one of the two have been read here"),
)


@dataclass(frozen=True)
class Evidence:
    """The evidence of a case as its page shows it."""

    charts: tuple[Chart, ...]  # of the sets that hold other pairs
    tensors: Chart | None  # the pair tensor by tensor
    other_method: Chart | None  # the pairs of the other method that the case names
    scores: TableBlock  # without rows where nothing was published
    sources: tuple[str, ...]  # of the scores
    compared: bool  # whether their sets hold scores of other pairs by the same measure
    status: str  # of the finding, "" where the case names no pair
    reason: str  # what the finding rests on


def case_evidence(case: Case, dataset: Dataset, writer: Writer) -> Evidence:
    """The published scores of a case's pair, the other scores of the same sets, and the computed finding."""
    scores = list(published_scores(dataset, case.subject, case.reference)) if case.subject and case.reference else []
    sets = list({score.published.id: score.published for score in scores}.values()) or _claimed_sets(case, dataset)
    figures = [(published, figure) for published in sets for figure in published.figures]
    rows = [_figure_row(published, figure, case, writer) for published, figure in figures]
    rows += [_table_row(score, case, writer) for score in scores if not _is_figure(score)]
    status, reason = _finding(case, dataset)
    drawing = drawn_case(case, dataset)
    sentence = writer.language.say(reason) if status == "not measured" else reason
    return Evidence(
        charts=tuple(
            chart.made_from(f"published/{published.id}.toml")
            for published in sets
            if (chart := evidence_chart(case, published, writer.language))
        ),
        tensors=tensor_chart(case, dataset, writer.language),
        other_method=other_method_chart(drawing, dataset, writer.language) if drawing else None,
        scores=TableBlock(
            "case-scores",
            writer.language.say("Published scores"),
            tuple(map(writer.language.say, HEADERS)),
            (False, False, False, True),
            rows,
            origin=sorted({f"published/{published.id}.toml" for published in sets} | {score.file for score in scores}),
            counted=words("scores"),
        ),
        sources=_sources(figures, scores),
        compared=any(
            published.tables or not all(is_own(figure, case) for figure in published.figures) for published in sets
        ),
        status=status,
        reason=sentence,
    )


def _claimed_sets(case: Case, dataset: Dataset) -> list[Published]:
    """The published sets that the claims of a case cite, where the case names only one model."""
    if case.subject is None or case.reference is not None:
        return []
    names = [figure.partition("/")[0] for claim in dataset.claims.get(case.id, ()) for figure in claim.evidence]
    return [dataset.published[name] for name in dict.fromkeys(names) if name in dataset.published]


def _is_figure(score: PublishedScore) -> bool:
    return score.anchor in {f"{score.published.id}-{figure.id}" for figure in score.published.figures}


def _figure_row(published: Published, figure: Figure, case: Case, writer: Writer) -> tuple[object, ...]:
    return (
        _names(figure.model_a, figure.model_b, writer),
        figure.relation or writer.language.say(OWN if is_own(figure, case) else UNKNOWN),
        figure.measure + (f" ({writer.language.say('reported, unverified')})" if figure.unverified else ""),
        writer.figure(f"{published.id}/{figure.id}"),
    )


def _table_row(score: PublishedScore, case: Case, writer: Writer) -> tuple[object, ...]:
    return (
        _names(case.subject or "", case.reference or "", writer),
        writer.language.say(OWN),
        score.published.method,
        writer.link(f"published/#{score.anchor}", figure_text(score.value)),
    )


def _names(model_a: str, model_b: str, writer: Writer) -> str:
    """The names of two models, or one name where a model is compared with itself."""
    models, say = writer.dataset.models, writer.language.say
    names = [models[name].name if name in models else name for name in (model_a, model_b)]
    if model_a == model_b:
        return say("%(name)s, with itself", name=names[0])
    return say("%(one)s and %(other)s", one=names[0], other=names[1])


def _sources(figures: list[tuple[Published, Figure]], scores: list[PublishedScore]) -> tuple[str, ...]:
    names = [name for _, figure in figures for name in figure.sources]
    return tuple(dict.fromkeys([*names, *(score.published.source for score in scores)]))


def _finding(case: Case, dataset: Dataset) -> tuple[str, str]:
    """Status and reason of the computed finding of the pair; both "" where the case names no pair."""
    if case.subject is None or case.reference is None:
        return "", ""
    finding = finding_of(dataset, Pair(dataset.models[case.subject], dataset.models[case.reference]))
    return (status_words(finding["status"]), str(finding["reason"])) if finding else ("", "")

"""The page of who comes from whom: documented derivations and findings."""

from collections.abc import Iterator, Sequence

from lineage.evidence.findings import TYING
from lineage.evidence.pairs import compare_address
from lineage.records import RELATIONS, Dataset
from lineage.records.provenance import roots_of
from lineage.site.blocks.graph_layout import Tie
from lineage.site.blocks.tables import Facet, TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.comparison.descent_figure import descent_chart
from lineage.site.pages.pair_words import STATED_BY, later_sentence, quantised_sentence, status_words
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold

BY_SOURCES_OF_RECORD = words("stated by its sources")
MOST_DRAWN = 150  # ties: with more, the graph is longer than anybody scrolls


def lineage_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The graph, and the table of what it draws."""
    writer = Writer(dataset, "lineage.md", language)
    ties = list(find_ties(dataset, language))
    edges = drawn_ties(ties, dataset)
    rows = [
        (
            writer.model_link(tie.model),
            tie.said,
            writer.model_link(tie.other),
            tie.kind,
            writer.link(compare_address(tie.first, tie.second), language.say("Compare")),
        )
        for tie in ties
    ]
    headers = (words("Model"), words("What is said"), words("Other model"), words("Kind"), words("Side by side"))
    origin = ["models/", "derived/findings.csv"]
    kinds = Facet("kind", words("Kind"), [tie.kind for tie in ties])
    table = TableBlock(
        "ties",
        words("Ties between models"),
        headers,
        (False,) * 5,
        rows,
        origin=origin,
        facets=[kinds],
        counted=words("ties"),
    )
    names = {name for tie in ties for name in (tie.first, tie.second)}
    return writer.page(
        "lineage.md.j2",
        language.say("Who comes from whom"),
        language.say(
            "Derivations that makers document or others report, and what weights show, from parents to children."
        ),
        graph=descent_chart(edges, dataset, language).made_from("models/", "derived/findings.csv") if edges else None,
        ties=table,
        left_out=len(ties) - len(edges),
        untied=len(set(dataset.models) - names),
        undated=sum(dataset.models[name].released is None for name in names),
        named=len(names),
        later=any(tie.later for tie in ties),
        quantised=quantised_sentence(sorted(names), dataset, language),
    )


def find_ties(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Tie]:
    """Every derivation that sources state between models on record, then every finding that ties two of them."""
    for model in sorted(dataset.models.values(), key=lambda model: model.id.lower()):
        for parent in model.parents:
            if parent in dataset.models:
                relation = retold(RELATIONS[model.base_model_relation or "finetune"], language)
                by = STATED_BY.get(model.base_model_reported_by or "", BY_SOURCES_OF_RECORD)
                yield Tie(parent, model.id, True, language.say("is %(relation)s", relation=relation), by=by)
    findings = dataset.derived.get("findings.csv")
    for row in findings.to_dict("records") if findings is not None else []:
        if row["status"] in TYING and {row["model_a"], row["model_b"]} <= set(dataset.models):
            status = retold(status_words(row["status"]), language)
            yield Tie(row["model_a"], row["model_b"], False, status, later_sentence(row))


def drawn_ties(ties: Sequence[Tie], dataset: Dataset) -> list[Tie]:
    """The ties that the graph draws: all while they are few; then findings, and those of roots that a case names."""
    if len(ties) <= MOST_DRAWN:
        return list(ties)
    cases = dataset.cases.values()
    models = [dataset.models[name] for case in cases for name in (case.subject, case.reference) if name]
    roots = {root for model in models for root in roots_of(model.id, dataset)}
    ends = ((tie, (dataset.models[tie.first], dataset.models[tie.second])) for tie in ties)
    return [
        tie for tie, both in ends if not tie.documented or any(roots & {*roots_of(model.id, dataset)} for model in both)
    ][:MOST_DRAWN]

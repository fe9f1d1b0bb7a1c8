"""What others published: figures and tables, each with its source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from lineage.evidence.published import PublishedScores, all_published_scores
from lineage.records import Column, Dataset, Published
from lineage.site.blocks.marks import measure_html
from lineage.site.blocks.tables import Facet, TableBlock, frame_rows
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import figure_text, score
from lineage.site.translation import shown_text

_FEW_FIGURES = 3
_RESERVED = ("find", "sort")  # in the address, so no facet is called so
_ROWS_A_VALUE = 3  # a column of text is worth a filter where each of its values stands in so many rows on average


def published_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """All published sets, each at its own address "published/#id" with its figures and tables."""
    writer = Writer(dataset, "published.md", language)
    scored = {name: scores for name, _, scores in all_published_scores(dataset)}
    sets = sorted(dataset.published.values(), key=lambda published: (_unverified(published), published.title.lower()))
    return writer.page(
        "published.md.j2",
        language.say("Published results"),
        language.say("Scores that others published, each with its method, its scale and its source."),
        sets=sets,
        figures=lambda published: _figures(published, writer),  # called in order, so that sources are numbered in order
        tables={published.id: _tables(published, dataset, writer) for published in sets},
        in_short={published.id: _in_short(published, scored.get(published.id), writer) for published in sets},
        rated=set(scored),
    )


@dataclass(frozen=True)
class Span:
    """How many scores, and the lowest and the highest of them."""

    count: int
    low: str
    high: str


@dataclass(frozen=True)
class InShort:
    """What stands beside the title of a folded set: how many numbers of which kind it holds, and how far they reach."""

    figures: tuple[str, ...] = ()  # the figures themselves, where they are few
    figure_count: int = 0
    independent: Span | None = None  # scores of pairs of independent roots
    derived: Span | None = None  # scores of documented derivations
    single: Span | None = None  # scores of pairs of any relation
    rows: int = 0  # of its tables, where no span can be given
    files: tuple[str, ...] = ()


def _in_short(published: Published, scores: PublishedScores | None, writer: Writer) -> InShort:
    dataset, drawn = writer.dataset, writer.drawn_case
    tables = [table for table in published.tables if table.file in dataset.tables]
    files = (f"published/{published.id}.toml", *(f"published/{table.file}" for table in tables))
    if scores and not scores.distance:  # what is shown of a distance is on another scale than the set
        return InShort(
            independent=_span(scores.independent["shown"]), derived=_span(scores.derived["shown"]), files=files
        )
    if drawn and drawn.sources.independent in {table.file for table in tables}:
        derivations = drawn.counted_derivations["similarity"]
        return InShort(independent=_span(drawn.independent_pairs["median"]), derived=_span(derivations), files=files)
    few = published.figures if len(published.figures) <= _FEW_FIGURES else ()
    numbers = [(table, column) for table in tables for column in table.columns if column.kind in ("integer", "number")]
    single = _span(dataset.tables[numbers[0][0].file][numbers[0][1].name]) if len(numbers) == 1 else None
    return InShort(
        figures=tuple(figure_text(figure.value) for figure in few),
        figure_count=len(published.figures),
        single=single,
        rows=0 if single else sum(len(dataset.tables[table.file]) for table in tables),
        files=files,
    )


def _span(values: pd.Series) -> Span | None:
    return Span(len(values), score(values.min()), score(values.max())) if len(values) else None


def _unverified(published: Published) -> bool:
    return any(figure.unverified for figure in published.figures)


def _figures(published: Published, writer: Writer) -> TableBlock | None:
    if not published.figures:
        return None
    rows = [
        (
            _cell(figure.model_a, writer),
            _cell(figure.model_b, writer),
            figure_text(figure.value),
            measure_html(figure.measure, figure.unverified, writer.language),
            Markup("{}{}").format(shown_text(figure.where), writer.citations.cite(figure.sources)),
        )
        for figure in published.figures
    ]
    return TableBlock(
        f"{published.id}-figures",
        writer.language.say("Figures: %(title)s", title=published.title),
        (words("Model"), words("Other model"), words("Value"), words("What it is"), words("Where")),
        (False, False, True, False, False),
        rows,
        anchors=[f"{published.id}-{figure.id}" for figure in published.figures],
        origin=[f"published/{published.id}.toml"],
        keys=[figure.id for figure in published.figures],
        counted=words("figures"),
    )


def _tables(published: Published, dataset: Dataset, writer: Writer) -> list[TableBlock]:
    return [
        TableBlock(
            table.file.removesuffix(".csv"),
            table.title,
            [column.title for column in table.columns],
            [column.kind in ("integer", "number") for column in table.columns],
            frame_rows(dataset.tables[table.file], table.columns, lambda text: _cell(text, writer)),
            origin=[f"published/{table.file}"],
            key="in order",
            download=writer.address(f"data/published/{table.file}"),
            facets=list(_facets(dataset.tables[table.file], table.columns)),
            counted=words("rows"),
        )
        for table in published.tables
        if table.file in dataset.tables
    ]


def _cell(text: str, writer: Writer) -> str | Markup:
    """A cell of a published table: a model as a link, known words in the page's language, any other text as it is."""
    linked = writer.model_link(text)
    return writer.said(text) if linked == Markup("{}").format(text) else linked


def _facets(frame: pd.DataFrame, columns: Iterable[Column]) -> Iterator[Facet]:
    """The columns of text with repeated values, as filters."""
    for column in columns:
        key = column.name.replace("_", "-")
        values = frame[column.name].astype(str).tolist() if column.kind in ("text", "yes or no") else []
        if 1 < len(set(values)) <= len(values) / _ROWS_A_VALUE and key not in _RESERVED:
            yield Facet(key, column.title, [value or words("not given") for value in values])

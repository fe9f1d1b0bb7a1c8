"""What a template needs to write one page: links, citations, numbers with their origin, and blocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from markupsafe import Markup

from lineage.evidence.case_figures import drawn_case, find_figure, publisher_of
from lineage.evidence.geometry import RUNGS
from lineage.evidence.named_models import is_model_id, named_slugs
from lineage.records import Case, Dataset, Model, model_slug
from lineage.records.reading_amendments import corrections_of, removals_of
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.live_tables import is_live, live_table_html
from lineage.site.blocks.marks import level_mark, mark_html
from lineage.site.blocks.shares import Share
from lineage.site.blocks.tables import TableBlock, in_language, table_html
from lineage.site.blocks.taken_charts import standalone_svg
from lineage.site.citations import READINGS, SOURCE_KINDS, Citations, fallen_mark, source_mark
from lineage.site.crowding import is_crowded
from lineage.site.languages import ENGLISH, Language, in_all_languages
from lineage.site.out.csv_text import csv_text
from lineage.site.page_versions import template_is_older
from lineage.site.pages.case_facts import Facts, fact_anchor, facts_with_meanings, front_case
from lineage.site.retelling import retold
from lineage.site.templating import (
    figure_text,
    grouped,
    link,
    markdown_environment,
    markdown_text,
    page_address,
    relative_address,
    render_html,
    score,
)
from lineage.store.cache import kept

GEOMETRY_ANCHOR = "#where-neither-order-nor-axis-is-left"  # of Controls, where pairs were compared by geometry


@dataclass(frozen=True)
class Page:
    """One generated page: prose in Markdown, and HTML blocks that are put in after Markdown."""

    path: str  # "models/x.md", from the docs folder
    title: str
    description: str
    markdown: str
    blocks: Mapping[str, Markup] = field(default_factory=dict)  # by the comment that stands for them
    files: Mapping[str, str] = field(default_factory=dict)  # by path from the root of the site
    in_nav: bool = True  # False: it stands at an old address, and no navigation leads there
    head: Markup = field(default_factory=Markup)  # what stands in the head of the page
    ahead: Markup = field(default_factory=Markup)  # what its head begins with: asked for before its styles are
    cites: tuple[str, ...] = ()  # ids of the sources that it cites
    searched: bool = True  # False: its words are not in the search index
    pictured: bool = True  # False: others show the picture of the site beside a link to it
    own_workers: bool = False  # whether its script starts workers that its policy binds
    share: Share = Share()  # noqa: RUF009 - frozen; what it says of itself where others show it
    tab: str = ""  # its name in the tab of a browser, where another page has the same title
    older: bool = False  # whether the whole of it is a translation of an earlier English


@dataclass(frozen=True)
class Drawn:
    """A chart as it stands on a page."""

    html: Markup
    files: Mapping[str, str]  # its numbers and the chart itself, by path from the root of the site


class Writer:
    """Writes one page. Its methods are the functions that templates call."""

    def __init__(self, dataset: Dataset, path: str, language: Language = ENGLISH, case: Case | None = None) -> None:
        self.dataset = dataset
        # The case whose facts the page prints: its own, or that of the front page.
        self.drawn_case = drawn_case(case, dataset) if case and case.figure else front_case(dataset)
        self.path = path
        self.citations = Citations(dataset.sources, language)
        self.language = language
        self._blocks: dict[str, Markup] = {}
        self._files: dict[str, str] = {}
        self._live = False  # whether the page has a table that scripts work on

    def page(self, template: str, title: str, description: str, *, in_nav: bool = True, **values: object) -> Page:
        """The page that a template makes of the given values."""
        markdown = (
            markdown_environment(self.language)
            .get_template(template)
            .render(
                title=title,
                cite=self.citations.cite,
                link=self.link,
                model=self.model_link,
                fact=self.fact,
                figure=self.figure,
                disputed_score=self.disputed_score,
                drawn_case=self.drawn_case,
                geometry_address=f"controls/{GEOMETRY_ANCHOR if RUNGS in self.dataset.derived else ''}",
                null_publisher=self.drawn_case and publisher_of(self.drawn_case.sources.independent, self.dataset),
                derivations_address=self.drawn_case and self.published_address(self.drawn_case.sources.derivations),
                has_fact=self.has_fact,
                value=self.value,
                endings=self.endings,
                table=self.table,
                chart=self.chart,
                block=self.block,
                source_list=self.source_list,
                source_mark=partial(source_mark, language=self.language),
                data_file=self.data_file,
                mark=partial(mark_html, language=self.language),
                level_mark=partial(level_mark, language=self.language),
                origin=self.origin,
                count=self.count,
                dataset=self.dataset,
                **values,
            )
        )
        cites = tuple(source.id for _, source in self.citations.listed)
        whole = markdown + self._amended()
        older = template_is_older(template, self.language.folder)
        return Page(
            self.path, title, description, whole, self._blocks, self._files, in_nav=in_nav, cites=cites, older=older
        )

    def address(self, target: str) -> str:
        """An address from the root of the site, as this page links to it; pages in its own language first."""
        if self.language.folder and not in_all_languages(target, crowded=is_crowded(self.dataset)):
            return relative_address(self.language.folder + self.path, target)
        return relative_address(self.path, target)

    def link(self, target: str, text: object) -> Markup:
        """A link to an address from the root of the site."""
        return link(self.address(target), text)

    def model_link(self, model_id: str) -> Markup:
        """The name of a model, linked to its page; of one without a record its id, linked where others name it."""
        if model := self.dataset.models.get(model_id):
            return self.link(f"models/{model.slug}/", model.name)
        known = is_model_id(model_id) and model_slug(model_id) in named_slugs(self.dataset)
        return self.link(f"models/{model_slug(model_id)}/", model_id) if known else Markup("{}").format(model_id)

    def cited_link(self, target: str, text: str, sources: Sequence[str]) -> Markup:
        """A link to a number of others, with the sources that it rests on."""
        return self.link(target, text) + self.citations.cite(sources)

    def data_file(self, name: str, text: str = "") -> Markup:
        """A link to a file of the data folder as it is published with the site."""
        return self.link(f"data/{name}", text or f"data/{name}")

    def origin(self, name: str, text: str = "") -> Markup:
        """A link to what made a data file and to its checksum, with the file itself beside them."""
        return self.link(f"data-files/#{name}", text or f"data/{name}")

    def count(self, number: int, what: str, target: str) -> Markup:
        """How many there are of something, linked to where they are listed; tests count again by the name of it."""
        number_link = Markup('<a class="fact" href="{}" data-count="{}">{}</a>')
        return number_link.format(self.address(target), what, grouped(number))

    def has_fact(self, name: str) -> bool:
        """Whether the derived facts hold that name."""
        return name in self._facts

    def fact(self, name: str, digits: int = 0) -> Markup:
        """A derived number, linked to the row that says what it is and which file it comes from."""
        value, meaning = self._facts[name]
        shown = score(value, digits) if digits else grouped(value)
        case = self.drawn_case.case.id if self.drawn_case else ""
        return self._number(f"numbers/#{fact_anchor(case, name, self.dataset)}", shown, meaning)

    def value(self, name: str) -> float:
        """A derived number itself, for a sentence that hangs on it; 0 where there is none of that name."""
        return self._facts[name][0] if self.has_fact(name) else 0.0

    def endings(self, start: str) -> list[str]:
        """What follows in the names of the derived facts that begin so, in order."""
        return sorted(name.removeprefix(start) for name in self._facts if name.startswith(start))

    @property
    def _facts(self) -> Mapping[str, tuple[float, str]]:
        return facts_with_meanings(self.drawn_case.case.id, self.dataset) if self.drawn_case else Facts()

    def published_address(self, table: str) -> str:
        """Where a table of data/published/ stands, from the root of the site."""
        return f"published/#{table.removesuffix('.csv')}"

    def disputed_score(self) -> Markup:
        """The published score of the case whose facts the page prints, linked as figures are."""
        if self.drawn_case is None:
            raise KeyError("the figure of this case cannot be drawn")
        return self.figure(self.drawn_case.sources.score)

    def figure(self, reference: str) -> Markup:
        """A published number, linked to the place that says who published it and where."""
        found = find_figure(self.dataset, reference)
        if found is None:
            raise KeyError(f"no published figure {reference!r}")
        fallen = fallen_mark(found.sources, self.dataset.sources)
        meaning = f"{found.measure} ({fallen})" if fallen else found.measure
        return self._number(f"published/#{reference.replace('/', '-')}", figure_text(found.value), meaning)

    def table(self, table: TableBlock) -> Markup:
        """Puts a table here, with the same rows as CSV."""
        table = in_language(table, self.language)
        name = self.file(f"{page_address(self.path)}{table.id}.csv", csv_text(table.headers, table.rows))
        html = table_html(table, self.language, self.address("data-files/"), name)
        if is_live(table):
            first, self._live = not self._live, True
            html = live_table_html(html, table, self.language, relative_address(self.path, ""), first=first)
        return self.block(html)

    def file(self, path: str, text: str) -> str:
        """Puts a file on the site, by its path from the root of this language; gives its address from this page."""
        self._files[path] = text
        return relative_address(self.path, path)

    def chart(self, chart: Chart | Drawn, caption: Markup | str = "", answer: Markup | str = "") -> Markup:
        """Puts a chart here, with the table of its data and both downloads; answer says what it shows, in words."""
        drawn = self.drawn(chart, caption, answer) if isinstance(chart, Chart) else chart
        for path, text in drawn.files.items():
            self.file(path, text)
        return self.block(drawn.html)

    def kept_chart(self, made_from: Sequence[str], make: Callable[[], Chart | None]) -> Drawn | None:
        """A chart of this page that depends on nothing else than made_from; None where there is none."""

        def make_drawn() -> tuple[str, Mapping[str, str]] | None:
            chart = make()
            drawn = chart and self.drawn(chart)
            return (drawn.html, drawn.files) if drawn else None

        found = kept(f"chart of {self.path}", [self.language.code, *made_from], make_drawn)
        return found and Drawn(Markup(found[0]), found[1])  # noqa: S704 - what drawn gave

    def drawn(self, chart: Chart, caption: Markup | str = "", answer: Markup | str = "") -> Drawn:
        """A chart as it stands on this page, and the files that it links to."""
        columns = [self.language.say(name.replace("_", " ")) for name in chart.columns]
        rounded = [[round(cell, 4) if isinstance(cell, float) else cell for cell in row] for row in chart.rows]
        numeric = [all(isinstance(row[place], float | int) for row in rounded) for place in range(len(columns))]
        rows = [[score(cell, 3) if isinstance(cell, float) else cell for cell in row] for row in chart.rows]
        table = TableBlock(f"{chart.id}-data", chart.question, columns, numeric, rows, key="in order")
        html = render_html(
            "chart.html.j2",
            self.language,
            files=self.address("data-files/"),
            chart=chart,
            caption=caption,
            answer=answer,
            table=table_html(in_language(table, self.language), self.language),
            base=relative_address(self.path, ""),
        )
        numbers = csv_text(chart.columns, rounded)
        files = {
            f"assets/charts/{chart.id}.csv": numbers,
            f"assets/charts/{chart.id}.svg": standalone_svg(chart, self.language),
        }
        return Drawn(html, files)

    def block(self, html: Markup) -> Markup:
        """Puts HTML here, after Markdown and search are done with the page."""
        name = f"<!--block {len(self._blocks) + 1}-->"
        self._blocks[name] = html
        return Markup(f"\n{name}\n")  # noqa: S704 - a comment of our own

    def source_list(self) -> Markup:
        """The numbered sources of this page; call it last."""
        listed = self.citations.listed
        marks = {source.id: source_mark(source, self.language) for _, source in listed}
        return self.block(
            render_html(
                "sources-cited.html.j2",
                self.language,
                listed=listed,
                marks=marks,
                kinds=SOURCE_KINDS,
                readings=READINGS,
                sources=self.address("sources/"),
            )
        )

    def _amended(self) -> str:
        """What was corrected on this page or removed from it, or ""."""
        address = page_address(self.path)
        corrections, removals = corrections_of(self.dataset, address), removals_of(self.dataset, address)
        if not corrections and not removals:
            return ""
        template = markdown_environment(self.language).get_template("amended.md.j2")
        return template.render(corrections=corrections, removals=removals, link=self.link)

    def _number(self, target: str, shown: str, meaning: str) -> Markup:
        """A number linked to where it stands; on an English page its title says what it is, as the record does."""
        meant = Markup(markdown_text(meaning))  # noqa: S704 - Markdown reads links and pictures in attributes too
        title = "" if self.language.folder else Markup(' title="{}"').format(meant)
        return Markup('<a class="fact" href="{}"{}>{}</a>').format(self.address(target), title, shown)

    def said(self, text: object) -> str:
        """English that was made elsewhere, in the language of the page."""
        return retold(text, self.language)


def ordered_models(dataset: Dataset) -> Sequence[Model]:
    """Every model in order of maker and name."""
    return sorted(dataset.models.values(), key=lambda model: (model.maker.lower(), model.name.lower()))

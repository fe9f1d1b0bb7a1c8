"""The list of everything that is cited, and a page for each source: its state, its history, and who cites it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lineage.checks import every_record
from lineage.citations import cited_sources, source_mark
from lineage.pages.writer import Page, Writer
from lineage.records import Dataset, Source
from lineage.templating import page_address, render_html


def sources_page(dataset: Dataset) -> Page:
    """Every source with its state, in order of title; its old address "sources/#id" stays."""
    writer = Writer(dataset, "sources.md")
    sources = sorted(dataset.sources.values(), key=lambda source: source.title.lower())
    states = Counter("checked" if source.checked else "never opened" for source in sources)
    listed = render_html(
        "sources.html.j2",
        sources=sources,
        marks={source.id: source_mark(source) for source in sources},
        base=writer.address(""),
    )
    description = "Everything that this site cites, with its kind, its state and what it shows."
    return writer.page("sources.md.j2", "Sources", description, listed=listed, states=states)


def source_pages(dataset: Dataset, pages: Iterable[Page]) -> Iterator[Page]:
    """A page for each source, "sources/<id>/", that names those of the given pages, and the records, that cite it."""
    citing: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        for name in page.cites:
            citing[name].append(page)
    files: dict[str, set[str]] = defaultdict(set)
    for record in every_record(dataset):
        for name in cited_sources(record):
            files[name].add(record.path.partition("/")[2])
    for source in dataset.sources.values():
        yield _source_page(source, dataset, citing[source.id], sorted(files[source.id]))


def _source_page(source: Source, dataset: Dataset, citing: Sequence[Page], files: Sequence[str]) -> Page:
    writer = Writer(dataset, f"sources/{source.id}.md")
    card = render_html(
        "source-card.html.j2",
        source=source,
        mark=source_mark(source),
        sources=dataset.sources,
        pages=[(page_address(page.path), page.title) for page in citing],
        records=files,
        base=writer.address(""),
    )
    description = f"What is known of this source by {source.publisher}: its state, what it shows, and who cites it."
    return writer.page("source.md.j2", source.title, description, card=card)

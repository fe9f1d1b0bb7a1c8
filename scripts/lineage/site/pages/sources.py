"""The list of everything that is cited, and a page for each source: its state, its history, and who cites it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from markupsafe import Markup

from lineage.checks.rules import every_record
from lineage.records import FALLEN, Dataset, Source, first_day
from lineage.site.blocks.tables import NO, UNKNOWN, YES, Facet, TableBlock, sorted_as
from lineage.site.citations import READINGS, cited_sources, source_mark
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import page_address, render_html


def sources_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every source with its state, in order of title; its old address "sources/#id" stays."""
    writer = Writer(dataset, "sources.md", language)
    sources = sorted(dataset.sources.values(), key=lambda source: source.title.lower())
    readings = Counter(source.read for source in sources)
    table = TableBlock(
        "sources-table",
        "Sources",
        ("Source", "What it shows", "Publisher", "Published", "Kind", "How it was read", "State", "Address"),
        (False,) * 8,
        [_source_row(source, writer) for source in sources],
        anchors=[source.id for source in sources],
        origin=["sources/"],
        keys=[source.id for source in sources],
        look="woe-source-list",
        room=42.0,
        counted="sources",
        facets=[
            Facet("kind", "Kind", [source.kind for source in sources]),
            Facet("state", "State", [source.state for source in sources]),
            Facet("read", "How it was read", [source.read for source in sources]),
            Facet("opened", "Opened for this site", [YES if source.opened else NO for source in sources]),
            Facet("year", "Published in", [_year(source) for source in sources]),
        ],
    )
    description = "Everything that this site cites, with its kind, its state and what it shows."
    return writer.page(
        "sources.md.j2",
        "Sources",
        description,
        listed=table,
        readings=[(name, readings[name]) for name in READINGS if readings[name]],
        checked=sum(source.checked is not None for source in sources),
    )


def _source_row(source: Source, writer: Writer) -> tuple[object, ...]:
    return (
        writer.link(f"sources/{source.id}/", source.title),
        _shows(source),
        source.publisher,
        sorted_as(source.published, day(source.published)),
        _marked(source.kind) if source.kind == "unverified" else source.kind,
        _read(source),
        _state(source),
        _address(source),
    )


def _year(source: Source) -> str:
    return str(first_day(source.published).year) if source.published else UNKNOWN


def _shows(source: Source) -> Markup | str:
    """What a source shows, and what is to be known of it."""
    return (
        Markup('{} <span class="woe-note">{}</span>').format(source.shows, source.note) if source.note else source.shows
    )


def _state(source: Source) -> Markup | str:
    """What became of a source, and when somebody last looked."""
    looked = f", checked on {day(source.checked)}" if source.checked else ""
    return Markup("{}{}").format(_marked(source.state) if source.state in FALLEN else source.state, looked)


def _read(source: Source) -> Markup | str:
    """How a source was read, and who carries it where that is not its author."""
    if source.relay is None:
        return source.read
    carried = f"{source.relay.form} by {source.relay.by}"
    return Markup('{} <span class="woe-note">{}</span>').format(source.read, carried)


def _marked(words: str) -> Markup:
    return Markup('<strong class="state">{}</strong>').format(words)


def _address(source: Source) -> Markup | str:
    """A link to a source, named after its host; what there is instead where no address is given."""
    if source.url is None:
        package, withheld = source.package, source.address_withheld
        return f"package {package}" if package else f"not given: {withheld}"
    named = urlsplit(source.url).hostname or source.url
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(source.url, named)


def source_pages(dataset: Dataset, pages: Iterable[Page], language: Language = ENGLISH) -> Iterator[Page]:
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
        yield _source_page(source, dataset, citing[source.id], sorted(files[source.id]), language)


def _source_page(
    source: Source, dataset: Dataset, citing: Sequence[Page], files: Sequence[str], language: Language
) -> Page:
    writer = Writer(dataset, f"sources/{source.id}.md", language)
    card = render_html(
        "source-card.html.j2",
        source=source,
        mark=source_mark(source),
        fallen=FALLEN,
        reading=READINGS[source.read],
        sources=dataset.sources,
        pages=[(page_address(page.path), page.title) for page in citing],
        records=files,
        base=writer.address(""),
    )
    description = f"What is known of this source by {source.publisher}: its state, what it shows, and who cites it."
    return writer.page("source.md.j2", source.title, description, card=card)

"""The list of everything that is cited, and a page for each source: its state, its history, and who cites it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from markupsafe import Markup

from lineage.records import FALLEN, Dataset, Source, every_record, first_day
from lineage.site.blocks.tables import NO, UNKNOWN, YES, Facet, TableBlock, sorted_as
from lineage.site.citations import READINGS, cited_sources, opened_addresses, source_mark
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import page_address, render_html
from lineage.site.translation import shown_text

_HEADERS = (
    *(words("Source"), words("What it shows"), words("Publisher"), words("Published")),
    *(words("Kind"), words("How it was read"), words("State"), words("Address")),
)
_KINDS_AND_STATES = (
    *(words("primary"), words("secondary"), words("unverified"), words("unchecked"), words("live"), words("archived")),
    *(words("withdrawn"), words("removed"), words("unavailable for legal reasons")),
    *(words("whole archived copy"), words("excerpt of an archived copy")),
    *(words("archived copy, extent not recorded"), words("quoted in another source"), words("package opened here")),
    *(words("opened at its address"), words("not read")),
)


def sources_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every source with its state, in order of title, each also at its older address "sources/#id"."""
    writer = Writer(dataset, "sources.md", language)
    sources = sorted(dataset.sources.values(), key=lambda source: source.title.lower())
    readings = Counter(source.read for source in sources)
    table = TableBlock(
        "sources-table",
        words("Sources"),
        _HEADERS,
        (False,) * 8,
        [_source_row(source, writer) for source in sources],
        anchors=[source.id for source in sources],
        origin=["sources/"],
        keys=[source.id for source in sources],
        look="woe-source-list",
        room=42.0,
        counted=words("sources"),
        facets=[
            Facet("kind", words("Kind"), [source.kind for source in sources]),
            Facet("state", words("State"), [source.state for source in sources]),
            Facet("read", words("How it was read"), [source.read for source in sources]),
            Facet("opened", words("Opened for this site"), [YES if source.opened else NO for source in sources]),
            Facet("year", words("Published in"), [_year(source) for source in sources]),
        ],
    )
    description = language.say("Everything that this site cites, with its kind, its state and what it shows.")
    return writer.page(
        "sources.md.j2",
        language.say("Sources"),
        description,
        listed=table,
        readings=[(name, readings[name]) for name in READINGS if readings[name]],
        checked=opened_addresses(dataset.sources),
    )


def _source_row(source: Source, writer: Writer) -> tuple[object, ...]:
    return (
        writer.link(f"sources/{source.id}/", source.title),
        _shows(source),
        source.publisher,
        sorted_as(source.published, day(source.published, writer.language)),
        _marked(writer.said(source.kind)) if source.kind == "unverified" else source.kind,
        _read(source, writer),
        _state(source, writer),
        _address(source, writer),
    )


def _year(source: Source) -> str:
    return str(first_day(source.published).year) if source.published else UNKNOWN


def _shows(source: Source) -> Markup | str:
    """What a source shows, with the note on it."""
    if not source.note:
        return source.shows
    return Markup('{} <span class="woe-note">{}</span>').format(shown_text(source.shows), shown_text(source.note))


def _state(source: Source, writer: Writer) -> Markup | str:
    """The state of a source, and when somebody last checked it."""
    checked, state = source.checked, writer.said(source.state)
    looked = writer.language.say(", checked on %(day)s", day=day(checked, writer.language)) if checked else ""
    return Markup("{}{}").format(_marked(state) if source.state in FALLEN else state, looked)


def _read(source: Source, writer: Writer) -> Markup | str:
    """How a source was read, and who relays it where that is not its author."""
    if source.relay is None:
        return source.read
    carried = writer.language.words.gettext("%(form)s by %(by)s")
    carrier = Markup(carried) % {  # noqa: S704 - our own words
        "form": writer.said(source.relay.form),
        "by": shown_text(source.relay.by),
    }
    return Markup('{} <span class="woe-note">{}</span>').format(writer.said(source.read), carrier)


def _marked(words: str) -> Markup:
    return Markup('<strong class="state">{}</strong>').format(words)


def _address(source: Source, writer: Writer) -> Markup | str:
    """A link to a source, named after its host; or why there is no address."""
    if source.url is None:
        package, withheld = source.package, source.address_withheld
        say = writer.language.say
        return say("package %(name)s", name=package) if package else say("not given: %(why)s", why=withheld)
    host = urlsplit(source.url).hostname or source.url
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(source.url, host)


def source_pages(dataset: Dataset, pages: Iterable[Page], language: Language = ENGLISH) -> Iterator[Page]:
    """A page for each source, "sources/<id>/", with the pages and records that cite it."""
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
        language,
        source=source,
        shown=shown_text,
        mark=source_mark(source, language),
        fallen=FALLEN,
        reading=language.say(READINGS[source.read]),
        sources=dataset.sources,
        pages=[(page_address(page.path), page.title) for page in citing],
        records=files,
        base=writer.address(""),
        root=writer.address("data-files/").removesuffix("data-files/"),
    )
    description = language.say(
        "What is known of this source by %(publisher)s: its state, what it shows, and who cites it.",
        publisher=source.publisher,
    )
    return writer.page("source.md.j2", source.title, description, card=card)

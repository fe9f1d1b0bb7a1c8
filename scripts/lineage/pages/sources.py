"""The list of everything that is cited, with its state."""

from collections import Counter

from lineage.citations import source_mark
from lineage.pages.writer import Page, Writer
from lineage.records import Dataset
from lineage.templating import render_html


def sources_page(dataset: Dataset) -> Page:
    """Every source at its own address, "sources/#id", in order of title."""
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

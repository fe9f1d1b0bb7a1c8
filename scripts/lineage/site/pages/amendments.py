"""What was corrected and what was removed: one page for all, and one at each old address."""

from collections.abc import Iterator, Mapping, Sequence, Set

from markupsafe import Markup

from lineage.evidence.pairs import find_pairs
from lineage.methods.likelihood_ratio import LIKELIHOOD_RATIO
from lineage.methods.registry import METHODS
from lineage.records import Dataset
from lineage.records.amendments import Correction
from lineage.records.reading_amendments import old_addresses, removals_of
from lineage.site.blocks.tables import TableBlock, sorted_as
from lineage.site.days_and_amounts import day
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.menu import method_address
from lineage.site.pages.pair_words import pair_title
from lineage.site.pages.writer import Page, Writer
from lineage.site.retelling import retold

REPORTERS = {
    "reader": words("a reader"),
    "maker": words("a maker"),
    "claimant": words("a claimant"),
    "maintainer": words("a maintainer"),
}
ASKERS = {
    "maker": words("the maker of the model"),
    "claimant": words("the claimant"),
    "author": words("the author of what stood there"),
    "third_party": words("a third party"),
    "maintainer": words("a maintainer of this site"),
}
KINDS = {
    "model": words("model"),
    "claim": words("claim or response"),
    "source": words("source"),
    "case": words("case"),
    "pair": words("comparison of two models"),
    "measurement": words("measurement"),
    "published": words("set of published numbers"),
    "benchmark": words("benchmark"),
    "parameters": words("record of what a method was given"),
    "design": words("design of an experiment"),
}

_NAMES = {
    "": words("Home"),
    "cases/": words("Cases"),
    "compare/": words("Compare models"),
    "controls/": words("Controls"),
    "experiment/": words("Why independent models score alike"),
    "heatmap/": words("All pairs at once"),
    "how-to-read/": words("How to read this"),
    "lineage/": words("Who comes from whom"),
    "methods/": words("Methods"),
    "models/": words("Models"),
    "pairs/": words("Pairs"),
    "published/": words("Published results"),
    "sources/": words("Sources"),
    "tools/": words("Tools where the history is known"),
}


def corrections_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every correction and every removal, the newest first."""
    writer = Writer(dataset, "corrections.md", language)
    corrections = sorted(
        dataset.corrections.values(), key=lambda correction: (correction.corrected, correction.id), reverse=True
    )
    addresses = {page for correction in corrections for page in correction.pages}
    names = {page: page_name(page, dataset, language) for page in addresses}
    return writer.page(
        "corrections.md.j2",
        language.say("Corrections and removals"),
        language.say("What this site had wrong, since when, and what changed; what stood here and does not any more."),
        corrections=corrections,
        listed=_listed(corrections, names, writer),
        page_names=names,
        removals=sorted(dataset.removals.values(), key=lambda removal: (removal.date, removal.id), reverse=True),
        addresses={name: old_addresses(removal)[0] for name, removal in dataset.removals.items()},
        reporters=REPORTERS,
        askers=ASKERS,
        kinds=KINDS,
    )


_ROOM = 30.0  # rem of the table of corrections as a grid: its words wrap


def _listed(corrections: Sequence[Correction], names: Mapping[str, str], writer: Writer) -> TableBlock:
    """The table of corrections: when, what was wrong, and on which pages."""
    say = writer.language.say
    comma = Markup(say(", "))  # noqa: S704 - our own words
    rows = [
        (
            sorted_as(correction.corrected, day(correction.corrected, writer.language)),
            Markup('<a href="#{}">{}</a>').format(correction.id, correction.title),
            comma.join(writer.link(page, names[page]) for page in correction.pages),
        )
        for correction in corrections
    ]
    headers = (say("Corrected"), say("What was wrong"), say("Pages"))
    caption = say("Corrections, the newest first")
    return TableBlock(
        "corrections-list", caption, headers, (False, False, False), rows, room=_ROOM, counted=words("corrections")
    )


def page_name(address: str, dataset: Dataset, language: Language = ENGLISH) -> str:
    """What a page is called, by its address from the root of the site; the address itself where that is not known."""
    page, _, _ = address.partition("#")
    folder, _, name = page.strip("/").rpartition("/")
    if page in _NAMES:
        return language.say(_NAMES[page])
    if folder == "cases" and name in dataset.cases:
        return dataset.cases[name].title
    if folder == "sources" and name in dataset.sources:
        return dataset.sources[name].title
    titles = {
        **{f"pairs/{pair.slug}/": pair_title(pair, language) for pair in find_pairs(dataset)},
        **{f"models/{model.slug}/": model.name for model in dataset.models.values()},
        **{
            method_address(method.id): retold(method.name, language) for method in (*METHODS.values(), LIKELIHOOD_RATIO)
        },
        **{
            f"methods/{published.id}/": published.method for published in dataset.published.values() if published.method
        },
    }
    return titles.get(page, address)


def removed_pages(dataset: Dataset, built: Set[str], language: Language) -> Iterator[Page]:
    """A page at each old address of a removed record, unless a page in built, by its path, stands there again."""
    for path, title in removed_titles(dataset, built, language).items():
        description = language.say("What stood here, why it went, and when.")
        yield Writer(dataset, path, language).page("removed.md.j2", title, description, in_nav=False)


def removed_titles(dataset: Dataset, built: Set[str], language: Language = ENGLISH) -> Mapping[str, str]:
    """The titles of these pages, by path."""
    addresses = {old.partition("#")[0] for removal in dataset.removals.values() for old in old_addresses(removal)}
    paths = {address: f"{address.rstrip('/')}.md" for address in sorted(addresses)}
    return {
        path: language.say("Removed: %(name)s", name=removals_of(dataset, address)[0][1].name)
        for address, path in paths.items()
        if path not in built and f"{address}index.md" not in built
    }

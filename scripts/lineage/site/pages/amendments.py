"""What was corrected and what was removed: one page for all, and one at each old address."""

from collections.abc import Iterator, Mapping, Set

from lineage.records import Dataset
from lineage.records.reading_amendments import old_addresses, removals_of
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer

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


def corrections_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """Every correction and every removal, the newest first."""
    writer = Writer(dataset, "corrections.md", language)
    return writer.page(
        "corrections.md.j2",
        language.say("Corrections and removals"),
        language.say("What this site had wrong, since when, and what changed; what stood here and does not any more."),
        corrections=sorted(
            dataset.corrections.values(), key=lambda correction: (correction.corrected, correction.id), reverse=True
        ),
        removals=sorted(dataset.removals.values(), key=lambda removal: (removal.date, removal.id), reverse=True),
        addresses={name: old_addresses(removal)[0] for name, removal in dataset.removals.items()},
        reporters=REPORTERS,
        askers=ASKERS,
        kinds=KINDS,
    )


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

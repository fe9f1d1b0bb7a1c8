"""Dataset -> the pages that come and go with records, by path and title, without writing any of them."""

from collections.abc import Iterator, Mapping

from lineage.evidence.named_models import named_models
from lineage.evidence.pairs import find_pairs
from lineage.evidence.published import all_published_scores
from lineage.methods.registry import METHODS
from lineage.records import Dataset
from lineage.site.menu import method_address
from lineage.site.pages.amendments import removed_titles
from lineage.site.pages.pair_words import pair_title

_ALWAYS = frozenset({"sources.md", "published.md", "cost.md", "data-files.md"})  # which removed records stood on


def titles_of_records(dataset: Dataset) -> Mapping[str, str]:
    """The English titles of the pages of cases, models, pairs, sources, published sets and removed records, by path."""
    standing = dict(_standing(dataset))
    always = {f"{method_address(method).removesuffix('/')}.md" for method in METHODS} | _ALWAYS
    return {**standing, **removed_titles(dataset, standing.keys() | always)}


def _standing(dataset: Dataset) -> Iterator[tuple[str, str]]:
    yield from ((f"cases/{case.id}.md", case.title) for case in dataset.cases.values())
    yield from ((f"methods/{name}.md", dataset.published[name].title) for name, *_ in all_published_scores(dataset))
    yield from ((f"models/{model.slug}.md", model.name) for model in dataset.models.values())
    yield from ((f"models/{model.slug}.md", model.name) for model in named_models(dataset).values())
    yield from ((f"pairs/{pair.slug}.md", pair_title(pair)) for pair in find_pairs(dataset))
    yield from ((f"sources/{source.id}.md", source.title) for source in dataset.sources.values())

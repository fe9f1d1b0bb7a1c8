"""Large records: pages of single models then exist in one language, are found by name only, and have no pictures."""

from lineage.records import Dataset

# Models: with more, the search index has room for their names alone (lineage.site.out.search), their pages and those of
# pairs go by the picture of the site, and leaves stand in English alone, so that a second language does not double what
# is written; the pages that list them stand in every language.
SEARCHED_UP_TO = 500


def is_crowded(dataset: Dataset) -> bool:
    """Whether a record has so many models that it counts as large."""
    return len(dataset.models) > SEARCHED_UP_TO


def is_leaf(path: str) -> bool:
    """Whether a page is about one model, pair or source; by its path "models/x.md" or its address "models/x/"."""
    folder, _, name = path.partition("#")[0].partition("/")
    return folder in ("models", "pairs", "sources") and name not in ("", "index.md")


def is_doubled(path: str) -> bool:
    """Whether a second language costs something for every model: a page of one model, pair or source, or Compare.

    Compare has a file for each model, with links to the pages of single models.
    """
    return is_leaf(path) or path.partition("#")[0].rstrip("/").removesuffix(".md") == "compare"

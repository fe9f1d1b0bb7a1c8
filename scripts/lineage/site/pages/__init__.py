"""Dataset -> the pages of the site: prose in Markdown plus named blocks in HTML."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from lineage.evidence.pairs import find_pairs
from lineage.records import Dataset
from lineage.site.languages import ENGLISH, Language, in_all_languages
from lineage.site.pages.amendments import corrections_page, removed_pages
from lineage.site.pages.cases.case import case_page, cases_page
from lineage.site.pages.checking.page import check_page
from lineage.site.pages.citing import with_citation
from lineage.site.pages.comparison.compare import compare_page
from lineage.site.pages.comparison.heatmap import heatmap_pages
from lineage.site.pages.comparison.lineage_graph import lineage_page
from lineage.site.pages.controls import controls_page
from lineage.site.pages.cost import cost_page
from lineage.site.pages.data import data_page
from lineage.site.pages.data_files import data_files_page
from lineage.site.pages.experiment import experiment_page
from lineage.site.pages.front import home_page, how_to_read_page, numbers_page
from lineage.site.pages.measure import measure_page
from lineage.site.pages.methods.pages import method_pages
from lineage.site.pages.methods.published import published_method_pages
from lineage.site.pages.methods.summary import method_summary_page
from lineage.site.pages.models import model_page, models_page
from lineage.site.pages.named import named_pages
from lineage.site.pages.notices import with_notices
from lineage.site.pages.pairs import pair_page, pairs_page
from lineage.site.pages.published import published_page
from lineage.site.pages.sources import source_pages, sources_page
from lineage.site.pages.wanted import wanted_page
from lineage.site.pages.writer import Page
from lineage.site.translation import translated

# Models: with more, the search index has room for their names alone (lineage.site.out.search), and their pages and
# those of pairs go by the picture of the site.
SEARCHED_UP_TO = 500

__all__ = ["Page", "build_pages", "with_citation"]


def build_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """Every generated page of the site in a language, those at the old addresses of removed records last."""
    built = set()
    crowded = len(dataset.models) > SEARCHED_UP_TO
    for page in _standing_pages(dataset, language):
        built.add(page.path)
        yield replace(page, searched=False, pictured=False) if crowded and _is_leaf(page.path) else page
    for page in removed_pages(dataset, built, language):
        if language == ENGLISH or in_all_languages(page.path):
            yield page


def _standing_pages(dataset: Dataset, language: Language) -> Iterator[Page]:
    """Every page of a record that stands; other languages than English have fewer."""
    if language != ENGLISH:
        yield from with_notices(shared_pages(translated(dataset, language.code), language), language)
        return
    citing = []
    for page in chain(shared_pages(dataset, language), _pages_in_english(dataset)):
        citing.append(Page(page.path, page.title, "", "", cites=page.cites))  # without its blocks, which are large
        yield page
    yield sources_page(dataset)
    yield from source_pages(dataset, citing)
    yield numbers_page(dataset)
    yield data_files_page(dataset)


def _pages_in_english(dataset: Dataset) -> Iterator[Page]:
    pairs = find_pairs(dataset)
    yield from method_pages(dataset)
    yield from published_method_pages(dataset)
    yield controls_page(dataset)
    yield measure_page(dataset)
    yield cost_page(dataset)
    yield models_page(dataset)
    for model in dataset.models.values():
        yield model_page(model, dataset)
    yield from named_pages(dataset)
    yield pairs_page(pairs, dataset)
    for pair in pairs:
        yield pair_page(pair, dataset)
    yield compare_page(pairs, dataset)
    yield from heatmap_pages(dataset)
    yield lineage_page(dataset)
    yield published_page(dataset)
    yield corrections_page(dataset)
    yield data_page(dataset)


def _is_leaf(path: str) -> bool:
    """Whether a page is that of one model, pair or source."""
    folder, _, name = path.partition("/")
    return folder in ("models", "pairs", "sources") and bool(name) and name != "index.md"


def shared_pages(dataset: Dataset, language: Language) -> Iterator[Page]:
    """The pages that stand in every language."""
    yield home_page(dataset, language)
    yield how_to_read_page(dataset, language)
    yield method_summary_page(dataset, language)
    yield wanted_page(dataset, language)
    yield experiment_page(dataset, language)
    yield check_page(dataset, language)
    yield cases_page(dataset, language)
    for case in dataset.cases.values():
        yield case_page(case, dataset, language)

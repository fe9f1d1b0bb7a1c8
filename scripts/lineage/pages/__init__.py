"""Dataset -> the pages of the site: prose in Markdown plus named blocks in HTML."""

from collections.abc import Iterator

from lineage.pages.cases import case_page, cases_page
from lineage.pages.controls import controls_page
from lineage.pages.data_files import data_files_page
from lineage.pages.front import home_page, how_to_read_page, numbers_page
from lineage.pages.measure import measure_page
from lineage.pages.methods import method_pages
from lineage.pages.models import model_page, models_page
from lineage.pages.pairs import pair_page, pairs_page
from lineage.pages.published import published_page
from lineage.pages.sources import source_pages, sources_page
from lineage.pages.writer import Page
from lineage.pairs import find_pairs
from lineage.records import Dataset

__all__ = ["Page", "build_pages"]


def build_pages(dataset: Dataset) -> Iterator[Page]:
    """Every generated page of the site."""
    pages = list(_pages_that_cite(dataset))
    yield from pages
    yield sources_page(dataset)
    yield from source_pages(dataset, pages)
    yield numbers_page(dataset)
    yield data_files_page(dataset)


def _pages_that_cite(dataset: Dataset) -> Iterator[Page]:
    pairs = find_pairs(dataset)
    yield home_page(dataset)
    yield how_to_read_page(dataset)
    yield from method_pages(dataset)
    yield controls_page(dataset)
    yield measure_page(dataset)
    yield cases_page(dataset)
    for case in dataset.cases.values():
        yield case_page(case, dataset)
    yield models_page(dataset)
    for model in dataset.models.values():
        yield model_page(model, pairs, dataset)
    yield pairs_page(pairs, dataset)
    for pair in pairs:
        yield pair_page(pair, dataset)
    yield published_page(dataset)

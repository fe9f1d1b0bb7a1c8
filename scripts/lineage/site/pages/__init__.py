"""Dataset -> the pages of the site: prose in Markdown plus named blocks in HTML."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from lineage.evidence.pairs import find_pairs
from lineage.records import Dataset
from lineage.site.crowding import is_crowded, is_leaf
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
from lineage.site.pages.models.model import model_page
from lineage.site.pages.models.named import named_pages
from lineage.site.pages.models.table import models_page
from lineage.site.pages.notices import with_notices
from lineage.site.pages.pairs.pair import pair_page
from lineage.site.pages.pairs.table import pairs_page
from lineage.site.pages.published import published_page
from lineage.site.pages.sources import source_pages, sources_page
from lineage.site.pages.tools import tools_page
from lineage.site.pages.wanted import wanted_page
from lineage.site.pages.writer import Page
from lineage.site.translation import translated

__all__ = ["Page", "build_pages", "with_citation"]


def build_pages(dataset: Dataset, language: Language = ENGLISH) -> Iterator[Page]:
    """Every generated page of the site in a language, those at the old addresses of removed records last."""
    built = set()
    crowded = is_crowded(dataset)
    for page in _standing_pages(dataset, language):
        built.add(page.path)
        yield replace(page, searched=False, pictured=False) if crowded and is_leaf(page.path) else page
    for page in removed_pages(dataset, built, language):
        if language == ENGLISH or in_all_languages(page.path, crowded=crowded):
            yield page


def _standing_pages(dataset: Dataset, language: Language) -> Iterator[Page]:
    """Every page but those at the addresses of removed records; a language other than English has fewer."""
    if language != ENGLISH:
        translations = translated(dataset, language.code)
        yield from with_notices(_with_sources(translations, language), language)
        return
    yield from _with_sources(dataset, language)
    yield numbers_page(dataset)
    yield data_files_page(dataset)


def _with_sources(dataset: Dataset, language: Language) -> Iterator[Page]:
    """The pages of a language; those of sources come last, because they name the pages that cite them."""
    citing = []
    for page in _pages(dataset, language):
        citing.append(Page(page.path, page.title, "", "", cites=page.cites))  # without its blocks, which are large
        yield page
    if _stands("sources.md", dataset, language):
        yield sources_page(dataset, language)
    if _stands("sources/x.md", dataset, language):
        yield from source_pages(dataset, citing, language)


def _pages(dataset: Dataset, language: Language) -> Iterator[Page]:
    for path, make in _kinds(dataset, language):
        if _stands(path, dataset, language):
            yield from make()


def _stands(path: str, dataset: Dataset, language: Language) -> bool:
    """Whether a page exists in a language."""
    return language == ENGLISH or in_all_languages(path, crowded=is_crowded(dataset))


def _kinds(dataset: Dataset, language: Language) -> Iterator[tuple[str, Callable[[], Iterable[Page]]]]:
    """The kinds of page in order: the path of one page of the kind, and the function that makes all of them."""
    pairs = find_pairs(dataset)
    models = dataset.models.values()
    yield "index.md", lambda: [home_page(dataset, language)]
    yield "how-to-read.md", lambda: [how_to_read_page(dataset, language)]
    yield "methods/index.md", lambda: [method_summary_page(dataset, language)]
    yield "wanted.md", lambda: [wanted_page(dataset, language)]
    yield "experiment.md", lambda: [experiment_page(dataset, language)]
    yield "tools.md", lambda: [tools_page(dataset, language)]
    yield "check-a-model.md", lambda: [check_page(dataset, language)]
    yield "cases/index.md", lambda: [cases_page(dataset, language)]
    yield "cases/x.md", lambda: (case_page(case, dataset, language) for case in dataset.cases.values())
    yield "methods/x.md", lambda: method_pages(dataset, language)
    yield "methods/x.md", lambda: published_method_pages(dataset, language)
    yield "controls.md", lambda: [controls_page(dataset, language)]
    yield "measure.md", lambda: [measure_page(dataset, language)]
    yield "cost.md", lambda: [cost_page(dataset, language)]
    yield "models/index.md", lambda: [models_page(dataset, language)]
    yield "models/x.md", lambda: (model_page(model, dataset, language) for model in models)
    yield "models/x.md", lambda: named_pages(dataset, language)
    yield "pairs/index.md", lambda: [pairs_page(pairs, dataset, language)]
    yield "pairs/x.md", lambda: (pair_page(pair, dataset, language) for pair in pairs)
    yield "compare.md", lambda: [compare_page(pairs, dataset, language)]
    yield "heatmap/x.md", lambda: heatmap_pages(dataset, language)
    yield "lineage.md", lambda: [lineage_page(dataset, language)]
    yield "published.md", lambda: [published_page(dataset, language)]
    yield "corrections.md", lambda: [corrections_page(dataset, language)]
    yield "data-and-api.md", lambda: [data_page(dataset)]

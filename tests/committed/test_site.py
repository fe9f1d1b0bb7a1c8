"""The built site: every page there, every link and number leads somewhere, nothing loads from elsewhere."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

from lineage.evidence.case_figures import find_figure
from lineage.evidence.pairs import find_pairs
from lineage.site.out.links import dead_links, html_pages
from lineage.site.templating import figure_text, grouped, page_address, score
from lineage.store.folder import list_files, published_bytes
from repository import COMMITTED, committed, committed_pages

LOADING = {"src", "srcset", "poster", "data"}  # attributes that make a browser fetch


class Reader(HTMLParser):
    """Collects what a page loads, its ids, its linked numbers and its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.facts: list[tuple[str, str]] = []
        self._fact = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        is_fact = "fact" in found.get("class", "").split() and "data-count" not in found
        self._fact = found.get("href", "") if is_fact else ""
        if tag == "link" and found.get("rel") != "canonical":
            self.loads.append(found.get("href", ""))
        self.loads += [value for name, value in found.items() if name in LOADING and tag not in ("a", "meta")]
        self.ids += [found["id"]] if "id" in found else []

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._fact:
            self.facts.append((self._fact, data))
            self._fact = ""


@cache
def read_page(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_every_page_that_we_make_is_in_the_site(site: Path) -> None:
    for page in committed_pages():
        assert (site / page_address(page.path) / "index.html").is_file(), page.path


def test_every_pair_that_a_case_or_a_maker_names_has_a_page(site: Path) -> None:
    dataset = committed()
    wanted = {frozenset((case.subject, case.reference)) for case in dataset.cases.values() if case.reference}
    wanted |= {frozenset((model.id, parent)) for model in dataset.models.values() for parent in model.parents}

    found = {frozenset((pair.model_a.id, pair.model_b.id)) for pair in find_pairs(dataset)}

    assert wanted <= found
    for pair in find_pairs(dataset):
        assert (site / "pairs" / pair.slug / "index.html").is_file()


def test_no_placeholder_of_a_block_is_left(site: Path) -> None:
    for page in html_pages(site):
        assert "<!--block" not in page.read_text(encoding="utf-8"), page


def test_every_link_and_anchor_inside_the_site_leads_somewhere(site: Path) -> None:
    assert [str(link) for link in dead_links(site)] == []


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    for page in html_pages(site):
        for address in read_page(page).loads:
            assert not urlsplit(address).netloc, f"{page}: {address}"
    for style in site.rglob("*.css"):
        assert not re.findall(r"url\(\s*['\"]?https?:", style.read_text(encoding="utf-8")), style


def test_ids_are_unique_on_each_page(site: Path) -> None:
    for page in html_pages(site):
        ids = [name for name in read_page(page).ids if not name.startswith("__")]
        assert len(ids) == len(set(ids)), (page, sorted({name for name in ids if ids.count(name) > 1}))


def test_every_linked_number_is_the_number_that_it_leads_to(site: Path) -> None:
    dataset = committed()
    facts = pd.read_csv(COMMITTED / "data" / "derived" / "facts.csv").set_index("name")["value"]
    figures = {
        f"{published.id}-{figure.id}": find_figure(dataset, f"{published.id}/{figure.id}")
        for published in dataset.published.values()
        for figure in published.figures
    }
    seen = 0
    for page in html_pages(site):
        for link, shown in read_page(page).facts:
            name = urlsplit(link).fragment
            if "numbers/" in link:
                value = float(facts[name])
                assert shown in {grouped(value), *(score(value, digits) for digits in (1, 2, 3, 4))}, (
                    page,
                    name,
                    shown,
                )
            else:
                figure = figures[name]
                assert figure is not None
                assert shown == figure_text(figure.value), (page, name, shown)
            seen += 1
    assert seen > 20


def test_the_data_folder_is_published_with_the_site(site: Path) -> None:
    for name in list_files(COMMITTED / "data"):
        assert (site / "data" / name).read_bytes() == published_bytes(COMMITTED / "data", name)


CASE_ORDER = [
    "Where the reported score lies",
    "What each side says",
    "The evidence",
    "What other tests found",
    "The two architectures",
    "The licence header",
    "Hardware",
    "Timeline",
    "What nobody knows",
    "What would settle it",
    "Sources",
]


NOT_IN_EVERY_CASE = {"Where the reported score lies", "The licence header", "Hardware"}


def test_every_case_page_keeps_its_order(site: Path) -> None:
    for page in (site / "cases").glob("*/index.html"):
        headings = re.findall(r"<h2[^>]*>([^<]+)<", page.read_text(encoding="utf-8"))

        assert headings == [name for name in CASE_ORDER if name in headings], page
        assert set(CASE_ORDER) - set(headings) <= NOT_IN_EVERY_CASE, page


def test_the_first_case_has_every_part(site: Path) -> None:
    html = (site / "cases" / "pangu-qwen" / "index.html").read_text(encoding="utf-8")

    assert re.findall(r"<h2[^>]*>([^<]+)<", html) == CASE_ORDER


@pytest.mark.parametrize("page", ["index.html", "cases/pangu-qwen/index.html"])
def test_figure_caption_and_summary_carry_all_of_it(site: Path, page: str) -> None:
    text = " ".join(read_page(site / page).text.split())
    facts = committed().derived["facts.csv"].set_index("name")["value"]
    count = {name: int(value) for name, value in facts.items() if value == int(value)}

    for part in (
        f"{count['null.at_or_above_disputed']} of {count['null.root_pairs']}",
        f"{count['derivations.at_or_above_disputed']} of {count['derivations.count']}",
        f"{facts['null.share_low']:.0f} to {facts['null.share_high']:.0f} %",
        f"{facts['null.largest']:.3f}",
        f"{count['derivations.below_disputed']} of {count['derivations.count']}",
        "0.91 reported, unverified",
    ):
        assert part in text, part
    for part in ("picked by whoever made the claim", "withdrawn"):
        assert part in text, part


def test_unverified_words_stand_with_unverified_sources() -> None:
    dataset = committed()
    for case in dataset.cases.values():
        texts = [*case.summary, *case.other_tests, *case.unknown, *case.events, *dataset.claims[case.id]]
        for text in texts:
            kinds = {dataset.sources[name].kind for name in text.sources}
            words = getattr(text, "text", "") or getattr(text, "statement", "")
            if kinds == {"unverified"}:
                assert "unverified" in words, words


def test_search_finds_prose_and_leaves_tables_out(site: Path) -> None:
    index = (site / "search" / "pages.json").read_text(encoding="utf-8")

    assert "curves over depth" in index or "from layer to layer" in index
    assert "34efbb970130126d" not in index

"""What a reader can take away from the built site: files, citations, feeds and the description of the data set."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from lineage.site.api import FOLDER, build_api
from lineage.site.out.feeds import FEEDS
from lineage.site.templating import page_address
from lineage.store.edition import Edition
from repository import committed, committed_pages

CITE = re.compile(r'<details class="woe-data woe-cite"><summary>Cite this page</summary>(.*?)</details>', re.DOTALL)
EDITION = Edition("A record", ("Its maintainers",), "1.2.3", ("CC-BY-4.0",), "What it is.")


def html_of(site: Path, address: str) -> str:
    return (site / address / "index.html").read_text(encoding="utf-8")


def head_of(html: str) -> str:
    return html[: html.index("</head>")]


def test_every_page_with_data_says_how_to_cite_it_without_a_script(site: Path) -> None:
    for page in committed_pages():
        (block,) = CITE.findall(html_of(site, page_address(page.path)))
        plain, bibtex, csl = map(unescape, re.findall(r"<code>(.*?)</code>", block, re.DOTALL))

        (item,) = json.loads(csl)

        assert page.title in plain
        assert item["title"] == page.title
        assert bibtex.startswith(f"@misc{{{item['id']},")
        assert item["note"].partition(";")[0] in plain


def test_every_page_leads_readers_of_feeds_to_the_feeds(site: Path) -> None:
    for page in site.rglob("index.html"):
        if "embed" in page.parts:
            continue  # a framed chart, which leads to its case
        head = head_of(page.read_text(encoding="utf-8"))

        links = re.findall(r'<link rel="alternate ?" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', head)

        assert [(page.parent / link).resolve() for link in links] == [
            (site / "feeds" / f"{name}.atom").resolve() for name in FEEDS
        ], page
        assert all((page.parent / link).is_file() for link in links), page


@pytest.mark.parametrize("address", ["", "data-and-api/"])
def test_home_and_data_page_describe_the_data_set(site: Path, address: str) -> None:
    (text,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', head_of(html_of(site, address)), re.DOTALL
    )

    described = json.loads(text)

    assert described["@type"] == "Dataset"
    for download in described["distribution"]:
        if "://" not in download["contentUrl"]:
            assert (site / address / download["contentUrl"]).is_file()


def test_no_page_rates_a_claim(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "ClaimReview" not in text, page
        assert "reviewRating" not in text, page


def test_the_api_of_the_site_is_that_of_the_data(site: Path) -> None:
    expected = build_api(committed(), EDITION)

    served = {path.relative_to(site).as_posix() for path in (site / FOLDER).rglob("*") if path.is_file()}

    assert served == set(expected)
    for name, text in expected.items():
        if not name.endswith("/index.json"):
            assert (site / name).read_text(encoding="utf-8") == text, name


def test_every_file_that_a_page_offers_is_there(site: Path) -> None:
    offered = 0
    for page in site.rglob("index.html"):
        for link in re.findall(r'href="([^"]+)" download', page.read_text(encoding="utf-8")):
            assert (page.parent / unescape(link)).is_file(), (page, link)
            offered += 1
    assert offered > 50

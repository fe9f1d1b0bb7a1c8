"""Where a page stands: the way to it, for readers and for search engines."""

import json
import re

import pytest

from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.out.content_security import with_policy
from lineage.site.pages.places import bare_page, listing_of, not_found, with_place
from lineage.site.pages.writer import Page
from lineage.store.edition import Edition

EDITION = Edition("Small", ("X",), "1", ("CC0-1.0",), "x")
HOSTILE = 'A </script><script>alert("x")</script> name'


def held(page: Page) -> list[dict[str, object]]:
    """The steps that the head of a page tells search engines."""
    text = re.search(r'<script type="application/ld\+json">(.*)</script>', page.head, re.DOTALL)
    assert text
    listed: list[dict[str, object]] = json.loads(text[1])["itemListElement"]
    return listed


@pytest.mark.parametrize(
    ("path", "listing"),
    [
        ("models/x_y.md", "models/index.md"),
        ("pairs/a_b--c_d.md", "pairs/index.md"),
        ("sources/x.md", "sources.md"),
        ("cases/x.md", "cases/index.md"),
        ("methods/std-profile.md", "methods/index.md"),
        ("data-files.md", "data-and-api.md"),
    ],
)
def test_a_leaf_is_listed_by_one_page(path: str, listing: str) -> None:
    found = listing_of(path)
    assert found
    assert found.path == listing


@pytest.mark.parametrize("path", ["index.md", "models/index.md", "sources.md", "compare.md", "about.md"])
def test_a_page_of_the_menu_is_as_it_was(path: str) -> None:
    page = Page(path, "T", "D", "# T\n")
    assert with_place(page, EDITION) == page


def test_the_way_stands_above_the_heading_and_below_the_settings() -> None:
    page = with_place(Page("models/x_y.md", "T", "D", "---\nhide: [toc]\n---\n\n# T\n"), EDITION)
    settings, _, text = page.markdown.partition("\n---\n")
    mark, _, rest = text.strip().partition("\n")
    assert settings == "---\nhide: [toc]"
    assert '<a href="../../models/">Models</a>' in page.blocks[mark]
    assert rest.strip() == "# T"


@pytest.mark.parametrize(("language", "home"), [(ENGLISH, "Home"), (CHINESE, "首页")])
def test_search_engines_are_told_the_same_way(language: Language, home: str) -> None:
    edition = Edition("Small", ("X",), "1", ("CC0-1.0",), "x", address="https://example.org/site/")
    steps = held(with_place(Page("cases/x.md", "T", "D", "# T\n"), edition, language))
    assert [step["name"] for step in steps] == [home, language.say("Cases"), "T"]
    assert steps[2]["item"] == f"https://example.org/site/{language.folder}cases/x/"
    assert [step["position"] for step in steps] == [1, 2, 3]


def test_a_hostile_title_is_inert() -> None:
    page = with_place(Page("models/x_y.md", HOSTILE, "D", "# T\n"), EDITION)
    assert page.head.count("<script") == 1
    assert held(page)[2]["name"] == HOSTILE
    assert not any("<script" in block for block in page.blocks.values())


def test_the_page_for_no_address_needs_no_other_file() -> None:
    shown = not_found(ENGLISH, "/site/")
    page = bare_page(ENGLISH, "/site/", "Small", shown, shown)
    assert "<link" not in page
    assert "<script" not in page
    assert 'href="/site/models/"' in page
    assert 'href="/site/zh/"' in page


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_the_page_for_no_address_has_a_menu_and_a_search_of_its_own(language: Language) -> None:
    shown = not_found(language, "/site/")
    page = bare_page(language, "/site/", "Small", shown, shown)
    base = f"/site/{language.folder}"
    for address in ("", "cases/", "compare/", "how-to-read/"):
        assert f'href="{base}{address}"' in page.partition("<main>")[0]
    assert f'<form action="{base}"' in page
    assert 'name="q"' in page
    assert "form-action 'self'" in with_policy(page, asks_home=True)
    assert "form-action 'none'" in with_policy(page)

"""Text from data/ is inert in Markdown and HTML, and says what it said."""

from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lineage.site.days_and_amounts import amount, day
from lineage.site.templating import (
    figure_text,
    grouped,
    markdown_environment,
    markdown_text,
    page_address,
    relative_address,
    render_html,
    score,
)

EXTENSIONS = ["admonition", "def_list", "md_in_html", "tables", "toc", "attr_list", "footnotes", "abbr"]
ATTACKS = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](data:text/html,y)",
    "{: onclick=alert(1) }",
    "{{ config }} {% include 'x' %}",
    "</title><svg onload=alert(1)>",
    "# heading",
    "- item",
    "1. item",
    "a | b\n--|--\nc | d",
    "    code",
    "``` code",
    "*[abbr]: text",
    "[^1]: note",
    "term\n: definition",
    "!!! note",
    "<!--block 1-->",
    "--- \n title: x",
    "a & b &lt; c &#60;script&#62;",
    "www.example.org <http://example.org>",
]


class Reader(HTMLParser):
    """Collects the tags and the words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def shown(text: str) -> Reader:
    reader = Reader()
    reader.feed(markdown.markdown(markdown_text(text), extensions=EXTENSIONS))
    reader.close()
    return reader


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_come_out_as_the_words_they_are(text: str) -> None:
    reader = shown(text)

    assert reader.tags == ["p"]
    assert reader.words.split() == text.split()


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1))
def test_any_visible_text_comes_out_as_it_went_in(text: str) -> None:
    reader = shown(f"a {text}")

    assert reader.tags == ["p"]
    assert reader.words.split() == f"a {text}".split()


def test_a_macro_is_not_made_inert_twice() -> None:
    template = "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}{{ m('a*b') }}"

    assert markdown_environment().from_string(template).render() == "<b>a&#42;b</b>"


def test_blocks_escape_what_they_print() -> None:
    html = render_html("input-file.html.j2", address='"><script>', name="<b>", sha256="0" * 64)

    assert "<script>" not in html
    assert "<b>" not in html


def test_markup_of_our_own_passes() -> None:
    assert markdown_text(Markup("<em>x</em>")) == "<em>x</em>"


@pytest.mark.parametrize(
    ("page", "target", "expected"),
    [
        ("index.md", "sources/#x", "sources/#x"),
        ("index.md", "", "./"),
        ("cases/pangu-qwen.md", "sources/#x", "../../sources/#x"),
        ("cases/index.md", "assets/a.svg", "../assets/a.svg"),
        ("published.md", "", "../"),
    ],
)
def test_links_are_relative_so_that_a_sub_path_works(page: str, target: str, expected: str) -> None:
    assert relative_address(page, target) == expected


def test_addresses_of_pages() -> None:
    assert [page_address(page) for page in ("index.md", "a.md", "a/index.md", "a/b.md")] == ["", "a/", "a/", "a/b/"]


def test_numbers_and_dates_in_words() -> None:
    assert [day("2025-11"), day(None)] == ["November 2025", "unknown"]
    assert [score(-0.5, 2), score(float("nan")), score(None), score(0.91848)] == ["−0.50", "–", "–", "0.918"]
    assert [figure_text(0.927), figure_text(-0.1), figure_text(0.91)] == ["0.927", "−0.1", "0.91"]
    assert [amount(14_700_000_000), amount(None), amount(22_000_000), amount(7)] == [
        "14.7 billion",
        "unknown",
        "22 million",
        "7",
    ]
    assert grouped(153376) == "153\u202f376"

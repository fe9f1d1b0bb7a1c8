"""Pages as Markdown: what is HTML already goes around Markdown, and comes out as if it had gone through."""

from functools import cache

import markdown
import pytest
from mkdocs.config import load_config

from lineage.site.languages import ENGLISH, find_language
from lineage.site.out.markdown import filled, without_html
from repository import ROOT, committed_pages


@cache
def converter() -> markdown.Markdown:
    config = load_config(str(ROOT / "mkdocs.yml"))
    return markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs)


def converted(text: str) -> str:
    """What a converter makes of a text as if it were its first."""
    return str(converter().reset().convert(text))


def lines(html: str) -> list[str]:
    return [line for line in html.splitlines() if line.strip()]


@pytest.mark.parametrize("code", [ENGLISH.code, "zh"])
def test_every_page_comes_out_as_if_all_of_it_had_gone_through_markdown(code: str) -> None:
    around = 0

    for page in committed_pages(find_language(code)):
        text, html = without_html(page.markdown)
        around += len(html)
        assert lines(filled(converted(text), html)) == lines(converted(page.markdown)), page.path

    assert around > 5


@pytest.mark.parametrize(
    "paragraph",
    [
        "words <p>and a paragraph</p>",
        "<p>a paragraph</p> and words",
        "<p>a paragraph</p>\n- and a list",
        '<div markdown="1">words</div>',
        "<div>open",
        "<div><div>half open</div>",
        "<p>words</p> and </p>",
        "<strong>words</strong>",
        "<!--block 1-->",
    ],
)
def test_what_markdown_must_read_stays_where_it_is(paragraph: str) -> None:
    assert without_html(f"# Title\n\n{paragraph}\n") == (f"# Title\n\n{paragraph}\n", {})


def test_a_paragraph_that_is_html_is_set_aside_whole() -> None:
    text, html = without_html("# Title\n\n<dl>\n<dt>A</dt>\n<dd>&#42;b&#42;</dd>\n</dl>\n\nWords\n")

    assert text == "# Title\n\n<!--html 1-->\n\nWords\n"
    assert html == {"<!--html 1-->": "<dl>\n<dt>A</dt>\n<dd>&#42;b&#42;</dd>\n</dl>"}

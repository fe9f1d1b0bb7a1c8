"""The second wall: generated pages pass it as they are, and whatever else gets as far as it is left out."""

from collections import Counter
from functools import cache
from html.parser import HTMLParser
from typing import Any

import markdown
import pytest
from mkdocs.config import load_config
from mkdocs.utils.meta import get_data

from lineage.site.languages import CHINESE
from lineage.site.out.html_guard import ATTRIBUTES, TAGS, allowed_html
from repository import ROOT, committed_pages


class Marks(HTMLParser):
    """Counts tags, attributes with their values, and comments."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[tuple[str, ...]] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag,] += 1
        for name, value in attrs:
            self.found[tag, name, (value or "").replace(": ", ":").rstrip(";")] += 1

    def handle_comment(self, data: str) -> None:
        self.found["comment", data] += 1


def marks_of(html: str) -> Counter[tuple[str, ...]]:
    marks = Marks()
    marks.feed(html)
    marks.close()
    return marks.found


@cache
def rendered() -> dict[str, str]:
    """What Markdown makes of every page in both languages, as the site's settings say."""
    with (ROOT / "mkdocs.yml").open("rb") as file:
        config: Any = load_config(file)
    made = markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs)
    pages = {page.path: page.markdown for page in committed_pages()}
    pages |= {f"zh/{page.path}": page.markdown for page in committed_pages(CHINESE)}
    return {path: made.reset().convert(get_data(text)[0]) for path, text in pages.items()}


def test_generated_pages_pass_with_every_mark_that_they_have() -> None:
    for path, html in rendered().items():
        assert marks_of(allowed_html(html)) == marks_of(html), path


def test_nothing_is_allowed_that_no_page_uses() -> None:
    every = [mark for html in rendered().values() for mark in marks_of(html)]
    used = {(mark[0], mark[1]) for mark in every if len(mark) == 3}

    assert {mark[0] for mark in every} - {"comment"} == TAGS
    for tag, names in ATTRIBUTES.items():
        for name in names - (
            {"rel", "lang", "hreflang"} if tag in ("a", "*") else set()
        ):  # of replies, quotations, docs/zh/
            assert name in {found for of, found in used if tag in ("*", of)}, (tag, name)


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a<script>window.ran=1</script>b</p>", "<p>ab</p>"),
        ('<p><img src="data:text/html,x">b</p>', "<p>b</p>"),
        ('<p onclick="x">b</p>', "<p>b</p>"),
        ('<a href="javascript:x">b</a>', "<a>b</a>"),
        ('<a href=" jav&#x09;ascript:x">b</a>', "<a>b</a>"),
        ('<a href="data:text/html,x">b</a>', "<a>b</a>"),
        ('<a href="../models/#x" class="fact">b</a>', '<a href="../models/#x" class="fact">b</a>'),
        ("<svg><a href='javascript:x'>b</a></svg>c", None),
        ("<math><mtext><table><mglyph><style><img src=x onerror=x></style></mglyph></table></mtext></math>", None),
        ('<p style="background:url(x)">b</p>', "<p>b</p>"),
        ('<table><tbody><tr><td style="text-align:left;color:red">b</td></tr></tbody></table>', None),
        ("<form><input><button formaction='javascript:x'>b</button></form>", "b"),
        ("<iframe srcdoc='<script>1</script>'></iframe>b", "b"),
        ("<base href='https://example.org'>b", "b"),
        ("<!--block 1-->", "<!--block 1-->"),
        ("a &lt;b&gt; &#123;&#123; 7 }}", "a &lt;b&gt; {{ 7 }}"),
    ],
)
def test_what_no_template_uses_is_left_out(html: str, left: str | None) -> None:
    found = allowed_html(html)

    assert left in (None, found)
    assert not [words for words in ("javascript", "onerror", "color", "<svg", "<style", "<img") if words in found]

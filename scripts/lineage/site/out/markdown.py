"""A generated page as a Markdown file, for MkDocs or for another generator of sites."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape

from lineage.site.pages import Page

_HTML = re.compile(r"<(p|dl|ul|div)\b(?![^>]*\bmarkdown=).*</\1>", re.DOTALL)


def with_front_matter(page: Page) -> str:
    """The Markdown of a page with title and description on top, whatever front matter stands there already.

    The theme prints both without escaping, so they are escaped here.
    """
    words = {"title": page.tab or page.title, "description": page.description}
    head = "".join(f"{key}: {json.dumps(escape(text))}\n" for key, text in words.items())
    head += "" if page.searched else "search: { exclude: true }\n"
    body = page.markdown.removeprefix("---\n") if page.markdown.startswith("---\n") else f"---\n\n{page.markdown}"
    return f"---\n{head}{body}"


def without_html(markdown: str) -> tuple[str, Mapping[str, str]]:
    """The text with a comment for each paragraph that is HTML already, and these by their comments.

    Markdown hands such paragraphs on as they are, and takes four times as long to find that out.
    """
    html: dict[str, str] = {}

    def comment(paragraph: str) -> str:
        if not _is_whole(paragraph):
            return paragraph
        name = f"<!--html {len(html) + 1}-->"
        html[name] = paragraph
        return name

    return "\n\n".join(map(comment, re.split(r"\n\n+", markdown.strip("\n")))) + "\n", html


def filled(text: str, blocks: Mapping[str, str]) -> str:
    """The text with each block in place of the comment that stands for it."""
    for name, html in blocks.items():
        text = text.replace(name, html, 1)
    return text


def with_blocks(page: Page) -> Page:
    """The page with its tables and charts in its text, as HTML."""
    blocks = {name: f"\n<div>{html}</div>\n" for name, html in page.blocks.items()}
    return replace(page, markdown=filled(page.markdown, blocks), blocks={})


def _is_whole(paragraph: str) -> bool:
    """Whether a paragraph is one element of HTML, closed where it ends, with a tag at the start of each line."""
    match = _HTML.fullmatch(paragraph)
    if not match or not all(line.startswith("<") for line in paragraph.split("\n")):
        return False
    opened = re.findall(rf"<{match[1]}\b", paragraph)
    return len(opened) == paragraph.count(f"</{match[1]}>")

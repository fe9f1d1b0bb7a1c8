"""A generated page as a Markdown file, for MkDocs or for another generator of sites."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape

from lineage.pages import Page

_HTML = re.compile(r"<(p|dl|ul|div)\b(?![^>]*\bmarkdown=).*</\1>", re.DOTALL)


def with_front_matter(page: Page) -> str:
    """The Markdown of a page with title and description on top, whatever front matter stands there already.

    The theme prints both without escaping, so they are escaped here.
    """
    words = {"title": page.title, "description": page.description}
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
        if not (_HTML.fullmatch(paragraph) and all(line.startswith("<") for line in paragraph.split("\n"))):
            return paragraph
        name = f"<!--html {len(html) + 1}-->"
        html[name] = paragraph
        return name

    return "\n\n".join(map(comment, re.split(r"\n\n+", markdown.strip("\n")))) + "\n", html


def with_blocks(page: Page) -> Page:
    """The page with its tables and charts in its text, as HTML."""
    text = page.markdown
    for name, html in page.blocks.items():
        text = text.replace(name, f"\n<div>{html}</div>\n", 1)
    return replace(page, markdown=text, blocks={})

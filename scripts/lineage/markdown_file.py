"""A generated page as a Markdown file, for MkDocs or for another generator of sites."""

import json
from dataclasses import replace
from html import escape

from lineage.pages import Page


def with_front_matter(page: Page) -> str:
    """The Markdown of a page with title and description on top, whatever front matter stands there already.

    The theme prints both without escaping, so they are escaped here.
    """
    words = {"title": page.title, "description": page.description}
    head = "".join(f"{key}: {json.dumps(escape(text))}\n" for key, text in words.items())
    head += "" if page.searched else "search: { exclude: true }\n"
    body = page.markdown.removeprefix("---\n") if page.markdown.startswith("---\n") else f"---\n\n{page.markdown}"
    return f"---\n{head}{body}"


def with_blocks(page: Page) -> Page:
    """The page with its tables and charts in its text, as HTML."""
    text = page.markdown
    for name, html in page.blocks.items():
        text = text.replace(name, f"\n<div>{html}</div>\n", 1)
    return replace(page, markdown=text, blocks={})

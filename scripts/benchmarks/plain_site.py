"""The pages of this site as anybody would write them for MkDocs: tables in Markdown, charts as SVG in the text.

It is what the build is measured against; nothing is derived for it, and nothing is put in after rendering.
"""

import re
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser

from lineage.records import Dataset
from lineage.site.pages import build_pages

_CHART = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
SETTINGS = """site_name: Plain
theme:
  name: material
  font: false
  features: [navigation.tabs, navigation.prune, navigation.top, navigation.footer]
plugins: [search]
markdown_extensions: [admonition, def_list, md_in_html, tables, toc]
"""


class _Tables(HTMLParser):
    """Collects the cells of every table of a block, as text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.tables[-1][-1][-1] += data


def plain_pages(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Every page of the site by its path, with its tables and charts in Markdown; the text of links stays alone."""
    for page in build_pages(dataset):
        text = page.markdown
        for name, html in page.blocks.items():
            text = text.replace(name, _plain_block(str(html)), 1)
        yield page.path, text


def _plain_block(html: str) -> str:
    reader = _Tables()
    reader.feed(_CHART.sub("", html))
    charts = [re.sub(r"\s*\n\s*", " ", chart) for chart in _CHART.findall(html)]
    parts = [*(f"<div>{chart}</div>" for chart in charts), *(_markdown(table) for table in reader.tables)]
    return "\n\n".join(["", *filter(None, parts), ""])


def _markdown(table: list[list[str]]) -> str:
    """A table in Markdown, every row as wide as the first."""
    rows = [[escape(" ".join(cell.split())).replace("|", "&#124;") or " " for cell in row] for row in table if row]
    if not rows:
        return ""
    wide = max(map(len, rows))
    lines = [f"| {' | '.join([*row, *[' '] * (wide - len(row))])} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * wide, *lines[1:]])

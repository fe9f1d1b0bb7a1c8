"""data/ -> pages of the MkDocs build; the only module that imports MkDocs."""

import json
import logging
import os
from datetime import date
from html import escape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils.yaml import yaml_load

from check import find_problems
from lineage.api import build_api
from lineage.charts import chart_css
from lineage.edition import find_edition
from lineage.feeds import build_feeds, feed_links
from lineage.pages import Page, build_pages, with_citation
from lineage.store import list_files, read_bytes

log = logging.getLogger("mkdocs.hooks.lineage")
_pages: dict[str, Page] = {}  # of the build that is under way, by path


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the generated pages and their files, the data as JSON, the feeds, and the data folder itself."""
    root = Path(config.config_file_path).parent
    data = root / config.extra["data"]
    dataset, problems = find_problems(data, date.today())
    if problems:
        for problem in problems:
            log.error("%s", problem)
        raise Abort(f"{len(problems)} problem(s) in {data.name}/; nothing was built")
    citation = yaml_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    edition = find_edition(root, citation, config.site_url or "", os.environ)
    _pages.clear()
    assets = {"assets/chart.css": chart_css(), **build_api(dataset, edition), **build_feeds(dataset, edition)}
    for page in build_pages(dataset):
        _pages[page.path] = page = with_citation(page, edition)
        assets |= page.files
        files.append(File.generated(config, page.path, content=_with_front_matter(page)))
    for path, text in assets.items():
        files.append(File.generated(config, path, content=text))
    for name in list_files(data):
        files.append(File.generated(config, f"data/{name}", content=read_bytes(data, name)))
    return files


def on_post_page(output: str, *, page: MkDocsPage, **_: object) -> str:
    """Puts tables and charts in after Markdown and search are done: ten times faster than before."""
    made = _pages.get(page.file.src_uri)
    for name, html in made.blocks.items() if made else ():
        output = output.replace(name, html, 1)
    head = feed_links(page.file.src_uri) + (made.head if made else "")
    return output.replace("</head>", f"{head}</head>", 1)


def _with_front_matter(page: Page) -> str:
    """The Markdown of a page with title and description on top, whatever front matter stands there already.

    The theme prints both without escaping, so they are escaped here.
    """
    words = {"title": page.title, "description": page.description}
    head = "".join(f"{key}: {json.dumps(escape(text))}\n" for key, text in words.items())
    body = page.markdown.removeprefix("---\n") if page.markdown.startswith("---\n") else f"---\n\n{page.markdown}"
    return f"---\n{head}{body}"

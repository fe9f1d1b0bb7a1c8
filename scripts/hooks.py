"""data/ -> pages of the MkDocs build; the only module that imports MkDocs."""

import json
import logging
from collections.abc import Mapping
from datetime import date
from html import escape
from pathlib import Path

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page as MkDocsPage

from check import find_problems
from lineage.charts import chart_css
from lineage.pages import Page, build_pages
from lineage.store import list_files, read_bytes

log = logging.getLogger("mkdocs.hooks.lineage")
_blocks: dict[str, Mapping[str, Markup]] = {}  # of the build that is under way, by page


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the generated pages, their charts, and the data folder itself."""
    data = Path(config.config_file_path).parent / config.extra["data"]
    dataset, problems = find_problems(data, date.today())
    if problems:
        for problem in problems:
            log.error("%s", problem)
        raise Abort(f"{len(problems)} problem(s) in {data.name}/; nothing was built")
    _blocks.clear()
    assets = {"assets/chart.css": chart_css()}
    for page in build_pages(dataset):
        _blocks[page.path] = page.blocks
        assets |= page.files
        inclusion = InclusionLevel.UNDEFINED if page.in_nav else InclusionLevel.NOT_IN_NAV
        files.append(File.generated(config, page.path, content=_with_front_matter(page), inclusion=inclusion))
    for path, text in assets.items():
        files.append(File.generated(config, path, content=text))
    for name in list_files(data):
        files.append(File.generated(config, f"data/{name}", content=read_bytes(data, name)))
    return files


def on_post_page(output: str, *, page: MkDocsPage, **_: object) -> str:
    """Puts tables and charts in after Markdown and search are done: ten times faster than before."""
    for name, html in _blocks.get(page.file.src_uri, {}).items():
        output = output.replace(name, html, 1)
    return output


def _with_front_matter(page: Page) -> str:
    """The Markdown of a page with title and description on top, whatever front matter stands there already.

    The theme prints both without escaping, so they are escaped here.
    """
    words = {"title": page.title, "description": page.description}
    head = "".join(f"{key}: {json.dumps(escape(text))}\n" for key, text in words.items())
    body = page.markdown.removeprefix("---\n") if page.markdown.startswith("---\n") else f"---\n\n{page.markdown}"
    return f"---\n{head}{body}"

"""data/ -> pages of the MkDocs build; the only module that imports MkDocs."""

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from markupsafe import Markup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.structure.files import File, Files
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
        files.append(File.generated(config, page.path, content=_with_description(page)))
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


def _with_description(page: Page) -> str:
    """The Markdown of a page with its description in the front matter, whatever stands there already."""
    quoted = page.description.replace("\\", "\\\\").replace('"', '\\"')
    head = f'description: "{quoted}"\n'
    if page.markdown.startswith("---\n"):
        return f"---\n{head}{page.markdown[4:]}"
    return f"---\n{head}---\n\n{page.markdown}"

"""data/ -> pages of the MkDocs build; the only module that imports MkDocs."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.commands.build import get_context
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import _TocToken, get_toc
from mkdocs.utils.templates import TemplateContext

from check import find_problems
from lineage.checks.repository import check_docs
from lineage.records import Dataset, newest_day
from lineage.site.api import api_files
from lineage.site.blocks.charts import chart_css
from lineage.site.blocks.table_room import table_css
from lineage.site.contact import (
    FOOTER,
    footer_html,
    missing_settings,
    read_contact,
    unusable_settings,
    with_contact,
)
from lineage.site.crowding import is_crowded, is_leaf
from lineage.site.languages import ENGLISH, find_language
from lineage.site.menu import with_cases
from lineage.site.out.content_security import with_policy
from lineage.site.out.feeds import build_feeds
from lineage.site.out.framing import MARKED_LANGUAGES, Frame, framed, with_content
from lineage.site.out.full_width import without_gaps
from lineage.site.out.html_guard import allowed_html
from lineage.site.out.leaves import Spool
from lineage.site.out.llms import llms_text
from lineage.site.out.markdown import filled, with_front_matter, without_html
from lineage.site.out.output import SiteFolder
from lineage.site.out.packages import package_files
from lineage.site.out.search import Entry, said_of_leaves, search_index, search_settings, short_entry, with_own_worker
from lineage.site.out.share_pictures import share_picture, site_picture
from lineage.site.out.stamping import BrokenMarkError, Leaf, Mould
from lineage.site.out.typefaces import with_typefaces_from
from lineage.site.pages import build_pages
from lineage.site.pages.case_facts import MissingFactError
from lineage.site.pages.cases.case import case_pages
from lineage.site.pages.notices import hand_written
from lineage.site.pages.places import bare_page, listing_of, not_found
from lineage.site.pages.sharing import SITE_PICTURE, completed, share_tags
from lineage.store.edition import find_edition, read_citation
from lineage.store.folder import list_files, published_bytes

log = logging.getLogger("mkdocs.hooks.lineage")


@dataclass
class _Build:
    """What is known of the build that is under way."""

    frame: Frame
    spool: Spool = field(default_factory=Spool)  # HTML, blocks and head of every generated page
    leaves: list[str] = field(default_factory=list)  # their paths
    searched: list[Entry] = field(default_factory=list)  # leaves by their names
    nav: Navigation = field(default_factory=lambda: Navigation([], []))


_builds: list[_Build] = []  # the one that is under way


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Reads who stands behind the site; refuses settings that are no addresses, and empty ones in a publication.

    From here on the address is that of the pages of this language, as canonical links and the sitemap name them.
    """
    root = Path(config.config_file_path).parent
    contact = read_contact(config.extra, config.site_url or "")
    faults = list(unusable_settings(contact))
    if os.environ.get("PUBLISH"):
        faults += missing_settings(contact)
    if faults:
        for line in faults:
            log.error("%s", line)
        raise Abort(f"{len(faults)} setting(s) at the top of mkdocs.yml; nothing was built")
    edition = find_edition(root, read_citation(root), config.site_url or "", os.environ)
    language = find_language(config.extra["language"])
    _builds[:] = [_Build(Frame(contact, edition, language))]
    if edition.address:
        config.site_url = edition.address + language.folder
    config.copyright = f"{config.copyright or ''} {FOOTER}".strip()
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the generated pages, and writes their files, the data as JSON, the feeds, and the data folder itself."""
    root = Path(config.config_file_path).parent
    data = root / config.extra["data"]
    dataset, problems = find_problems(data, newest_day())
    problems += check_docs(root / "docs")
    if problems:
        for problem in problems:
            log.error("%s", problem)
        raise Abort(f"{len(problems)} problem(s) in {data.name}/ or docs/; nothing was built")
    try:
        return _with_pages(files, dataset, data, config)
    except MissingFactError as missing:
        log.error("%s", missing)
        raise Abort("the derived tables are those of other code; nothing was built") from None


def _with_pages(files: Files, dataset: Dataset, data: Path, config: MkDocsConfig) -> Files:
    """The files with the generated pages of a language but leaves; what goes with all of them is written."""
    build = _builds[0]
    build.frame = replace(build.frame, is_crowded=is_crowded(dataset))
    edition, language = build.frame.edition, build.frame.language
    site = SiteFolder(Path(config.site_dir))
    site.write("assets/chart.css", chart_css())
    site.write("assets/cards.css", table_css())
    if language == ENGLISH:
        site.write_bytes(SITE_PICTURE, site_picture(config.site_name, config.site_description or "", edition))
        site.write("llms.txt", llms_text(dataset, edition))
        for path, text in chain(
            api_files(dataset, edition), package_files(data, dataset, edition), build_feeds(dataset, edition).items()
        ):
            site.write(path, text)
        for name in list_files(data):
            site.write_bytes(f"data/{name}", published_bytes(data, name))
    texts = said_of_leaves(dataset)
    config.nav = with_cases(config.nav or [], case_pages(dataset))
    for page in build_pages(dataset, language):
        if entry := short_entry(page, texts):
            build.searched.append(entry)
        page = completed(page, edition, language, config.site_name)
        if language == ENGLISH and (picture := share_picture(page, config.site_name, edition)):
            site.write_bytes(*picture)
        for path, text in page.files.items():
            site.write(path, text)
        text, html = without_html(with_front_matter(page))
        head = {"head": page.head, "ahead": page.ahead, "own_workers": page.own_workers}
        parts = {"html": html, "blocks": page.blocks, **head}
        if is_leaf(page.path):
            build.leaves.append(page.path)
            parts["text"] = text
        else:
            inclusion = InclusionLevel.UNDEFINED if page.in_nav else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, page.path, content=text, inclusion=inclusion))
        build.spool.keep(page.path, parts)
    for file in _shared_assets(config) if language != ENGLISH else ():
        files.append(file)
    return files


def on_nav(nav: Navigation, *, files: Files, **_: object) -> Navigation:
    """Hangs each page that another lists below that one, so that tab and menu show where a reader is."""
    for file in files.documentation_pages():
        if file.page and file.page.parent is None:
            _hang(file.page, nav)
    _builds[0].nav = nav
    return nav


def _hang(page: MkDocsPage, nav: Navigation) -> None:
    """Puts a page below the one that lists it, if the menu holds that one."""
    listing = listing_of(page.file.src_uri)
    above = listing and next((menu_page for menu_page in nav.pages if menu_page.file.src_uri == listing.path), None)
    if above:
        page.parent = above  # type: ignore[assignment]  # it has what a section has


@event_priority(-100)  # after all who change how the theme makes a page
def on_env(env: Environment, *, config: MkDocsConfig, files: Files) -> None:
    """Writes the leaves: every other page has been read, so the menu has its titles, and none is written yet."""
    build, site = _builds[0], SiteFolder(Path(config.site_dir))
    mould_of = cache(lambda folder: Mould(partial(_themed, folder, env, config, files)))
    try:
        for path in build.leaves:
            page, leaf = _read_leaf(path, config, files)
            html = mould_of(path.partition("/")[0]).page(leaf)
            site.write(page.file.dest_uri, without_gaps(html, build.frame.language))
    except BrokenMarkError as broken:
        log.error("%s", broken)
        raise Abort("the theme is not the one that pages are cut from; nothing was built") from None


def on_template_context(context: TemplateContext, *, template_name: str, config: MkDocsConfig) -> TemplateContext:
    """The leaves stand in the sitemap too."""
    if template_name == "sitemap.xml":
        leaves = [File.generated(config, path, content="") for path in _builds[0].leaves]
        for file in leaves:
            MkDocsPage(None, file, config)
        context["pages"] = [*context["pages"], *leaves]
    return context


def _read_leaf(path: str, config: MkDocsConfig, files: Files) -> tuple[MkDocsPage, Leaf]:
    """A leaf as MkDocs reads a page, which the search has read too, and what it has of its own."""
    build = _builds[0]
    parts = build.spool.kept(path)
    page = MkDocsPage(None, File.generated(config, path, content=parts["text"]), config)
    page.read_source(config)
    page.render(config, files)
    config.plugins.on_page_context(get_context(build.nav, files, config, page), page=page, config=config, nav=build.nav)
    description = page.meta["description"] or config.site_description or ""
    heading = next(iter(page.toc)).url
    sections = _sections(page)
    content = with_content(page.content or "", path, parts["blocks"], sections, build.frame)
    return page, Leaf(page.file.name, page.meta["title"], description, heading, sections, parts["head"], content)


def _themed(folder: str, env: Environment, config: MkDocsConfig, files: Files, leaf: Leaf) -> str:
    """The page of a leaf in a folder as the theme makes it."""
    build = _builds[0]
    page = MkDocsPage(None, File.generated(config, f"{folder}/{leaf.slug}.md", content=""), config)
    page.meta = {"title": leaf.title, "description": leaf.description}
    sections = [_TocToken(level=2, id=address[1:], name=title, children=[]) for title, address in leaf.sections]
    page.toc = get_toc([_TocToken(level=1, id=leaf.heading[1:], name=leaf.title, children=sections)])
    page.content = leaf.content
    config.extra["alternate"] = MARKED_LANGUAGES
    _hang(page, build.nav)
    page.active = True
    try:
        html = env.get_template("main.html").render(get_context(build.nav, files, config, page))
    finally:
        page.active = False
    return framed(html, page.file.src_uri, leaf.head, build.frame)


def on_page_markdown(markdown: str, *, page: MkDocsPage, **_: object) -> str:
    """Says on a hand-written page who stands behind the site, and where it is older than the English.

    A generated page may hold words of others, and says the second itself.
    """
    build = _builds[0]
    if page.file.src_uri in build.spool:
        return markdown
    language = build.frame.language
    return with_contact(hand_written(markdown, page.file.src_uri, language), build.frame.contact, language)


@event_priority(100)  # before the search reads the page
def on_page_context(_context: dict[str, object], *, page: MkDocsPage, config: MkDocsConfig, **_: object) -> None:
    """Completes the text of a generated page, and offers the other languages on each.

    Only now, one page at a time: all pages have gone through Markdown by then, and are in memory. Every page, those
    written by hand included, loses what no template uses.

    The theme makes links with hreflang of the languages. They are marks, since it cannot link out of a build;
    on_post_page knows the addresses.
    """
    spool = _builds[0].spool
    html = spool.kept(page.file.src_uri)["html"] if page.file.src_uri in spool else {}
    page.content = allowed_html(filled(page.content or "", html))
    config.extra["alternate"] = MARKED_LANGUAGES


def on_post_page(output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
    """Puts tables and charts in after Markdown and search are done: ten times faster than before."""
    path, spool, frame = page.file.src_uri, _builds[0].spool, _builds[0].frame
    page.content = None  # it is written, and all pages stay in memory
    if path in spool:
        parts = spool.kept(path)
    else:
        words = (str(page.title or ""), config.site_description or "", config.site_name)
        head = share_tags(path, *words, frame.edition, frame.language)
        parts = {"blocks": {}, "head": head, "ahead": "", "own_workers": False}
    output = with_content(output, path, parts["blocks"], _sections(page), frame)
    around = {name: parts[name] for name in ("head", "ahead", "own_workers")}
    return without_gaps(framed(output, path, frame=frame, **around), frame.language)


def _sections(page: MkDocsPage) -> list[tuple[str, str]]:
    """The title and the address of each section of a page."""
    return [(heading.title, heading.url) for top in page.toc for heading in top.children]


def on_post_template(output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
    """Gives the page for addresses that lead nowhere its words, its footer, its policy and its search.

    A site without an address does not know under which path its styles stand: there the page has its own in it, and
    its menu and its search lead to the root of the host.
    """
    if not template_name.endswith(".html"):
        return output_content
    frame = _builds[0].frame
    language, root = frame.language, f"{urlsplit(frame.edition.address).path.rstrip('/')}/"
    body = not_found(language, root)
    footer = footer_html(frame.contact, frame.edition, language, root + language.folder)
    if not config.site_url:
        return with_policy(bare_page(language, root, config.site_name, body, footer), asks_home=True)
    output = output_content.replace("<h1>404 - Not found</h1>", body, 1).replace(FOOTER, footer, 1)
    return with_policy(with_typefaces_from(with_own_worker(output), f"{root}{language.folder}assets/fonts/"))


def on_post_build(*, config: MkDocsConfig) -> None:
    """Writes what the search reads, from what the theme's plugin collected of the pages."""
    build = _builds[0]
    index = Path(config.site_dir) / "search" / "search_index.json"
    entries = json.loads(index.read_text(encoding="utf-8"))["docs"]
    index.write_text(search_settings(build.frame.language), encoding="utf-8", newline="\n")
    pages = search_index(entries, build.searched)
    index.with_name("pages.json").write_text(pages, encoding="utf-8", newline="\n")
    build.spool.close()


def _shared_assets(config: MkDocsConfig) -> Iterator[File]:
    """Styles and fonts of the English pages, for those of another language."""
    docs = Path(config.config_file_path).parent / "docs"
    for path in sorted((docs / "assets").rglob("*")):
        if path.is_file():
            yield File.generated(config, path.relative_to(docs).as_posix(), abs_src_path=str(path))

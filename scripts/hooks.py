"""data/ -> pages of the MkDocs build; the only module that imports MkDocs."""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage

from check import find_problems
from lineage.checks.repository import check_docs
from lineage.records import Dataset, newest_day
from lineage.site.api import api_files
from lineage.site.asking import with_forms
from lineage.site.blocks.charts import chart_css
from lineage.site.blocks.table_room import table_css
from lineage.site.contact import (
    FOOTER,
    Contact,
    footer_html,
    missing_settings,
    read_contact,
    unusable_settings,
    with_contact,
)
from lineage.site.crowding import is_crowded
from lineage.site.languages import ENGLISH, LANGUAGES, Language, find_language, in_all_languages
from lineage.site.menu import with_cases
from lineage.site.out.content_security import with_policy
from lineage.site.out.feeds import build_feeds, feed_links
from lineage.site.out.full_width import without_gaps
from lineage.site.out.html_guard import allowed_html
from lineage.site.out.jumps import with_jumps
from lineage.site.out.leaves import Spool
from lineage.site.out.llms import llms_text
from lineage.site.out.markdown import filled, with_front_matter, without_html
from lineage.site.out.output import SiteFolder
from lineage.site.out.packages import package_files
from lineage.site.out.search import Entry, said_of_leaves, search_index, search_settings, short_entry, with_own_worker
from lineage.site.out.share_pictures import share_picture, site_picture
from lineage.site.out.typefaces import with_typefaces, with_typefaces_from
from lineage.site.pages import Page, build_pages
from lineage.site.pages.case_facts import MissingFactError
from lineage.site.pages.cases.case import case_pages
from lineage.site.pages.notices import hand_written
from lineage.site.pages.places import bare_page, listing_of, nearest_path, not_found
from lineage.site.pages.sharing import SITE_PICTURE, completed, share_tags
from lineage.site.templating import page_address, relative_address
from lineage.store.edition import Edition, find_edition, read_citation
from lineage.store.folder import list_files, published_bytes

log = logging.getLogger("mkdocs.hooks.lineage")
_pages: dict[str, Page] = {}  # of the build that is under way, by path, without what is in the spool
_spools: list[Spool] = []  # that of the build that is under way
_leaf_entries: list[Entry] = []  # leaves by their names, of the build that is under way
_crowded: list[bool] = []  # whether the record of the build has so many models that leaves stand in English alone
_behind: list[tuple[Contact, Edition]] = []  # who stands behind the site, and in which state it is built


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Reads who stands behind the site; refuses settings that are no addresses, and empty ones in a publication."""
    root = Path(config.config_file_path).parent
    contact = read_contact(config.extra, config.site_url or "")
    faults = list(unusable_settings(contact))
    if os.environ.get("PUBLISH"):
        faults += missing_settings(contact)
    if faults:
        for line in faults:
            log.error("%s", line)
        raise Abort(f"{len(faults)} setting(s) at the top of mkdocs.yml; nothing was built")
    _behind[:] = [(contact, find_edition(root, read_citation(root), config.site_url or "", os.environ))]
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
    """The files with the generated pages of a language; what goes with these is written."""
    _, edition = _behind[0]
    _pages.clear()
    language = find_language(config.extra["language"])
    spool, site = Spool(), SiteFolder(Path(config.site_dir))
    _spools[:] = [spool]
    _crowded[:] = [is_crowded(dataset)]
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
    _leaf_entries.clear()
    config.nav = with_cases(config.nav or [], case_pages(dataset))
    for page in build_pages(dataset, language):
        if entry := short_entry(page, texts):
            _leaf_entries.append(entry)
        page = completed(page, edition, language, config.site_name)
        if language == ENGLISH and (picture := share_picture(page, config.site_name, edition)):
            site.write_bytes(*picture)
        for path, text in page.files.items():
            site.write(path, text)
        inclusion = InclusionLevel.UNDEFINED if page.in_nav else InclusionLevel.NOT_IN_NAV
        text, html = without_html(with_front_matter(page))
        files.append(File.generated(config, page.path, content=text, inclusion=inclusion))
        spool.keep(page.path, {"html": html, "blocks": page.blocks})
        _pages[page.path] = replace(page, markdown="", blocks={}, files={})
    for file in _shared_assets(config) if language != ENGLISH else ():
        files.append(file)
    return files


def on_nav(nav: Navigation, *, files: Files, **_: object) -> Navigation:
    """Hangs each page that another lists below that one, so that tab and menu show where a reader is."""
    menu = {page.file.src_uri: page for page in nav.pages}
    for file in files.documentation_pages():
        listing = listing_of(file.src_uri)
        if listing and file.page and file.page.parent is None and listing.path in menu:
            file.page.parent = menu[listing.path]  # type: ignore[assignment]  # it has what a section has
    return nav


def on_page_markdown(markdown: str, *, page: MkDocsPage, config: MkDocsConfig, **_: object) -> str:
    """Says on a hand-written page who stands behind the site, and where it is older than the English.

    A generated page may hold words of others, and says the second itself.
    """
    if page.file.src_uri in _pages:
        return markdown
    language = find_language(config.extra["language"])
    return with_contact(hand_written(markdown, page.file.src_uri, language), _behind[0][0], language)


@event_priority(100)  # before the search reads the page
def on_page_context(_context: dict[str, object], *, page: MkDocsPage, config: MkDocsConfig, **_: object) -> None:
    """Completes the text of a generated page, and offers the other languages on each.

    Only now, one page at a time: all pages have gone through Markdown by then, and are in memory. Every page, those
    written by hand included, loses what no template uses.

    The theme makes links with hreflang of the languages. They are marks, since it cannot link out of a build;
    on_post_page knows the addresses.
    """
    generated = page.file.src_uri in _pages
    html = _spools[0].kept(page.file.src_uri)["html"] if generated else {}
    page.content = allowed_html(filled(page.content or "", html))
    config.extra["alternate"] = [
        {"name": language.name, "lang": language.code, "link": f"#in-{language.code}"} for language in LANGUAGES
    ]


def on_post_page(output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
    """Puts tables and charts in after Markdown and search are done: ten times faster than before."""
    path = page.file.src_uri
    page.content = None  # it is written, and all pages stay in memory
    page_language = find_language(config.extra["language"])
    page_blocks = _pages.get(path)
    output = filled(output, _spools[0].kept(path)["blocks"]) if page_blocks else output
    headings = [(heading.title, heading.url) for top in page.toc for heading in top.children]
    output = with_jumps(output, headings, page_language)
    head = feed_links(page_language.folder + path)
    if page_blocks:
        head += page_blocks.head
    else:
        words = (str(page.title or ""), config.site_description or "", config.site_name)
        head += share_tags(path, *words, _behind[0][1], page_language)
    output = output.replace("</head>", f"{head}</head>", 1)
    output = _with_languages(output, path, page_language)
    output = with_forms(output, _behind[0][0], path)
    output = output.replace(
        FOOTER, footer_html(*_behind[0], page_language, relative_address(path, "").removeprefix("./")), 1
    )
    name = page_language.say("Search")
    search = f'data-md-component="search" role="dialog" aria-label="{escape(name)}"'
    output = output.replace('data-md-component="search" role="dialog"', search, 1)  # the theme gives it no name
    # The theme's script takes such links for other builds of the site: it fetches their sitemaps and catches clicks.
    # The space hides them from its selector and from nobody else, since rel is a list of words.
    output = with_own_worker(output.replace('<link rel="alternate"', '<link rel="alternate "'))
    output = without_gaps(with_typefaces(output, path), page_language)
    return with_policy(output, own_workers=bool(page_blocks and page_blocks.own_workers))


def _with_languages(html: str, path: str, page_language: Language) -> str:
    """A page with the ways to the others: itself in each language, or the nearest page above it that stands there."""
    for language in LANGUAGES:
        stands = language in (page_language, ENGLISH) or in_all_languages(path, crowded=_crowded[0])
        target = path if stands else nearest_path(path)
        address = relative_address(page_language.folder + path, language.folder + page_address(target))
        if not stands:  # it is no translation of this page, and no machine is told so
            html = html.replace(f'<link rel="alternate" href="#in-{language.code}" hreflang="{language.code}">', "", 1)
        html = html.replace(f'href="#in-{language.code}"', f'href="{address}"')
    return html


def on_post_template(output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
    """Gives the page for addresses that lead nowhere its words, its footer, its policy and its search.

    A site without an address does not know under which path its styles stand: there the page is one without any.
    """
    if not template_name.endswith(".html"):
        return output_content
    language = find_language(config.extra["language"])
    root = f"{urlsplit(config.site_url or '').path.rstrip('/')}/"
    body = not_found(language, root)
    footer = footer_html(*_behind[0], language, root + language.folder)
    if not config.site_url:
        return with_policy(bare_page(language, root, config.site_name, body, footer))
    output = output_content.replace("<h1>404 - Not found</h1>", body, 1).replace(FOOTER, footer, 1)
    return with_policy(with_typefaces_from(with_own_worker(output), f"{root}{language.folder}assets/fonts/"))


def on_post_build(*, config: MkDocsConfig) -> None:
    """Writes what the search reads, from what the theme's plugin collected of the pages."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    entries = json.loads(index.read_text(encoding="utf-8"))["docs"]
    language = find_language(config.extra["language"])
    index.write_text(search_settings(language), encoding="utf-8", newline="\n")
    pages = search_index(entries, _leaf_entries)
    index.with_name("pages.json").write_text(pages, encoding="utf-8", newline="\n")
    _spools.pop().close()


def _shared_assets(config: MkDocsConfig) -> Iterator[File]:
    """Styles and fonts of the English pages, for those of another language."""
    docs = Path(config.config_file_path).parent / "docs"
    for path in sorted((docs / "assets").rglob("*")):
        if path.is_file():
            yield File.generated(config, path.relative_to(docs).as_posix(), abs_src_path=str(path))

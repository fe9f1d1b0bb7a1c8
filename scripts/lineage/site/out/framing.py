"""What stands in and around the content of a page that the theme made: tables, head, languages, footer, policy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from lineage.site.asking import with_forms
from lineage.site.contact import FOOTER, Contact, footer_html
from lineage.site.languages import ENGLISH, LANGUAGES, Language, in_all_languages
from lineage.site.out.content_security import with_policy
from lineage.site.out.feeds import feed_links
from lineage.site.out.jumps import with_jumps
from lineage.site.out.markdown import filled
from lineage.site.out.search import with_own_worker
from lineage.site.out.typefaces import with_typefaces
from lineage.site.pages.places import nearest_path
from lineage.site.templating import page_address, relative_address
from lineage.store.edition import Edition

# What the theme makes links of; it cannot link out of a build, so these are marks, and framed() knows the addresses.
MARKED_LANGUAGES = [
    {"name": language.name, "lang": language.code, "link": f"#in-{language.code}"} for language in LANGUAGES
]


@dataclass(frozen=True)
class Frame:
    """What all pages of a build have around them."""

    contact: Contact
    edition: Edition  # in which state the site is built
    language: Language
    is_crowded: bool = False  # whether the record has so many models that leaves stand in English alone


def with_content(
    html: str, path: str, blocks: Mapping[str, str], sections: Iterable[tuple[str, str]], frame: Frame
) -> str:
    """A page, or the content of one, with its tables and charts, its row of links, and the addresses of its forms."""
    return with_forms(with_jumps(filled(html, blocks), sections, frame.language), frame.contact, path)


def framed(html: str, path: str, head: str, frame: Frame, *, ahead: str = "", own_workers: bool = False) -> str:
    """A page of the theme ("models/x.md") with all that surrounds its content.

    head goes to the end of its head, and ahead to the beginning.
    """
    feeds = feed_links(frame.language.folder + path)
    html = _with_languages(html.replace("</head>", f"{feeds}{head}</head>", 1), path, frame)
    footer = footer_html(frame.contact, frame.edition, frame.language, relative_address(path, "").removeprefix("./"))
    html = html.replace(FOOTER, footer, 1)
    name = frame.language.say("Search")
    search = f'data-md-component="search" role="dialog" aria-label="{escape(name)}"'
    html = html.replace('data-md-component="search" role="dialog"', search, 1)  # the theme gives it no name
    # The theme's script takes such links for other builds of the site: it fetches their sitemaps and catches clicks.
    # The space hides them from its selector and from nobody else, since rel is a list of words.
    html = with_own_worker(html.replace('<link rel="alternate"', '<link rel="alternate "'))
    return with_policy(with_typefaces(html, path, ahead), own_workers=own_workers)


def _with_languages(html: str, path: str, frame: Frame) -> str:
    """A page with the ways to the others: itself in each language, or the nearest page above it that stands there.

    The links in its head are whole where the site has an address, as search engines want them.
    """
    for language in LANGUAGES:
        mark = f"#in-{language.code}"
        stands = language in (frame.language, ENGLISH) or in_all_languages(path, crowded=frame.is_crowded)
        target = language.folder + page_address(path if stands else nearest_path(path))
        address = relative_address(frame.language.folder + path, target)
        told = f'<link rel="alternate" href="{mark}" hreflang="{language.code}">'
        whole = told.replace(mark, frame.edition.address + target if frame.edition.address else address)
        # Where it does not stand, the link is to no translation of this page, and no machine is told so.
        html = html.replace(told, whole if stands else "", 1).replace(f'href="{mark}"', f'href="{address}"')
    return html

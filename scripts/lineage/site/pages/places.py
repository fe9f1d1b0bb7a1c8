"""Where a page stands in the site: links up to the front page, for readers and for search engines."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from lineage.site.languages import ENGLISH, LANGUAGES, Language, in_all_languages, words
from lineage.site.out.strict_json import json_text
from lineage.site.pages.writer import Page
from lineage.site.templating import page_address, relative_address, render_html, template_text
from lineage.store.edition import Edition

_MARK = "<!--place-->"  # what stands in the text of a page for the way to it
_MENU = (  # of the page for no address, where it stands alone
    ("", words("Home")),
    ("cases/", words("Cases")),
    ("compare/", words("Compare models")),
    ("methods/", words("Methods")),
    ("how-to-read/", words("How to read this")),
    ("sources/", words("Sources")),
    ("contribute/", words("Take part")),
)


@dataclass(frozen=True)
class Listing:
    """The page that lists pages of a kind."""

    path: str  # "models/index.md"
    name: str  # in the language of the code


_DATA = Listing("data-and-api.md", words("Data and API"))
_LISTINGS = {
    "cases": Listing("cases/index.md", words("Cases")),
    "heatmap": Listing("heatmap/index.md", words("All pairs at once")),
    "methods": Listing("methods/index.md", words("Methods")),
    "models": Listing("models/index.md", words("Models")),
    "pairs": Listing("pairs/index.md", words("Pairs")),
    "sources": Listing("sources.md", words("Sources")),
    "numbers.md": _DATA,
    "data-files.md": _DATA,
}


def listing_of(path: str) -> Listing | None:
    """The listing of a page, by the path of the page; None for a page that the menu itself holds."""
    listing = _LISTINGS.get(path.partition("/")[0])
    return listing if listing and listing.path != path else None


def nearest_path(path: str) -> str:
    """The page to show in a language that lacks a page: its listing where that exists there, else home."""
    listing = listing_of(path)
    return listing.path if listing and in_all_languages(listing.path) else "index.md"


def with_place(page: Page, edition: Edition, language: Language = ENGLISH) -> Page:
    """The page with links up to the front page above its heading and in its head, where a listing holds it."""
    listing = listing_of(page.path)
    if listing is None:
        return page
    steps = [("", language.say("Home")), (page_address(listing.path), language.say(listing.name))]
    linked = [(relative_address(page.path, address), name) for address, name in steps]
    html = render_html("place.html.j2", language, steps=linked, title=page.title)
    return replace(
        page,
        markdown=_above_heading(page.markdown),
        blocks={**page.blocks, _MARK: html},
        head=page.head + _breadcrumbs(page, steps, edition, language),
    )


def not_found(language: Language, root: str) -> Markup:
    """The content of the page for addresses that do not exist; root is the site's own address."""
    alternatives = [alternative for alternative in LANGUAGES if alternative != language]
    return render_html("not-found.html.j2", language, base=root + language.folder, root=root, others=alternatives)


def bare_page(language: Language, root: str, site: str, content: Markup, footer: Markup) -> str:
    """The whole page for addresses that do not exist, with its style, a menu, and a search that home answers."""
    title, base = language.say("Page not found"), root + language.folder
    style = Markup(template_text("bare.css"))  # noqa: S704 - a file of ours
    menu = [(address, language.say(name)) for address, name in _MENU]
    values = {"title": title, "site": site, "base": base, "shown": content, "footer": footer}
    return str(render_html("bare.html.j2", language, style=style, menu=menu, **values))


def _above_heading(markdown: str) -> str:
    """The text with the mark above its heading, after the settings at the top."""
    if not markdown.startswith("---\n"):
        return f"{_MARK}\n\n{markdown}"
    settings, end, text = markdown.removeprefix("---\n").partition("\n---\n")
    return f"---\n{settings}{end}\n{_MARK}\n\n{text}"


def _breadcrumbs(page: Page, steps: list[tuple[str, str]], edition: Edition, language: Language) -> Markup:
    """The links up to the front page as schema.org data; relative where the site has no address."""
    items = []
    for position, (address, name) in enumerate([*steps, (page_address(page.path), page.title)], start=1):
        target = language.folder + address
        whole = edition.address + target if edition.address else relative_address(page.path, address)
        items.append({"@type": "ListItem", "position": position, "name": name, "item": whole})
    breadcrumbs = {"@context": "https://schema.org/", "@type": "BreadcrumbList", "itemListElement": items}
    text = Markup(json_text(breadcrumbs).strip())  # noqa: S704 - "<" is escaped
    return Markup('<script type="application/ld+json">{}</script>').format(text)

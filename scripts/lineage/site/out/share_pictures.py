"""The pictures that others show beside a link to a page, as files of the site."""

from urllib.parse import urlsplit

from lineage.site.blocks.share_card import share_card
from lineage.site.blocks.shares import Card, Share
from lineage.site.days_and_amounts import day
from lineage.site.pages.sharing import SITE_PICTURE, is_chart, picture_of
from lineage.site.pages.writer import Page
from lineage.store.edition import Edition


def share_picture(page: Page, site: str, edition: Edition) -> tuple[str, bytes] | None:
    """The picture of a page with its path; None for a page that goes by the picture of the site."""
    path = picture_of(page)
    if path == SITE_PICTURE:
        return None
    chart = next((text for name, text in page.files.items() if is_chart(name)), "")
    return path, share_card(Card(page.title, page.description, page.share, chart, site, _foot(edition)))


def site_picture(site: str, question: str, edition: Edition) -> bytes:
    """The picture of every page that has none of its own."""
    return share_card(Card(question, "", Share(quoted=edition.abstract), "", site, _foot(edition)))


def _foot(edition: Edition) -> str:
    """Where the site is, and of which day the picture."""
    return " · ".join(filter(None, (urlsplit(edition.address).netloc, day(edition.day) if edition.day else "")))

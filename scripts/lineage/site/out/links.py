"""Links inside a built site: what each page points at, and which of that is not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_POINTING = {"href", "src", "poster"}
_SHOWN = {"og:image", "og:url"}  # what others show of a page


@dataclass(frozen=True)
class DeadLink:
    """A link of a page that leads nowhere inside the site."""

    page: str  # relative to the site
    line: int
    link: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.link!r} {self.reason}"


class _Reader(HTMLParser):
    """Collects what a page points at, with the line, and where it can be pointed at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[int, str]] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta" and dict(attrs).get("property") in _SHOWN:
            self.links.append((self.getpos()[0], dict(attrs).get("content") or ""))
        for name, value in attrs:
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")
            elif name.removeprefix("xlink:") in _POINTING:
                self.links.append((self.getpos()[0], value or ""))


def dead_links(site: Path) -> Iterator[DeadLink]:
    """Every link, anchor and loaded file inside a site that is not there, page by page; other hosts are not asked."""
    site = site.resolve()
    read = cache(_read_page)
    for page in html_pages(site):
        for line, link in read(page).links:
            target = _target(site, page, link)
            if target is None:
                continue
            fragment = unquote(urlsplit(link).fragment)
            name = page.relative_to(site).as_posix()
            if not target.is_relative_to(site) or not target.is_file():
                yield DeadLink(name, line, link, "leads nowhere; mend the link, or the page that is meant")
            elif fragment and target.suffix == ".html" and fragment not in read(target).anchors:
                yield DeadLink(name, line, link, "names an anchor that its page does not have")


def html_pages(site: Path) -> list[Path]:
    """The pages of a site; pages for lost readers are shown at any address, so their links are not relative."""
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


def _read_page(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def _target(site: Path, page: Path, link: str) -> Path | None:
    """The file that a link means; None where it leaves the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    base = site if path.startswith("/") else page.parent
    target = (base / path.lstrip("/")).resolve() if path else page
    return target / "index.html" if target.is_dir() else target

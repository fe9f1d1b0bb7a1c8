"""Links inside a built site: what each page points at, and which of that is not there."""

import posixpath
from collections.abc import Iterator, Set
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
    files = frozenset(path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file())
    contents = cache(lambda name: _read_page(site / name))
    target = cache(lambda folder, path: _target(files, folder, path))  # a menu stands on every page
    for page in (path.relative_to(site).as_posix() for path in html_pages(site)):
        for line, link in contents(page).links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            name = target(posixpath.dirname(page), url.path) if url.path else page
            if name is None:
                yield DeadLink(page, line, link, "leads nowhere; mend the link, or the page that is meant")
            elif url.fragment and name.endswith(".html") and unquote(url.fragment) not in contents(name).anchors:
                yield DeadLink(page, line, link, "names an anchor that its page does not have")


def html_pages(site: Path) -> list[Path]:
    """The pages of a site; pages for lost readers are shown at any address, so their links are not relative."""
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


def _read_page(path: Path) -> _Reader:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def _target(files: Set[str], folder: str, path: str) -> str | None:
    """The file of a site that a path means in a folder; None where there is none inside the site."""
    plain = unquote(path)
    name = posixpath.normpath(posixpath.join("" if plain.startswith("/") else folder, plain.lstrip("/")))
    return next((file for file in (name, posixpath.normpath(f"{name}/index.html")) if file in files), None)

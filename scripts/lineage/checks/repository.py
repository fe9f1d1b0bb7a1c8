"""Rules for the files of the repository beside data/: what a build would publish, follow or believe."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from lineage.records import Problem
from lineage.site.out.html_guard import TAGS
from lineage.store.history import BaseError, followed_under, list_working_files
from lineage.store.packs import UNPACKED

# What make writes, so nobody commits it.
BUILT = (".make", ".venv", "site", ".site-build", ".derived-build", f"data/{UNPACKED}")
_ASSETS = {".css", ".js", ".svg", ".webp", ".woff2", ".txt", ".toml", ""}
_WEBP = re.compile(rb"RIFF.{4}WEBPVP8", re.DOTALL)
_SVG_TAGS = frozenset(
    ("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "style")
)
_SCRIPT = re.compile(r"(?i)\]\s*[(:]\s*<?\s*(?:javascript|vbscript|data)\s*:")
_CODE_SPAN = re.compile(r"(?ms)^(`{3,}+|~{3,}+).*?^\1|`[^`\n]*`")


def check_repository(root: Path) -> Iterator[Problem]:
    """A problem for each link, each committed thing that a build writes, and each page or picture that runs code."""
    try:
        names = list_working_files(root)
    except BaseError:  # an unpacked archive
        names = sorted(path.relative_to(root).as_posix() for path in (root / "docs").rglob("*"))
    links = [name for name in names if (root / name).is_symlink() and not name.startswith(("data/", "docs/"))]
    yield from check_tree(followed_under(root, BUILT), links)  # of data/ the store tells
    yield from check_docs(root / "docs")


def check_tree(names: Iterable[str], links: Iterable[str]) -> Iterator[Problem]:
    """A problem for each link, and for each plain file where a build writes; names are those of plain files."""
    for name in links:
        yield Problem(name, "is a symbolic link, or another repository; put the file itself here")
    for name in names:
        for folder in BUILT:
            if name.startswith(f"{folder}/"):
                yield Problem(name, f"is committed, and {folder} is what a build writes; take it out")


def check_docs(docs: Path) -> Iterator[Problem]:
    """A problem for each file under docs/ that does not belong there, links elsewhere or runs code."""
    for path in sorted(docs.rglob("*")):
        name = f"docs/{path.relative_to(docs).as_posix()}"
        if path.is_symlink():
            yield Problem(name, "is a symbolic link; put the file itself here")
        elif path.is_file():
            yield from (Problem(name, words) for words in _complaints(path, PurePosixPath(name)))


def _complaints(path: Path, name: PurePosixPath) -> Iterator[str]:
    if name.parts[1] == "assets" and path.suffix in _ASSETS:
        if path.suffix == ".svg":
            yield from _in_svg(path.read_bytes())
        if path.suffix == ".webp" and not _WEBP.match(path.read_bytes()):
            yield "is no WebP picture"
    elif path.suffix == ".md" and name.parts[1:-1] in ((), ("zh",)):
        parser = _Tags()
        text = _CODE_SPAN.sub("", path.read_text(encoding="utf-8", errors="replace"))
        parser.feed(text)
        yield from dict.fromkeys(parser.wrong)
        if _SCRIPT.search(text):
            yield "links to an address that runs code; pages here run nothing"
    else:
        yield "does not belong here; docs/ holds pages (.md), those in Chinese (zh/*.md), and assets/ of the theme"


def _in_svg(content: bytes) -> Iterator[str]:
    if b"<!" in content.replace(b"<!--", b"") or b"<?xml-" in content:
        yield "declares something of its own; a picture here is drawn with plain shapes"
        return
    try:
        picture = ET.fromstring(content)  # noqa: S314 - without declarations there are no entities
    except ET.ParseError:
        yield "is no SVG picture"
        return
    for element in picture.iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag not in _SVG_TAGS:
            yield f"holds <{tag}>; a picture here is drawn with {', '.join(sorted(_SVG_TAGS))}"
        for key in element.attrib:
            if (bare := key.rpartition("}")[2].lower()).startswith("on") or bare == "href":
                yield f"has the attribute {bare!r}; a picture here runs nothing and links nowhere"


class _Tags(HTMLParser):
    """Reads what HTML a page of Markdown holds."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "@" in tag or tag.startswith(("http:", "https:")):  # <https://...> is Markdown
            return
        if tag not in TAGS | {"br"}:
            self.wrong.append(f"holds <{tag}>; pages here are plain Markdown")
        for key, value in attrs:
            script = re.sub(r"[\x00-\x20]", "", value or "").lower().startswith(("javascript:", "data:", "vbscript:"))
            if key.startswith("on") or key in ("style", "srcdoc") or script:
                self.wrong.append(f"has the attribute {key!r} in <{tag}>; pages here run nothing")

"""The text of a web page in a form whose digest changes only when its words do."""

import codecs
import hashlib
import re
import unicodedata
from email.message import Message
from html.parser import HTMLParser

_LEFT_OUT = {"head", "script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside", "form"}
_TEXT_KINDS = {"application/json", "application/xhtml+xml", "application/xml"}
_DECLARED_WITHIN = 2048  # bytes of a page in which it may declare its encoding


class _Words(HTMLParser):
    """Collects what a reader of a page reads: no scripts, no navigation."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - of the base class
        self.found.append(" ")
        if tag in _LEFT_OUT:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.found.append(" ")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.found.append(data)


def page_text(body: bytes, content_type: str) -> str | None:
    """The words of a page, white space folded and Unicode composed; None where it is no text, such as a PDF."""
    header = Message()
    header["content-type"] = content_type or "text/html"
    kind = header.get_content_type()
    if not (kind.startswith("text/") or kind in _TEXT_KINDS):
        return None
    text = body.decode(_encoding(header.get_content_charset(), body), errors="replace")
    if kind in ("text/html", "application/xhtml+xml"):
        words = _Words()
        words.feed(text)
        words.close()
        text = "".join(words.found)
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_digest(text: str) -> str:
    """The sha256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()


def _encoding(declared: str | None, body: bytes) -> str:
    """The encoding that the server or the page declares, as far as Python knows it; else UTF-8."""
    inside = re.search(rb"<meta[^>]+charset=[\"']?([\w.:-]+)", body[:_DECLARED_WITHIN], re.IGNORECASE)
    for name in (declared, inside and inside[1].decode("ascii", errors="replace")):
        try:
            if name and codecs.lookup(name)._is_text_encoding:
                return name
        except LookupError:
            continue
    return "utf-8"

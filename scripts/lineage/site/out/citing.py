"""How to cite a page: in words, for BibTeX, and as CSL-JSON, with the commit and its day."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lineage.site.days_and_amounts import day
from lineage.store.edition import Edition

_KEY = "weight-of-evidence"
# What TeX reads as a command, in the form that prints it.
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{mark: f"\\{mark}" for mark in "{}$&#_%"},
}


@dataclass(frozen=True)
class Reference:
    """One page of one edition."""

    title: str
    page: str  # its address from the root of the site, "" for the home page
    edition: Edition

    @property
    def key(self) -> str:
        """The name of the entry: letters, digits, "-", "." and "_" alone."""
        return re.sub(r"[^a-z0-9._-]+", "-", f"{_KEY}-{self.page}".lower()).strip("-")

    @property
    def address(self) -> str:
        """The full address, or "" where the site has none."""
        return self.edition.address and quote(f"{self.edition.address}{self.page}", safe=":/?#%[]@!$&'()*+,;=~._-")

    @property
    def place(self) -> str:
        """The page in words, for a site that has no address yet."""
        return f"page {self.page or 'home'}"


def plain(reference: Reference) -> str:
    """One line that a reader can put under a text."""
    edition = reference.edition
    where = reference.address or reference.place
    dated = day(edition.day) if edition.day else "date unknown"
    authors = "; ".join(edition.authors)
    return (
        f"{authors}: “{reference.title}”. {edition.title}, version {edition.version}, {edition.state}, {dated}. {where}"
    )


def bibtex(reference: Reference) -> str:
    """An entry for BibTeX and biblatex; text from records is inert in TeX."""
    edition = reference.edition
    fields = {
        "author": " and ".join(f"{{{tex(author)}}}" for author in edition.authors),
        "title": f"{{{tex(reference.title)}}}",
        "howpublished": tex(edition.title),
        "year": str(edition.day.year) if edition.day else "",
        "month": str(edition.day.month) if edition.day else "",
        "version": tex(edition.version),
        "note": tex(f"{edition.state}, {edition.day or 'date unknown'}; {reference.place}"),
        "url": reference.address,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{reference.key},\n" + ",\n".join(lines) + "\n}"


def csl_json(reference: Reference) -> str:
    """The same as CSL-JSON, a list of one item, as reference managers read it."""
    edition = reference.edition
    item: dict[str, Any] = {
        "id": reference.key,
        "type": "dataset",
        "title": reference.title,
        "container-title": edition.title,
        "author": [{"literal": author} for author in edition.authors],
        "version": edition.version,
        "note": f"{edition.state}; {reference.place}",
    }
    if edition.day:
        item["issued"] = {"date-parts": [[edition.day.year, edition.day.month, edition.day.day]]}
    if reference.address:
        item["URL"] = reference.address
    lines = [f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in item.items()]
    return "[{\n" + ",\n".join(lines) + "\n}]"


def tex(text: str) -> str:
    """Text that TeX prints as it is, on one line."""
    return "".join(_TEX.get(mark, mark) for mark in " ".join(text.split()))

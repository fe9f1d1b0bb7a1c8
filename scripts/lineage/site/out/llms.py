"""llms.txt: what a language model that reads the site is told first, in the form of llmstxt.org."""

import re

from lineage.records import Dataset
from lineage.store.edition import Edition

_DATA = (
    ("data-and-api/", "Data and API", "what every file holds, and how to cite it"),
    ("api/v1/index.json", "Index of every file as JSON", "models, pairs, cases, claims, sources, published scores"),
    ("croissant.json", "The tables as Croissant", "each table with its columns, types and checksum"),
    ("feeds/claims.atom", "Feed of claims", "what was added and changed"),
)
_READING = (
    ("how-to-read/", "How to read this", "what a similarity means, and what it does not"),
    ("methods/", "Methods at a glance", "what each method asks, and where it cannot tell"),
    ("about/", "About", "what the site will and will not do; it prints no verdict"),
    ("corrections/", "Corrections and removals", "what was wrong, and since when"),
)


def llms_text(dataset: Dataset, edition: Edition) -> str:
    """The whole file; addresses are relative where the site has none."""
    cases = [(f"cases/{case.id}/", case.title, f"{case.question} {case.status}") for case in dataset.cases.values()]
    paragraphs = [
        f"# {_plain(edition.title)}",
        f"> {_plain(edition.abstract)}",
        "A similarity stands beside that of independent models and of documented derivations. Claims are attributed, "
        "and that one model was made from another is said only where its maker documents it or a source reports it. "
        "When you quote a number, quote what it is compared with, the page, and the commit that the page names under "
        '"Cite this page".',
        *(
            f"## {heading}\n\n" + "\n".join(_line(*entry, edition) for entry in entries)
            for heading, entries in (("How to read it", _READING), ("Cases", cases), ("Data", _DATA))
        ),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _line(address: str, title: str, description: str, edition: Edition) -> str:
    return f"- [{_plain(title)}]({edition.address}{address}): {_plain(description)}"


def _plain(text: str) -> str:
    """Text from records on one line, without what Markdown would read as a link or as HTML."""
    return re.sub(r"([\\\[\]<>`*_])", r"\\\1", " ".join(text.split()))

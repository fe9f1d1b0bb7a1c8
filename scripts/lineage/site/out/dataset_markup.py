"""JSON-LD for search engines of data sets (schema.org Dataset). No ClaimReview: it would print a verdict."""

from typing import Any

from markupsafe import Markup

from lineage.site.api import FOLDER
from lineage.site.out.citing import Reference, plain
from lineage.site.out.feeds import FEEDS
from lineage.site.out.packages import CROISSANT, LICENCES, PACKAGE
from lineage.site.out.strict_json import json_text
from lineage.site.templating import relative_address
from lineage.store.edition import Edition


def dataset_markup(page: str, edition: Edition) -> Markup:
    """The script element that describes the whole data set, from one page ("index.md"); inert for a browser."""
    text = json_text(dataset_description(page, edition)).strip()
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(text))  # noqa: S704 - "<" is escaped


def dataset_description(page: str, edition: Edition) -> dict[str, Any]:
    """The data set in the words of schema.org; addresses are relative to the page where the site has none."""
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": edition.title,
        "description": edition.abstract,
        "license": [LICENCES[name] for name in edition.licences if name in LICENCES],
        "creator": [{"@type": "Organization", "name": author} for author in edition.authors],
        "isAccessibleForFree": True,
        "version": f"{edition.version}{f'+{edition.commit[:12]}' if edition.commit else ''}",
        "citation": plain(Reference("Data and API", "data-and-api/", edition)),
        "url": _address(page, "data-and-api/", edition),
        "distribution": [
            _download(page, f"{FOLDER}/index.json", "application/json", "Index of every file", edition),
            _download(page, CROISSANT, "application/ld+json", "The tables, as Croissant", edition),
            _download(page, PACKAGE, "application/json", "The tables, as a Frictionless data package", edition),
            *(
                _download(page, f"feeds/{name}.atom", "application/atom+xml", title, edition)
                for name, title in FEEDS.items()
            ),
        ],
    }
    return described | ({"dateModified": edition.day.isoformat()} if edition.day else {})


def _download(page: str, target: str, form: str, name: str, edition: Edition) -> dict[str, Any]:
    address = _address(page, target, edition)
    return {"@type": "DataDownload", "name": name, "encodingFormat": form, "contentUrl": address}


def _address(page: str, target: str, edition: Edition) -> str:
    return edition.address + target if edition.address else relative_address(page, target)

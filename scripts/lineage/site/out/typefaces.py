"""What a page asks for before its styles: the typefaces, which those name only once they have come, and its own."""

import re

from markupsafe import Markup

from lineage.site.templating import relative_address

TYPEFACES = ("weight-serif-latin-400-650.woff2", "inter-latin-400-650.woff2")  # as site.css names them
_LINK = Markup('<link rel="preload" as="font" type="font/woff2" crossorigin href="{}">')


def with_typefaces(html: str, page: str, ahead: str = "") -> str:
    """A page ("index.md") of any language with the links first in its head, behind what else it asks for ahead.

    Each language has its own files.
    """
    return with_typefaces_from(html, relative_address(page, "assets/fonts/"), ahead)


def with_typefaces_from(html: str, folder: str, ahead: str = "") -> str:
    """A page with the links first in its head, behind what else it asks for; folder is the address of the files."""
    links = Markup("\n").join(_LINK.format(f"{folder}{name}") for name in TYPEFACES)
    return re.sub(
        r"(<head[^>]*>\s*(?:<meta charset=[^>]*>)?)", lambda head: f"{head[0]}\n{ahead}{links}", html, count=1
    )

"""Marks that say where a number comes from, by a word and a shape, so that they need no colour."""

from collections.abc import Mapping

from markupsafe import Markup

from lineage.controls.known import SYNTHETIC, TRAINED
from lineage.provenance import MEASURED

PUBLISHED, UNVERIFIED = "published", "unverified"

MARKS: Mapping[str, str] = {
    MEASURED: "computed here from weights that somebody released and that were read here",
    TRAINED: "of a model that was trained here, with a script that anybody can run",
    SYNTHETIC: "of a model that was made here from a released one, and that nobody released",
    PUBLISHED: "published by others; cited, and not computed here",
    UNVERIFIED: "reported, from a source whose origin is not established",
}
# The word and the shape of each: a full dot, a triangle, a diamond, an open square, an open dot.
_LOOKS = {
    MEASURED: ("measured here", "dot"),
    TRAINED: ("trained here", "triangle"),
    SYNTHETIC: ("synthetic derivation", "diamond"),
    PUBLISHED: ("published by others", "square"),
    UNVERIFIED: ("reported, unverified", "ring"),
}


def mark_html(kind: str) -> Markup:
    """The mark of a kind of number; KeyError where there is no such kind."""
    word, shape = _LOOKS[kind]
    return Markup('<span class="woe-mark woe-mark-{}" title="{}">{}</span>').format(shape, MARKS[kind], word)

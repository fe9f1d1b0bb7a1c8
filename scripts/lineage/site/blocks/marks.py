"""Marks that say where a number comes from, by a word and a shape, so that they need no colour."""

from collections.abc import Mapping

from markupsafe import Markup

from lineage.evidence.reproductions import Level
from lineage.records.controls import SYNTHETIC, TRAINED
from lineage.records.provenance import MEASURED

PUBLISHED, UNVERIFIED = "published", "unverified"

MARKS: Mapping[str, str] = {
    MEASURED: "computed here from weights that somebody released and that were read here",
    TRAINED: "of a model that was trained here, with a script that anybody can run",
    SYNTHETIC: "of a model that was made here from a released one, and that nobody released",
    PUBLISHED: "published by others; cited, and not computed here",
    Level.SAMPLED: "sampled by a tool of others: some numbers of each matrix, so that a score is off a little",
    Level.REPORTED: "measured by whoever sent it in, and by nobody else yet: it enters no null, rate or finding",
    UNVERIFIED: "reported, from a source whose origin is not established",
}
# The word and the shape of each: a full dot, a triangle, a diamond, an open square, a half dot, a dashed square, an
# open dot.
_LOOKS = {
    MEASURED: ("measured here", "dot"),
    TRAINED: ("trained here", "triangle"),
    SYNTHETIC: ("synthetic derivation", "diamond"),
    PUBLISHED: ("published by others", "square"),
    Level.SAMPLED: (str(Level.SAMPLED), "half"),
    Level.REPORTED: (str(Level.REPORTED), "frame"),
    UNVERIFIED: ("reported, unverified", "ring"),
}


def mark_html(kind: str, word: str = "") -> Markup:
    """The mark of a kind of number, with its own word where another says more; KeyError where there is no such kind."""
    usual, shape = _LOOKS[kind]
    return Markup('<span class="woe-mark woe-mark-{}" title="{}">{}</span>').format(shape, MARKS[kind], word or usual)


def level_mark(level: Level, words: str) -> Markup:
    """The mark of a number from curves of one or two models: read here, sampled by others, or somebody's word."""
    if level == Level.REPORTED:
        return mark_html(Level.REPORTED)
    return mark_html(Level.SAMPLED if level == Level.SAMPLED else MEASURED, words)


def set_mark(name: str) -> Markup:
    """The mark of a set of pairs, by the name that derived tables give it: "measured", "published by TensorLock"."""
    return mark_html(name) if name in MARKS else mark_html(PUBLISHED, name)


def measure_html(measure: str, unverified: bool) -> Markup:
    """What a published number is, with a mark where nobody could check it."""
    return Markup("{} {}").format(measure, mark_html(UNVERIFIED)) if unverified else Markup("{}").format(measure)

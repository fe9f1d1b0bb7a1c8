"""Marks that say where a number comes from, by a word and a shape, so that they need no colour."""

from collections.abc import Mapping

from markupsafe import Markup

from lineage.evidence.reproductions import Level
from lineage.records.controls import SYNTHETIC, TRAINED
from lineage.records.provenance import MEASURED
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.retelling import retold
from lineage.site.translation import shown_text

PUBLISHED, UNVERIFIED = "published", "unverified"

MARKS: Mapping[str, str] = {
    MEASURED: words("computed here from weights that somebody released and that were read here"),
    TRAINED: words("of a model that was trained here, with a script that anybody can run"),
    SYNTHETIC: words("of a model that was made here from a released one, and that nobody released"),
    PUBLISHED: words("published by others; cited, and not computed here"),
    Level.SAMPLED: words("sampled by a tool of others: some numbers of each matrix, so that a score is off a little"),
    Level.REPORTED: words("measured by whoever sent it in, and by nobody else yet: it enters no null, rate or finding"),
    UNVERIFIED: words("reported, from a source whose origin is not established"),
}
# The word and the shape of each: a full dot, a triangle, a diamond, an open square, a half dot, a dashed square, an
# open dot.
_LOOKS = {
    MEASURED: (words("measured here"), "dot"),
    TRAINED: (words("trained here"), "triangle"),
    SYNTHETIC: (words("synthetic derivation"), "diamond"),
    PUBLISHED: (words("published by others"), "square"),
    Level.SAMPLED: (str(Level.SAMPLED), "half"),
    Level.REPORTED: (str(Level.REPORTED), "frame"),
    UNVERIFIED: (words("reported, unverified"), "ring"),
}


def mark_html(kind: str, word: str = "", language: Language = ENGLISH) -> Markup:
    """The mark of a kind of number, with another word where one is given; KeyError for an unknown kind."""
    usual, shape = _LOOKS[kind]
    return Markup('<span class="woe-mark woe-mark-{}" title="{}">{}</span>').format(
        shape, retold(MARKS[kind], language), retold(word or usual, language)
    )


def level_mark(level: Level, word: str, language: Language = ENGLISH) -> Markup:
    """The mark of a number computed from curves: read here, sampled by others, or reported by somebody."""
    if level == Level.REPORTED:
        return mark_html(Level.REPORTED, language=language)
    return mark_html(Level.SAMPLED if level == Level.SAMPLED else MEASURED, word, language)


def set_mark(name: str, language: Language = ENGLISH) -> Markup:
    """The mark of a set of pairs, by the name that derived tables give it: "measured", "published by TensorLock"."""
    return mark_html(name, language=language) if name in MARKS else mark_html(PUBLISHED, name, language)


def measure_html(measure: str, unverified: bool, language: Language = ENGLISH) -> Markup:
    """What a published number is, with a mark where nobody could check it."""
    text = shown_text(measure)
    return Markup("{} {}").format(text, mark_html(UNVERIFIED, language=language)) if unverified else text

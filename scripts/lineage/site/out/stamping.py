"""A page that the theme made of marks -> every page of its kind, with its own words in place of the marks.

Pages of single models, of pairs and of sources are many, and around their content they are alike: the theme makes one
of each kind, and the others are cut from it. A test asks the theme for these too, and finds the same bytes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Section = tuple[str, str]  # title, as HTML, and address ("#files")

_SECTIONS = [("woe-mark-title-a", "#woe-mark-section-a"), ("woe-mark-title-b", "#woe-mark-section-b")]
_CONTENT = "<h1>woe-mark-content</h1>"  # the theme looks for a heading in the content
_MARK = re.compile(rf"({_CONTENT}|#?woe-mark-[a-z-]+)")
_SLUG = "woe-mark-slug"


@dataclass(frozen=True)
class Leaf:
    """What the page of a single model, pair or source has of its own; all but the slug is HTML."""

    slug: str  # its name in addresses
    title: str
    description: str
    heading: str  # the address of its heading
    sections: Sequence[Section]  # of its table of contents
    head: str  # what stands last in its head
    content: str


class BrokenMarkError(Exception):
    """The theme uses something that is a page's own otherwise than it did, so that no page can be cut."""


class Mould:
    """Makes the pages of a kind from what the theme makes of marks, with sections and without."""

    def __init__(self, themed: Callable[[Leaf], str]) -> None:
        self._plain = _parts(themed(_marked([])))
        whole = themed(_marked(_SECTIONS))
        start, second = (_only(whole, address) for _, address in _SECTIONS)
        self._start, self._section = _parts(whole[:start]), _parts(whole[start:second])
        self._end = _parts(whole[second:])
        _refuse_others(self._plain, _names(_marked([])))
        _refuse_others([*self._start, *self._section, *self._end], _names(_marked(_SECTIONS)))

    def page(self, leaf: Leaf) -> str:
        """The whole page of a leaf, as the theme would make it."""
        words = _words(leaf)
        if not leaf.sections:
            return _joined(self._plain, words)
        *others, last = leaf.sections
        listed = [_joined(self._section, _named(_SECTIONS[0], section)) for section in others]
        end = _joined(self._end, {**words, **_named(_SECTIONS[1], last)})
        return "".join([_joined(self._start, words), *listed, end])


def _marked(sections: Sequence[Section]) -> Leaf:
    """A leaf whose every word is a mark."""
    return Leaf(
        _SLUG, "woe-mark-name", "woe-mark-description", "#woe-mark-heading", sections, "woe-mark-head", _CONTENT
    )


def _words(leaf: Leaf) -> Mapping[str, str]:
    """The words of a leaf by the mark that stands for each, without its sections."""
    marks = _marked([])
    names = ("slug", "title", "description", "heading", "head", "content")
    return {getattr(marks, name): getattr(leaf, name) for name in names}


def _named(marks: Section, section: Section) -> Mapping[str, str]:
    return dict(zip(marks, section, strict=True))


def _names(leaf: Leaf) -> set[str]:
    return {*_words(leaf), *(mark for section in leaf.sections for mark in section)}


def _parts(html: str) -> list[str]:
    """The text between marks, and at each second place a mark."""
    return _MARK.split(html)


def _joined(parts: Sequence[str], words: Mapping[str, str]) -> str:
    return "".join(words[part] if place % 2 else part for place, part in enumerate(parts))


def _only(html: str, mark: str) -> int:
    """Where a mark stands; BrokenMarkError unless it stands there once."""
    if html.count(mark) != 1:
        raise BrokenMarkError(f"the theme prints {mark} {html.count(mark)} times; the menu of a page has it once")
    return html.index(mark)


def _refuse_others(parts: Sequence[str], marks: set[str]) -> None:
    """BrokenMarkError where a mark is missing, or where there is another."""
    there = set(filter(_MARK.fullmatch, parts))
    if there != marks:
        raise BrokenMarkError(f"of these marks the theme lost or changed some: {', '.join(sorted(there ^ marks))}")

"""Which sources a record rests on, and the numbered sources of one page, in the order in which it cites them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel

from lineage.records import FALLEN, Source, SourceReading
from lineage.site.languages import ENGLISH, Language, words

# What a list of sources says of each kind.
SOURCE_KINDS = {
    "primary": words("Primary source"),
    "secondary": words("Secondary source"),
    "unverified": words("Unverified source"),
}
_MARKS = (
    *(words("removed"), words("withdrawn"), words("unavailable for legal reasons"), words("unverified")),
    *(words("source removed"), words("source withdrawn"), words("source unavailable for legal reasons")),
    *(words("re-upload"), words("reprint"), words("copy")),
)
_APART = "\u2009"  # between two numbers of sources: a thin space, at which a line may break
# How a source was read for this site, as a list of sources says it; by the word of its record.
READINGS: Mapping[SourceReading, str] = {
    "whole archived copy": words("read as an archived copy, whole"),
    "excerpt of an archived copy": words("read as an archived copy, an excerpt"),
    "archived copy, extent not recorded": words("read as an archived copy; how much of it is not recorded"),
    "quoted in another source": words("not read itself; known from another source"),
    "package opened here": words("opened here, as a package"),
    "opened at its address": words("opened at its address"),
    "not read": words("not read"),
}


class Citations:
    """Numbers sources as a page cites them; `listed` is what its list of sources shows."""

    def __init__(self, sources: Mapping[str, Source], language: Language = ENGLISH) -> None:
        self._sources = sources
        self._language = language
        self._numbers: dict[str, int] = {}

    def cite(self, names: Iterable[str]) -> Markup:
        """Superscript links to the page's list of sources, each with its warning in brackets where it has one."""
        return Markup(_APART).join(map(self._reference, names))  # noqa: S704 - a space

    @property
    def listed(self) -> list[tuple[int, Source]]:
        """The sources cited so far with their numbers."""
        return [(number, self._sources[name]) for name, number in self._numbers.items()]

    def _reference(self, name: str) -> Markup:
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        source = self._sources[name]
        mark = source_mark(source, self._language)
        label = self._language.say("%(number)s (%(mark)s)", number=number, mark=mark) if mark else str(number)
        look = "cite woe-warned" if mark else "cite"
        return Markup('<sup class="{}"><a href="#source-{}">{}</a></sup>').format(look, number, label)


def source_mark(source: Source, language: Language = ENGLISH) -> str:
    """The words beside each citation of a source: "source withdrawn", "unverified, re-upload"; "" for none."""
    marks = [f"source {source.state}"] if source.state in FALLEN else []
    marks += ["unverified"] if source.kind == "unverified" else []
    marks += [source.relay.form] if source.relay else []
    return language.say(", ").join(map(language.say, marks))


def fallen_mark(names: Iterable[str], sources: Mapping[str, Source]) -> str:
    """The words beside a number when all its sources were withdrawn or removed, such as "source removed"; else ""."""
    states = [sources[name].state for name in names]
    return f"source {', '.join(dict.fromkeys(states))}" if states and all(state in FALLEN for state in states) else ""


def opened_addresses(sources: Mapping[str, Source]) -> int:
    """How many of the sources had their address opened for this site."""
    return sum(source.checked is not None for source in sources.values())


def cited_sources(record: BaseModel) -> Iterator[str]:
    """The id of every source that a record or a nested part of it names."""
    for name, value in record:
        if name in ("source", "sources", "reported_by", "quoted_in") or name.endswith("_sources"):
            yield from (value,) if isinstance(value, str) else value or ()
        else:
            for inner in inner_parts(value):
                yield from cited_sources(inner)


def inner_parts(value: Any) -> Iterator[BaseModel]:
    """The nested parts in the value of a field, be it one part or several."""
    candidates = value if isinstance(value, tuple) else (value,)
    return (candidate for candidate in candidates if isinstance(candidate, BaseModel))

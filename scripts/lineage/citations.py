"""The numbered sources of one page, in the order in which it cites them."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from lineage.records import Source

# States in which a source is named beside each citation, so that nobody takes it for standing.
_FALLEN = ("removed", "withdrawn")


class Citations:
    """Numbers sources as a page cites them; `listed` is what its list of sources shows."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._numbers: dict[str, int] = {}

    def cite(self, names: Iterable[str]) -> Markup:
        """Superscript links to the list of sources of this page; a fallen or unverified source is called so."""
        return Markup("").join(map(self._reference, names))

    @property
    def listed(self) -> list[tuple[int, Source]]:
        """The sources cited so far with their numbers."""
        return [(number, self._sources[name]) for name, number in self._numbers.items()]

    def _reference(self, name: str) -> Markup:
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        source = self._sources[name]
        label = f"{number} {mark}" if (mark := source_mark(source)) else str(number)
        return Markup('<sup class="cite"><a href="#source-{}">{}</a></sup>').format(number, label)


def source_mark(source: Source) -> str:
    """The word that stands beside each citation of a source, or "": withdrawn, removed, unverified."""
    if source.state in _FALLEN:
        return source.state
    return "unverified" if source.kind == "unverified" else ""

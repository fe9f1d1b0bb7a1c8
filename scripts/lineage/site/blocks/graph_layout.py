"""Who comes from whom, laid out: families below each other, each model on a row of its own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Tie:
    """Two models that a maker's document or a finding ties together."""

    first: str  # of a documented one: the parent
    second: str
    documented: bool
    text: str
    later: str = ""  # of a finding: what of its method was chosen after a result

    @property
    def model(self) -> str:
        """The one that a sentence begins with: the child, or the first of two."""
        return self.second if self.documented else self.first

    @property
    def other(self) -> str:
        """The one that a sentence ends with."""
        return self.first if self.documented else self.second


@dataclass(frozen=True)
class Place:
    """A row, how many documented steps below the oldest ancestor, and the first day of release where it is known."""

    row: int
    generation: int
    released: date | None


def places(ties: Sequence[Tie], released: Mapping[str, date | None]) -> dict[str, Place]:
    """A place for every model that has a tie: parents above their children, those tied together below each other.

    Families come in order of the earliest date in them, those without any last. A cycle of parents ends where it
    closes.
    """
    parents: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        if tie.documented:
            parents[tie.second].append(tie.first)
    families = sorted(_families(ties), key=lambda family: _earliest(family, released))
    ordered = [entry for family in families for entry in _rows(family, parents)]
    return {name: Place(row, generation, released.get(name)) for row, (name, generation) in enumerate(ordered)}


def _families(ties: Sequence[Tie]) -> list[list[str]]:
    """The models in groups that ties hold together, each in order of name."""
    group: dict[str, set[str]] = {}
    for tie in ties:
        joined = group.get(tie.first, {tie.first}) | group.get(tie.second, {tie.second})
        for name in joined:
            group[name] = joined
    return [list(family) for family in sorted({tuple(sorted(one, key=str.lower)) for one in group.values()})]


def _earliest(family: Sequence[str], released: Mapping[str, date | None]) -> tuple[date, str]:
    return min((day for name in family if (day := released.get(name))), default=date.max), family[0].lower()


def _rows(family: Sequence[str], parents: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Each model of a family with its generation, children after their parents: one of several after the last."""
    members = set(family)
    generations: dict[str, int] = {}

    def below(name: str) -> Iterator[tuple[str, int]]:
        if name not in generations:
            generations[name] = 1 + max((generations.get(one, -1) for one in parents.get(name, ())), default=-1)
            yield name, generations[name]
            for child in family:
                mine = parents.get(child, ())
                if name in mine and all(one in generations for one in mine if one in members):
                    yield from below(child)

    tops = [name for name in family if not members & {*parents.get(name, ())}]
    for name in [*tops, *family]:  # those of a cycle have no top above them
        yield from below(name)

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
    by: str = "stated by its sources"  # of a documented one: who reports it

    @property
    def model(self) -> str:
        """The model that the sentence begins with: the child, or the first of the pair."""
        return self.second if self.documented else self.first

    @property
    def other(self) -> str:
        """The model that the sentence ends with."""
        return self.first if self.documented else self.second

    @property
    def said(self) -> str:
        """What is said of the two models, and whether part of the test was chosen after a result."""
        return f"{self.text}; part of the test was chosen after a result" if self.later else self.text

    @property
    def kind(self) -> str:
        """What the tie rests on, in a word or two."""
        if self.documented:
            return self.by
        return "finding, chosen after a result" if self.later else "finding"


@dataclass(frozen=True)
class Place:
    """A row, how many documented steps below the oldest ancestor, the first day of release, and the family."""

    row: int
    generation: int
    released: date | None  # None: unknown
    family: int  # its place among the families


def places(ties: Sequence[Tie], released: Mapping[str, date | None]) -> dict[str, Place]:
    """The place of every model that has a tie: children stand below their parents, families one below another.

    Families come in order of their earliest date, those without a date last. A cycle of parents ends where it closes.
    """
    parents: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        if tie.documented:
            parents[tie.second].append(tie.first)
    families = sorted(_families(ties), key=lambda family: _earliest(family, released))
    ordered = [(number, entry) for number, family in enumerate(families) for entry in _rows(family, parents)]
    return {
        name: Place(row, generation, released.get(name), number)
        for row, (number, (name, generation)) in enumerate(ordered)
    }


def trunk(ties: Sequence[Tie], placed: Mapping[str, Place]) -> dict[str, str]:
    """By child, the parent below which it is drawn: of several the nearest one above, so that no row lies between.

    A child that a cycle places above all its parents has none.
    """
    down = [tie for tie in ties if tie.documented and placed[tie.first].row < placed[tie.second].row]
    return {tie.second: tie.first for tie in sorted(down, key=lambda tie: placed[tie.first].row)}


def lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The lane of each span of rows: two spans in one lane share no row, and as few lanes as possible are used."""
    ends: list[int] = []  # of each lane: the last row that is taken
    lane_of = [0] * len(spans)
    for index in sorted(range(len(spans)), key=lambda index: spans[index]):
        low, high = spans[index]
        free = [number for number, end in enumerate(ends) if end < low]
        lane_of[index] = free[0] if free else len(ends)
        ends = [*ends, high] if not free else [high if number == free[0] else end for number, end in enumerate(ends)]
    return lane_of


def _families(ties: Sequence[Tie]) -> list[list[str]]:
    """The models in connected groups; the names of each group are sorted."""
    group: dict[str, set[str]] = {}
    for tie in ties:
        joined = group.get(tie.first, {tie.first}) | group.get(tie.second, {tie.second})
        for name in joined:
            group[name] = joined
    return [list(family) for family in sorted({tuple(sorted(members, key=str.lower)) for members in group.values()})]


def _earliest(family: Sequence[str], released: Mapping[str, date | None]) -> tuple[date, str]:
    return min((day for name in family if (day := released.get(name))), default=date.max), family[0].lower()


def _rows(family: Sequence[str], parents: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    """Each model of a family with its generation; a child follows the last of its parents."""
    members = set(family)
    generations: dict[str, int] = {}

    def below(name: str) -> Iterator[tuple[str, int]]:
        if name not in generations:
            generations[name] = 1 + max((generations.get(parent, -1) for parent in parents.get(name, ())), default=-1)
            yield name, generations[name]
            for child in family:
                mine = parents.get(child, ())
                if name in mine and all(parent in generations for parent in mine if parent in members):
                    yield from below(child)

    tops = [name for name in family if not members & {*parents.get(name, ())}]
    for name in [*tops, *family]:  # those of a cycle have no top above them
        yield from below(name)

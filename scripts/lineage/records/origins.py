"""Which models are documented to be related, and who may stand for an independent root."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

Marks = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Lineage:
    """What is documented of where models come from, by model id.

    A merge has several parents and the roots of all of them; it stands for none of these. ValueError where a model's
    base model has another root, or where base models go round in a circle.
    """

    roots: Mapping[str, str | None]  # the independent training run; None: unknown, or those of several parents
    makers: Mapping[str, str]
    parents: Mapping[str, Sequence[str]]  # the base models that its sources state
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)  # models of which it holds a part, no more
    uncounted: frozenset[str] = frozenset()  # whose measurement may enter no null; what is documented of them stays

    def __post_init__(self) -> None:
        try:
            TopologicalSorter(self.parents).prepare()
        except CycleError as circle:
            name = min(circle.args[1])
            raise ValueError(f"the base models of {name!r} go round in a circle at {name!r}") from None
        for model, stated_root in sorted(self.roots.items()):
            line = self.line(model) if stated_root is not None else ()
            roots_of_line = {root: name for name in line if (root := self.roots.get(name)) is not None}
            if len(roots_of_line) > 1:
                sentence = ", ".join(f"{name!r} has the root {root!r}" for root, name in sorted(roots_of_line.items()))
                raise ValueError(f"the lineage of {model!r} contradicts itself: {sentence}")

    def line(self, model: str) -> Iterator[str]:
        """A model and its documented ancestors, youngest first, each once."""
        visited, waiting = {model}, deque([model])
        while waiting:
            name = waiting.popleft()
            yield name
            older = [parent for parent in self.parents.get(name, ()) if parent not in visited]
            visited.update(older)
            waiting.extend(older)

    def marks(self, model: str) -> Marks:
        """What a relative would share: ancestors and itself, their roots, their makers, and those of reused parts.

        Makers of ancestors count: the organisation that trained a root is behind everything made from it. So a model
        that holds a part of another counts neither as derived from it nor as independent of it.
        """
        ancestors = list(self.line(model))
        line = [
            *ancestors,
            *(
                name
                for ancestor in ancestors
                for source_model in self.parts.get(ancestor, ())
                for name in self.line(source_model)
            ),
        ]
        model_marks = {("model", name) for name in line}
        roots = {("root", root) for name in line if (root := self.roots.get(name)) is not None}
        return frozenset(model_marks | roots | {("maker", self.makers[name]) for name in line if name in self.makers})

    def related(self, model_a: str, model_b: str) -> bool:
        """Whether two models share a root, an organisation or a documented ancestor."""
        return not self.marks(model_a).isdisjoint(self.marks(model_b))

    def known_root(self, model: str) -> str | None:
        """The root of a model that may enter a null: both its root and its maker are known, and it is not uncounted.

        None for a merge of several roots: it stands for none of them.
        """
        return next(iter(roots)) if len(roots := self.known_roots(model)) == 1 else None

    def known_roots(self, model: str) -> frozenset[str]:
        """The roots of a model that may enter a null, several of a merge; none where that of a parent is unknown."""
        counts = model in self.makers and model not in self.uncounted
        return self._roots.get(model, frozenset()) if counts else frozenset()

    @cached_property
    def _roots(self) -> Mapping[str, frozenset[str]]:
        """The roots of each model: its own, or of a merge and what was made from one those of its parents, if known.

        A model whose record gives no root does not take over a single root of its parents.
        """
        roots_of: dict[str, frozenset[str]] = {}
        for model in (*TopologicalSorter(self.parents).static_order(), *self.roots):
            root = self.roots.get(model)
            root_sets = [roots_of[name] for name in self.parents.get(model, ())]
            roots = frozenset[str]().union(*root_sets) if all(root_sets) else frozenset[str]()
            roots_of[model] = roots if root is None and len(roots) > 1 else frozenset(() if root is None else (root,))
        return roots_of


def representatives(lineage: Lineage, candidates: Iterable[str], apart_from: Marks) -> tuple[str, ...]:
    """One model for every root with nothing in common with the marks given, in order of id.

    It is the earliest by id of those that are candidates, so no score has a say in who stands for a root.
    Models whose root or maker is unknown stand for none.
    """
    by_root: dict[str, str] = {}
    for model in sorted(candidates):
        root = lineage.known_root(model)
        if root is not None and root not in by_root and lineage.marks(model).isdisjoint(apart_from):
            by_root[root] = model
    return tuple(sorted(by_root.values()))

"""Which models are documented to be related, and who may stand for an independent root."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Marks = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Lineage:
    """What is documented of where models come from, by model id.

    ValueError where a model's base model has another root, or where base models go round in a circle. A merge of
    models has the roots of all that it was made from, and so no root that it could stand for.
    """

    roots: Mapping[str, str | None]  # the independent training run; None: unknown, or several
    makers: Mapping[str, str]
    parents: Mapping[str, Sequence[str]]  # the base models that the maker states, several of a merge
    uncounted: frozenset[str] = frozenset()  # whose measurement may enter no null; what is documented of them stays

    def __post_init__(self) -> None:
        for model in sorted({*self.roots, *self.parents}):
            own = self.roots.get(model)
            line = [name for name in self.line(model) if self.roots.get(name) is not None]
            known = {str(self.roots[name]): name for name in reversed(line)}
            if len(known) > 1 and (own is not None or self._is_one_line(model)):
                told = ", ".join(f"{name!r} has the root {root!r}" for root, name in sorted(known.items()))
                raise ValueError(f"the lineage of {model!r} contradicts itself: {told}")

    def line(self, model: str) -> Iterator[str]:
        """A model and its documented ancestors, youngest first, each once; ValueError on a circle."""
        self._refuse_circles(model, ())
        seen: dict[str, None] = {model: None}
        waiting = [model]
        while waiting:
            younger = waiting.pop(0)
            yield younger
            for name in self.parents.get(younger, ()):
                if name not in seen:
                    seen[name] = None
                    waiting.append(name)

    def marks(self, model: str) -> Marks:
        """What a relative would share: ancestors and itself, their roots, their makers.

        Makers of ancestors count: the organisation that trained a root is behind everything made from it.
        """
        line = list(self.line(model))
        named = {("model", name) for name in line}
        roots = {("root", root) for name in line if (root := self.roots.get(name)) is not None}
        return frozenset(named | roots | {("maker", self.makers[name]) for name in line if name in self.makers})

    def related(self, model_a: str, model_b: str) -> bool:
        """Whether two models share a root, an organisation or a documented ancestor."""
        return not self.marks(model_a).isdisjoint(self.marks(model_b))

    def known_root(self, model: str) -> str | None:
        """The root of a model that may enter a null: both its root and its maker are known, and it is not uncounted.

        A merge of several roots stands for none of them.
        """
        return self.roots.get(model) if model in self.makers and model not in self.uncounted else None

    def known_roots(self, model: str) -> frozenset[str]:
        """Every root of a model whose maker is known and that is not uncounted; none where one of them is unknown."""
        return self._roots_of(model) if model in self.makers and model not in self.uncounted else frozenset()

    def _roots_of(self, model: str) -> frozenset[str]:
        own, parents = self.roots.get(model), self.parents.get(model, ())
        if own is not None or len(parents) < 2:
            return frozenset(() if own is None else (own,))
        each = [self._roots_of(name) for name in parents]
        return frozenset().union(*each) if all(each) else frozenset()

    def _is_one_line(self, model: str) -> bool:
        """Whether no merge stands between a model and its eldest ancestor."""
        return all(len(self.parents.get(name, ())) < 2 for name in self.line(model))

    def _refuse_circles(self, model: str, younger: tuple[str, ...]) -> None:
        if model in younger:
            raise ValueError(f"the base models of {younger[0]!r} go round in a circle at {model!r}")
        for name in self.parents.get(model, ()):
            self._refuse_circles(name, (*younger, model))


def representatives(lineage: Lineage, candidates: Iterable[str], apart_from: Marks) -> tuple[str, ...]:
    """One model for every root with nothing in common with the marks given, in order of id.

    It is the earliest by id of those that are candidates, so no score has a say in who stands for a root.
    Models whose root or maker is unknown stand for none.
    """
    found: dict[str, str] = {}
    for model in sorted(candidates):
        root = lineage.known_root(model)
        if root is not None and root not in found and lineage.marks(model).isdisjoint(apart_from):
            found[root] = model
    return tuple(sorted(found.values()))

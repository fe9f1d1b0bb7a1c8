"""Which models are documented to be related, and who may stand for an independent root."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Marks = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Lineage:
    """What is documented of where models come from, by model id.

    ValueError where a model's base model has another root, or where base models go round in a circle.
    """

    roots: Mapping[str, str | None]  # the independent training run; None: unknown
    makers: Mapping[str, str]
    base_models: Mapping[str, str | None]  # the parent that the maker states; None: none is stated
    uncounted: frozenset[str] = frozenset()  # whose measurement may enter no null; what is documented of them stays

    def __post_init__(self) -> None:
        for model in sorted({*self.roots, *self.base_models}):
            known = {root: name for name in self.line(model) if (root := self.roots.get(name)) is not None}
            if len(known) > 1:
                told = ", ".join(f"{name!r} has the root {root!r}" for root, name in sorted(known.items()))
                raise ValueError(f"the lineage of {model!r} contradicts itself: {told}")

    def line(self, model: str) -> Iterator[str]:
        """A model and its documented ancestors, youngest first; ValueError on a circle."""
        seen: set[str] = set()
        name: str | None = model
        while name is not None:
            if name in seen:
                raise ValueError(f"the base models of {model!r} go round in a circle at {name!r}")
            seen.add(name)
            yield name
            name = self.base_models.get(name)

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
        """The root of a model that may enter a null: both its root and its maker are known, and it is not uncounted."""
        return self.roots.get(model) if model in self.makers and model not in self.uncounted else None


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

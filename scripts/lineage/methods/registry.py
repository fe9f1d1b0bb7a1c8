"""Every method of this site, once: pages, comparisons, heat maps, the API, the menu and the checks ask here.

A method is a value of class Method in a module of this folder. Whoever adds a module adds its methods.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

import lineage.methods
from lineage.methods.method import Kind, Method, Screening


def _methods() -> Iterator[Method]:
    """The methods of every module of this folder, this one left out."""
    for module in iter_modules(lineage.methods.__path__, "lineage.methods."):
        if module.name != __name__:
            yield from (value for value in vars(import_module(module.name)).values() if isinstance(value, Method))


def _in_order(method: Method) -> tuple[int, int, str]:
    return list(Kind).index(method.kind), method.order, method.id


METHODS: Mapping[str, Method] = {method.id: method for method in sorted(_methods(), key=_in_order)}
SCREENINGS: Mapping[str, Screening] = {name: one for name, one in METHODS.items() if isinstance(one, Screening)}
EXACT_TESTS: Mapping[str, Method] = {name: one for name, one in METHODS.items() if one.kind == Kind.EXACT}
# Those that give two models a number: what stands in data/derived/scores.csv.
SCORED: Mapping[str, Method] = {name: one for name, one in METHODS.items() if one.kind != Kind.DESCRIPTION}


def method_of(method_id: str) -> Method:
    """The method of that id; ValueError, which names all there are, where there is none."""
    if method_id not in METHODS:
        raise ValueError(f"no method is called {method_id!r}; the methods are {', '.join(METHODS)}")
    return METHODS[method_id]

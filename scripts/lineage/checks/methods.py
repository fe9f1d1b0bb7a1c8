"""Rules about the methods of this site: what each must have beside its code before a page can be built."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from lineage.methods.registry import METHODS
from lineage.records import MethodParameters, Problem, method_slug

TEMPLATES = Path("scripts", "lineage", "site", "templates", "methods")


def check_methods(root: Path, parameters: Mapping[str, MethodParameters]) -> Iterator[Problem]:
    """A problem for each method of the code without its page's words under a root, or without its parameters.

    A record that holds no parameters of any method is that of a fork which begins anew, and lacks none.
    """
    for method in METHODS:
        template = TEMPLATES / f"{method}.md.j2"
        if not (root / template).is_file():
            words = f"is missing: the words of the page of the method {method}"
            yield Problem(template.as_posix(), f"{words}; residual_norms.md.j2 beside it is an example")
        if parameters and method not in parameters:
            record = f"parameters/{method_slug(method)}.toml"
            yield Problem(record, f"is missing: what the method {method} was given, and since when it stands")

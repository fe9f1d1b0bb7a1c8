"""How many local names of the code are no noun of its field: a figure for readers of a change, and no gate.

Counted are arguments and variables of functions, each once a function. `one` and `found` may stand in a comprehension
of one line, where the whole life of the name is in sight.
"""

import argparse
import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

WEAK = frozenset({"found", "kept", "one", "other", "part", "place"})
FREE_IN_A_LINE = frozenset({"found", "one"})
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, without what stands in the functions inside it."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, SCOPES):
            yield from _own_nodes(node)


def local_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[frozenset[str], frozenset[str]]:
    """The local names of a function, and those of them that are no noun and have no leave to stand."""
    own = tuple(_own_nodes(function))
    short = {
        id(name)
        for node in own
        if isinstance(node, COMPREHENSIONS) and node.lineno == node.end_lineno
        for generator in node.generators
        for name in ast.walk(generator.target)
    }
    stored = [node for node in own if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    free = {node.id for node in stored if id(node) in short} & FREE_IN_A_LINE
    bound = {node.id for node in stored if id(node) not in short} | {
        node.arg for node in own if isinstance(node, ast.arg)
    }
    return frozenset(bound | {node.id for node in stored}), frozenset(bound & WEAK | (free & bound))


def names_by_file(folder: Path) -> Iterator[tuple[Path, Counter[str], Counter[str]]]:
    """Every Python file of a folder with its local names and its weak ones, each counted once a function."""
    for path in sorted(folder.rglob("*.py")):
        every, weak = Counter[str](), Counter[str]()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, SCOPES):
                names, bad = local_names(node)
                every.update(names)
                weak.update(bad)
        yield path, every, weak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parents[1] / "scripts")
    parser.add_argument("--files", action="store_true", help="also each file that has some")
    options = parser.parse_args()
    files = list(names_by_file(options.folder))
    every, weak = (sum((counts[at] for counts in files), Counter[str]()) for at in (1, 2))
    share = 100 * weak.total() / max(1, every.total())
    print(f"local names: {weak.total()} of {every.total()} ({share:.1f} %) are no noun: {dict(weak.most_common())}")
    if options.files:
        for path, _, bad in sorted(files, key=lambda counts: -counts[2].total()):
            if bad:
                print(f"{bad.total():4} {path.relative_to(options.folder)} {dict(bad.most_common())}")


if __name__ == "__main__":
    main()

"""Rules about designs: every name in one names something that it holds, and each once."""

from collections.abc import Iterable, Iterator

from lineage.records import Design, Problem


def check_design(design: Design) -> Iterator[Problem]:
    """A problem for each thing in a design that contradicts the rest of it."""
    for message in _messages(design):
        yield Problem(design.path, message)


def _messages(design: Design) -> Iterator[str]:
    factors, recipes, cells, questions = (
        [entry.id for entry in entries] for entries in (design.factors, design.recipes, design.cells, design.questions)
    )
    for kind, ids in (("factor", factors), ("recipe", recipes), ("cell", cells), ("question", questions)):
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            yield f"the {kind} {name!r} is given {ids.count(name)} times"
    for recipe in design.recipes:
        yield from _unknown(f"recipe {recipe.id!r}", "factor", recipe.high, factors)
    for cell in design.cells:
        yield from _unknown(f"cell {cell.id!r}", "recipe", cell.recipes, recipes)
        yield from _unknown(f"cell {cell.id!r}", "factor", cell.flipped, factors)
        yield from _unknown(f"cell {cell.id!r}", "cell", [cell.parents] if cell.parents else [], cells)
    for stage_number, stage in enumerate(design.stages, 1):
        yield from _unknown(f"stage {stage_number}", "cell", [stage.cell], cells)
        if stage.seeds[0] > stage.seeds[1]:
            yield f"stage {stage_number}: has seeds {list(stage.seeds)}; write the smaller first"
    for question in design.questions:
        yield from _unknown(f"question {question.id!r}", "cell", question.cells, cells)
    if list(design.snapshots) != sorted(set(design.snapshots)) or design.snapshots[-1] != 1:
        yield "snapshots: write rising shares that end with 1.0"


def _unknown(where: str, kind: str, names: Iterable[str], names_there: list[str]) -> Iterator[str]:
    for name in names:
        if name not in names_there:
            yield f"{where}: no {kind} is called {name!r}; there are {', '.join(names_there)}"

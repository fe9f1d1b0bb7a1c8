"""The numbers of the experiment by design that pages print in sentences, for the cell of a disputed depth."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from lineage.evidence.experiment.runs import DISPUTED, MEAN
from lineage.evidence.experiment.spread import last_children
from lineage.records.designs import Cell, Design

DESIGN, SCORES = "factorial", "factorial-scores.csv"
RANGES, CHILDREN = "factorial-ranges.csv", "factorial-children.csv"
DIFFERENCES = "factorial-differences.csv"
REJECTIONS = "factorial-rejections.csv"
OF_CHILDREN = ("hidden units", "residual dimensions")  # the exact tests that sentences name
Fact = tuple[str, float, str]  # its name, its value, and what it is


def experiment_facts(
    tables: Mapping[str, pd.DataFrame], design: Design, layers: int | None
) -> Iterator[tuple[str, Iterator[Fact]]]:
    """Each derived table of the experiment with the facts of it, for dense models of so many layers; none without."""
    cell = dense_cell(design, layers)
    if cell is None:
        return
    yield f"derived/{SCORES}", _training_facts(tables[SCORES], cell)
    yield f"derived/{RANGES}", _range_facts(tables[RANGES], cell)
    cells: dict[str, Cell | None] = {
        "wider": wide_cell(tables[DIFFERENCES], design),
        "longer": long_cell(tables[DIFFERENCES], design, cell.steps),
    }
    cells["highest"] = highest_cell(tables[RANGES], design, [cell, *cells.values()])
    for name, named_cell in cells.items():
        if named_cell is not None:
            yield f"derived/{RANGES}", _pair_facts(tables[RANGES], named_cell, f"experiment.{name}")
    if any(mixture_cell.parents == cell.id for mixture_cell in design.cells):
        yield f"derived/{CHILDREN}", _children_facts(tables[CHILDREN])
        if REJECTIONS in tables:
            yield f"derived/{REJECTIONS}", _rejection_facts(tables[REJECTIONS])


def dense_cell(design: Design, layers: int | None) -> Cell | None:
    """The first cell of dense models of so many layers that a design names, or None."""
    return next((cell for cell in design.cells if cell.layers == layers and not cell.experts), None)


def _training_facts(scores: pd.DataFrame, cell: Cell) -> Iterator[Fact]:
    """How many models of a cell were trained, and how; none where no two of them are on record."""
    last = scores[(scores["cell"] == cell.id) & (scores["step"] == cell.steps)]
    if last.empty:
        return
    yield "experiment.runs", last["runs"].max(), f"models of {cell.layers} layers trained for the factorial experiment"
    yield "experiment.planned", last["planned"].max(), "models of that kind that its design plans"
    yield "experiment.width", cell.width, "width of these models"
    yield "experiment.steps", cell.steps, "steps of their training"


def _range_facts(ranges: pd.DataFrame, cell: Cell) -> Iterator[Fact]:
    """What pairs of the trained models of a cell score, by one recipe and by two."""
    for row in ranges[ranges["cell"] == cell.id].to_dict("records"):
        name, label = str(row["pairs"]).replace(" ", "_"), f"pairs of these models by {row['pairs']}"
        yield f"experiment.{name}_pairs", row["count"], label
        yield f"experiment.{name}_lowest", row["smallest"], f"lowest score of {label}"
        yield f"experiment.{name}_highest", row["largest"], f"highest score of {label}"
        yield f"experiment.{name}_reaching", row["reaching"], f"of {label}, those that reach {DISPUTED}"
        yield f"experiment.{name}_separate", row["separate"], f"of {label}, those that share no run, in order of name"
        reach = f"of the 95 % interval for the share of {label} that reach {DISPUTED}, in per cent"
        yield f"experiment.{name}_share_low", 100 * row["low"], f"lower end {reach}"
        yield f"experiment.{name}_share_high", 100 * row["high"], f"upper end {reach}"


def wide_cell(differences: pd.DataFrame, design: Design) -> Cell | None:
    """The cell of wider models at the greatest depth at which it is known how they differ from others, or None."""
    known_cells = _answered(differences, "width")
    return max((cell for cell in design.cells if cell.id in known_cells), key=lambda cell: cell.layers, default=None)


def long_cell(differences: pd.DataFrame, design: Design, steps: int) -> Cell | None:
    """The cell of the longest training, and more than so many steps, of which it is known how that moves scores."""
    known_cells = _answered(differences, "training")
    longer = (cell for cell in design.cells if cell.id in known_cells and cell.steps > steps)
    return max(longer, key=lambda cell: (cell.steps, cell.layers), default=None)


def highest_cell(ranges: pd.DataFrame, design: Design, others: Sequence[Cell | None]) -> Cell | None:
    """The cell of which two independent models score highest, apart from others; None where there is none."""
    other_ids = {cell.id for cell in others if cell is not None}
    highest = ranges.groupby("cell")["largest"].max()
    cells = [cell for cell in design.cells if cell.id in highest.index and cell.id not in other_ids]
    return max(cells, key=lambda cell: float(highest[cell.id]), default=None)


def _answered(differences: pd.DataFrame, question: str) -> set[str]:
    """The cells for which a question has an answer with an interval, both for pairs by one recipe and by two."""
    rows = differences[(differences["question"] == question) & (differences["part"] == MEAN)]
    kinds = rows[rows["low"].notna()].groupby("of")["pairs"].nunique()
    return set(kinds.index[kinds > 1])


def _pair_facts(ranges: pd.DataFrame, cell: Cell, name: str) -> Iterator[Fact]:
    """How the models of a cell were made, and what single pairs of them score, by one recipe or by two."""
    rows = ranges[ranges["cell"] == cell.id]
    if rows.empty:
        return
    of = f"models of {cell.layers} layers, {cell.width} wide, after {cell.steps} steps"
    yield f"{name}_layers", cell.layers, f"layers of {of}"
    yield f"{name}_width", cell.width, f"width of {of}"
    yield f"{name}_steps", cell.steps, f"steps of training of {of}"
    yield f"{name}_recipes", len(cell.recipes), f"recipes by which {of} were trained"
    label = f"pairs of {of}, by one recipe or two"
    yield f"{name}_pairs", rows["count"].sum(), label
    yield f"{name}_lowest", rows["smallest"].min(), f"lowest score of {label}"
    yield f"{name}_highest", rows["largest"].max(), f"highest score of {label}"
    yield f"{name}_reaching", rows["reaching"].sum(), f"of {label}, those that reach {DISPUTED}"
    yield f"{name}_separate", rows["separate"].min(), f"of {label}, the fewest of either kind that share no run"
    reach = f"of the 95 % interval for the share of {label}, of either kind, that reach {DISPUTED}, in per cent"
    yield f"{name}_share_high", 100 * rows["high"].max(), f"upper end {reach}"


def _rejection_facts(rejections: pd.DataFrame) -> Iterator[Fact]:
    """How many children with their parents, at their last step, each of OF_CHILDREN rejects, of how many it could."""
    children = rejections[(rejections["pairs"] == "child and parent") & (rejections["able"] > 0)]
    for test in OF_CHILDREN:
        rows = children[children["test"] == test]
        for row in rows[rows["step"] == children["step"].max()].to_dict("records"):
            name = f"experiment.children_{test.replace(' ', '_')}"
            yield name, row["able"], f"of these children, those that the exact test of {test} could reject"
            yield f"{name}_rejected", row["rejected"], "of these, those that it rejects at .01 with their parents"


def _children_facts(children: pd.DataFrame) -> Iterator[Fact]:
    """What mixtures of experts that were made here of such models score with their parents when training ends."""
    last = last_children(children)
    if last.empty:
        return
    yield "experiment.children", len(last), "mixtures of experts made here of such models and trained on"
    yield "experiment.children_lowest", last["score"].min(), "lowest score of such a child with its parent at the end"
    yield "experiment.children_highest", last["score"].max(), "highest score of such a child with its parent at the end"
    reaching = int((last["score"] >= DISPUTED).sum())
    yield "experiment.children_reaching", reaching, f"of these children, those that reach {DISPUTED}"
    for recipe, recipe_rows in last.groupby("recipe"):
        label = f"of these children, those of parents of recipe {recipe}"
        yield f"experiment.children_{recipe}", len(recipe_rows), label
        reaching = int((recipe_rows["score"] >= DISPUTED).sum())
        yield f"experiment.children_{recipe}_reaching", reaching, f"{label} that reach {DISPUTED}"

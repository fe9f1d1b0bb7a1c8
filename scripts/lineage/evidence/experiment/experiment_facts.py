"""The numbers of the experiment by design that pages print in sentences, for the cell of a disputed depth."""

from collections.abc import Iterator, Mapping

import pandas as pd

from lineage.evidence.experiment.runs import DISPUTED, MEAN
from lineage.evidence.experiment.spread import last_children
from lineage.records.designs import Cell, Design

DESIGN, SCORES = "factorial", "factorial-scores.csv"
RANGES, CHILDREN = "factorial-ranges.csv", "factorial-children.csv"
DIFFERENCES = "factorial-differences.csv"
Fact = tuple[str, float, str]  # its name, its value, and what it is


def experiment_facts(
    derived: Mapping[str, pd.DataFrame], design: Design, layers: int | None
) -> Iterator[tuple[str, Iterator[Fact]]]:
    """Each derived table of the experiment with the facts of it, for dense models of so many layers; none without."""
    cell = dense_cell(design, layers)
    if cell is None:
        return
    yield f"derived/{SCORES}", _training_facts(derived[SCORES], cell)
    yield f"derived/{RANGES}", _range_facts(derived[RANGES], cell)
    others = {
        "wider": wide_cell(derived[DIFFERENCES], design),
        "longer": long_cell(derived[DIFFERENCES], design, cell.steps),
    }
    for name, own in others.items():
        if own is not None:
            yield f"derived/{RANGES}", _pair_facts(derived[RANGES], own, f"experiment.{name}")
    if any(own.parents == cell.id for own in design.cells):
        yield f"derived/{CHILDREN}", _children_facts(derived[CHILDREN])


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
        name, said = str(row["pairs"]).replace(" ", "_"), f"pairs of these models by {row['pairs']}"
        yield f"experiment.{name}_pairs", row["count"], said
        yield f"experiment.{name}_lowest", row["smallest"], f"lowest score of {said}"
        yield f"experiment.{name}_highest", row["largest"], f"highest score of {said}"
        yield f"experiment.{name}_reaching", row["reaching"], f"of {said}, those that reach {DISPUTED}"
        yield f"experiment.{name}_separate", row["separate"], f"of {said}, those that share no run, in order of name"
        reach = f"of the 95 % interval for the share of {said} that reach {DISPUTED}, in per cent"
        yield f"experiment.{name}_share_low", 100 * row["low"], f"lower end {reach}"
        yield f"experiment.{name}_share_high", 100 * row["high"], f"upper end {reach}"


def wide_cell(differences: pd.DataFrame, design: Design) -> Cell | None:
    """The cell of wider models at the greatest depth at which it is known how they differ from others, or None."""
    answered = _answered(differences, "width")
    return max((cell for cell in design.cells if cell.id in answered), key=lambda cell: cell.layers, default=None)


def long_cell(differences: pd.DataFrame, design: Design, steps: int) -> Cell | None:
    """The cell of the longest training, and more than so many steps, of which it is known how that moves scores."""
    answered = _answered(differences, "training")
    longer = (cell for cell in design.cells if cell.id in answered and cell.steps > steps)
    return max(longer, key=lambda cell: (cell.steps, cell.layers), default=None)


def _answered(differences: pd.DataFrame, question: str) -> set[str]:
    """The cells for which a question has an answer with an interval, both for pairs by one recipe and by two."""
    rows = differences[(differences["question"] == question) & (differences["part"] == MEAN)]
    kinds = rows[rows["low"].notna()].groupby("of")["pairs"].nunique()
    return set(kinds.index[kinds > 1])


def _pair_facts(ranges: pd.DataFrame, cell: Cell, name: str) -> Iterator[Fact]:
    """How the models of a cell were made, and what single pairs of them score, by one recipe or by two."""
    own = ranges[ranges["cell"] == cell.id]
    if own.empty:
        return
    of = f"models of {cell.layers} layers, {cell.width} wide, after {cell.steps} steps"
    yield f"{name}_layers", cell.layers, f"layers of {of}"
    yield f"{name}_width", cell.width, f"width of {of}"
    yield f"{name}_steps", cell.steps, f"steps of training of {of}"
    yield f"{name}_recipes", len(cell.recipes), f"recipes by which {of} were trained"
    said = f"pairs of {of}, by one recipe or two"
    yield f"{name}_pairs", own["count"].sum(), said
    yield f"{name}_lowest", own["smallest"].min(), f"lowest score of {said}"
    yield f"{name}_highest", own["largest"].max(), f"highest score of {said}"
    yield f"{name}_reaching", own["reaching"].sum(), f"of {said}, those that reach {DISPUTED}"
    yield f"{name}_separate", own["separate"].min(), f"of {said}, the fewest of either kind that share no run"
    reach = f"of the 95 % interval for the share of {said}, of either kind, that reach {DISPUTED}, in per cent"
    yield f"{name}_share_high", 100 * own["high"].max(), f"upper end {reach}"


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
    for recipe, own in last.groupby("recipe"):
        said = f"of these children, those of parents of recipe {recipe}"
        yield f"experiment.children_{recipe}", len(own), said
        reaching = int((own["score"] >= DISPUTED).sum())
        yield f"experiment.children_{recipe}_reaching", reaching, f"{said} that reach {DISPUTED}"

"""Lanes of the models trained here by design, of the depth in dispute: independent pairs, and upcycled children."""

from collections.abc import Iterator

import pandas as pd

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.case_figures import DrawnCase, shape_of
from lineage.evidence.experiment.experiment_facts import dense_cell
from lineage.evidence.experiment.spread import last_children
from lineage.evidence.experiment.tables import DESIGN
from lineage.methods.std_profile import STD_PROFILE
from lineage.records import Dataset
from lineage.records.designs import Cell, Design
from lineage.site.blocks.strips import Lane
from lineage.site.languages import Language
from lineage.site.pages.case_facts import facts_of
from lineage.site.templating import grouped, score


def trained_lanes(drawing: DrawnCase, dataset: Dataset, language: Language) -> Iterator[Lane]:
    """Lanes of pairs by two recipes, of pairs by one, and of children with parents; none without a finished pair."""
    facts, design = facts_of(drawing.case.id, dataset), dataset.designs.get(DESIGN)
    spread = dataset.derived.get("factorial-spread.csv")
    if design is None or spread is None or drawing.sources.method != STD_PROFILE.id or "experiment.runs" not in facts:
        return
    layers = (shape_of(drawing.disputed.model_a, dataset) or (None, None))[0]
    cell = dense_cell(design, layers)
    if cell is None:
        return
    for pairs in (TWO, ONE):
        if f"experiment.{pairs.replace(' ', '_')}_pairs" in facts:
            yield _pairs_lane(cell, pairs, spread, facts, language)
    children = dataset.derived.get("factorial-children.csv")
    if children is not None and "experiment.children" in facts:
        yield _children_lane(cell, children, drawing.disputed.value, design, language)


def _pairs_lane(cell: Cell, pairs: str, spread: pd.DataFrame, facts: dict[str, float], language: Language) -> Lane:
    """The pairs of a kind, as heaps."""
    say = language.say
    rows = spread[(spread["cell"] == cell.id) & (spread["pairs"] == pairs)]
    numbers = {
        end: facts[f"experiment.{pairs.replace(' ', '_')}_{end}"]
        for end in ("pairs", "lowest", "highest", "reaching", "separate", "share_low", "share_high")
    }
    title = (
        say(
            "Trained here, %(layers)s layers, of different recipes: %(pairs)s pairs",
            layers=cell.layers,
            pairs=_whole(numbers),
        )
        if pairs == TWO
        else say(
            "Trained here, %(layers)s layers, of one recipe: %(pairs)s pairs", layers=cell.layers, pairs=_whole(numbers)
        )
    )
    sentences = [
        say(
            "Independent small models, %(width)s wide, %(steps)s steps; of %(planned)s planned, %(runs)s are finished.",
            width=grouped(facts["experiment.width"]),
            steps=grouped(facts["experiment.steps"]),
            runs=grouped(facts["experiment.runs"]),
            planned=grouped(facts["experiment.planned"]),
        ),
        say(
            "From %(lowest)s to %(highest)s; %(reaching)s lie at or right of the line. %(separate)s of the pairs share "
            "no run: %(low)s to %(high)s\u00a0%% of such pairs might (95\u00a0%% interval).",
            separate=grouped(numbers["separate"]),
            low=grouped(numbers["share_low"]),
            high=grouped(numbers["share_high"]),
            lowest=score(numbers["lowest"], 2),
            highest=score(numbers["highest"], 2),
            reaching=grouped(numbers["reaching"]),
        ),
        say("The higher a bar, the more pairs."),
    ]
    return Lane(
        title=title,
        note=language.joined(sentences if pairs == TWO else sentences[1:]),
        values=(),
        strong=(),
        kind="aside",
        heaps=[(float(row["from"]), float(row["to"]), int(row["count"])) for row in rows.to_dict("records")],
    )


def _by_recipe(last: pd.DataFrame, disputed: float, language: Language) -> str:
    """For each recipe, how many of its children reach the line."""
    counts = [
        language.say(
            "%(reaching)s of %(children)s by recipe %(recipe)s",
            reaching=int((children["score"] >= disputed).sum()),
            children=len(children),
            recipe=recipe,
        )
        for recipe, children in last.groupby("recipe")
    ]
    return language.say(", ").join(counts)


def _whole(numbers: dict[str, float]) -> str:
    return grouped(numbers["pairs"])


def _unlike(recipes: list[str], design: Design, language: Language) -> Iterator[str]:
    """A sentence: in how many of the ways that a design varies two recipes differ; none of one recipe, or of more."""
    high = {recipe.id: {*recipe.high} for recipe in design.recipes}
    if len(recipes) == 2 and {*recipes} <= {*high}:
        yield language.say(
            "The recipes %(one)s and %(other)s differ in %(unlike)s of the %(ways)s ways in which training is varied.",
            one=recipes[0],
            other=recipes[1],
            unlike=len(high[recipes[0]] ^ high[recipes[1]]),
            ways=len(design.factors),
        )


def _children_lane(cell: Cell, children: pd.DataFrame, disputed: float, design: Design, language: Language) -> Lane:
    """What upcycled children score with their parents at the end of their training."""
    say = language.say
    last = last_children(children)
    return Lane(
        title=say(
            "Derived here: %(count)s mixtures made of dense models of %(layers)s layers",
            count=len(last),
            layers=cell.layers,
        ),
        note=language.joined(
            [
                say(
                    "Each with its parent, after %(steps)s more steps of training on another text, with another "
                    "tokenizer.",
                    steps=grouped(int(last["step"].iloc[0])),
                ),
                say("At or right of the line lie %(listed)s.", listed=_by_recipe(last, disputed, language)),
                *_unlike(sorted({*last["recipe"]}), design, language),
            ]
        ),
        values=last["score"].tolist(),
        strong=[False] * len(last),
        kind="derived",
        names=[f"{child} / {parent}" for child, parent in zip(last["child"], last["parent"], strict=True)],
    )

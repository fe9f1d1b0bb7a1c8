"""The charts of the experiment by design: scores by depth and by training, effects of factors, and children."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from experiments.factorial.plan import ONE, TWO
from lineage.evidence.experiment.runs import DEPTHS, DISPUTED, MEAN
from lineage.records import Dataset, Design
from lineage.site.blocks.charts import Chart, Mark
from lineage.site.blocks.intervals import Estimate, EstimateGroup, interval_chart
from lineage.site.blocks.tables import NONE
from lineage.site.languages import Language, words
from lineage.site.templating import grouped, score

Row = Mapping[Any, Any]
FACTORS = {
    "init": words("How initial weights are drawn"),
    "optimisation": words("Rate, schedule, batch, window"),
    "text": words("Text"),
    "tokenizer": words("Tokenizer"),
    "qkv-bias": words("Bias on Q, K and V"),
    "norms": words("Norms behind each part"),
    "weight-decay": words("Weight decay"),
}
_PAIRS = {ONE: words("Two runs of one recipe"), TWO: words("Two runs of two recipes")}
_OTHERS = {
    "other runs of its recipe": words("With the other parents of that recipe"),
    "mixtures from scratch": words("With mixtures from scratch by the child's recipe"),
}
_TRAINED = ("long-48", "long-12", "dense-48")  # the longest runs first, then the deepest
_HOW = words(
    "A dot is the mean over recipes of the mean over pairs; the line its 95\u00a0%% interval, for which a run is "
    "what was drawn; the grey bar the lowest and the highest recipe, or pair of recipes. "
    "A ring has too few runs for an interval."
)


def rows_of(dataset: Dataset, name: str, **wanted: object) -> pd.DataFrame:
    """The rows of a derived table of the experiment with these values in their columns; empty without the table."""
    table = dataset.derived.get(f"factorial-{name}.csv", pd.DataFrame())
    for column, value in wanted.items():
        table = table[table[column] == value] if len(table) else table
    return table


def number_in(cell: Any) -> float | None:
    """The number of a cell; None where it is empty."""
    return None if cell is None or pd.isna(cell) else float(cell)


def mean_words(row: Row, language: Language) -> str:
    """A mean with its interval: "0.35 (0.30 to 0.40)"; it says so where there is no interval."""
    value, low, high = (number_in(row[name]) for name in ("value", "low", "high"))
    mean = score(value, 2)
    if low is None or high is None:
        return language.say("%(value)s (no interval yet)", value=mean)
    return language.say("%(value)s (%(low)s to %(high)s)", value=mean, low=score(low, 2), high=score(high, 2))


def depth_chart(dataset: Dataset, design: Design, language: Language) -> Chart | None:
    """The score of independent pairs at every finished depth, by one recipe and by two."""
    ends = {cell.id: (cell.layers, cell.steps) for cell in design.cells}
    finished = [cell for cell in DEPTHS if len(rows_of(dataset, "ranges", cell=cell))]
    settings = [(ends[cell][0], {"cell": cell, "step": ends[cell][1]}) for cell in finished]
    question = (
        language.say("Do independent models of many layers score as high as those of few?")
        if len(settings) > 1
        else language.say("What do independent models of %(layers)s layers score?", layers=settings[0][0])
        if settings
        else ""
    )
    return _scores_chart("experiment-depth", question, settings, words("%(count)s layers"), dataset, language)


def training_chart(dataset: Dataset, design: Design, language: Language) -> Chart | None:
    """The score over the course of training, of the longest finished runs, else of the deepest."""
    cell = next((cell for cell in _TRAINED if len(rows_of(dataset, "scores", cell=cell))), None)
    layers = next((design_cell.layers for design_cell in design.cells if design_cell.id == cell), 0)
    steps = sorted(set(rows_of(dataset, "scores", cell=cell)["step"].tolist())) if cell else []
    question = language.say(
        "Does the score of independent models of %(layers)s layers rise with training?", layers=layers
    )
    settings = [(step, {"cell": cell, "step": step}) for step in steps]
    return _scores_chart("experiment-training", question, settings, words("after %(count)s steps"), dataset, language)


def effects_cell(dataset: Dataset) -> str | None:
    """The deepest cell for which the effects of factors are known, or None."""
    return next((cell for cell in reversed(DEPTHS) if len(rows_of(dataset, "effects", cell=cell))), None)


def effects_chart(dataset: Dataset, language: Language) -> Chart | None:
    """How the mean score changes when two models differ in one factor, at the deepest finished depth."""
    cell = effects_cell(dataset)
    if cell is None:
        return None
    rows = rows_of(dataset, "effects", cell=cell, part=MEAN).to_dict("records")
    group = EstimateGroup(
        language.say("Two recipes that differ in ..."),
        language.say("%(layers)s layers, %(runs)s runs", layers=cell.rpartition("-")[2], runs=rows[0]["runs"]),
        "independent",
        [_estimate(language.say(FACTORS.get(row["factor"], row["factor"])), row) for row in rows],
    )
    question = language.say("Which part of a recipe makes the score?")
    how = language.say(
        "How much lower or higher two runs score on average if their recipes differ in this, by least squares "
        "on the means of pairs of recipes, with a 95\u00a0%% interval. 0: no difference."
    )
    return _chart("experiment-factors", question, [group], how, "effects", language, None)


def upcycling_chart(dataset: Dataset, language: Language) -> Chart | None:
    """The scores of upcycled mixtures over further training, by recipe: with their own parents, and with others.

    The children of one recipe and those of another may score far apart, and so few recipes have no mean.
    """
    groups = [*_own_parents(rows_of(dataset, "children"), language)]
    for partners, title in _OTHERS.items():
        rows = rows_of(dataset, "upcycling", part=MEAN, other=partners).to_dict("records")
        estimates = [_estimate(language.say("after %(count)s steps", count=grouped(row["step"])), row) for row in rows]
        groups.append(EstimateGroup(language.say(title), "", "independent", estimates))
    question = language.say("Does a mixture of experts that was made of a dense model still score high with it?")
    how = language.say(
        "With its own parent: a ring is the mean over the children of a recipe, the grey bar the lowest and the "
        "highest of them. With others: a dot is the mean over children, the line its 95\u00a0%% interval."
    )
    return _chart("experiment-upcycling", question, groups, how, "upcycling", language, DISPUTED, "children")


def _own_parents(children: pd.DataFrame, language: Language) -> Iterator[EstimateGroup]:
    """By recipe, the scores of children with their own parents after each number of steps."""
    for recipe, siblings in children.groupby("recipe") if len(children) else ():
        estimates = [
            Estimate(
                language.say("after %(count)s steps", count=grouped(float(str(step)))),
                float(scores.mean()),
                None,
                None,
                float(scores.min()),
                float(scores.max()),
            )
            for step, scores in siblings.groupby("step")["score"]
        ]
        yield EstimateGroup(
            language.say("With its own parent, of recipe %(recipe)s", recipe=recipe),
            language.say("%(count)s children", count=siblings["child"].nunique()),
            "derived",
            estimates,
        )


def _scores_chart(
    name: str,
    question: str,
    settings: Sequence[tuple[int, Mapping[str, object]]],
    label: str,
    dataset: Dataset,
    language: Language,
) -> Chart | None:
    """Mean scores by one recipe and by two at several settings, each with the number that its label names."""
    groups = [
        EstimateGroup(
            language.say(title),
            "",
            "independent",
            [
                _estimate(language.say(label, count=grouped(count)), row)
                for count, setting in settings
                for row in rows_of(dataset, "scores", pairs=pairs, part=MEAN, **setting).to_dict("records")
            ],
        )
        for pairs, title in _PAIRS.items()
    ]
    return _chart(name, question, groups, language.say(_HOW), "scores", language, DISPUTED)


def _chart(
    name: str,
    question: str,
    groups: Sequence[EstimateGroup],
    how: str,
    table: str,
    language: Language,
    line: float | None,
    *more_tables: str,
) -> Chart | None:
    """A chart of estimates from derived tables, with a line at a score; None where every group is empty."""
    filled_groups = [group for group in groups if group.estimates]
    if not filled_groups:
        return None
    mark = None if line is None else Mark(line, score(line), language.say("the score in dispute"))
    return interval_chart(
        name,
        question,
        _described(filled_groups, language),
        filled_groups,
        how,
        mark,
        scores=mark is not None,
        none=language.say(NONE),
    ).made_from(*(f"derived/factorial-{stem}.csv" for stem in (table, *more_tables)))


def _described(groups: Sequence[EstimateGroup], language: Language) -> str:
    """Every estimate of a chart in words, for readers who do not see it."""

    def estimate_words(estimate: Estimate) -> str:
        numbers = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
        return language.say("%(label)s: %(value)s", label=estimate.label, value=mean_words(numbers, language))

    between = language.say("; ")
    group_words = ((group.title, between.join(map(estimate_words, group.estimates))) for group in groups)
    return language.joined(
        language.say("%(title)s: %(listed)s.", title=title, listed=estimates) for title, estimates in group_words
    )


def _estimate(label: str, row: Row) -> Estimate:
    low, high, lowest, highest = (number_in(row.get(name)) for name in ("low", "high", "lowest", "highest"))
    return Estimate(label, float(row["value"]), low, high, lowest, highest)

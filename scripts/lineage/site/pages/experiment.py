"""The page of the experiment by design: what makes independent models score alike, and what upcycled children score."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.factorial.plan import ONE, TWO, planned_runs
from lineage.checks.designs import check_design
from lineage.evidence.factorial import DEPTHS, DISPUTED, PARTS
from lineage.evidence.factorial_tables import DESIGN
from lineage.records import Dataset, Design
from lineage.site.blocks.charts import Chart, Mark
from lineage.site.blocks.intervals import Estimate, EstimateGroup, interval_chart
from lineage.site.blocks.tables import NONE, TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped, score

Row = Mapping[Hashable, Any]
MEAN = PARTS[PARTS.index("mean")]
_KINDS = {ONE: (words("Two runs of one recipe"), "independent"), TWO: (words("Two runs of two recipes"), "independent")}
_FACTORS = {
    "init": words("Initial weights"),
    "optimisation": words("Rate, schedule, batch, window"),
    "text": words("Text"),
    "tokenizer": words("Tokenizer"),
    "qkv-bias": words("Bias on Q, K and V"),
    "norms": words("Norms behind each part"),
    "weight-decay": words("Weight decay"),
}
_OTHERS = {
    "parent": words("With its own parent"),
    "other runs of its recipe": words("With the other parents of that recipe"),
    "mixtures from scratch": words("With mixtures from scratch by the child's recipe"),
}
_TESTS = {
    "hidden units": words("hidden units"),
    "heads": words("heads"),
    "residual dimensions": words("residual dimensions"),
    "responses of hidden units": words("responses of hidden units"),
    "residual norms": words("residual norm profile"),
}
_PAIRS = {
    ONE: words("one recipe"),
    TWO: words("two recipes"),
    "dense and mixture": words("dense and mixture, independent"),
    "child and parent": words("child and parent"),
}


@dataclass(frozen=True)
class Spread:
    """What the pairs of a kind score, in the words of the page: their mean with its error, and single pairs."""

    mean: str
    pairs: int
    lowest: str
    highest: str
    reaching: int


class Tables:
    """The derived tables of the experiment that hold rows."""

    def __init__(self, dataset: Dataset) -> None:
        self._derived = dataset.derived

    def rows(self, name: str, **wanted: object) -> pd.DataFrame:
        """The rows of a table whose columns hold what is wanted; no row where there is no such table."""
        table = self._derived.get(f"factorial-{name}.csv", pd.DataFrame())
        for column, value in wanted.items():
            table = table[table[column] == value] if len(table) else table
        return table


def experiment_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The design, how far it has come, and what its finished runs answer."""
    writer = Writer(dataset, "experiment.md", language)
    design = dataset.designs.get(DESIGN)
    sound = design if design is not None and not any(check_design(design)) else None
    say, tables = language.say, Tables(dataset)
    finished = dataset.control_tables.get("factorial-runs.csv", pd.DataFrame({"run": []}))
    return writer.page(
        "experiment.md.j2",
        say("What makes independent models score alike?"),
        say("Small models trained here by a design that was committed before its results."),
        design=sound,
        finished=len(finished),
        planned=len(planned_runs(sound)) if sound else 0,
        spreads=_spreads(tables, sound, language) if sound else [],
        depth=_depth_chart(tables, sound, language) if sound else None,
        effects=_effects_chart(tables, language),
        effects_by_role=_effects_table(tables, language),
        training=_training_chart(tables, sound, language) if sound else None,
        upcycling=_upcycling_chart(tables, language),
        children=_children(tables),
        experts=_experts(tables, language),
        rejections=_rejections_table(tables, language),
        disputed=score(DISPUTED),
    )


def mean_words(row: Row, language: Language) -> str:
    """A mean with its interval: "0.35 (0.30 to 0.40)"; without one it says so."""
    value, low, high = (_number(row[name]) for name in ("value", "low", "high"))
    shown = score(value, 2)
    if low is None or high is None:
        return language.say("%(value)s (no interval yet)", value=shown)
    return language.say("%(value)s (%(low)s to %(high)s)", value=shown, low=score(low, 2), high=score(high, 2))


def _number(cell: Any) -> float | None:
    return None if cell is None or pd.isna(cell) else float(cell)


def _estimate(label: str, row: Row) -> Estimate:
    low, high, lowest, highest = (_number(row.get(name)) for name in ("low", "high", "lowest", "highest"))
    return Estimate(label, float(row["value"]), low, high, lowest, highest)


def _cells(tables: Tables, cell: str, step: int, pairs: str) -> list[dict[Hashable, Any]]:
    return tables.rows("scores", cell=cell, step=step, pairs=pairs, part=MEAN).to_dict("records")


def _spreads(tables: Tables, design: Design, language: Language) -> list[tuple[int, Mapping[str, Spread]]]:
    """For each depth with a finished pair, deepest first, what pairs of either kind score."""
    steps = {cell.id: (cell.layers, cell.steps) for cell in design.cells}
    listed: list[tuple[int, Mapping[str, Spread]]] = []
    for cell in reversed(DEPTHS):
        layers, step = steps[cell]
        kinds = {}
        for pairs in (ONE, TWO):
            means = _cells(tables, cell, step, pairs)
            ranges = tables.rows("ranges", cell=cell, pairs=pairs).to_dict("records")
            if means and ranges:
                (own,) = ranges
                kinds[pairs] = Spread(
                    mean_words(means[0], language),
                    int(own["count"]),
                    score(own["smallest"], 2),
                    score(own["largest"], 2),
                    int(own["reaching"]),
                )
        if kinds:
            listed.append((layers, kinds))
    return listed


def _line(language: Language) -> Mark:
    return Mark(DISPUTED, score(DISPUTED), language.say("the score in dispute"))


def _described(groups: Sequence[EstimateGroup], language: Language) -> str:
    """Every estimate of a chart in words, for those who do not see it."""
    parts = []
    for group in groups:
        listed = language.say("; ").join(
            language.say(
                "%(label)s: %(value)s",
                label=one.label,
                value=mean_words({"value": one.value, "low": one.low, "high": one.high}, language),
            )
            for one in group.estimates
        )
        parts.append(language.say("%(title)s: %(listed)s.", title=group.title, listed=listed))
    return language.joined(parts)


_HOW = words(
    "A dot is the mean over recipes of the mean over pairs; the line its 95\u00a0%% interval, for which a run is "
    "what was drawn; the grey bar the lowest and the highest recipe, or pair of recipes. "
    "A ring has too few runs for an interval."
)


def _depth_chart(tables: Tables, design: Design, language: Language) -> Chart | None:
    """The score of independent pairs by depth, of one recipe and of two."""
    steps = {cell.id: (cell.layers, cell.steps) for cell in design.cells}

    def estimates(pairs: str) -> Iterator[Estimate]:
        for cell in DEPTHS:
            layers, step = steps[cell]
            label = language.say("%(layers)s layers", layers=layers)
            yield from (_estimate(label, row) for row in _cells(tables, cell, step, pairs))

    groups = _groups({pairs: list(estimates(pairs)) for pairs in (ONE, TWO)}, language)
    if not groups:
        return None
    return interval_chart(
        "experiment-depth",
        language.say("Do independent models of many layers score as high as those of few?"),
        _described(groups, language),
        groups,
        language.say(_HOW),
        _line(language),
        none=language.say(NONE),
    ).made_from("derived/factorial-scores.csv")


def _groups(estimates: Mapping[str, list[Estimate]], language: Language) -> list[EstimateGroup]:
    return [
        EstimateGroup(language.say(_KINDS[pairs][0]), "", _KINDS[pairs][1], own)
        for pairs, own in estimates.items()
        if own
    ]


def _effects_cell(tables: Tables) -> str | None:
    """The deepest cell of which the effects of factors are known, or None."""
    return next((cell for cell in reversed(DEPTHS) if len(tables.rows("effects", cell=cell))), None)


def _effects_chart(tables: Tables, language: Language) -> Chart | None:
    """What differing in one factor does to the mean score, at the deepest finished depth."""
    cell = _effects_cell(tables)
    if cell is None:
        return None
    rows = tables.rows("effects", cell=cell, part=MEAN).to_dict("records")
    group = EstimateGroup(
        language.say("Two recipes that differ in ..."),
        language.say("%(layers)s layers, %(runs)s runs", layers=cell.rpartition("-")[2], runs=rows[0]["runs"]),
        "independent",
        [_estimate(language.say(_FACTORS.get(row["factor"], row["factor"])), row) for row in rows],
    )
    return interval_chart(
        "experiment-factors",
        language.say("Which part of a recipe makes the score?"),
        _described([group], language),
        [group],
        language.say(
            "How much lower or higher two runs score on average if their recipes differ in this, by least squares "
            "on the means of pairs of recipes, with a 95\u00a0%% interval. 0: no difference."
        ),
        scores=False,
        none=language.say(NONE),
    ).made_from("derived/factorial-effects.csv")


def _effects_table(tables: Tables, language: Language) -> TableBlock | None:
    """The same by role, with what each factor explains of the differences between recipes."""
    cell = _effects_cell(tables)
    if cell is None:
        return None
    roles = [part for part in PARTS if part in ("q", "k", "v", "o")]
    found = tables.rows("effects", cell=cell)
    rows = []
    for factor in found["factor"].drop_duplicates():
        own = {row["part"]: row for row in found[found["factor"] == factor].to_dict("records")}
        share = own[MEAN]["share"]
        rows.append(
            (
                language.say(_FACTORS.get(factor, factor)),
                *(mean_words(own[role], language) for role in roles),
                f"{100 * share:.0f}\u00a0%",
            )
        )
    return TableBlock(
        "factors-by-role",
        language.say("The effect of differing in each factor, by role"),
        (
            language.say("Factor"),
            *(role.upper() for role in roles),
            language.say("Explains, of the differences in the mean"),
        ),
        (False,) * (len(roles) + 2),
        rows,
        origin=["derived/factorial-effects.csv"],
        keys=[f"{cell}|{factor}" for factor in found["factor"].drop_duplicates()],
        computed="ratios of logarithms",
    )


def _training_chart(tables: Tables, design: Design, language: Language) -> Chart | None:
    """The score by share of training: of the longest runs that are finished, else of the deepest."""
    order = ("long-48", "long-12", "dense-48")
    cell = next((cell for cell in order if len(tables.rows("scores", cell=cell))), None)
    if cell is None:
        return None
    layers = next(own.layers for own in design.cells if own.id == cell)
    steps = sorted(set(tables.rows("scores", cell=cell)["step"].tolist()))

    def estimates(pairs: str) -> Iterator[Estimate]:
        for step in steps:
            label = language.say("after %(steps)s steps", steps=grouped(step))
            yield from (_estimate(label, row) for row in _cells(tables, cell, step, pairs))

    groups = _groups({pairs: list(estimates(pairs)) for pairs in (ONE, TWO)}, language)
    return interval_chart(
        "experiment-training",
        language.say("Does the score of independent models of %(layers)s layers rise with training?", layers=layers),
        _described(groups, language),
        groups,
        language.say(_HOW),
        _line(language),
        none=language.say(NONE),
    ).made_from("derived/factorial-scores.csv")


def _upcycling_chart(tables: Tables, language: Language) -> Chart | None:
    """What mixtures made of dense models score as they are trained on."""
    found = tables.rows("upcycling", part=MEAN)
    groups = [
        EstimateGroup(
            language.say(said),
            "",
            "derived" if other == "parent" else "independent",
            [
                _estimate(language.say("after %(steps)s steps", steps=grouped(row["step"])), row)
                for row in found[found["other"] == other].to_dict("records")
            ],
        )
        for other, said in _OTHERS.items()
        if len(found) and (found["other"] == other).any()
    ]
    if not groups:
        return None
    return interval_chart(
        "experiment-upcycling",
        language.say("Does a mixture of experts that was made of a dense model still score high with it?"),
        _described(groups, language),
        groups,
        language.say("A dot is the mean over children; the line its 95\u00a0%% interval. A ring has too few children."),
        _line(language),
        none=language.say(NONE),
    ).made_from("derived/factorial-upcycling.csv")


def _children(tables: Tables) -> Mapping[str, object] | None:
    """Of the children at their end: how many, what they score with their parents, how many score highest there."""
    found = tables.rows("children")
    if not len(found):
        return None
    last = found[found["step"] == found["step"].max()]
    ranked = last[last["others"] > 0]
    return {
        "count": len(last),
        "steps": int(last["step"].iloc[0]),
        "lowest": score(last["score"].min(), 2),
        "highest": score(last["score"].max(), 2),
        "reaching": int((last["score"] >= DISPUTED).sum()),
        "ranked": len(ranked),
        "first": int((ranked["score"] > ranked["highest_other"]).sum()),
        "others": int(ranked["others"].min()) if len(ranked) else 0,
    }


def _experts(tables: Tables, language: Language) -> Mapping[str, str]:
    """What a dense model and a mixture that do not come from each other score, and how that differs from two dense."""
    found = tables.rows("differences", question="experts", part=MEAN)
    named = {"score": "", "difference": "dense-48"}
    rows = {str(row["less"]) if pd.notna(row["less"]) else "": row for row in found.to_dict("records")}
    return {name: mean_words(rows[less], language) for name, less in named.items() if less in rows}


def _rejections_table(tables: Tables, language: Language) -> TableBlock | None:
    """How often each exact test rejects, a row for every kind of pairs and step of the second run."""
    found = tables.rows("rejections")
    if not len(found):
        return None
    say, tests = language.say, [test for test in _TESTS if (found["test"] == test).any()]
    rows, keys = [], []
    for (cell, pairs, step), own in found.groupby(["cell", "pairs", "step"], sort=False):
        counted = {row["test"]: row for row in own.to_dict("records")}
        kind = say(_PAIRS.get(str(pairs), str(pairs)))
        rows.append(
            (
                say("%(cell)s: %(kind)s, after %(steps)s steps", cell=cell, kind=kind, steps=grouped(float(str(step)))),
                *(_share_words(counted.get(test), language) for test in tests),
            )
        )
        keys.append(f"{cell}|{pairs}|{step}")
    return TableBlock(
        "rejections",
        say("How often exact tests reject at .01, of the pairs that they could, with 95\u00a0%% intervals"),
        (say("Pairs"), *(say(_TESTS[test]) for test in tests)),
        (False,) * (len(tests) + 1),
        rows,
        origin=["derived/factorial-rejections.csv"],
        keys=keys,
        computed="ratios of logarithms",
    )


def _share_words(row: Row | None, language: Language) -> str:
    """How many pairs were rejected, with the interval of the share in per cent."""
    if row is None or not row["able"]:
        return language.say("too few for .01")
    low, high = (f"{100 * row[end]:.2g}" for end in ("low", "high"))
    numbers = {"rejected": row["rejected"], "able": row["able"], "low": low, "high": high}
    return language.say("%(rejected)s of %(able)s; %(low)s to %(high)s\u00a0%%", **numbers)

"""The page of the experiment by design: what makes independent models score alike, and what upcycled children score."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.factorial.plan import ONE, TWO, planned_runs
from lineage.evidence.experiment.pair_tests import CHILD, MIXED
from lineage.evidence.experiment.runs import DEPTHS, DISPUTED, MEAN
from lineage.evidence.experiment.spread import last_children
from lineage.evidence.experiment.tables import sound_design
from lineage.methods.std_profile import ROLES
from lineage.records import Cell, Dataset, Design
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import ENGLISH, Language, words
from lineage.site.pages.experiment_answers import (
    layers_of,
    models_of,
    pair_ranges,
    share_ends,
    short_answer,
    spread_table,
)
from lineage.site.pages.experiment_charts import (
    FACTORS,
    Row,
    depth_chart,
    effects_cell,
    effects_chart,
    mean_words,
    rows_of,
    training_chart,
    upcycling_chart,
)
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import grouped, score
from lineage.statistics.binomial import binomial_interval

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
    MIXED: words("dense and mixture, independent"),
    CHILD: words("child and parent"),
}
_FEWER_LAYERS = words("How much more pairs of fewer layers score than those of %(layers)s")
_LATER = words("How much more pairs score at the end of their training than after a tenth of its steps")
_WIDER = words("How much more pairs of wider models score than those %(width)s wide, of the same recipes")


def experiment_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The design, its progress, and the answers of its finished runs."""
    writer = Writer(dataset, "experiment.md", language)
    sound = sound_design(dataset)
    answers = _answers(dataset, sound, language) if sound else {}
    return writer.page(
        "experiment.md.j2",
        language.say("What makes independent models score alike?"),
        language.say("Small models trained here by a design that was committed before its results."),
        design=sound,
        finished=len(_finished(dataset)),
        planned=len(planned_runs(sound)) if sound else 0,
        disputed=score(DISPUTED),
        **answers,
    )


def _finished(dataset: Dataset) -> pd.DataFrame:
    """The table of finished runs, a row each."""
    return dataset.control_tables.get("factorial-runs.csv", pd.DataFrame({"run": []}))


def _answers(dataset: Dataset, design: Design, language: Language) -> dict[str, Any]:
    """The contents of the answer to each question, by its name in the template."""
    wide_names = {row["of"] for row in rows_of(dataset, "differences", question="width").to_dict("records")}
    usual = min((cell.steps for cell in design.cells if cell.id in DEPTHS), default=0)
    depths = [cell for cell in reversed(design.cells) if cell.id in DEPTHS]
    wide = [cell for cell in design.cells if cell.id in wide_names]
    long = [cell for cell in design.cells if cell.steps > usual]
    return {
        "answer": short_answer(dataset, depths, language),
        "depths": [cell.layers for cell in depths if any(pair_ranges(dataset, cell))],
        "spreads": spread_table("depth", dataset, depths, language),
        "wide_cells": wide,
        "wide_spreads": spread_table("width", dataset, wide, language),
        "depth": depth_chart(dataset, design, language),
        "fewer_layers": _differences_table("depth", _FEWER_LAYERS, dataset, design, language),
        "wider": _differences_table("width", _WIDER, dataset, design, language),
        "effects": effects_chart(dataset, language),
        "effects_by_role": _effects_table(dataset, language),
        "training": training_chart(dataset, design, language),
        "long_cells": long,
        "long_spreads": spread_table("length", dataset, long, language),
        "later": _differences_table("training", _LATER, dataset, design, language),
        "trained": _trained(dataset, design),
        "upcycling": upcycling_chart(dataset, language),
        "children": _children(dataset),
        "experts": _experts(dataset, language),
        "rejections": _rejections_table(dataset, design, language),
        "without_column": _without_column(dataset, language),
        "rejected": _rejected(dataset, language),
    }


def _trained(dataset: Dataset, design: Design) -> list[Mapping[str, object]]:
    """How many runs are finished of each width and number of steps, and of which layers; the most runs first."""
    names = set(_finished(dataset)["run"])
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for run in planned_runs(design):
        if run.name in names:
            groups[run.cell.width, run.cell.steps].append(run.cell.layers)
    counted = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return [
        {"runs": len(layers), "width": width, "steps": steps, "layers": sorted(set(layers))}
        for (width, steps), layers in counted
    ]


def _differences_table(
    question: str, title: str, dataset: Dataset, design: Design, language: Language
) -> TableBlock | None:
    """How much more pairs of each cell that a question asks about score than those it is set beside."""
    rows = rows_of(dataset, "differences", question=question, part=MEAN)
    if rows.empty:
        return None
    cells = {cell.id: cell for cell in design.cells}
    beside = cells.get(rows["less"].iloc[0], design.cells[0])  # of training, each cell stands beside itself
    texts = {(row["of"], row["pairs"]): mean_words(row, language) for row in rows.to_dict("records")}
    cell_ids = [cell for cell in cells if cell in set(rows["of"])]
    return TableBlock(
        f"differences-{question}",
        language.say(title, layers=beside.layers, width=beside.width),
        (
            *(language.say("Layers"), language.say("Width"), language.say("Steps")),
            *(language.say(_PAIRS[pairs]) for pairs in (ONE, TWO)),
        ),
        (False, True, True, False, False),
        [
            (
                *(layers_of(cells[cell], language), cells[cell].width, grouped(cells[cell].steps)),
                *(texts.get((cell, pairs), "") for pairs in (ONE, TWO)),
            )
            for cell in cell_ids
        ],
        origin=["derived/factorial-differences.csv", "designs/factorial.toml"],
        keys=cell_ids,
    )


def _effects_table(dataset: Dataset, language: Language) -> TableBlock | None:
    """The effects of factors by role, with what each explains of the differences between recipes."""
    cell = effects_cell(dataset)
    if cell is None:
        return None
    effects = rows_of(dataset, "effects", cell=cell)
    factors = list(effects["factor"].drop_duplicates())
    rows = []
    for factor in factors:
        by_part = {row["part"]: row for row in effects[effects["factor"] == factor].to_dict("records")}
        by_role = [mean_words(by_part[role], language) for role in ROLES]
        rows.append((language.say(FACTORS.get(factor, factor)), *by_role, f"{100 * by_part[MEAN]['share']:.0f}\u00a0%"))
    explains = language.say("Explains, of the differences in the mean")
    return TableBlock(
        "factors-by-role",
        language.say("The effect of differing in each factor, by role"),
        (language.say("Factor"), *(role.upper() for role in ROLES), explains),
        (False,) * (len(ROLES) + 2),
        rows,
        origin=["derived/factorial-effects.csv"],
        keys=[f"{cell}|{factor}" for factor in factors],
        computed="ratios of logarithms",
    )


def _children(dataset: Dataset) -> Mapping[str, object] | None:
    """The children at their last step: how many there are, their scores with their parents, how many rank first."""
    last = last_children(rows_of(dataset, "children"))
    if last.empty:
        return None
    ranked = last[last["others"] > 0]
    return {
        "count": len(last),
        "steps": int(last["step"].iloc[0]),
        "recipes": [
            {
                "recipe": recipe,
                "count": len(children),
                "lowest": score(children["score"].min(), 2),
                "highest": score(children["score"].max(), 2),
                "reaching": int((children["score"] >= DISPUTED).sum()),
            }
            for recipe, children in last.groupby("recipe")
        ],
        "ranked": len(ranked),
        "first": int((ranked["score"] > ranked["highest_other"]).sum()),
        "others": int(ranked["others"].min()) if len(ranked) else 0,
    }


def _experts(dataset: Dataset, language: Language) -> Mapping[str, object]:
    """The mean score of a dense model with an unrelated mixture, and its difference from that of two dense models."""
    keys = {"": "score", "dense-48": "difference"}
    rows = rows_of(dataset, "differences", question="experts", part=MEAN).fillna({"less": ""}).to_dict("records")
    texts = {keys[row["less"]]: mean_words(row, language) for row in rows if row["less"] in keys}
    return {**texts, "runs": rows[0]["runs"], "planned": rows[0]["planned"]} if "score" in texts else {}


def _rejections_table(dataset: Dataset, design: Design, language: Language) -> TableBlock | None:
    """How often each exact test rejects, in a row for each kind of pairs and each step of the second run.

    A test that could reject in under half of these rows has no column.
    """
    rejections = rows_of(dataset, "rejections")
    if rejections.empty:
        return None
    say, (tests, _) = language.say, judged_columns(rejections)
    cells = {cell.id: cell for cell in design.cells}
    groups = [
        (str(cell), str(pairs), step, group)
        for (cell, pairs, step), group in rejections.groupby(["cell", "pairs", "step"], sort=False)
    ]
    groups.sort(key=lambda own: (own[1] == CHILD, _size(cells.get(own[0])), [*_PAIRS, own[1]].index(own[1]), own[2]))
    rows = []
    for cell, pairs, step, group in groups:
        counted = {row["test"]: row for row in group.to_dict("records")}
        rows.append(
            (
                models_of(cells[cell], language) if cell in cells else cell,
                say(
                    "%(kind)s, after %(steps)s steps",
                    kind=say(_PAIRS.get(pairs, pairs)),
                    steps=grouped(float(str(step))),
                ),
                *(_share_words(counted.get(test), language) for test in tests),
            )
        )
    return TableBlock(
        "rejections",
        say("How often exact tests reject at .01, of the pairs that they could, with 95\u00a0%% intervals"),
        (say("Models"), say("Pairs"), *(say(_TESTS[test]) for test in tests)),
        (False,) * (len(tests) + 2),
        rows,
        origin=["derived/factorial-rejections.csv", "designs/factorial.toml"],
        keys=[cell for cell, *_ in groups],
        computed="ratios of logarithms",
    )


def _size(cell: Cell | None) -> tuple[int, int, int, bool]:
    """By which rows of cells are ordered: layers, width, steps, and mixtures behind dense models."""
    return (0, 0, 0, False) if cell is None else (cell.layers, cell.width, cell.steps, cell.experts)


def judged_columns(rejections: pd.DataFrame) -> tuple[list[str], list[tuple[str, int, int]]]:
    """The tests that could reject in half of the rows or more; and the others, with in how many of how many rows."""
    rows = len(rejections[["cell", "pairs", "step"]].drop_duplicates())
    able = {test: int((rejections[rejections["test"] == test]["able"] > 0).sum()) for test in _TESTS}
    on_record = [test for test in _TESTS if (rejections["test"] == test).any()]
    columns = [test for test in on_record if 2 * able[test] >= rows]
    return columns, [(test, able[test], rows) for test in on_record if test not in columns]


def _without_column(dataset: Dataset, language: Language) -> list[Mapping[str, object]]:
    """The tests that have no column in the table of rejections, with in how many of how many rows they could reject."""
    rejections = rows_of(dataset, "rejections")
    left_out = judged_columns(rejections)[1] if len(rejections) else []
    return [{"test": language.say(_TESTS[test]), "able": able, "rows": rows} for test, able, rows in left_out]


def _rejected(dataset: Dataset, language: Language) -> list[Mapping[str, object]]:
    """Of all independent pairs at the last step of their second run: how many each test rejects, of how many it can."""
    rejections = rows_of(dataset, "rejections")
    if rejections.empty:
        return []
    last = rejections["step"] == rejections.groupby(["cell", "pairs"])["step"].transform("max")
    independent = rejections[last & rejections["pairs"].isin([ONE, TWO, MIXED])]
    sums = independent.groupby("test")[["rejected", "able"]].sum()
    counted = {str(test): (int(rejected), int(able)) for test, rejected, able in sums.itertuples(name=None) if able}
    return [
        {
            "test": language.say(title),
            "rejected": counted[test][0],
            "able": counted[test][1],
            **share_ends(binomial_interval(*counted[test])),
        }
        for test, title in _TESTS.items()
        if test in counted
    ]


def _share_words(row: Row | None, language: Language) -> str:
    """The number of rejected pairs, and the interval of their share in per cent."""
    if row is None or not row["able"]:
        return language.say("too few for .01")
    numbers = {"rejected": row["rejected"], "able": row["able"], **share_ends((row["low"], row["high"]))}
    return language.say("%(rejected)s of %(able)s; %(low)s to %(high)s\u00a0%%", **numbers)

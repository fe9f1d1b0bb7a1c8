"""The tables of the section on geometry."""

from collections.abc import Sequence

import pandas as pd

from lineage.evidence.geometry import (
    CONTROLS,
    EMBEDDINGS,
    HEADS,
    NULL,
    OTHER_RECIPE,
    QUANTILE,
    RANDOM,
    RUNGS,
    SAME_RECIPE,
)
from lineage.site.blocks.tables import NONE, TableBlock, sorted_as
from lineage.site.languages import Language, words
from lineage.site.pages.geometry.rungs import MEASURES, JudgedRung, Row, in_words
from lineage.site.templating import grouped, score

POPULATIONS = {
    (EMBEDDINGS, CONTROLS, ""): words("Embeddings; models trained here"),
    (HEADS, CONTROLS, "layers by number"): words("Heads; models trained here, of one depth"),
    (HEADS, CONTROLS, "layers by assignment"): words("Heads; models trained here, of two depths"),
    (EMBEDDINGS, SAME_RECIPE, ""): words("Embeddings; two of one recipe"),
    (EMBEDDINGS, OTHER_RECIPE, ""): words("Embeddings; two of two recipes"),
    (HEADS, SAME_RECIPE, "layers by number"): words("Heads; two of one recipe and depth"),
    (HEADS, OTHER_RECIPE, "layers by number"): words("Heads; two of two recipes and one depth"),
}


def null_table(nulls: pd.DataFrame, language: Language) -> TableBlock:
    say = language.say
    rows, keys = [], []
    for row in nulls.to_dict("records"):
        key = str(row["measure"]), str(row["population"]), "" if pd.isna(row["matched"]) else str(row["matched"])
        pairs = say(
            "%(pairs)s pairs; %(root_pairs)s of %(roots)s roots, of which %(separate)s share none",
            **{name: grouped(row[name]) for name in ("pairs", "root_pairs", "roots", "separate")},
        )
        numbers = [score(row[name], 3) for name in ("median", "quantile", "highest")]
        beyond = say("at most %(share)s\u00a0%%", share=score(100 * row["beyond"], 1))
        rows.append((say(POPULATIONS[key]), pairs, *numbers, beyond))
        keys.append("|".join(key))
    headers = (
        say("Independent pairs"),
        say("How many"),
        say("Middle"),
        say("%(quantile)s quantile", quantile=f"{QUANTILE:g}"),
        say("Highest"),
        say("Others of these recipes that may lie higher"),
    )
    return TableBlock(
        "geometry-null",
        say("What independent models score, each pair of roots once by its highest score"),
        headers,
        (False, False, True, True, True, False),
        rows,
        origin=[f"derived/{NULL}"],
        keys=keys,
        computed="ratios of logarithms",
    )


def random_table(random: pd.DataFrame, language: Language) -> TableBlock:
    """What heads of random numbers score, a row a shape, by how much heads differ in size."""
    say = language.say
    shapes = [f"{name}_{side}" for side in "ab" for name in ("layers", "heads", "groups", "head_width", "width")]
    spreads = sorted(random["spread"].unique())
    rows, keys = [], []
    for shape, own in random.groupby(shapes, sort=False):
        by_spread = {row["spread"]: row for row in own.to_dict("records")}
        drawn = (sorted_as(row["mean"], _drawn(row, language)) for row in map(by_spread.__getitem__, spreads))
        rows.append((_shape_in_words(own.iloc[0].to_dict(), language), *drawn))
        keys.append("|".join(map(str, shape)))
    return TableBlock(
        "geometry-random",
        say("What heads of unrelated random numbers score"),
        (
            say("Shape of both"),
            *(
                say("Log of their size spreads by %(spread)s", spread=f"{spread:g}")
                if spread
                else say("Heads of one size")
                for spread in spreads
            ),
        ),
        (False, *(True for _ in spreads)),
        rows,
        origin=[f"controls/{RANDOM}"],
        keys=keys,
        counted=words("shapes"),
    )


def _shape_in_words(row: Row, language: Language) -> str:
    """The layers of both models, and the heads of the first, which are those of the second but for their number."""
    first, second = (grouped(row[f"layers_{side}"]) for side in "ab")
    layers = first if first == second else language.say("%(first)s and %(second)s", first=first, second=second)
    return language.say(
        "%(layers)s layers; %(heads)s heads in %(groups)s groups, %(head_width)s wide, of %(width)s",
        layers=layers,
        **{key: grouped(row[f"{key}_a"]) for key in ("heads", "groups", "head_width", "width")},
    )


def _drawn(row: Row, language: Language) -> str:
    """The mean over draws with the lowest and highest, or the one score."""
    if row["draws"] == 1:
        return score(row["mean"], 3)
    return language.say(
        "%(mean)s (%(low)s to %(high)s)",
        mean=score(row["mean"], 3),
        low=score(row["lowest"], 3),
        high=score(row["highest"], 3),
    )


def judged_table(judged: Sequence[JudgedRung], language: Language) -> TableBlock:
    say = language.say
    rows = [
        (in_words(rung, language), *(_judged_cell(rung.rows.get(name), language) for name in MEASURES))
        for rung in judged
    ]
    return TableBlock(
        "geometry-rungs",
        say("Derivations of models trained here: found, of how many, and the scores"),
        (say("What was done"), *(say(name) for name in MEASURES.values())),
        (False, False, False),
        rows,
        origin=[f"derived/{RUNGS}"],
        keys=[f"{rung.kind}|{rung.done}" for rung in judged],
        counted=words("derivations"),
    )


def _judged_cell(row: Row | None, language: Language) -> str:
    say = language.say
    if row is None or not row["tested"]:
        return say("not testable")
    if pd.isna(row["above"]):
        return sorted_as(-1, say("no null; %(range)s", range=_range(row, language)))
    told = say(
        "%(above)s of %(tested)s; %(range)s",
        above=grouped(row["above"]),
        tested=grouped(row["tested"]),
        range=_range(row, language),
    )
    return sorted_as(row["above"], told)


def _range(row: Row, language: Language) -> str:
    if row["tested"] == 1:
        return score(row["middle"], 3)
    return language.say("%(low)s to %(high)s", low=score(row["lowest"], 3), high=score(row["highest"], 3))


def released_table(others: Sequence[JudgedRung], language: Language) -> TableBlock:
    say = language.say

    def cell(row: Row | None) -> str:
        if row is None or not row["tested"]:
            return say(NONE) if row is None else say("not testable")
        tested = say(
            "%(range)s; %(tested)s of %(pairs)s tested",
            range=_range(row, language),
            tested=grouped(row["tested"]),
            pairs=grouped(row["pairs"]),
        )
        return sorted_as(row["middle"], tested)

    rows = [
        (
            in_words(rung, language),
            *(cell(rung.rows.get(name)) for name in MEASURES),
        )
        for rung in others
    ]
    return TableBlock(
        "geometry-released",
        say("Released models and what was made of them here: scores, which no null of released models judges"),
        (say("What was done"), *(say(name) for name in MEASURES.values())),
        (False, False, False),
        rows,
        origin=[f"derived/{RUNGS}"],
        keys=[f"{rung.kind}|{rung.done}" for rung in others],
        counted=words("rows"),
    )

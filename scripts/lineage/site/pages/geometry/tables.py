"""The tables of the section on geometry."""

from collections.abc import Sequence

import pandas as pd

from lineage.evidence.geometry import CONTROLS, EMBEDDINGS, HEADS, NULL, QUANTILE, RUNGS
from lineage.site.blocks.tables import NONE, TableBlock, sorted_as
from lineage.site.languages import Language, words
from lineage.site.pages.geometry.rungs import MEASURES, JudgedRung, Row, in_words
from lineage.site.templating import grouped, score

_POPULATIONS = {
    (EMBEDDINGS, CONTROLS, ""): words("Embeddings; models trained here"),
    (HEADS, CONTROLS, "layers by number"): words("Heads; models trained here, of one depth"),
    (HEADS, CONTROLS, "layers by assignment"): words("Heads; models trained here, of two depths"),
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
        rows.append((say(_POPULATIONS[key]), pairs, *numbers, beyond))
        keys.append("|".join(key))
    headers = (
        say("Independent pairs"),
        say("How many"),
        say("Middle"),
        say("%(quantile)s quantile", quantile=f"{QUANTILE:g}"),
        say("Highest"),
        say("Others that may lie higher"),
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
        counted=say("derivations"),
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
        return sorted_as(row["middle"], _range(row, language))

    rows = [
        (
            in_words(rung, language),
            grouped(max(row["pairs"] for row in rung.rows.values())),
            *(cell(rung.rows.get(name)) for name in MEASURES),
        )
        for rung in others
    ]
    return TableBlock(
        "geometry-released",
        say("Released models and what was made of them here: scores, which no null of released models judges"),
        (say("What was done"), say("Pairs"), *(say(name) for name in MEASURES.values())),
        (False, True, False, False),
        rows,
        origin=[f"derived/{RUNGS}"],
        keys=[f"{rung.kind}|{rung.done}" for rung in others],
        counted=say("rows"),
    )

"""What geometry of embeddings and spectra of heads make of pairs of known history, in tables and words."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.geometry.plan import (
    CHILD,
    CONTROL_RUNG,
    DISGUISES,
    INDEPENDENT,
    ONE_ROOT,
    RELEASED,
    RELEASED_RUNG,
    UNKNOWN,
    derived_pairs,
    independent_pairs,
    released_pairs,
)
from experiments.ladder.plan import KINDS
from lineage.checks.designs import check_design
from lineage.evidence.experiment.tables import DESIGN
from lineage.evidence.geometry import ALL_RELEASED, CONTROLS, EMBEDDINGS, HEADS, NULL, RUNGS, SCORES
from lineage.records import Dataset
from lineage.site.blocks.tables import NONE, TableBlock, sorted_as
from lineage.site.languages import Language, words
from lineage.site.pages.writer import Writer
from lineage.site.templating import grouped, score

Row = Mapping[Hashable, Any]
MEASURES = {EMBEDDINGS: words("Embeddings"), HEADS: words("Heads")}
_DONE = {
    "copy": words("nothing"),
    "noise": words("noise of %(level)s standard deviations"),
    "int8": words("rounded to 8 bits"),
    "int4": words("rounded to 4 bits"),
    "layers-halved": words("every second layer"),
    "depth-upscaled": words("middle layers twice"),
    "units-pruned": words("hidden units pruned to a share of %(level)s"),
    "residual-pruned": words("residual stream pruned to a share of %(level)s"),
    "upcycled": words("MLPs made to %(level)s experts"),
    "merged": words("merged with another"),
    "units-permuted": words("hidden units in another order"),
    "residual-permuted": words("residual dimensions in another order"),
    "rotated": words("residual stream rotated"),
    "units-sorted": words("hidden units sorted"),
    "embeddings-fresh": words("new random embeddings"),
}
_AFTER = words("upcycled, embeddings anew, trained on for %(steps)s steps on another text")
_DOCUMENTED = {
    INDEPENDENT: words("released models, documented as independent"),
    ONE_ROOT: words("released models of one root"),
    UNKNOWN: words("released models whose relation is not documented, or of one maker"),
}
_POPULATIONS = {
    (EMBEDDINGS, CONTROLS, ""): words("Embeddings; models trained here"),
    (HEADS, CONTROLS, "layers by number"): words("Heads; models trained here, of one depth"),
    (HEADS, CONTROLS, "layers by assignment"): words("Heads; models trained here, of two depths"),
}


@dataclass(frozen=True)
class Rung:
    """What was done to some models, and the row of each measure by its name."""

    kind: str
    done: str
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Told:
    """A rung in words, with what a measure finds of it, as pages print it."""

    done: str
    measure: str
    above: str
    tested: str
    low: str  # per cent of such roots
    high: str
    seen_in: str = (
        ""  # recipes of the parents at which it is found, where these are others than those at which it is not
    )
    unseen_in: str = ""


@dataclass(frozen=True)
class GeometryWords:
    """What the section says: tables, and sentences' numbers."""

    nulls: TableBlock
    judged: TableBlock
    released: TableBlock | None
    roots: str  # whose derivations are judged
    disguised: Sequence[tuple[str, Sequence[Told]]]  # what the exact tests do not see, by what was done
    last: Sequence[Told]  # the children at their end, by measure
    steps: str  # after so many steps
    missed: Sequence[str]  # what neither finds at any root
    first: Sequence[tuple[str, str, str, str]]  # measure, children first with their parent, children, other runs
    made: int  # pairs with a row
    planned: int
    higher: Sequence[tuple[str, str, str, str]]  # measure, relation, released pairs above each of controls, and pairs
    no_null: Sequence[str]  # reasons why released models have none


def geometry_words(writer: Writer, language: Language) -> GeometryWords | None:
    """What is said of the geometry of models; None where no pair was compared."""
    dataset = writer.dataset
    nulls, table = (dataset.derived.get(name, pd.DataFrame()) for name in (NULL, RUNGS))
    if nulls.empty or table.empty:
        return None
    rungs = [*_rungs(table)]
    judged = [one for one in rungs if one.kind in (CHILD, CONTROL_RUNG)]
    others = [one for one in rungs if one.kind in (RELEASED_RUNG, RELEASED)]
    known = nulls[nulls["highest"].notna()]
    children = [one for one in judged if one.kind == CHILD]
    released = nulls[nulls["population"] == ALL_RELEASED]
    return GeometryWords(
        nulls=_null_table(known, language),
        judged=_judged_table(judged, language),
        released=_released_table(others, language) if others else None,
        roots=grouped(max((int(row["roots"]) for one in judged for row in one.rows.values()), default=0)),
        disguised=[(_told(one, language), [*_found(one, dataset, language)]) for one in judged if _is_disguise(one)],
        last=[*_found(children[-1], dataset, language)] if children else [],
        steps=children[-1].done.split()[1] if children else "",
        missed=[_told(one, language) for one in judged if _is_missed(one)],
        first=[*_first(judged, language)],
        made=len(scored_pairs(dataset)),
        planned=len(planned_pairs(dataset)),
        higher=[*_higher(others, language)],
        no_null=list(dict.fromkeys(str(reason) for reason in released["not_given"] if reason)),
    )


def scored_pairs(dataset: Dataset) -> set[tuple[str, str]]:
    """The pairs that stand in the table, each by the names of its models."""
    scores = dataset.control_tables.get(SCORES, pd.DataFrame(columns=["model_a", "model_b"]))
    return {(str(a), str(b)) for a, b in zip(scores["model_a"], scores["model_b"], strict=True)}


def planned_pairs(dataset: Dataset) -> set[tuple[str, str]]:
    """The pairs of the plan, each by the names of its models; those of the design only where it is sound."""
    measured = [one.measurement for one in dataset.fingerprints.values()]
    packaged = tuple(one.model for one in measured if one.address.startswith("package:"))
    pairs = [*released_pairs(packaged)]
    design = dataset.designs.get(DESIGN)
    if design is not None and not any(check_design(design)):
        pairs += [*independent_pairs(design), *derived_pairs(design)]
    return {(pair.a.name, pair.b.name) for pair in pairs}


def _rungs(table: pd.DataFrame) -> Iterator[Rung]:
    for (kind, done), own in table.groupby(["kind", "rung"], sort=False):
        yield Rung(str(kind), str(done), {str(row["measure"]): row for row in own.to_dict("records")})


def _is_disguise(one: Rung) -> bool:
    return one.kind == CONTROL_RUNG and tuple(_kind_of(step) for step in one.done.split(", ")) in DISGUISES


def _is_missed(one: Rung) -> bool:
    """Whether each measure that gives a score and has a null finds it at no root."""
    judged = [row for row in one.rows.values() if row["tested"] and pd.notna(row["above"])]
    return bool(judged) and all(row["above"] == 0 for row in judged)


def _found(one: Rung, dataset: Dataset, language: Language) -> Iterator[Told]:
    """What each measure finds of a rung, where it has a null."""
    for measure, name in MEASURES.items():
        row = one.rows.get(measure)
        if row is None or pd.isna(row["above"]) or pd.isna(row["low"]):
            continue
        ends = (grouped(100 * row[end]) for end in ("low", "high"))
        counts = (grouped(row[key]) for key in ("above", "tested"))
        yield Told(_told(one, language), language.say(name), *counts, *ends, *_recipes(one, measure, dataset, language))


def _recipes(one: Rung, measure: str, dataset: Dataset, language: Language) -> tuple[str, str]:
    """The recipes at which a rung is found and at which not, where none is among both; else twice ""."""
    scores = dataset.control_tables.get(SCORES, pd.DataFrame())
    runs = dataset.control_tables.get("factorial-runs.csv", pd.DataFrame())
    row = one.rows[measure]
    null = dataset.derived[NULL]
    where = (null["measure"] == measure) & (null["population"] == CONTROLS) & (null["matched"] == row["matched"])
    highest = null[where]["highest"]
    if scores.empty or runs.empty or len(highest) != 1 or not 0 < row["above"] < row["tested"]:
        return "", ""
    own = scores[(scores["kind"] == one.kind) & (scores["rung"] == one.done) & (scores["measure"] == measure)]
    recipe = dict(zip(runs["run"], runs["recipe"], strict=True))
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for root, value in zip(own["root_b"], own["score"], strict=True):
        sides[bool(value > highest.iloc[0])].add(str(recipe.get(root, "")))
    if sides[True] & sides[False]:
        return "", ""
    separator = language.say(", ")
    return separator.join(sorted(sides[True])), separator.join(sorted(sides[False]))


def _first(judged: Sequence[Rung], language: Language) -> Iterator[tuple[str, str, str, str]]:
    for measure, name in MEASURES.items():
        for one in judged:
            row = one.rows.get(measure)
            if row is not None and pd.notna(row["first"]):
                yield language.say(name), grouped(row["first"]), grouped(row["tested"]), grouped(row["others"])


def _higher(others: Sequence[Rung], language: Language) -> Iterator[tuple[str, str, str, str]]:
    """Of released pairs that are not known to be related, how many score above each independent pair of controls."""
    for one in sorted(others, key=lambda one: one.done != INDEPENDENT):
        for measure, name in MEASURES.items():
            row = one.rows.get(measure)
            if one.kind != RELEASED or one.done == ONE_ROOT or row is None or not row["tested"]:
                continue
            if pd.notna(row["above_controls"]):
                yield language.say(name), one.done, grouped(row["above_controls"]), grouped(row["tested"])


def _kind_of(step: str) -> str:
    return max((kind.name for kind in KINDS if step.startswith(kind.name)), key=len, default="")


def _told(one: Rung, language: Language) -> str:
    """What was done, in words."""
    if one.kind == RELEASED:
        return language.say(_DOCUMENTED[one.done])
    if one.kind == CHILD:
        return language.say(_AFTER, steps=one.done.split()[1])
    steps = []
    for step in one.done.split(", "):
        kind = _kind_of(step)
        level = step.removeprefix(kind).removeprefix("-")
        told = _DONE[kind]
        steps.append(language.say(told, level=level) if level and "%(level)s" in told else language.say(told))
    return language.say(", ").join(steps)


def _null_table(nulls: pd.DataFrame, language: Language) -> TableBlock:
    say = language.say
    rows, keys = [], []
    for row in nulls.to_dict("records"):
        key = str(row["measure"]), str(row["population"]), "" if pd.isna(row["matched"]) else str(row["matched"])
        pairs = say(
            "%(pairs)s pairs; %(root_pairs)s of %(roots)s roots, of which %(separate)s share none",
            **{name: grouped(row[name]) for name in ("pairs", "root_pairs", "roots", "separate")},
        )
        numbers = [score(row[name], 3) for name in ("median", "quantile", "highest")]
        beyond = say("at most %(share)s\u00a0%%", share=grouped(100 * row["beyond"]))
        rows.append((say(_POPULATIONS[key]), pairs, *numbers, beyond))
        keys.append("|".join(key))
    headers = (
        say("Independent pairs"),
        say("How many"),
        say("Middle"),
        say("0.95 quantile"),
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


def _judged_table(judged: Sequence[Rung], language: Language) -> TableBlock:
    say = language.say
    rows = [
        (_told(one, language), *(_judged_cell(one.rows.get(name), language) for name in MEASURES)) for one in judged
    ]
    return TableBlock(
        "geometry-rungs",
        say("Derivations of models trained here: found, of how many, and the scores"),
        (say("What was done"), *(say(name) for name in MEASURES.values())),
        (False, False, False),
        rows,
        origin=[f"derived/{RUNGS}"],
        keys=[f"{one.kind}|{one.done}" for one in judged],
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


def _released_table(others: Sequence[Rung], language: Language) -> TableBlock:
    say = language.say

    def cell(row: Row | None) -> str:
        if row is None or not row["tested"]:
            return say(NONE) if row is None else say("not testable")
        return sorted_as(row["middle"], _range(row, language))

    rows = [
        (
            _told(one, language),
            grouped(max(row["pairs"] for row in one.rows.values())),
            *(cell(one.rows.get(name)) for name in MEASURES),
        )
        for one in others
    ]
    return TableBlock(
        "geometry-released",
        say("Released models and what was made of them here: scores, which no null of released models judges"),
        (say("What was done"), say("Pairs"), *(say(name) for name in MEASURES.values())),
        (False, True, False, False),
        rows,
        origin=[f"derived/{RUNGS}"],
        keys=[f"{one.kind}|{one.done}" for one in others],
        counted=say("rows"),
    )

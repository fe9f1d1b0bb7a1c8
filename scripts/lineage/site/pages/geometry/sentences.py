"""What the section on geometry says: its tables, and the numbers of its sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.geometry.plan import CHILD, CONTROL_RUNG, INDEPENDENT, ONE_ROOT, RELEASED, RELEASED_RUNG
from lineage.evidence.geometry import ALL_RELEASED, CONTROLS, NULL, RUNGS, SCORES, planned_pairs, scored_pairs
from lineage.records import Dataset
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import Language
from lineage.site.pages.geometry.rungs import MEASURES, JudgedRung, in_words, rungs_of
from lineage.site.pages.geometry.tables import judged_table, null_table, released_table
from lineage.site.pages.writer import Writer
from lineage.site.templating import grouped


@dataclass(frozen=True)
class RungResult:
    """A rung in words, with what a measure finds of it, as pages print it."""

    done: str
    measure: str
    above: str
    tested: str
    low: str  # per cent of such roots
    high: str
    # Recipes of the parents at which it is found and at which not, where no recipe is among both; else "".
    seen_in: str = ""
    unseen_in: str = ""


@dataclass(frozen=True)
class GeometryWords:
    """What the section says: tables, and sentences' numbers."""

    nulls: TableBlock
    judged: TableBlock
    released: TableBlock | None
    roots: str  # whose derivations are judged
    disguised: Sequence[tuple[str, Sequence[RungResult]]]  # what the exact tests do not see, by what was done
    last: Sequence[RungResult]  # the children at their end, by measure
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
    rungs = [*rungs_of(table)]
    judged = [rung for rung in rungs if rung.kind in (CHILD, CONTROL_RUNG)]
    others = [rung for rung in rungs if rung.kind in (RELEASED_RUNG, RELEASED)]
    known = nulls[nulls["highest"].notna()]
    children = [rung for rung in judged if rung.kind == CHILD]
    released = nulls[nulls["population"] == ALL_RELEASED]
    return GeometryWords(
        nulls=null_table(known, language),
        judged=judged_table(judged, language),
        released=released_table(others, language) if others else None,
        roots=grouped(max((int(row["roots"]) for rung in judged for row in rung.rows.values()), default=0)),
        disguised=[
            (in_words(rung, language), [*_results(rung, dataset, language)]) for rung in judged if rung.is_disguise
        ],
        last=[*_results(children[-1], dataset, language)] if children else [],
        steps=children[-1].steps if children else "",
        missed=[in_words(rung, language) for rung in judged if rung.is_missed],
        first=[*_first(judged, language)],
        made=len(scored_pairs(dataset)),
        planned=sum(map(len, planned_pairs(dataset).values())),
        higher=[*_higher(others, language)],
        no_null=list(dict.fromkeys(str(reason) for reason in released["not_given"] if reason)),
    )


def _results(rung: JudgedRung, dataset: Dataset, language: Language) -> Iterator[RungResult]:
    """What each measure finds of a rung, where it has a null."""
    for measure, name in MEASURES.items():
        row = rung.rows.get(measure)
        if row is None or pd.isna(row["above"]) or pd.isna(row["low"]):
            continue
        ends = (grouped(100 * row[end]) for end in ("low", "high"))
        counts = (grouped(row[key]) for key in ("above", "tested"))
        yield RungResult(
            in_words(rung, language), language.say(name), *counts, *ends, *_recipes(rung, measure, dataset, language)
        )


def _recipes(rung: JudgedRung, measure: str, dataset: Dataset, language: Language) -> tuple[str, str]:
    """The recipes at which a rung is found and at which not, where none is among both; else twice ""."""
    scores = dataset.control_tables.get(SCORES, pd.DataFrame())
    runs = dataset.control_tables.get("factorial-runs.csv", pd.DataFrame())
    row = rung.rows[measure]
    null = dataset.derived[NULL]
    where = (null["measure"] == measure) & (null["population"] == CONTROLS) & (null["matched"] == row["matched"])
    highest = null[where]["highest"]
    if scores.empty or runs.empty or len(highest) != 1 or not 0 < row["above"] < row["tested"]:
        return "", ""
    own = scores[(scores["kind"] == rung.kind) & (scores["rung"] == rung.done) & (scores["measure"] == measure)]
    recipe = dict(zip(runs["run"], runs["recipe"], strict=True))
    sides: dict[bool, set[str]] = {True: set(), False: set()}
    for root, value in zip(own["root_b"], own["score"], strict=True):
        sides[bool(value > highest.iloc[0])].add(str(recipe.get(root, "")))
    if sides[True] & sides[False]:
        return "", ""
    separator = language.say(", ")
    return separator.join(sorted(sides[True])), separator.join(sorted(sides[False]))


def _first(judged: Sequence[JudgedRung], language: Language) -> Iterator[tuple[str, str, str, str]]:
    for measure, name in MEASURES.items():
        for rung in judged:
            row = rung.rows.get(measure)
            if row is not None and pd.notna(row["first"]):
                yield language.say(name), grouped(row["first"]), grouped(row["tested"]), grouped(row["others"])


def _higher(others: Sequence[JudgedRung], language: Language) -> Iterator[tuple[str, str, str, str]]:
    """Of released pairs that are not known to be related, how many score above each independent pair of controls."""
    for rung in sorted(others, key=lambda rung: rung.done != INDEPENDENT):
        for measure, name in MEASURES.items():
            row = rung.rows.get(measure)
            if rung.kind != RELEASED or rung.done == ONE_ROOT or row is None or not row["tested"]:
                continue
            if pd.notna(row["above_controls"]):
                yield language.say(name), rung.done, grouped(row["above_controls"]), grouped(row["tested"])

"""What the section on geometry says: its tables, and the numbers of its sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from experiments.geometry.plan import CHILD, CONTROL_RUNG, INDEPENDENT, ONE_ROOT, RELEASED, RELEASED_RUNG
from lineage.evidence.geometry import (
    ALL_RELEASED,
    CONTROLS,
    EMBEDDINGS,
    NULL,
    RANDOM,
    RUNGS,
    planned_pairs,
    scored_pairs,
)
from lineage.evidence.geometry_recipes import RECIPES, RUNGS_BY_RECIPE
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import Language
from lineage.site.pages.geometry.rungs import MEASURES, JudgedRung, Row, in_words, rungs_of
from lineage.site.pages.geometry.tables import POPULATIONS, judged_table, null_table, random_table, released_table
from lineage.site.pages.writer import Writer
from lineage.site.templating import grouped, score


@dataclass(frozen=True)
class RungResult:
    """A rung in words, with what a measure finds of it, as pages print it."""

    done: str
    measure: str
    above: str
    tested: str
    recipes: Sequence["RecipeResult"]

    @property
    def each_recipe(self) -> "RecipeResult | None":
        """What is found of one recipe, where that is the same for each of several; else None."""
        counts = {(recipe.above, recipe.tested) for recipe in self.recipes}
        return self.recipes[0] if len(self.recipes) > 1 and len(counts) == 1 else None

    @property
    def by_recipe_apart(self) -> bool:
        """Whether it is found at all roots of some recipes and at none of the others."""
        is_whole = all(recipe.above in ("0", recipe.tested) for recipe in self.recipes)
        return is_whole and len({recipe.above == "0" for recipe in self.recipes}) > 1


@dataclass(frozen=True)
class RecipeResult:
    """What a measure finds of a rung at the runs of one recipe, as pages print it."""

    recipe: str
    above: str
    tested: str
    low: str  # per cent of such roots
    high: str


@dataclass(frozen=True)
class RecipeSpread:
    """The pairs of a recipe that lie above every pair without it, as pages print it."""

    measure: str
    recipe: str
    own_above: str
    own: str
    mixed_above: str
    mixed: str
    others_highest: str


@dataclass(frozen=True)
class GeometryWords:
    """What the section says: tables, and sentences' numbers."""

    nulls: TableBlock
    spread: Sequence[RecipeSpread]  # of recipes whose pairs lie above all others
    tokens: tuple[str, str, str, str] | None  # pairs, fewest common tokens, pairs with so few, most
    random: TableBlock | None
    judged: TableBlock
    released: TableBlock | None
    disguised: Sequence[tuple[str, Sequence[RungResult]]]  # what the exact tests do not see, by what was done
    last: Sequence[RungResult]  # the children at their end, by measure
    steps: str  # after so many steps
    missed: Sequence[str]  # what neither finds at any root
    missed_at: Sequence[tuple[str, str]]  # what neither finds at any root of a recipe, and the recipe
    unexpected: Sequence[RungResult]  # what came out otherwise than was written before
    first: Sequence[tuple[str, str, str, str]]  # measure, children first with their parent, children, other runs
    made: int  # pairs with a row
    planned: int
    higher: Sequence[tuple[str, str, str, str]]  # measure, relation, pairs of roots above controls, and all
    no_null: Sequence[str]  # reasons why released models have none


def geometry_words(writer: Writer, language: Language) -> GeometryWords | None:
    """What is said of the geometry of models; None where no pair was compared."""
    dataset = writer.dataset
    nulls, table, recipes = (dataset.derived.get(name, pd.DataFrame()) for name in (NULL, RUNGS, RECIPES))
    by_recipe = dataset.derived.get(RUNGS_BY_RECIPE, pd.DataFrame(columns=["kind", "rung", "measure", "low"]))
    if nulls.empty or table.empty:
        return None
    rungs = [*rungs_of(table)]
    judged = [rung for rung in rungs if rung.kind in (CHILD, CONTROL_RUNG)]
    others = [rung for rung in rungs if rung.kind in (RELEASED_RUNG, RELEASED)]
    known = nulls[nulls["highest"].notna()]
    children = [rung for rung in judged if rung.kind == CHILD]
    released = nulls[nulls["population"] == ALL_RELEASED]
    random = dataset.control_tables.get(RANDOM, pd.DataFrame())
    return GeometryWords(
        nulls=null_table(known, language),
        spread=[*_spread(recipes, language)],
        tokens=_tokens(nulls),
        random=random_table(random, language) if len(random) else None,
        judged=judged_table(judged, language),
        released=released_table(others, language) if others else None,
        disguised=[
            (in_words(rung, language), [*_results(rung, by_recipe, language)]) for rung in judged if rung.is_disguise
        ],
        last=[*_results(children[-1], by_recipe, language)] if children else [],
        steps=children[-1].steps if children else "",
        missed=[in_words(rung, language) for rung in judged if rung.is_missed],
        missed_at=[*_missed_at(judged, by_recipe, language)],
        unexpected=[*_unexpected(judged, by_recipe, language)],
        first=[*_first(judged, language)],
        made=len(scored_pairs(dataset)),
        planned=sum(map(len, planned_pairs(dataset).values())),
        higher=[*_higher(others, language)],
        no_null=list(dict.fromkeys(str(reason) for reason in released["not_given"] if reason)),
    )


def _tokens(nulls: pd.DataFrame) -> tuple[str, str, str, str] | None:
    """Of the embeddings of models trained here: pairs, fewest common tokens, pairs with so few, and most."""
    own = nulls[(nulls["measure"] == EMBEDDINGS) & (nulls["population"] == CONTROLS) & nulls["least"].notna()]
    if own.empty:
        return None
    pairs, least, with_least, most = (grouped(own.iloc[0][key]) for key in ("pairs", "least", "with_least", "most"))
    return pairs, least, with_least, most


def _results(rung: JudgedRung, by_recipe: pd.DataFrame, language: Language) -> Iterator[RungResult]:
    """What each measure finds of a rung, where it has a null."""
    for measure in MEASURES:
        row = rung.rows.get(measure)
        if row is not None and pd.notna(row["above"]) and row["tested"]:
            yield _result(rung, measure, by_recipe, language)


def _result(rung: JudgedRung, measure: str, by_recipe: pd.DataFrame, language: Language) -> RungResult:
    row = rung.rows[measure]
    where = (by_recipe["kind"] == rung.kind) & (by_recipe["rung"] == rung.done) & (by_recipe["measure"] == measure)
    recipes = [_recipe_result(own) for own in by_recipe[where & by_recipe["low"].notna()].to_dict("records")]
    name = language.say(MEASURES[measure])
    return RungResult(in_words(rung, language), name, grouped(row["above"]), grouped(row["tested"]), recipes)


def _recipe_result(row: Row) -> RecipeResult:
    counts = {key: grouped(row[key]) for key in ("above", "tested")}
    return RecipeResult(str(row["recipe"]), **counts, **{end: grouped(100 * row[end]) for end in ("low", "high")})


def _spread(recipes: pd.DataFrame, language: Language) -> Iterator[RecipeSpread]:
    """Each recipe whose pairs lie above all pairs without it, by measure and way of matching layers."""
    for row in recipes.to_dict("records"):
        if row["own_above"] + row["mixed_above"]:
            counts = {key: grouped(row[key]) for key in ("own_above", "own", "mixed_above", "mixed")}
            population = row["measure"], CONTROLS, row["matched"] or ""
            name = language.say(POPULATIONS[population])
            highest = score(row["others_highest"], 3)
            yield RecipeSpread(measure=name, recipe=str(row["recipe"]), **counts, others_highest=highest)


def _missed_at(judged: Sequence[JudgedRung], by_recipe: pd.DataFrame, language: Language) -> Iterator[tuple[str, str]]:
    """Each rung with each recipe at whose roots every measure that was tested finds nothing."""
    for rung in judged:
        own = by_recipe[(by_recipe["kind"] == rung.kind) & (by_recipe["rung"] == rung.done)]
        for recipe, rows in own.groupby("recipe", sort=False):
            if (rows["above"] == 0).all():
                yield in_words(rung, language), str(recipe)


def _unexpected(judged: Sequence[JudgedRung], by_recipe: pd.DataFrame, language: Language) -> Iterator[RungResult]:
    """What came out otherwise than data/parameters/geometry.toml says was expected.

    Embeddings find every rung that keeps them and no child, heads every rung but the loudest noise; of children by
    heads nothing was expected.
    """
    loudest = max((rung.level or 0.0 for rung in judged if rung.done.startswith("noise")), default=None)
    for rung in judged:
        for measure, row in rung.rows.items():
            if pd.isna(row["above"]) or not row["tested"]:
                continue
            if measure == EMBEDDINGS:
                expected = 0 if rung.kind == CHILD or rung.has_new_embeddings else row["tested"]
            elif rung.kind == CHILD or (rung.done.startswith("noise") and rung.level == loudest):
                continue
            else:
                expected = row["tested"]
            if row["above"] != expected:
                yield _result(rung, measure, by_recipe, language)


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
                yield language.say(name), rung.done, grouped(row["above_controls"]), grouped(row["root_pairs"])

"""Scores of pairs with known history by geometry -> what independent pairs reach by root, and which rungs lie above."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from experiments.geometry.plan import (
    CHILD,
    CONTROL_RUNG,
    DERIVED,
    INDEPENDENT,
    ONE_RECIPE,
    ONE_ROOT,
    OTHER_DEPTH,
    OTHER_PARENT,
    RELEASED,
    RELEASED_RUNG,
    TWO_RECIPES,
    UNKNOWN,
    ComparedPair,
    derived_pairs,
    independent_pairs,
    released_pairs,
)
from lineage.evidence.experiment.tables import sound_design
from lineage.evidence.geometry_recipes import by_roots, derive_by_recipe, recipe_of_runs
from lineage.records import Dataset
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import disjoint_pairs

FEWEST_ROOTS = 5  # with independent pairs, below which their highest score is not given as a null
QUANTILE = 0.95  # of pairs of roots that is given beside their median and their highest
COUNTS = "a pair of roots once, by the highest score of its pairs"
CALLED = "above every independent pair of its population whose layers were matched alike"
POPULATIONS = (
    "independent: dense-48, dense-12, one with the other, children with others than their parent; derived: children, "
    "and derivations of their parents; released: packaged models and the ladder"
)
QUESTIONS = (
    "Which rungs does each measure find, by root: units in another order with the residual stream rotated; that with "
    "new embeddings; children trained on? Which does neither find?"
)

SCORES, RANDOM = "geometry.csv", "geometry-random.csv"  # of data/controls/
NULL, RUNGS = "geometry-null.csv", "geometry-rungs.csv"
EMBEDDINGS, HEADS = "embeddings", "heads"
CONTROLS, ALL_RELEASED = "controls", "released"
SAME_RECIPE, OTHER_RECIPE = "controls of one recipe", "controls of two recipes"
_INDEPENDENT_OF = {
    CONTROLS: (ONE_RECIPE, TWO_RECIPES, OTHER_DEPTH, OTHER_PARENT),
    SAME_RECIPE: (ONE_RECIPE,),
    OTHER_RECIPE: (TWO_RECIPES,),
    ALL_RELEASED: (RELEASED,),
}  # the kinds of independent pairs by population
_MATCHED = {EMBEDDINGS: ("",), HEADS: ("layers by number", "layers by assignment")}
_KINDS = (CHILD, CONTROL_RUNG, RELEASED_RUNG, RELEASED)
_DIGITS = 5  # of a score, as it is committed


def planned_pairs(dataset: Dataset) -> dict[str, list[ComparedPair]]:
    """The pairs of the plan by CONTROLS and ALL_RELEASED, in its order; of controls none without a sound design."""
    measurements = [fingerprint.measurement for fingerprint in dataset.fingerprints.values()]
    packaged = tuple(record.model for record in measurements if record.address.startswith("package:"))
    design = sound_design(dataset)
    controls = [*independent_pairs(design), *derived_pairs(design)] if design else []
    return {CONTROLS: controls, ALL_RELEASED: list(released_pairs(packaged))}


def scored_pairs(dataset: Dataset) -> set[tuple[str, str]]:
    """The pairs that stand in the table, each by the names of its models."""
    scores = dataset.control_tables.get(SCORES, pd.DataFrame(columns=["model_a", "model_b"]))
    return {(str(a), str(b)) for a, b in zip(scores["model_a"], scores["model_b"], strict=True)}


def derive_geometry(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """NULL, RUNGS and what derive_by_recipe gives, those that have rows; nothing where no pair was compared."""
    scores = dataset.control_tables.get(SCORES)
    if scores is None or scores.empty:
        return {}
    placed = scores.assign(
        population=np.where(scores["kind"].isin([RELEASED, RELEASED_RUNG]), ALL_RELEASED, CONTROLS),
        matched=scores["matched"].fillna(""),
    )
    null = _null_table(placed)
    controls = placed[(placed["population"] == CONTROLS) & placed["score"].notna()]
    marks = null[null["population"] == CONTROLS].set_index(["measure", "matched"])["highest"].to_dict()
    tables = {RUNGS: _rung_table(placed, null), **derive_by_recipe(controls, marks, recipe_of_runs(dataset))}
    return {NULL: null, **{name: table for name, table in tables.items() if len(table)}}


def _null_table(placed: pd.DataFrame) -> pd.DataFrame:
    """What independent pairs reach: a row a measure, population and way of matching layers, each pair of roots once."""
    independent = placed[(placed["truth"] == INDEPENDENT) & placed["score"].notna()]
    rows = []
    for measure, ways in _MATCHED.items():
        for population, kinds in _INDEPENDENT_OF.items():
            for layer_way in ways:
                is_of_population = (independent["measure"] == measure) & independent["kind"].isin(kinds)
                pairs = independent[is_of_population & (independent["matched"] == layer_way)]
                if population in (SAME_RECIPE, OTHER_RECIPE) and pairs.empty:
                    continue
                rows.append({"measure": measure, "population": population, "matched": layer_way, **_summed_up(pairs)})
    return pd.DataFrame(rows).astype({"least": "Int64", "most": "Int64"})


def _summed_up(rows: pd.DataFrame) -> dict[str, object]:
    """The highest score of each pair of roots, summed up; beyond is the upper end for what lies above all of them."""
    highest = by_roots(rows)
    edges = [(str(first), str(second)) for first, second in highest.index]
    roots = len({root for edge in edges for root in edge})
    separate = disjoint_pairs(edges)
    numbers = {
        "pairs": len(rows),
        "root_pairs": len(edges),
        "roots": roots,
        "separate": separate,
        "least": rows["compared"].min() if len(rows) else None,
        "with_least": int((rows["compared"] == rows["compared"].min()).sum()),
        "most": rows["compared"].max() if len(rows) else None,
    }
    if roots < FEWEST_ROOTS:
        reason = f"{roots} roots with independent pairs, fewer than {FEWEST_ROOTS}"
        return {**numbers, "median": None, "quantile": None, "highest": None, "beyond": None, "not_given": reason}
    return {
        **numbers,
        "median": round(float(highest.median()), _DIGITS),
        "quantile": round(float(highest.quantile(QUANTILE)), _DIGITS),
        "highest": float(highest.max()),
        "beyond": binomial_interval(0, separate)[1],
        "not_given": "",
    }


def _rung_table(placed: pd.DataFrame, null: pd.DataFrame) -> pd.DataFrame:
    """What pairs score, a row a kind, rung and measure, and how many lie above all independent pairs.

    Of released models also those whose relation is not documented, and those that are independent.
    """
    highest = {(row.measure, row.population, row.matched): row.highest for row in null.itertuples()}
    reasons = {(row.measure, row.population, row.matched): row.not_given for row in null.itertuples()}
    released = (placed["kind"] == RELEASED) & (placed["truth"] == INDEPENDENT)
    pairs = placed[placed["kind"].isin(_KINDS) & (placed["truth"].isin([DERIVED, ONE_ROOT, UNKNOWN]) | released)]
    rungs = pairs["rung"].where(pairs["kind"] != RELEASED, pairs["truth"]).fillna("")
    rows = []
    for (kind, rung, measure), group in pairs.groupby(
        [pairs["kind"], rungs.rename("told"), pairs["measure"]], sort=False
    ):
        scored_rows = group[group["score"].notna()]
        keys = [(str(measure), str(row.population), str(row.matched)) for row in scored_rows.itertuples()]
        own_null = np.array([highest[key] for key in keys], dtype=float)
        controls_null = np.array([highest[key[0], CONTROLS, key[2]] for key in keys], dtype=float)
        values = scored_rows["score"].to_numpy(dtype=float)
        null_reasons = sorted({str(reasons[key]) for key in keys} - {""})
        rows.append(
            {
                "kind": kind,
                "rung": rung,
                "level": _level(str(rung)),
                "measure": measure,
                "matched": "; ".join(sorted({str(way) for way in scored_rows["matched"]} - {""})),
                "pairs": len(group),
                "tested": len(scored_rows),
                "roots": group["root_b"].replace("", np.nan).nunique(),
                "lowest": float(values.min()) if len(values) else None,
                "middle": round(float(np.median(values)), _DIGITS) if len(values) else None,
                "highest": float(values.max()) if len(values) else None,
                "above": None if null_reasons or not len(values) else int((values > own_null).sum()),
                **_share(scored_rows, None if null_reasons else values > own_null),
                "root_pairs": len(by_roots(scored_rows)),
                "above_controls": _above_by_roots(scored_rows, controls_null),
                **_first(scored_rows, placed, str(measure)),
                "not_given": "; ".join(null_reasons),
            }
        )
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    integer_columns = ("pairs", "tested", "roots", "root_pairs", "above", "above_controls", "first", "others")
    return table.astype(dict.fromkeys(integer_columns, "Int64"))


def _above_by_roots(tested: pd.DataFrame, marks: np.ndarray) -> int | None:
    """How many pairs of roots have a score above the mark of their pair; None where a pair has no mark."""
    if not np.isfinite(marks).all():
        return None
    return int((by_roots(tested.assign(score=tested["score"].astype(float) - marks)) > 0).sum())


def _level(rung: str) -> float | None:
    """How much was done, as the name of a rung ends: steps, a share, bits, or a part of a standard deviation."""
    numbers = re.findall(r"\d+(?:\.\d+)?", rung)
    return float(numbers[-1]) if numbers else None


def _share(rows: pd.DataFrame, above: np.ndarray | None) -> Mapping[str, float | None]:
    """The 95 % interval of the share of roots whose derivations lie above, where each root has one pair (exact)."""
    roots = rows["root_b"].replace("", np.nan).nunique()
    if above is None or not roots or roots != len(rows):
        return {"low": None, "high": None}
    low, high = binomial_interval(int(above.sum()), roots)
    return {"low": low, "high": high}


def _first(rows: pd.DataFrame, placed: pd.DataFrame, measure: str) -> Mapping[str, object]:
    """How many children score higher with their parent than with each other run, and how many runs those are."""
    stranger_pairs = placed[(placed["kind"] == OTHER_PARENT) & (placed["measure"] == measure) & placed["score"].notna()]
    by_child: dict[Hashable, Any] = dict(list(stranger_pairs.groupby("model_a")["score"]))
    children = [(row.score, by_child[row.model_a]) for row in rows.itertuples() if row.model_a in by_child]
    if not children or rows["kind"].iloc[0] != CHILD:
        return {"first": None, "others": None}
    return {
        "first": sum(bool(score > stranger_scores.max()) for score, stranger_scores in children),
        "others": min(len(stranger_scores) for _, stranger_scores in children),
    }

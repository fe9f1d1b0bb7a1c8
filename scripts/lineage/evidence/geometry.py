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
    ONE_ROOT,
    OTHER_PARENT,
    RELEASED,
    RELEASED_RUNG,
    UNKNOWN,
    ComparedPair,
    derived_pairs,
    independent_pairs,
    released_pairs,
)
from lineage.evidence.experiment.tables import sound_design
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

SCORES, NULL, RUNGS = "geometry.csv", "geometry-null.csv", "geometry-rungs.csv"
EMBEDDINGS, HEADS = "embeddings", "heads"
CONTROLS, ALL_RELEASED = "controls", "released"
_MATCHED = {EMBEDDINGS: ("",), HEADS: ("layers by number", "layers by assignment")}
_KINDS = (CHILD, CONTROL_RUNG, RELEASED_RUNG, RELEASED)
_DIGITS = 5  # of a score, as it is committed


def planned_pairs(dataset: Dataset) -> dict[str, list[ComparedPair]]:
    """The pairs of the plan by CONTROLS and ALL_RELEASED, in its order; of controls none without a sound design."""
    measured = [fingerprint.measurement for fingerprint in dataset.fingerprints.values()]
    packaged = tuple(record.model for record in measured if record.address.startswith("package:"))
    design = sound_design(dataset)
    controls = [*independent_pairs(design), *derived_pairs(design)] if design else []
    return {CONTROLS: controls, ALL_RELEASED: list(released_pairs(packaged))}


def scored_pairs(dataset: Dataset) -> set[tuple[str, str]]:
    """The pairs that stand in the table, each by the names of its models."""
    scores = dataset.control_tables.get(SCORES, pd.DataFrame(columns=["model_a", "model_b"]))
    return {(str(a), str(b)) for a, b in zip(scores["model_a"], scores["model_b"], strict=True)}


def derive_geometry(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """geometry-null.csv and geometry-rungs.csv; nothing where no pair was compared."""
    scores = dataset.control_tables.get(SCORES)
    if scores is None or scores.empty:
        return {}
    placed = scores.assign(
        population=np.where(scores["kind"].isin([RELEASED, RELEASED_RUNG]), ALL_RELEASED, CONTROLS),
        matched=scores["matched"].fillna(""),
    )
    null = _null_table(placed)
    rungs = _rung_table(placed, null)
    return {NULL: null, **({RUNGS: rungs} if len(rungs) else {})}


def _null_table(placed: pd.DataFrame) -> pd.DataFrame:
    """What independent pairs reach: a row a measure, population and way of matching layers, each pair of roots once."""
    independent = placed[(placed["truth"] == INDEPENDENT) & placed["score"].notna()]
    rows = []
    for measure, ways in _MATCHED.items():
        for population in (CONTROLS, ALL_RELEASED):
            for matched in ways:
                where = (independent["measure"] == measure) & (independent["population"] == population)
                own = independent[where & (independent["matched"] == matched)]
                rows.append({"measure": measure, "population": population, "matched": matched, **_summed_up(own)})
    return pd.DataFrame(rows)


def _summed_up(own: pd.DataFrame) -> dict[str, object]:
    """The highest score of each pair of roots, summed up; beyond is the upper end for what lies above all of them."""
    ends = [tuple(sorted((str(a), str(b)))) for a, b in zip(own["root_a"], own["root_b"], strict=True)]
    best: dict[tuple[str, ...], float] = {}
    for edge, value in zip(ends, own["score"], strict=True):
        best[edge] = max(value, best.get(edge, -np.inf))
    by_roots = pd.Series(best.values(), dtype=float)
    edges = [(first, second) for first, second in sorted(best)]
    roots = len({root for edge in edges for root in edge})
    separate = disjoint_pairs(edges)
    numbers = {"pairs": len(own), "root_pairs": len(edges), "roots": roots, "separate": separate}
    if roots < FEWEST_ROOTS:
        told = f"{roots} roots with independent pairs, fewer than {FEWEST_ROOTS}"
        return {**numbers, "median": None, "quantile": None, "highest": None, "beyond": None, "not_given": told}
    return {
        **numbers,
        "median": round(float(by_roots.median()), _DIGITS),
        "quantile": round(float(by_roots.quantile(QUANTILE)), _DIGITS),
        "highest": float(by_roots.max()),
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
    shown = placed[placed["kind"].isin(_KINDS) & (placed["truth"].isin([DERIVED, ONE_ROOT, UNKNOWN]) | released)]
    told = shown["rung"].where(shown["kind"] != RELEASED, shown["truth"]).fillna("")
    rows = []
    for (kind, rung, measure), own in shown.groupby([shown["kind"], told.rename("told"), shown["measure"]], sort=False):
        tested = own[own["score"].notna()]
        keys = [(str(measure), str(row.population), str(row.matched)) for row in tested.itertuples()]
        own_null = np.array([highest[key] for key in keys], dtype=float)
        controls_null = np.array([highest[key[0], CONTROLS, key[2]] for key in keys], dtype=float)
        values = tested["score"].to_numpy(dtype=float)
        missing = sorted({str(reasons[key]) for key in keys} - {""})
        rows.append(
            {
                "kind": kind,
                "rung": rung,
                "level": _level(str(rung)),
                "measure": measure,
                "matched": "; ".join(sorted({str(one) for one in tested["matched"]} - {""})),
                "pairs": len(own),
                "tested": len(tested),
                "roots": own["root_b"].replace("", np.nan).nunique(),
                "lowest": float(values.min()) if len(values) else None,
                "middle": round(float(np.median(values)), _DIGITS) if len(values) else None,
                "highest": float(values.max()) if len(values) else None,
                "above": None if missing or not len(values) else int((values > own_null).sum()),
                **_share(tested, None if missing else values > own_null),
                "above_controls": int((values > controls_null).sum()) if np.isfinite(controls_null).all() else None,
                **_first(tested, placed, str(measure)),
                "not_given": "; ".join(missing),
            }
        )
    table = pd.DataFrame(rows)
    if table.empty:
        return table
    whole = ("pairs", "tested", "roots", "above", "above_controls", "first", "others")
    return table.astype(dict.fromkeys(whole, "Int64"))


def _level(rung: str) -> float | None:
    """How much was done, as the name of a rung ends: steps, a share, bits, or a part of a standard deviation."""
    numbers = re.findall(r"\d+(?:\.\d+)?", rung)
    return float(numbers[-1]) if numbers else None


def _share(tested: pd.DataFrame, above: np.ndarray | None) -> Mapping[str, float | None]:
    """The 95 % interval of the share of roots whose derivations lie above, where each root has one pair (exact)."""
    roots = tested["root_b"].replace("", np.nan).nunique()
    if above is None or not roots or roots != len(tested):
        return {"low": None, "high": None}
    low, high = binomial_interval(int(above.sum()), roots)
    return {"low": low, "high": high}


def _first(tested: pd.DataFrame, placed: pd.DataFrame, measure: str) -> Mapping[str, object]:
    """How many children score higher with their parent than with each other run, and how many runs those are."""
    others = placed[(placed["kind"] == OTHER_PARENT) & (placed["measure"] == measure) & placed["score"].notna()]
    by_child: dict[Hashable, Any] = dict(list(others.groupby("model_a")["score"]))
    asked = [(row.score, by_child[row.model_a]) for row in tested.itertuples() if row.model_a in by_child]
    if not asked or tested["kind"].iloc[0] != CHILD:
        return {"first": None, "others": None}
    return {"first": sum(bool(score > own.max()) for score, own in asked), "others": min(len(own) for _, own in asked)}

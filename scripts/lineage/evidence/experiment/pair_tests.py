"""What the tests of two models say, in rows of data/controls/factorial-tests.csv, and how often they reject."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from experiments.factorial.plan import ONE, TWO, PairToTest, pairs_to_test
from lineage.evidence.findings import AXIS, RESPONSES, UNITS
from lineage.methods.exact import PERMUTATION_TEST, RESPONSE_TEST
from lineage.methods.method import Comparison
from lineage.methods.residual_norms import PERMUTATIONS, RESIDUAL_NORMS
from lineage.records import CombinedTest, Design, Match
from lineage.statistics.binomial import binomial_interval

HEADS, NORMS = "heads", "residual norms"
TESTS = (UNITS, HEADS, AXIS, RESPONSES, NORMS)
LEVEL = 0.01
COLUMNS = ("run_a", "run_b", "step", "test", "version", "effect", "log10_p", "log10_floor", "not_testable")
REJECTION_COLUMNS = (
    *("cell", "pairs", "step", "test", "rejected", "able", "unable", "abstained"),
    *("value", "low", "high", "tested", "planned"),
)
MIXED, CHILD = "dense and mixture", "child and parent"


def results_table(pair: PairToTest, match: Match, norms: Comparison) -> pd.DataFrame:
    """One row a test: its effect, log10 of its p-value and of the smallest that could have come, or why there is none.

    The effect is the mean cosine of the middle block, of residual dimensions that of all, of norms the similarity.
    """
    rows = [(pair.a.name, pair.b.name, pair.step, *row) for row in _rows(match, norms)]
    return pd.DataFrame(rows, columns=COLUMNS)


def rejection_table(design: Design, results: pd.DataFrame) -> pd.DataFrame:
    """How often each test rejects at LEVEL, by cell, kind of pair and step of the second run.

    A pair counts where the smallest p-value that could have come is at most LEVEL (able); where it is larger (unable)
    the test could not have rejected, and where there is no p-value it abstained. The interval is Clopper and Pearson's
    over able pairs, which have no run in common but for a parent and its child at several steps: those are apart.
    """
    planned: dict[tuple[str, str, int], int] = {}
    kinds = {}
    for pair in pairs_to_test(design):
        key = (pair.b.cell.id if pair.is_derived else pair.a.cell.id, _kind(pair), pair.step)
        kinds[pair.a.name, pair.b.name, pair.step] = key
        planned[key] = planned.get(key, 0) + 1
    p_values: dict[tuple[str, str, int, str], list[tuple[float, float]]] = {}
    columns = ("run_a", "run_b", "step", "test", "log10_p", "log10_floor")
    for run_a, run_b, step, test, log10_p, floor in results[list(columns)].itertuples(index=False):
        if kind := kinds.get((run_a, run_b, step)):
            p_values.setdefault((*kind, test), []).append((log10_p, floor))
    order = {test: index for index, test in enumerate(TESTS)}
    rows = [
        (*key, *_counted(np.array(p_values[key], dtype=float)), planned[key[:3]])
        for key in sorted(p_values, key=lambda key: (*key[:3], order[key[3]]))
    ]
    return pd.DataFrame(rows, columns=REJECTION_COLUMNS)


def _counted(p_values: np.ndarray) -> tuple[object, ...]:
    """Rejected, able, unable, abstained, the share with its interval, and how many pairs there are.

    p_values is (pairs, 2): log10 of the p-value and of the smallest that could have come.
    """
    log10_p, floor = p_values.T
    testable = np.isfinite(log10_p)
    is_decisive = testable & (floor <= np.log10(LEVEL))
    rejections, trials = int((log10_p[is_decisive] <= np.log10(LEVEL)).sum()), int(is_decisive.sum())
    shares = (rejections / trials, *binomial_interval(rejections, trials)) if trials else (None, None, None)
    return rejections, trials, int((testable & ~is_decisive).sum()), int((~testable).sum()), *shares, len(p_values)


def _kind(pair: PairToTest) -> str:
    if pair.is_derived:
        return CHILD
    if pair.a.cell != pair.b.cell:
        return MIXED
    return ONE if pair.a.recipe == pair.b.recipe else TWO


def _rows(match: Match, norms: Comparison) -> Iterator[tuple[object, ...]]:
    axis, exact = match.residual, PERMUTATION_TEST.version
    yield UNITS, exact, *_combined(match.mlps)
    yield HEADS, exact, *_combined(match.heads)
    yield AXIS, exact, axis.delta, _log10(axis.p), _log10(axis.floor), axis.not_testable or ""
    yield RESPONSES, RESPONSE_TEST.version, *_combined(match.responses)
    floor = None if norms.p is None else _log10(1 / (1 + PERMUTATIONS))
    yield NORMS, RESIDUAL_NORMS.version, norms.similarity, _log10(norms.p), floor, norms.not_testable or norms.note


def _combined(test: CombinedTest | None) -> tuple[float | None, float | None, float | None, str]:
    if test is None:
        return None, None, None, "not asked for"
    effect = test.delta_quartiles[1] if test.delta_quartiles else None
    return effect, test.log10_p, test.log10_floor, test.not_testable or ""


def _log10(p: float | None) -> float | None:
    return None if p is None else float(np.log10(p))

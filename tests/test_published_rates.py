"""Error rates of scores that others published: oracles on small tables, and what the committed ones must hold."""

from dataclasses import replace
from functools import cache
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lineage.evidence.published import (
    SCORED,
    all_published_scores,
    derive_published_power,
    labelled,
    published_error_rates,
    published_roc,
    published_scores,
)
from lineage.records import RELATIONS, Dataset, Relation, Threshold
from lineage.site.pages.methods.published import published_method_pages
from lineage.site.pages.models.model import model_page
from lineage.site.templating import markdown_text
from lineage.statistics.error_rates import MIN_ROOTS, Estimate
from repository import committed

HUREF, TRACING = "tensorlock-huref", "model-tracing"


@cache
def rates() -> list[tuple[str, str, str, float | None, Estimate]]:
    return list(published_error_rates(committed()))


def with_table(name: str, frame: pd.DataFrame) -> Dataset:
    return replace(committed(), tables={**committed().tables, name: frame})


def roots_apart(dataset: Dataset) -> Dataset:
    """The same, where every root counts as a training run of its own, so that each pair of roots is one score."""
    records = {name: record.model_copy(update={"descents": ()}) for name, record in dataset.published.items()}
    return replace(dataset, published=records)


def with_threshold(name: str, value: float) -> Dataset:
    threshold = Threshold(value=value, text="A level.", sources=("tensorlock-repo",))
    record = committed().published[name].model_copy(update={"thresholds": (threshold,)})
    return replace(committed(), published={**committed().published, name: record})


def test_every_scored_set_is_on_record_and_has_a_page_that_says_who_published_it() -> None:
    dataset = committed()

    pages = {page.path: page for page in published_method_pages(dataset)}

    assert set(pages) == {f"methods/{name}.md" for name in SCORED}
    for name in SCORED:
        assert "not measured here" in pages[f"methods/{name}.md"].markdown
        assert "## What breaks it" in pages[f"methods/{name}.md"].markdown


def test_pairs_of_one_family_enter_neither_kind() -> None:
    scores = published_scores(TRACING, committed())

    assert scores is not None
    roots = {frozenset((row.root_a, row.root_b)) for row in scores.independent.itertuples()}
    assert frozenset(("llama-7b", "llama-2-7b")) not in roots
    assert len(scores.independent) + len(scores.derived) < len(committed().tables["model-tracing-permutation.csv"])


def test_a_distance_is_turned_round_before_it_is_ranked() -> None:
    scores = published_scores(TRACING, committed())

    assert scores is not None
    assert scores.distance
    assert scores.derived["shown"].max() < scores.independent["shown"].min()
    assert scores.derived["similarity"].min() > scores.independent["similarity"].max()


def test_the_area_is_that_of_mann_and_whitney_where_every_root_has_one_pair() -> None:
    derivations = committed().tables[f"{HUREF}-derivations.csv"].drop_duplicates("root")
    dataset = roots_apart(with_table(f"{HUREF}-derivations.csv", derivations))
    scores = published_scores(HUREF, dataset)

    area = next(one for name, *_, one in published_error_rates(dataset) if name == HUREF)

    assert scores is not None
    high, low = scores.derived["similarity"], scores.independent["similarity"]
    assert area.value == pytest.approx(stats.mannwhitneyu(high, low).statistic / (len(high) * len(low)))
    assert area.roots == len({*scores.independent["root_a"], *scores.independent["root_b"]})


@pytest.mark.parametrize("cut", [0.0, 0.5, 2.0])
def test_a_threshold_on_record_gets_its_false_positive_rate(cut: float) -> None:
    dataset = roots_apart(with_threshold(HUREF, cut))
    scores = published_scores(HUREF, dataset)

    rate = next(one for name, _, quantity, at, one in published_error_rates(dataset) if name == HUREF and at == cut)

    assert scores is not None
    assert rate.value == pytest.approx(np.mean(scores.independent["similarity"] >= cut))


def test_no_threshold_without_a_source() -> None:
    found = [(name, threshold) for name, _, _, threshold, _ in rates() if threshold]

    assert found == [(name, threshold.value) for name in SCORED for threshold in committed().published[name].thresholds]
    assert all(threshold.sources for name in SCORED for threshold in committed().published[name].thresholds)


def test_too_few_roots_give_words_and_no_figure() -> None:
    estimates = [one for name, *_, one in rates() if name == TRACING]

    assert estimates
    assert all(one.value is None and f"fewer than {MIN_ROOTS}" in one.abstained for one in estimates)
    assert TRACING not in {name for points in published_roc(committed()) for name in points["method"]}
    page = next(page for page in published_method_pages(committed()) if TRACING in page.path)
    assert "Too few roots for a ROC curve" in page.markdown
    assert "too few: 4 independent roots" in "".join(map(str, page.blocks.values()))


def test_the_corners_of_a_curve_keep_its_area() -> None:
    for points in published_roc(committed()):
        x, y = points["false_positive_rate"].to_numpy(), points["true_positive_rate"].to_numpy()
        name = points["method"].iloc[0]
        area = next(one.value for found, *_, one in rates() if found == name)

        assert [x[0], y[0], x[-1], y[-1]] == pytest.approx([0, 0, 1, 1], abs=1e-12)
        assert np.trapezoid(y, x) == pytest.approx(area, abs=1e-9)


def test_power_counts_each_documented_pair_once() -> None:
    power = derive_published_power(committed())

    for name, _, scores in all_published_scores(committed()):
        rows = power[power["method"] == name]
        assert rows["pairs"].sum() == len(scores.derived)
        assert (rows["above_independent"] <= rows["pairs"]).all()
        assert rows["smallest"].min() == pytest.approx(scores.derived["shown"].min())


def test_labelled_pairs_hold_one_root_twice_for_a_derivation() -> None:
    scores = published_scores(HUREF, committed())

    assert scores is not None
    pairs = labelled(scores)
    assert (pairs["root_a"] == pairs["root_b"]).sum() == len(scores.derived)


def test_without_its_table_a_set_gives_nothing() -> None:
    tables = {name: table for name, table in committed().tables.items() if not name.startswith(HUREF)}

    assert published_scores(HUREF, replace(committed(), tables=tables)) is None


@pytest.mark.parametrize("relation", get_args(Relation))
def test_every_relation_that_a_record_may_give_has_words_on_the_pages_of_sets_and_models(relation: Relation) -> None:
    record = committed().published[TRACING]
    models = [one.model_copy(update={"relation": relation}) if one.base_model else one for one in record.models]
    changed = record.model_copy(update={"models": tuple(models)})
    model = next(one for one in committed().models.values() if one.base_model)
    dataset = replace(
        committed(),
        published={TRACING: changed},
        models={**committed().models, model.id: model.model_copy(update={"base_model_relation": relation})},
    )

    (page,) = published_method_pages(dataset)

    words = RELATIONS[relation]
    assert markdown_text(words) in page.markdown
    assert markdown_text(words) in model_page(dataset.models[model.id], dataset).markdown


def test_the_words_of_relations_are_those_of_records() -> None:
    assert set(RELATIONS) == set(get_args(Relation))

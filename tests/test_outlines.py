"""What is known of a measurement without its tables: shape, units and curves, and the charts that are drawn of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lineage.evidence.finding_tables import why_incomparable
from lineage.evidence.pairs import find_pairs
from lineage.measuring.outlines import checked_outline, outline_json, outline_of
from lineage.records import Dataset, Outline, Shape
from lineage.site.pages.models.curves import profile_chart
from lineage.site.pages.pairs.curves import pair_chart
from measured_tables import ROLES, curve_table
from repository import committed

L6, L3 = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-MiniLM-L3-v2"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


def table(layers: int, **more: list[float]) -> pd.DataFrame:
    curves = {role: list(np.linspace(1, 2, layers)) for role in ROLES} | more
    return curve_table(curves).assign(rows=64)


def with_outline(dataset: Dataset, model: str, outline: Outline) -> Dataset:
    found = replace(dataset.fingerprints[model], outline=outline)
    return replace(dataset, fingerprints={**dataset.fingerprints, model: found})


def test_every_outline_on_record_is_that_of_its_table(dataset: Dataset) -> None:
    for model, fingerprint in dataset.fingerprints.items():
        assert outline_json(fingerprint.outline) == outline_json(checked_outline(*fingerprint.read())), model


def test_units_are_those_of_the_widest_layer_and_unknown_without_an_up_matrix() -> None:
    assert outline_of(table(3)).units is None
    assert outline_of(pd.concat([table(3), curve_table({"up": [1.0, 2.0]}).assign(rows=[32, 128])])).units == 128


def test_rows_without_a_layer_count_as_one() -> None:
    queries = curve_table({"q": [1.0, 2.0]}).assign(rows=64, layer=np.nan, expert=["0", "1"])

    assert outline_of(queries).shape == Shape("decoder", 1, 16)


def test_layers_with_attention_are_drawn_in_their_order_whatever_their_numbers(dataset: Dataset) -> None:
    every_fourth = table(3).assign(layer=lambda one: 4 * one["layer"] + 3)
    outline = outline_of(every_fourth)

    chart = profile_chart(dataset.models[L6], outline.profile, outline.shape, "fingerprints/x.csv")

    assert chart is not None
    assert "each of its 3 layers with attention" in chart.description
    assert [depth for role, _, depth, _ in chart.rows if role == "q"] == [0, 0.5, 1]


@pytest.mark.parametrize("matrices", [table(3, k=[1.0, 2.0]), table(1)], ids=["a layer without K", "one layer"])
def test_a_model_whose_roles_do_not_stand_in_the_same_layers_has_no_chart(
    dataset: Dataset, matrices: pd.DataFrame
) -> None:
    outline = outline_of(matrices)

    assert profile_chart(dataset.models[L6], outline.profile, outline.shape, "fingerprints/x.csv") is None


def test_two_models_of_one_name_keep_both_their_curves(dataset: Dataset) -> None:
    pair = next(one for one in find_pairs(dataset) if one.key == {L6, L3})
    named = replace(pair, model_b=pair.model_b.model_copy(update={"name": pair.model_a.name}))

    chart = pair_chart(named, dataset)

    assert {name for _, name, _, _ in chart.rows} == {pair.model_a.id, pair.model_b.id}
    assert (
        chart.svg["wide"].count('<path class="curve')
        == pair_chart(pair, dataset).svg["wide"].count('<path class="curve')
        == 2 * len(ROLES)
    )


def test_units_that_are_unknown_are_no_reason_not_to_compare(dataset: Dataset) -> None:
    one, other = list(dataset.released)[:2]
    known = with_outline(dataset, one, replace(dataset.fingerprints[one].outline, units=100))
    unlike = with_outline(known, other, replace(dataset.fingerprints[other].outline, units=200))

    assert "100 and 200 hidden units" in why_incomparable(one, other, unlike)
    unknown = with_outline(unlike, other, replace(dataset.fingerprints[other].outline, units=None))
    assert why_incomparable(one, other, unknown) == ""

"""The main figure and its sentences say what the record says, and change when the record does."""

import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from lineage.evidence.case_figures import (
    DrawnCase,
    counted_derivations,
    drawn_case,
    other_method_pairs,
    shape_in_dispute,
)
from lineage.evidence.facts import derive_facts
from lineage.imports.importers import COUNTED, NOT_A_DECODER, QUANTISED, with_reasons, without_quantised
from lineage.records import Dataset
from lineage.site.blocks.charts import Chart
from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.cases.evidence_figure import other_method_chart
from lineage.site.pages.cases.null_figure import null_chart
from lineage.site.pages.front import home_page, how_to_read_page
from lineage.site.templating import grouped
from lineage.statistics.binomial import binomial_interval
from lineage.statistics.error_rates import MIN_ROOTS
from repository import committed

SVG = "{http://www.w3.org/2000/svg}"
ROOT_PAIRS, DERIVATIONS = "tensorlock-root-pairs.csv", "tensorlock-derivations.csv"
OTHER_PAIRS = "ghostspec-figure-5.csv"
LLAMA = "meta-llama/Llama-2-7b-hf"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


def with_table(dataset: Dataset, name: str, table: pd.DataFrame) -> Dataset:
    """The dataset with another published table, and the facts that follow from it."""
    return derived_again(replace(dataset, tables={**dataset.tables, name: table}))


def derived_again(dataset: Dataset) -> Dataset:
    facts = derive_facts(dataset, dataset.derived, lambda _: "0" * 64)
    return replace(dataset, derived={**dataset.derived, "facts.csv": facts})


def in_dispute(dataset: Dataset) -> DrawnCase:
    case = drawn_case(dataset.cases["pangu-qwen"], dataset)
    assert case is not None
    return case


def figure_of(dataset: Dataset, language: Language = ENGLISH) -> Chart | None:
    return null_chart(in_dispute(dataset), dataset, language)


def facts_of(dataset: Dataset) -> dict[str, float]:
    table = dataset.derived["facts.csv"]
    return dict(zip(table["name"], table["value"].astype(float), strict=True))


def words_of(dataset: Dataset, language: Language = ENGLISH) -> dict[str, str]:
    """The words of the three pages, numbers in their links and all blocks of HTML included."""
    pages = {
        "home": home_page(dataset, language),
        "case": case_page(dataset.cases["pangu-qwen"], dataset, language),
        "how": how_to_read_page(dataset, language),
    }
    whole = {name: page.markdown + " ".join(map(str, page.blocks.values())) for name, page in pages.items()}
    return {name: " ".join(re.sub(r"<[^>]+>", "", text).split()) for name, text in whole.items()}


def with_shape(dataset: Dataset, model: str, layers: int | None = None, width: int | None = None) -> Dataset:
    """The dataset in which a listed root has another shape, or none on record."""
    published = dataset.published["tensorlock"]
    others = tuple(shape for shape in published.shapes if shape.model != model)
    own = next(shape for shape in published.shapes if shape.model == model)
    if layers and width:
        others += (own.model_copy(update={"layers": layers, "hidden_size": width}),)
    changed = published.model_copy(update={"shapes": others})
    return derived_again(replace(dataset, published={**dataset.published, "tensorlock": changed}))


def test_no_pair_is_of_two_models_of_the_shape_but_one_root_has_it(dataset: Dataset) -> None:
    shape, table = shape_in_dispute(in_dispute(dataset), dataset), dataset.tables[ROOT_PAIRS]
    assert shape is not None
    independent = table[table["independent"] == "yes"]
    qwen = independent[(independent[["root_a", "root_b"]] == "Qwen/Qwen2.5-14B").any(axis=1)]
    facts = facts_of(dataset)

    assert shape.alike == {"Qwen/Qwen2.5-14B"}
    assert not shape.unknown
    assert facts["shape.roots"] == 1
    assert facts["shape.pairs_with"] == len(qwen) == 8
    assert facts["shape.pairs_both"] == 0
    assert facts["shape.highest"] == pytest.approx(qwen["median"].max(), abs=1e-6)
    assert round(facts["shape.highest"], 2) == 0.59


def said_in(chart: Chart) -> str:
    """The words of a figure, without the names of its dots."""
    return re.sub("<title>.*?</title>", "", chart.svg["wide"])


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_a_second_model_of_the_shape_changes_every_page_and_the_figure(dataset: Dataset, language: Language) -> None:
    changed = with_shape(dataset, "openai-community/gpt2", 48, 5120)
    facts = facts_of(changed)
    before, after = words_of(dataset, language), words_of(changed, language)
    chart, other = figure_of(dataset, language), figure_of(changed, language)

    assert facts["shape.roots"] == 2
    assert facts["shape.pairs_both"] == 1
    assert chart is not None
    assert other is not None
    assert marks(other) > marks(chart) == 8
    assert "gpt2" in said_in(other)
    assert "gpt2" not in said_in(chart)
    for page in before:
        assert before[page] != after[page]
    if language is ENGLISH:
        assert all("0 of the 70 pairs are of two models of the shape in dispute" in text for text in before.values())
        assert all("1 of the 70 pairs are of two models of the shape in dispute" in text for text in after.values())
        assert "no such pair was found" in before["home"]
        assert "no such pair was found" not in after["home"]
        assert "None is of two models" in chart.description
        assert "None is of two models" not in other.description


def test_a_root_whose_shape_is_not_on_record_is_said_to_be_unknown(dataset: Dataset) -> None:
    changed = with_shape(dataset, "facebook/opt-125m")
    chart = figure_of(changed)

    assert facts_of(changed)["shape.unknown_roots"] == 1
    assert "Of 1 roots the shape is not on record" in words_of(changed)["home"]
    assert chart is not None
    assert "None is known to be of two models" in chart.description


def test_the_record_of_a_model_goes_before_the_list_of_a_published_set(dataset: Dataset) -> None:
    own = dataset.models[LLAMA]
    qwen = dataset.models["Qwen/Qwen2.5-14B"].architecture
    models = {**dataset.models, LLAMA: own.model_copy(update={"architecture": qwen})}
    shape = shape_in_dispute(in_dispute(replace(dataset, models=models)), replace(dataset, models=models))

    assert shape is not None
    assert LLAMA in shape.alike


def test_a_pair_above_the_score_changes_the_count_and_the_interval(dataset: Dataset) -> None:
    table = dataset.tables[ROOT_PAIRS]
    new = {"root_a": "x/new", "root_b": LLAMA, "independent": "yes", "model_pairs": 1}
    row = pd.DataFrame([{**new, "minimum": 0.95, "median": 0.95, "maximum": 0.95}])
    changed = with_table(dataset, ROOT_PAIRS, pd.concat([table, row], ignore_index=True))
    facts, words = facts_of(changed), words_of(changed)["home"]

    assert facts["null.root_pairs"] == 71
    assert facts["null.below_disputed"] == 70
    assert facts["null.at_or_above_disputed"] == 1
    assert facts["null.share_high"] > facts_of(dataset)["null.share_high"]
    assert "Pairs of independent training runs, as TensorLock labels them 1 of 71 The highest: 0.950." in words
    assert "1 of 71 score as high" in words
    assert "have no run in common" not in words


def test_where_the_score_lies_is_said_alike_for_both_sides(dataset: Dataset) -> None:
    """Above which pairs and below which, and between which two scores no pair of either kind lies."""
    drawn = in_dispute(dataset)
    medians, derived = drawn.independent_pairs["median"], drawn.counted_derivations["similarity"]
    either = pd.concat([medians, derived])
    gap = f"{either[either < 0.927].max():.3f} and {either[either > 0.927].min():.3f}"
    lower, higher = int((derived < 0.927).sum()), int((derived > 0.927).sum())

    assert (lower, higher, gap) == (4, 86, "0.918 and 0.991")
    pages = words_of(dataset)
    for page in ("case", "how"):
        assert "0.927 lies above all 70 pairs of training runs that TensorLock labels independent" in pages[page]
        assert f"below {higher} of {len(derived)} documented derivations; {lower} score lower" in pages[page]
    for page in ("home", "case"):
        assert "independent training runs, as TensorLock labels them 0 of 70 The highest: 0.918." in pages[page]
        assert f"Documented parents and children {higher} of {len(derived)} Lower: {lower}, from 2 of 13" in pages[page]
        assert "Pairs of independent models of the shape in dispute unknown 0 of the 70 pairs are" in pages[page]
        assert "small models of 6 layers, trained here alike on purpose 66 of 66 Of those of as many" in pages[page]
        assert f"No pair of the first two rows scores between {gap}" in pages[page]
    assert all(f"None of these pairs, of either kind, scores between {gap}" in pages[page] for page in ("case", "how"))


def test_a_score_that_ties_counts_as_reached_on_both_sides(dataset: Dataset) -> None:
    drawn = in_dispute(dataset)
    derivations, roots = dataset.tables[drawn.sources.derivations].copy(), dataset.tables[ROOT_PAIRS].copy()
    first = derivations.index.get_loc(drawn.counted_derivations["similarity"].idxmin())
    derivations.loc[derivations.index[first], "similarity"] = 0.927
    roots.loc[drawn.independent_pairs["median"].idxmax(), ["minimum", "median", "maximum"]] = 0.927
    tied = with_table(with_table(dataset, ROOT_PAIRS, roots), drawn.sources.derivations, derivations)

    facts, words = facts_of(tied), words_of(tied)["home"]

    assert facts["derivations.at_or_above_disputed"] == facts["derivations.above_disputed"] + 1 == 87
    assert "1 of 70 The highest: 0.927." in words
    assert "87 of 90 Lower: 3" in words


def test_the_two_recipes_of_mixtures_are_told_apart(dataset: Dataset) -> None:
    chart, design = figure_of(dataset), dataset.designs["factorial"]
    high = {recipe.id: {*recipe.high} for recipe in design.recipes}

    assert chart is not None
    assert "At or right of the line lie 4 of 4 by recipe r1, 0 of 4 by recipe r2." in chart.description
    unlike = f"differ in {len(high['r1'] ^ high['r2'])} of the {len(design.factors)} ways in which training is varied"
    assert unlike in chart.description


def test_a_share_is_rounded_alike_in_the_figure_and_below_it(dataset: Dataset) -> None:
    chart, share = figure_of(dataset), facts_of(dataset)["experiment.one_recipe_share_high"]

    assert chart is not None
    assert f"0 to {grouped(share)} % of such pairs" in chart.description.replace("\u00a0", " ")
    assert f"0 to {grouped(share)} %; " in words_of(dataset)["case"].replace("\u00a0", " ")


def test_the_error_stands_where_the_rank_stands(dataset: Dataset) -> None:
    rates = dataset.derived["error-rates.csv"]
    row = rates[(rates["set"] == "published by TensorLock") & (rates["threshold"] == 0.927)].iloc[0]
    facts = facts_of(dataset)

    assert (
        facts["null.share_high"]
        == pytest.approx(100 * row["high"], abs=1e-3)
        == pytest.approx(100 * binomial_interval(0, 6)[1], abs=1e-3)
    )
    assert facts["null.share_low"] == 100 * row["low"] == 0
    assert facts["null.separate_pairs"] == 6
    for page, text in words_of(dataset).items():
        assert "0 of 70 score as high; but they are made of only 13 training runs" in text, page
        error = "6 of the pairs, taken in order of name, share no run, so anything from 0 to 46 % of all such pairs"
        assert error in text, page


def test_one_rule_counts_both_groups(dataset: Dataset) -> None:
    table = dataset.tables[DERIVATIONS]
    counted = counted_derivations(table)

    assert (counted["decoder"] == "yes").all()
    assert (counted["relation"] != "quantized").all()
    assert set(table["left_out"]) == {COUNTED, NOT_A_DECODER, QUANTISED}
    members = {"root": ["base", "copy-gguf", "tune"]}
    edges = pd.DataFrame({"derived_model": ["copy-gguf", "tune"], "relation": ["quantized", "finetune"]})
    assert without_quantised(members, edges) == {"root": ["base", "tune"]}


def test_a_reason_stands_beside_each_derivation_that_is_left_out() -> None:
    edges = pd.DataFrame(
        {"decoder": ["yes", "yes", "no", "no"], "relation": ["merge", "quantized", "peft", "quantized"]}
    )

    assert list(with_reasons(edges)["left_out"]) == [COUNTED, QUANTISED, NOT_A_DECODER, NOT_A_DECODER]


def test_a_derivation_that_falls_below_changes_figure_and_sentence(dataset: Dataset) -> None:
    table = dataset.tables[DERIVATIONS].copy()
    place = table.index[(table["left_out"] == COUNTED) & (table["root"] == LLAMA)][0]
    table.loc[place, "similarity"] = 0.5
    changed = with_table(dataset, DERIVATIONS, table)
    chart = figure_of(changed)

    assert facts_of(changed)["derivations.below_disputed"] == 5
    assert chart is not None
    assert "5 of 90" in chart.description
    assert all("5 of 90" in text for text in words_of(changed).values())


def lanes_of(chart: Chart) -> list[str]:
    return [str(part.get("class")) for part in drawn(chart).iter(f"{SVG}g") if "lane" in str(part.get("class"))]


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_models_of_the_disputed_depth_stand_below_with_derivations_of_their_own(
    dataset: Dataset, language: Language
) -> None:
    chart = figure_of(dataset, language)
    assert chart is not None
    said, facts = "".join(drawn(chart).itertext()), facts_of(dataset)

    assert lanes_of(chart) == [f"lane {kind}" for kind in ("independent", "derived", "aside", "aside", "derived")]
    for name in ("two_recipes_pairs", "one_recipe_pairs", "children", "width", "steps", "runs", "planned"):
        assert grouped(facts[f"experiment.{name}"]) in said
    for name in ("two_recipes_lowest", "two_recipes_highest", "one_recipe_lowest", "one_recipe_highest"):
        assert f"{abs(facts[f'experiment.{name}']):.2f}" in said


@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_models_trained_here_are_an_aside_with_what_they_are(dataset: Dataset, language: Language) -> None:
    alone = replace(dataset, designs={})  # where none was trained by design
    chart = figure_of(alone, language)
    assert chart is not None
    lanes = lanes_of(chart)
    said = "".join(drawn(chart).itertext())
    home, both = home_page(alone, language), home_page(dataset, language)

    assert lanes == ["lane independent", "lane derived", "lane aside"]
    for number in ("192", "700", "48", "5\u202f120", "2.46" if language is ENGLISH else "246", "72"):
        assert number in said
    told = [one.markdown + " ".join(map(str, one.blocks.values())) for one in (home, both)]
    assert "experiment." in told[1]
    assert ["controls.reaching_disputed" in one for one in told] == ["experiment." in one for one in told]


def test_recipes_that_differ_are_counted(dataset: Dataset) -> None:
    runs = dataset.control_tables["runs.csv"].copy()
    first = runs.index[runs["kind"] == "seed"][0]
    runs["steps"] = runs["steps"].astype(int)
    runs.loc[first, "steps"] = 300
    changed = derived_again(replace(dataset, designs={}, control_tables={**dataset.control_tables, "runs.csv": runs}))
    chart = figure_of(changed)

    assert facts_of(dataset)["controls.recipes"] == 1
    assert facts_of(changed)["controls.recipes"] == 2
    assert chart is not None
    assert "2 recipes on 1 texts" in chart.description


def test_unverified_numbers_of_both_sides_are_drawn_for_neither_and_said_for_both(dataset: Dataset) -> None:
    chart, home = figure_of(dataset), unescape(words_of(dataset)["home"])

    assert chart is not None
    assert not {0.91, 0.3, 0.7} & {
        row[-1] for row in chart.rows if "–" not in str(row[1])
    }  # ends of heaps are no scores
    assert "0.91 reported, unverified" in home
    assert "0.3 to 0.7 reported, unverified" in home


def test_the_form_of_a_dot_and_not_its_colour_is_what_words_call_it_by(dataset: Dataset) -> None:
    for language in (ENGLISH, CHINESE):
        chart, other = figure_of(dataset, language), other_method_chart(in_dispute(dataset), dataset, language)
        assert chart is not None
        assert other is not None
        assert marks(chart) == 8
        assert marks(other) == 4
        for one in (chart, other):
            assert not re.search(r"dark|light|strong|深色|浅色", "".join(drawn(one).itertext()))


def test_ghostspecs_pairs_are_all_drawn_and_the_rank_is_counted(dataset: Dataset) -> None:
    table, pairs = dataset.tables[OTHER_PAIRS], other_method_pairs(in_dispute(dataset), dataset)
    chart, facts = other_method_chart(in_dispute(dataset), dataset), facts_of(dataset)
    assert pairs is not None
    assert chart is not None
    scores = np.sort(pairs.unrelated["similarity"])[::-1]

    assert list(scores[:3]) == [0.78, 0.55, 0.34]
    assert len(scores) == 18
    assert (scores[3:] <= 0.08).all()
    assert facts["other_method.unrelated"] == facts["other_method.unrelated_below"] == 18
    assert (facts["other_method.root_pairs"], facts["other_method.roots"], facts["other_method.separate_pairs"]) == (
        9,
        5,
        2,
    )
    assert len(chart.rows) == len(table) == 28
    assert len(list(drawn(chart).iter(f"{SVG}circle"))) == 27  # and one line
    assert "Higher than 18 of 18 pairs with no documented relation" in words_of(dataset)["case"]


def test_a_pair_above_ghostspecs_score_changes_its_rank(dataset: Dataset) -> None:
    table = dataset.tables[OTHER_PAIRS].copy()
    table.loc[(table == "stabilityai/stablelm-2-12b").any(axis=1), "similarity"] = 0.94

    assert facts_of(with_table(dataset, OTHER_PAIRS, table))["other_method.unrelated_below"] == 12


def test_no_curve_where_its_area_is_refused(dataset: Dataset) -> None:
    rates = dataset.derived["error-rates.csv"]
    areas = rates[rates["quantity"] == "area under the ROC"]
    given = {(row["method"], row["set"]) for row in areas.to_dict("records") if row["roots"] >= MIN_ROOTS}
    curves = dataset.derived["roc.csv"]

    assert len(areas) > len(given) > 0
    assert set(zip(curves["method"], curves["set"], strict=True)) == given


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(chart.svg["wide"])  # noqa: S314 - our own drawing


def marks(chart: Chart) -> int:
    """How many pairs are drawn as diamonds; one more stands in the key."""
    return sum(path.get("class") == "mark" for path in drawn(chart).iter(f"{SVG}path")) - 1

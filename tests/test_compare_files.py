"""The files behind the page of comparisons: whole, small, each pair once, in the words of the derived tables."""

import json
from typing import Any

import numpy as np
import pytest

from lineage.evidence.findings import Status
from lineage.evidence.named_models import named_models
from lineage.evidence.pairs import compare_address, find_pairs
from lineage.evidence.positions import FEWEST_ROOTS_FOR_P
from lineage.methods.registry import EXACT_TESTS, METHODS
from lineage.methods.std_profile import std_curves
from lineage.records import Dataset, model_slug
from lineage.site.pages.comparison import compare
from lineage.site.pages.comparison.compare import FOLDER, MOST_BYTES, compare_files, in_blocks
from lineage.site.pages.comparison.heatmap import heat_step
from lineage.site.pages.comparison.models import model_file, standard_curve
from lineage.site.pages.pair_words import position_text, status_words
from lineage.site.templating import power_of_ten
from repository import committed

MINILM, PARAPHRASE = "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/paraphrase-MiniLM-L3-v2"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return committed()


@pytest.fixture(scope="module")
def files(dataset: Dataset) -> dict[str, Any]:
    return {path: json.loads(text) for path, text in compare_files(find_pairs(dataset), dataset)}


def rows(files: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every row of a pair by both slugs; fails where one stands twice or in a block where nobody looks for it."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path, content in files.items():
        first, marker, number = path.removeprefix(f"{FOLDER}/").removesuffix(".json").partition(".pairs-")
        block = {} if first.startswith("names-") else content if marker else content["rows"]
        for second, row in block.items():
            starts = files[f"{FOLDER}/{first}.json"]["blocks"]
            assert sum(start <= second for start in starts) == int(number or 0)
            assert first < second
            assert (first, second) not in found
            found[first, second] = row
    return found


def test_no_file_is_larger_than_thirty_kilobytes(dataset: Dataset) -> None:
    sizes = {path: len(text.encode()) for path, text in compare_files(find_pairs(dataset), dataset)}

    assert len(sizes) > 100
    assert {path: size for path, size in sizes.items() if size > 30_000} == {}


def test_rows_of_a_size_go_on_in_further_blocks(
    dataset: Dataset, files: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "MOST_BYTES", 2_000)
    pairs = find_pairs(dataset)

    cut = {path: json.loads(text) for path, text in compare_files(pairs, dataset)}

    assert max(len(content["blocks"]) for path, content in cut.items() if "rows" in content) > 2
    assert rows(cut) == rows(files)


def test_every_model_and_everything_made_here_has_a_file(dataset: Dataset, files: dict[str, Any]) -> None:
    listed = [slug for path, rows in files.items() if "/names-" in path for slug, *_ in rows]

    assert set(listed) == {model_slug(name) for name in (*dataset.models, *named_models(dataset), *dataset.controls)}
    assert all(f"{FOLDER}/{slug}.json" in files for slug in listed)


def test_every_scored_pair_stands_in_the_block_where_it_is_looked_for(dataset: Dataset, files: dict[str, Any]) -> None:
    table = dataset.derived["scores.csv"]
    wanted = {
        tuple(sorted((model_slug(a), model_slug(b)))) for a, b in zip(table["model_a"], table["model_b"], strict=True)
    }

    found = rows(files)

    assert wanted <= set(found)
    assert sum(len(row["scores"]) for row in found.values()) == len(table)


def test_findings_are_the_words_of_the_derived_table(dataset: Dataset, files: dict[str, Any]) -> None:
    found = rows(files)
    seen = 0
    for row in dataset.derived["findings.csv"].to_dict("records"):
        first, second = sorted((model_slug(row["model_a"]), model_slug(row["model_b"])))
        finding = found[first, second]["finding"]
        assert (finding["status"], finding["sentence"]) == (status_words(row["status"]), row["reason"])
        seen += 1
    assert seen > 50


def test_a_pair_without_a_row_has_the_sentence_of_the_tested_function(dataset: Dataset) -> None:
    pangu = model_file("ascend-tribe/pangu-pro-moe-model", dataset)["unrecorded"]
    minilm = model_file(MINILM, dataset)["unrecorded"]

    assert pangu["unmeasured"] == {
        "status": Status.NOT_MEASURED,
        "sentence": "the weights of neither have been read here",
    }
    assert pangu["measured"]["status"] == minilm["unmeasured"]["status"] == Status.NOT_MEASURED
    assert minilm["measured"]["status"] == Status.INCONCLUSIVE


def test_curves_have_mean_zero_and_spread_one(dataset: Dataset, files: dict[str, Any]) -> None:
    curves = files[f"{FOLDER}/{model_slug(MINILM)}.json"]["curves"]
    measured = std_curves(dataset.fingerprints[MINILM].matrices)

    assert set(curves) == {"q", "k", "v", "o", "up", "down"}
    for role, curve in measured.items():
        assert np.mean(curves[role]) == pytest.approx(0, abs=1e-3)
        assert np.corrcoef(curves[role], curve)[0, 1] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("curve", [[], [1.0], [2.0, 2.0, 2.0], [1.0, np.nan]])
def test_a_curve_that_cannot_be_standardised_is_not_drawn(curve: list[float]) -> None:
    assert standard_curve(np.array(curve)) == []


def test_an_address_does_not_depend_on_the_order() -> None:
    assert compare_address(MINILM, PARAPHRASE) == compare_address(PARAPHRASE, MINILM)
    assert compare_address(MINILM) == "compare/?a=sentence-transformers_all-minilm-l6-v2"


def test_blocks_hold_every_row_in_order_and_stay_small() -> None:
    given = {f"m{number:04}": "x" * 997 for number in range(1000)}

    blocks = list(in_blocks(given))

    assert [name for block in blocks for name in block] == sorted(given)
    assert len(blocks) > 40
    assert max(len(json.dumps(list(block.values()))) for block in blocks) < MOST_BYTES + 2_000


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((20, 39, 20, 38, 0.05, ""), "higher than 20 of 20 and 38 of 39 control roots; p = 0.05"),
        ((1, 4, 0, 4, np.nan, "no p: too few"), "higher than 0 of 1 and 4 of 4 control roots"),
        ((0, 2, np.nan, np.nan, np.nan, "no matched controls for x"), "cannot tell: no such control on record"),
        ((0, 0, np.nan, np.nan, np.nan, "the pair has no score"), "cannot tell: the pair has no score"),
    ],
)
def test_a_place_among_controls_counts_those_below(row: tuple[Any, ...], words: str) -> None:
    names = ("n_a", "n_b", "below_a", "below_b", "p", "abstained")

    assert position_text(dict(zip(names, row, strict=True))) == words


def test_no_p_is_printed_among_fewer_roots_than_could_make_it_small(dataset: Dataset, files: dict[str, Any]) -> None:
    positions = dataset.derived["positions.csv"]
    ranked = positions[positions["below_a"].notna()]
    few = ranked[ranked[["n_a", "n_b"]].min(axis=1) < FEWEST_ROOTS_FOR_P]

    assert few["p"].isna().all()
    assert few["abstained"].str.startswith("no p: ").all()
    assert all("p =" not in position_text(row) for row in few.to_dict("records"))
    assert all(f" of {row['n_a']} and " in position_text(row) for row in few.to_dict("records"))
    assert len(few) > 20
    screened = [
        place
        for row in rows(files).values()
        for one in row["scores"]
        if "exact" not in "".join(one["places"])
        for place in one["places"]
    ]
    assert screened
    assert not [place for place in screened if "p =" in place or "p ≈" in place]


def test_that_a_place_is_not_computed_for_models_made_here_stands_beside_those_alone(
    dataset: Dataset, files: dict[str, Any]
) -> None:
    made = {model_slug(name) for name in dataset.controls}
    said = [
        pair
        for pair, row in rows(files).items()
        for one in row["scores"]
        if "not computed for models made here" in one["places"]
    ]

    assert said
    assert all({*pair} & made for pair in said)


def test_each_score_has_a_row_of_its_own_under_the_name_of_its_method(dataset: Dataset, files: dict[str, Any]) -> None:
    table = dataset.derived["scores.csv"]
    exact = table[table["method"].isin(EXACT_TESTS) & (table["not_testable"] == "")]
    found = rows(files)

    for row in found.values():
        names = [one["method"] for one in row["scores"]]
        assert len(set(names)) == len(names)
    for row in exact.to_dict("records"):
        first, second = sorted((model_slug(row["model_a"]), model_slug(row["model_b"])))
        (shown,) = [one for one in found[first, second]["scores"] if one["method"] == METHODS[row["method"]].name]
        assert shown["places"] == [f"p {power_of_ten(row['log10_p'])} by an exact test"]
        assert row["component"] in shown["score"]
    assert len(exact) > 250


def test_a_finding_by_residual_dimensions_alone_says_so_and_what_was_chosen_later(files: dict[str, Any]) -> None:
    row = rows(files)[model_slug(MINILM), model_slug(PARAPHRASE)]

    score_words = next(one["score"] for one in row["scores"] if one["method"] == "Exact permutation test")
    assert "0.875 of residual dimensions, which alone are unlike chance" in score_words
    assert row["finding"]["later"].startswith(
        f"Part of the test was chosen after a result of {MINILM} and {PARAPHRASE}"
    )
    later = {pair for pair, one in rows(files).items() if one["finding"] and "later" in one["finding"]}
    assert all(model_slug(PARAPHRASE) in pair for pair in later)
    assert len(later) == 3


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (-1, 0),
        (-0.69, 0),
        (-0.2, 2),
        (0, 3),
        (0.05, 3),
        (0.1, 4),
        (0.55, 5),
        (0.8, 7),
        (0.97, 9),
        (0.9999, 10),
        (1, 10),
    ],
)
def test_colours_go_up_with_the_score(value: float, step: int) -> None:
    assert heat_step(value) == step


def test_without_any_table_every_model_still_has_a_file(dataset: Dataset) -> None:
    bare = Dataset(models=dataset.models, sources=dataset.sources)

    files = {path: json.loads(text) for path, text in compare_files([], bare)}

    assert f"{FOLDER}/{model_slug(MINILM)}.json" in files
    assert files[f"{FOLDER}/{model_slug(MINILM)}.json"]["measured"] is False

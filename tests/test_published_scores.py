"""Numbers that others published of a pair: of several the median with its ends, and each as it was published."""

import re
from dataclasses import replace

import pytest

from lineage.evidence.pairs import published_scores, scores_of
from lineage.records import Dataset
from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.pages.models.model import model_page
from lineage.site.pages.pair_words import published_value
from repository import tiny

TABLE = "tensorlock-root-pairs.csv"
ROOT, OTHER = "Qwen/Qwen2.5-14B", "meta-llama/Llama-2-7b-hf"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """The tiny record, with a row of two roots whose models have three scores."""
    record = tiny()
    frame = record.tables[TABLE]
    frame = frame[(frame["root_a"] != ROOT) & (frame["root_b"] != ROOT)].reset_index(drop=True)
    row = {"root_a": ROOT, "root_b": OTHER, "independent": "yes", "model_pairs": 3}
    frame.loc[len(frame)] = row | {"minimum": -0.125, "median": 0.25, "maximum": 0.5}
    return replace(record, tables={**record.tables, TABLE: frame})


def test_of_several_scores_the_median_stands_with_the_lowest_and_the_highest(dataset: Dataset) -> None:
    [score] = [own for own in published_scores(dataset, OTHER, ROOT) if own.file.endswith(TABLE)]

    assert (score.measure, score.value, score.spread) == ("Median", 0.25, (-0.125, 0.5))
    assert (OTHER, score) in list(scores_of(dataset, ROOT))


@pytest.mark.parametrize(("language", "words"), [(ENGLISH, "0.25 (−0.125 to 0.5)"), (CHINESE, "0.25（−0.125 至 0.5）")])
def test_the_page_of_a_model_prints_them_together(dataset: Dataset, language: Language, words: str) -> None:
    page = model_page(dataset.models[ROOT], dataset, language)

    assert any(words in re.sub(r"<[^>]*>", "", block) for block in page.blocks.values())


def test_a_number_that_was_published_alone_stands_alone(dataset: Dataset) -> None:
    [figure] = [
        own
        for own in published_scores(dataset, "ascend-tribe/pangu-pro-moe-model", ROOT)
        if own.published.id == "honestagi"
    ]

    assert figure.spread == ()
    assert published_value(figure) == "0.927"

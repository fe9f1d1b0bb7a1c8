"""Cases: every sentence leads to a source, in the records and on the page; what a case lacks is said; their order."""

from dataclasses import replace

import pytest

from case_sentences import blocks, listed_sources, sentences, uncited, unsourced
from lineage.pages import Page
from lineage.pages.cases import case_page, cases_page, grouped_cases
from lineage.pages.evidence_figure import evidence_chart
from lineage.records import Case, Cited, Dataset
from lineage.store import load_dataset
from lineage.translation import with_words
from repository import ROOT

DATASET, _ = load_dataset(ROOT / "data")
CASES = sorted(DATASET.cases)
PANGU = DATASET.cases["pangu-qwen"]


def records(case_id: str) -> dict[str, Case]:
    claims = {claim.id: claim for claim in DATASET.claims[case_id]}
    return {"case": DATASET.cases[case_id], **claims}


def other_words(_: str) -> str:
    return "Other words."


def same_case_in_other_words(case_id: str) -> Page:
    case = with_words(DATASET.cases[case_id], other_words)
    claims = {case_id: tuple(with_words(claim, other_words) for claim in DATASET.claims[case_id])}
    dataset = replace(DATASET, cases={case_id: case}, claims=claims)
    return case_page(case, dataset)


def without_first_mark(page: Page, words: str) -> Page:
    """The page with the citation marks of the line that holds these words removed."""
    lines = [line.partition("<sup")[0] if words in line else line for line in page.markdown.splitlines()]
    return replace(page, markdown="\n".join(lines))


@pytest.mark.parametrize("case_id", CASES)
def test_every_text_of_a_case_names_sources_that_exist(case_id: str) -> None:
    assert unsourced(records(case_id), DATASET.sources) == []
    assert len(list(sentences(DATASET.cases[case_id], "case"))) > 10


BROKEN = {
    "an item without a source": {"settle": (Cited.model_construct(text="Nobody knows.", sources=()),)},
    "a source without a record": {"unknown": (Cited(text="Nobody knows.", sources=("no-such-source",)),)},
    "a status without a source": {"status_sources": ()},
    "a question without a source": {"question_sources": ()},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_text_without_a_source_is_found(broken: dict[str, object]) -> None:
    assert len(unsourced({"case": PANGU.model_copy(update=broken)}, DATASET.sources)) == 1


@pytest.mark.parametrize("case_id", CASES)
def test_every_sentence_of_a_case_page_leads_to_a_source(case_id: str) -> None:
    page = case_page(DATASET.cases[case_id], DATASET)

    assert uncited(page, same_case_in_other_words(case_id)) == []


@pytest.mark.parametrize("case_id", CASES)
def test_every_text_of_a_record_stands_on_the_page_with_its_own_sources(case_id: str) -> None:
    page = case_page(DATASET.cases[case_id], DATASET)
    listed, found = listed_sources(page), blocks(page)

    for where, record in records(case_id).items():
        for sentence in sentences(record, where):
            cited = [
                {listed[mark] for mark in block.marks}
                for block in found
                if " ".join(sentence.text.split()) in block.text
            ]
            assert any(set(sentence.sources) <= sources for sources in cited), sentence


MARKED = ("On 2 July 2025 a preprint", "The Lab states that Pangu Pro MoE", "Early checkpoints")


@pytest.mark.parametrize("words", MARKED)
def test_a_sentence_without_a_mark_is_found(words: str) -> None:
    page = case_page(PANGU, DATASET)
    assert words in " ".join(block.text for block in blocks(page))
    broken = without_first_mark(page, words)

    found = uncited(broken, same_case_in_other_words("pangu-qwen"))

    assert len(found) == 1
    assert words in found[0]


def test_a_mark_that_leads_nowhere_is_found() -> None:
    page = case_page(PANGU, DATASET)
    broken = replace(page, markdown=page.markdown.replace("#source-3", "#source-999", 1))

    assert len(uncited(broken, same_case_in_other_words("pangu-qwen"))) == 1


def test_the_table_across_cases_leads_to_sources() -> None:
    cases = {name: with_words(case, other_words) for name, case in DATASET.cases.items()}

    assert uncited(cases_page(DATASET), cases_page(replace(DATASET, cases=cases))) == []


def test_disputes_come_first_in_order_of_date() -> None:
    disputes, documented = ([case.id for case in group] for group in grouped_cases(DATASET).values())

    assert disputes == ["yi-llama", "pangu-qwen", "solar-glm", "rakuten-deepseek"]
    assert documented == ["qwen1.5-moe", "r1-distill-qwen"]


def bare(case: Case) -> Dataset:
    """A dataset of one case that has nothing but what a record must have."""
    parts = ("other_tests", "architecture_notes", "hardware", "unknown", "settle", "events")
    stripped = case.model_copy(update={"licence": None, **dict.fromkeys(parts, ())})
    return replace(DATASET, cases={case.id: stripped}, claims={}, published={}, derived={})


def test_what_a_case_lacks_is_said() -> None:
    dataset = bare(PANGU)

    text = " ".join(block.text for block in blocks(case_page(dataset.cases[PANGU.id], dataset)))

    for words in (
        "No claim by a third party was found as of 24 November 2026.",
        "No claim is on record as of 24 November 2026.",
        "No evidence measured here",
        "No published score of this pair was found as of 24 November 2026.",
        "No other test was found as of 24 November 2026.",
        "No dated event is on record.",
        "No open question is on record.",
        "Nothing is on record that would settle it.",
    ):
        assert words in text, words


def test_a_case_that_lacks_nothing_says_nothing_is_missing() -> None:
    text = " ".join(block.text for block in blocks(case_page(PANGU, DATASET)))

    for words in ("No claim", "No other test", "No dated event", "No open question", "Nothing is on record"):
        assert words not in text, words


def test_a_claim_about_a_family_of_models_has_no_pair() -> None:
    page = case_page(DATASET.cases["yi-llama"], DATASET)
    text = " ".join(block.text for block in blocks(page))

    assert "no single model is named for the other side" in text
    assert "pairs/" not in page.markdown


def test_scores_stand_beside_the_same_measure_on_other_pairs() -> None:
    page = case_page(DATASET.cases["solar-glm"], DATASET)
    table = next(str(html) for html in page.blocks.values() if 'id="case-scores"' in str(html))

    for figure in DATASET.published["solar-glm"].figures:
        assert f"published/#solar-glm-{figure.id}" in table
    assert table.count("the null of the first report") == 2


def test_the_figure_of_a_case_draws_every_figure_of_its_groups() -> None:
    published = DATASET.published["solar-glm"]

    chart = evidence_chart(DATASET.cases["solar-glm"], published)

    assert chart is not None
    drawn = sorted(chart.rows)
    assert drawn == sorted((figure.group, figure.value) for figure in published.figures if figure.group)
    assert chart.svg["wide"].count('class="strong"') == 2  # the pair of the case, before and after centring


def test_figures_without_a_group_are_not_drawn() -> None:
    assert evidence_chart(PANGU, DATASET.published["honestagi"]) is None

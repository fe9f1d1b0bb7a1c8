"""Cases: every sentence leads to a source, in the records and on the page; what a case lacks is said; their order."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from case_sentences import blocks, listed_sources, sentences, uncited, unsourced
from lineage.records import ANSWERED, Case, Cited, Dataset, first_day
from lineage.site.pages import Page
from lineage.site.pages.cases.case import case_page, cases_page, grouped_cases, last_looked
from lineage.site.pages.cases.evidence_figure import evidence_chart
from lineage.site.pages.cases.testable import grouped_lines, part_lines
from lineage.site.translation import with_words
from lineage.store.files import load_dataset
from repository import ROOT, committed

DATASET = committed()
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
    dataset = replace(DATASET, cases=dict(DATASET.cases) | {case_id: case}, claims=claims)
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
            if sentence.where.startswith(ELSEWHERE):
                continue
            cited = [
                {listed[mark] for mark in block.marks}
                for block in found
                if " ".join(sentence.text.split()) in block.text
            ]
            assert any(set(sentence.sources) <= sources for sources in cited), sentence


# Texts that stand on the front page and inside figures: tests/test_main_figure.py reads them there.
ELSEWHERE = ("case.home", "case.figure[0].explained", "case.figure[0].other_method[0].explained")
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
    groups = list(grouped_cases(DATASET).values())
    dates = [[first_claim(case) for case in group] for group in groups]

    assert [{case.kind for case in group} for group in groups] == [{"dispute"}, {"documented derivation"}]
    assert sorted(case.id for group in groups for case in group) == CASES
    assert dates == [sorted(group) for group in dates]


def first_claim(case: Case) -> date:
    return min((first_day(claim.date) for claim in DATASET.claims[case.id] if claim.date), default=date.max)


def bare(case: Case) -> Dataset:
    """A dataset of one case that has nothing but what a record must have."""
    parts = ("other_tests", "architecture_notes", "hardware", "unknown", "settle", "events")
    stripped = case.model_copy(update={"licence": None, **dict.fromkeys(parts, ())})
    return replace(DATASET, cases={case.id: stripped}, claims={}, published={}, derived={})


def test_what_was_not_found_stands_with_the_last_day_on_which_anything_was_looked_for() -> None:
    case = PANGU.model_copy(update={"reviewed": PANGU.reviewed - timedelta(days=4)})
    claims = DATASET.claims[PANGU.id]
    looked = max(claim.check.looked for claim in claims if claim.check)
    page = case_page(case, replace(DATASET, cases={case.id: case}))

    assert last_looked(case, claims) == looked > case.reviewed
    assert set(re.findall(r"found as of (\d+ \w+ \d+)", page.markdown)) == {f"{looked.day} {looked:%B %Y}"}


def test_each_model_of_a_family_that_a_case_names_is_told_what_could_be_tested() -> None:
    yi = DATASET.cases["yi-llama"]
    page = unescape(case_page(yi, DATASET).markdown).partition("What would settle it")[2]

    assert yi.family_models
    assert yi.reference is None
    for name in yi.family_models:
        a, b = DATASET.models[yi.subject], DATASET.models[name]
        told = [line for line in page.splitlines() if line.startswith("- ") and f">{b.name}</a>" in line]
        parts = part_lines(a, b)
        assert [line.standing for line in grouped_lines(a, b)] == list(dict.fromkeys(part.standing for part in parts))
        assert all(any(part.part in line and f"**{part.standing}**" in line for line in told) for part in parts)
        assert all(reason in " ".join(told) for part in parts for reason in re.split("; |, |: ", part.why))


def test_what_is_reported_without_a_number_says_so_on_either_side() -> None:
    text = case_page(PANGU, DATASET).markdown

    without = [one.direction for one in PANGU.other_tests if one.without_number]
    assert {"for a link", "against a link"} <= set(without)
    assert text.count(", as reported without a number") == 2 * len(without)  # its line above, and its words below


def test_what_a_case_lacks_is_said() -> None:
    dataset = bare(PANGU)

    text = " ".join(block.text for block in blocks(case_page(dataset.cases[PANGU.id], dataset)))

    day = f"{PANGU.reviewed.day} {PANGU.reviewed:%B %Y}"
    for words in (
        f"No claim by a third party was found as of {day}.",
        f"No claim is on record as of {day}.",
        "No evidence measured here",
        f"No published score of this pair was found as of {day}.",
        f"No other test was found as of {day}.",
        "No dated event is on record.",
        "No open question is on record.",
        "Nothing else is on record that would settle it.",
    ):
        assert words in text, words


def test_a_case_that_lacks_nothing_says_nothing_is_missing() -> None:
    text = " ".join(block.text for block in blocks(case_page(PANGU, DATASET)))

    for words in (
        "No claim",
        "No other test",
        "No dated event",
        "No open question",
        "Nothing is on record",
        "Nothing else",
    ):
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
    drawn = sorted((group, value) for group, _pair, value in chart.rows)
    assert drawn == sorted((figure.group, figure.value) for figure in published.figures if figure.group)
    assert chart.svg["wide"].count('class="mark"') == 2  # the pair of the case, before and after centring


def test_figures_without_a_group_are_not_drawn() -> None:
    assert evidence_chart(PANGU, DATASET.published["honestagi"]) is None


STATUSES = ("Unresolved", "Taken back", "Confirmed by the maker", "Confirmed in part by the maker", "Documented by its")


def test_a_status_begins_with_one_of_a_few_words_and_says_what_it_is_about() -> None:
    """Asked of our own record where code is tested: a case that somebody proposes is not refused for its words."""
    dataset, _ = load_dataset(ROOT / "data")

    for case in dataset.cases.values():
        assert case.status.startswith(STATUSES), case.id
        assert len(case.status.partition(": ")[2].split()) > 5, case.id


def test_a_general_statement_and_a_refusal_to_say_are_told_from_an_answer() -> None:
    dataset, _ = load_dataset(ROOT / "data")
    claims = [claim for claims in dataset.claims.values() for claim in claims]
    by_state = {state: {claim.id for claim in claims if claim.state == state} for state in ANSWERED}

    assert by_state["answered_in_general"] == {"claim-further-curves"}
    assert by_state["declined"] == {"claim-configuration"}
    assert "claim-similarity" in by_state["answered"]

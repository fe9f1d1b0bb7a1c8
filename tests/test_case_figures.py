"""A case's figure is data: a second case gets one by its record alone, and what a figure names is on record."""

from dataclasses import replace
from html import unescape

import pytest

from compare import all_facts
from lineage.checks.kinds.case_figures import check_case_figure
from lineage.evidence.case_figures import drawn_case, home_case
from lineage.records import Case, Dataset
from lineage.site.pages.cases.case import case_page
from lineage.site.pages.front import home_page, numbers_page
from repository import RECORD, tiny

FIRST, SECOND = "pangu-qwen", "yi-llama"


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return tiny()


def with_second_figure(dataset: Dataset) -> Dataset:
    """The record in which another case has a published score of its own, 0.4, and a figure of the same tables."""
    case, figure = dataset.cases[SECOND], dataset.cases[FIRST].figure
    assert figure is not None
    reference = case.reference or "meta-llama/Llama-2-7b-hf"
    published = dataset.published["intranet-post"]
    score = published.figures[0].model_copy(
        update={"id": "second", "model_a": case.subject, "model_b": reference, "value": 0.4}
    )
    sources = figure.model_copy(update={"score": "intranet-post/second", "reference_pairs": None, "not_drawn": ()})
    changed = case.model_copy(update={"figure": sources, "reference": reference})
    more = replace(
        dataset,
        cases={**dataset.cases, SECOND: changed},
        published={
            **dataset.published,
            "intranet-post": published.model_copy(update={"figures": (*published.figures, score)}),
        },
    )
    return replace(more, derived={**more.derived, "facts.csv": all_facts(more, RECORD, more.derived)})


def with_case(dataset: Dataset, **fields: object) -> tuple[Case, Dataset]:
    case = dataset.cases[FIRST].model_copy(update=fields)
    return case, replace(dataset, cases={**dataset.cases, FIRST: case})


def test_a_second_case_gets_its_figure_by_its_record_alone(dataset: Dataset) -> None:
    changed = with_second_figure(dataset)
    page = case_page(changed.cases[SECOND], changed)
    drawn = drawn_case(changed.cases[SECOND], changed)
    assert drawn is not None
    below = int((drawn.independent_pairs["median"] < 0.4).sum())

    assert "Is 0.400 more than independent models score?" in "".join(map(str, page.blocks.values()))
    assert f">{below}</a> of" in page.markdown
    assert 'numbers/#yi-llama-null.below_disputed"' in page.markdown
    assert drawn_case(dataset.cases[SECOND], dataset) is None


def test_the_first_figure_and_the_front_page_stay_as_they_are(dataset: Dataset) -> None:
    changed = with_second_figure(dataset)

    for page in (lambda record: case_page(record.cases[FIRST], record), home_page):
        before, after = page(dataset), page(changed)
        assert before.markdown == after.markdown
        assert before.blocks == after.blocks


def test_numbers_of_two_cases_stand_apart(dataset: Dataset) -> None:
    table = "".join(map(str, numbers_page(with_second_figure(dataset)).blocks.values()))

    for anchor in ("null.below_disputed", "yi-llama-null.below_disputed"):
        assert table.count(f'id="{anchor}"') == 1


def test_the_front_page_shows_the_case_that_says_what_it_should_say_there(dataset: Dataset) -> None:
    first = dataset.cases[FIRST]
    _, none = with_case(dataset, home=())
    moved = with_second_figure(none)
    second = moved.cases[SECOND].model_copy(update={"home": first.home})
    moved = replace(moved, cases={**moved.cases, SECOND: second})

    home = home_page(moved)

    assert home_case(dataset) is first
    assert home_case(none) is None
    assert home_page(none).markdown
    assert f"The first case: {second.title}" in unescape(home.markdown)
    assert "Is 0.400 more than independent models score?" in "".join(map(str, home.blocks.values()))


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("score", "honestagi/nothing", "'honestagi/nothing' is not on record; write"),
        ("score", "intranet-post/deepseek-llama2", "not of this case's models"),
        ("independent", "absent.csv", "'figure.independent': 'absent.csv' is no table on record"),
        ("derivations", "mdgbench-clustering.csv", "has no column root, relation"),
        ("method", "guesswork", "'guesswork' is no method here that gives a score; write one of"),
        ("method", "permutation_test", "'permutation_test' is no method here that gives a score"),
        ("method", "residual_norms", "'residual_norms' is not the method of the score"),
    ],
)
def test_what_a_figure_names_and_is_not_there_is_one_line(
    field: str, value: str, wanted: str, dataset: Dataset
) -> None:
    figure = dataset.cases[FIRST].figure
    assert figure is not None
    case, changed = with_case(dataset, figure=figure.model_copy(update={field: value}))

    lines = [problem.message for problem in check_case_figure(case, changed)]

    assert len(lines) == 1
    assert wanted in lines[0]
    assert list(check_case_figure(dataset.cases[FIRST], dataset)) == []


def test_two_cases_for_the_front_page_and_one_without_a_figure_are_named(dataset: Dataset) -> None:
    first = dataset.cases[FIRST]
    second = dataset.cases[SECOND].model_copy(update={"home": first.home})
    changed = replace(dataset, cases={**dataset.cases, SECOND: second})

    lines = [problem.message for problem in check_case_figure(second, changed)]

    assert [line.partition(";")[0] for line in lines] == [
        "says 'home', and no 'figure'",
        "says 'home', and so does 'pangu-qwen'",
    ]


def tables_with(dataset: Dataset, field: str, **columns: object) -> Dataset:
    figure = dataset.cases[FIRST].figure
    assert figure is not None
    name = getattr(figure, field)
    return replace(dataset, tables={**dataset.tables, name: dataset.tables[name].assign(**columns)})


@pytest.mark.parametrize(
    ("field", "columns", "wanted"),
    [
        ("independent", {"median": "high"}, "has other cells, or empty ones, in median (number)"),
        ("independent", {"model_pairs": "many", "maximum": float("nan")}, "in maximum (number), model_pairs (number)"),
        ("independent", {"root_a": 1}, "in root_a (text)"),
        ("independent", {"independent": "perhaps"}, "in independent (yes or no)"),
        ("independent", {"independent": "no"}, 'no row with "yes" under independent'),
        ("derivations", {"similarity": "0.9"}, "in similarity (number)"),
        ("derivations", {"left_out": "quantised copy"}, 'no row with "no" under left_out'),
        ("reference_pairs", {"median": "low"}, "in median (number)"),
        ("reference_pairs", {"independent": "no"}, 'no row with "yes" under independent'),
    ],
)
def test_a_table_that_the_figure_cannot_read_is_one_line_and_draws_nothing(
    field: str, columns: dict[str, object], wanted: str, dataset: Dataset
) -> None:
    changed = tables_with(dataset, field, **columns)
    case = changed.cases[FIRST]

    lines = [problem.message for problem in check_case_figure(case, changed)]

    assert len(lines) == 1
    assert wanted in lines[0]
    assert drawn_case(case, changed) is None
    assert len(all_facts(changed, RECORD, changed.derived)) < len(all_facts(dataset, RECORD, dataset.derived))


@pytest.mark.parametrize("method", ["HuRef", "Standard deviations", "Residual norm profile (as reported)"])
def test_tables_of_another_method_than_the_score_are_refused(method: str, dataset: Dataset) -> None:
    tables = dataset.published["tensorlock"].model_copy(update={"method": method})
    changed = replace(dataset, published={**dataset.published, "tensorlock": tables})

    lines = [problem.message for problem in check_case_figure(dataset.cases[FIRST], changed)]

    assert [line.partition(":")[0] for line in lines] == [
        "'figure.independent'",
        "'figure.derivations'",
        "'figure.reference_pairs'",
    ]
    assert all(repr(method) in line for line in lines)


def test_a_method_that_nothing_here_was_scored_by_is_refused(dataset: Dataset) -> None:
    scores = dataset.derived["scores.csv"]
    changed = replace(dataset, derived={**dataset.derived, "scores.csv": scores[scores["method"] != "std_profile"]})

    (problem,) = check_case_figure(dataset.cases[FIRST], changed)

    assert "derived/scores.csv has no score by 'std_profile'" in problem.message

"""Every method is on one list, and everything that names methods holds all of them."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lineage.checks.methods import TEMPLATES, check_methods
from lineage.evidence.pairs import find_pairs
from lineage.methods.method import Kind
from lineage.methods.registry import EXACT_TESTS, METHODS, SCORED, method_of
from lineage.site.api.contents import build_contents
from lineage.site.languages import LANGUAGES
from lineage.site.menu import heatmap_address, method_address, with_cases, with_methods
from lineage.site.pages.comparison.heatmap import heatmap_pages
from lineage.site.pages.comparison.pairs import pair_files
from lineage.site.pages.methods.pages import method_pages
from lineage.site.pages.methods.summary import method_summary_page
from repository import ROOT, committed


def scored_methods() -> set[str]:
    return set(committed().derived["scores.csv"]["method"])


def test_every_method_of_a_score_is_on_the_list_and_is_no_description() -> None:
    assert scored_methods() == set(SCORED)
    assert set(EXACT_TESTS) == {"permutation_test", "response_test"}
    assert {one.kind for one in METHODS.values()} == set(Kind)


def test_every_method_has_a_page_an_entry_in_the_api_and_a_line_in_the_menu() -> None:
    pages = {page.path: page for page in method_pages(committed())}
    listed = next(one.records for one in build_contents(committed()) if one.path == "methods.json")
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert [one["id"] for one in listed] == list(METHODS)
    assert all(one["kind"] and one["description"] for one in listed)
    for method in METHODS:
        path = f"{method_address(method).removesuffix('/')}.md"
        assert path in pages
        assert f": {path}\n" in menu


def test_every_scored_method_has_a_heat_map_in_the_menu() -> None:
    paths = [page.path for page in heatmap_pages(committed())]
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert len(paths) == len(SCORED)
    for path, method in zip(paths, SCORED, strict=True):
        assert path.removesuffix(".md").removesuffix("/index") + "/" == heatmap_address(method)
        assert f": {path}\n" in menu


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_every_method_stands_in_the_overview(language: object) -> None:
    page = method_summary_page(committed(), language)  # type: ignore[arg-type]

    for method in METHODS:
        assert method_address(method) in page.markdown


def test_a_method_that_is_not_on_the_list_is_an_error_and_gets_no_other_name() -> None:
    scores = committed().derived["scores.csv"]
    strange = scores.assign(method=scores["method"].replace("response_test", "guessing"))
    dataset = replace(committed(), derived={**committed().derived, "scores.csv": strange})

    with pytest.raises(ValueError, match=r"no method is called 'guessing'; the methods are std_profile, "):
        pair_files(find_pairs(dataset), dataset)
    with pytest.raises(ValueError, match="no method is called ''"):
        method_of("")


def pages_with(scores: pd.DataFrame) -> dict[str, str]:
    empty = committed().derived["error-rates.csv"].head(0)
    tables = {**committed().derived, "scores.csv": scores, "error-rates.csv": empty}
    return {page.path: page.markdown for page in method_pages(replace(committed(), derived=tables))}


NO_PAIR = "No pair has been compared with this method yet."


def test_that_no_pair_was_compared_is_said_where_there_is_none_and_not_where_a_rate_is_missing() -> None:
    scores = committed().derived["scores.csv"]
    tested = scores["similarity"].notna()

    none, untested, scored = (pages_with(scores[keep]) for keep in (tested & False, ~tested, tested | True))

    for method in SCORED:
        path = f"{method_address(method).removesuffix('/')}.md"
        listed = int((scores["method"] == method).sum())
        number = int((tested & (scores["method"] == method)).sum())
        assert NO_PAIR in none[path]
        assert NO_PAIR not in untested[path] or listed == number
        assert NO_PAIR not in scored[path]
        assert f"{number} of the {listed} pairs on record for this method have a score" in scored[path]
        assert "no error rate follows" in scored[path]


def test_the_api_lists_every_method_that_its_scores_name() -> None:
    named, listed = set(), set()
    for one in build_contents(committed()):
        if one.kind.name == "pairs":
            named |= {score["method"] for record in one.records for score in record["scores"]}
        if one.kind.name == "methods":
            listed = {record["id"] for record in one.records}

    assert named == scored_methods()
    assert named <= listed


def test_a_method_without_its_words_or_its_parameters_is_named_before_any_build(tmp_path: Path) -> None:
    templates = tmp_path / TEMPLATES
    templates.mkdir(parents=True)
    for method in METHODS:
        (templates / f"{method}.md.j2").write_text("words")
    assert list(check_methods(tmp_path, dict(committed().parameters))) == []

    (templates / "residual_norms.md.j2").unlink()
    without = {name: record for name, record in committed().parameters.items() if name != "response_test"}
    said = [str(problem) for problem in check_methods(tmp_path, without)]

    assert len(said) == 2
    assert "residual_norms.md.j2: is missing: the words of the page of the method residual_norms" in said[0]
    assert "parameters/response-test.toml: is missing: what the method response_test was given" in said[1]


def test_the_menu_holds_the_cases_on_record_in_order_and_no_others() -> None:
    menu = [
        {"Home": "index.md"},
        {"Cases": ["cases/index.md", {"Gone": "cases/gone.md"}, "cases/old.md"]},
        {"More": [{"Deeper": ["a.md", {"Another": "b.md"}]}]},
    ]
    pages = ["cases/new.md", "cases/old.md"]

    made = with_cases(menu, pages)

    assert made == [menu[0], {"Cases": ["cases/index.md", *pages]}, menu[2]]
    assert with_cases(made, pages) == made


def test_the_menu_has_every_method_and_forgets_those_that_are_gone() -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    older = settings.replace("methods/response-test.md", "methods/gone.md").replace(
        "heatmap/response-test.md", "heatmap/x.md"
    )

    assert with_methods(settings) == settings
    assert older != settings
    assert with_methods(older) == settings
    with pytest.raises(ValueError, match=r"mkdocs\.yml has no line of the menu with the page of a method"):
        with_methods("nav: []\n")
